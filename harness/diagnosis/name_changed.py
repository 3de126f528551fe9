"""Name changed: a hop hands an event on under another name, with its session, its number and what it said unchanged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._changed_after_emit import overwritten
from harness.diagnosis._identities import is_changed
from harness.diagnosis._renamed import follow_from_it, is_such, renamed
from harness.diagnosis.rule import Head, Rule, about, losses, of, per_run
from harness.lib.amounts import agreeing, amount
from harness.model import SERVER_SIDE, Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, names


class NameChanged(Rule):
    """Corrupted, and what differs is the name; or missing at a hop that has the same data under a name unreported."""

    head = Head(
        cause="name-changed",
        title="a hop hands events on under another name",
        claims=(about(Kind.CORRUPTED, Aspect.NAME), losses(Hop.RECEIVED, Hop.ROUTED, exact=True), of(Kind.PHANTOM)),
        carries=(losses(Hop.RECEIVED, Hop.APPLIED), of(Kind.UNHANDLED)),
        by=per_run,
        strength=Strength.NAMED,
        against=(
            "what differs is in the payload, or another event's number was taken; or others of those names are\n"
            "missing instead: the object was changed after its emit"
        ),
        remedy=(
            "Take the names of events from one list that both sides of the hop share. Where both names are meant, say\n"
            "so in the target file: `events.names` leads from the one to the other."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.hop is not None and (outcome.hop, outcome.event_key) in overwritten(evidence):
            return True
        if outcome.kind is Kind.CORRUPTED:
            return is_changed(evidence, outcome)
        return outcome.hop is Hop.SENT or not is_such(evidence, outcome)  # of what a CLI sends, cli-name speaks

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_hops: dict[tuple[Hop, ...], list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            is_seen = outcome.hop is not None or outcome.kind is Kind.CORRUPTED  # before it, and after blind hops
            if outcome.hops and is_seen and not self.is_refuted(evidence, outcome):
                by_hops[outcome.hops].append(outcome)
        followed = [*follow_from_it(evidence, outcomes)]
        for hops, mine in by_hops.items():
            hop = hops[-1]
            keys = {o.key for o in mine}
            pairs = {key: s for key, s in renamed(evidence, hop).items() if key in keys} if hop in SERVER_SIDE else {}
            told = {o.key: (str(o.finding.expected), str(o.finding.found)) for o in mine if o.kind is Kind.CORRUPTED}
            called = Counter([*told.values(), *((evidence.events[k].name, s.event.name) for k, s in pairs.items())])
            seen = [s for key in told if hop in SERVER_SIDE for s in evidence.at(hop, key)] + [*pairs.values()]
            places = dict.fromkeys(str(each.detail["where"]) for each in seen if each.detail.get("where"))
            yield self.blame(
                f"{names([f'{was!r} is called {now!r}' for was, now in called])} from {hop.label} on.",
                [
                    *(
                        f"{amount(count, 'event')} {was!r} {agreeing(count, 'is', 'are')} {now!r} at {hop.label}"
                        for (was, now), count in called.items()
                    ),
                    *(f"handed on at {place}" for place in [*places][:3]),
                ],
                [*mine, *(o for o in followed if o.key in keys)],
                at=mine,
                places=places,
            )


RULE = NameChanged()
