"""Name changed: a hop hands an event on under another name, with its session, its number and what it said unchanged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._identities import is_changed
from harness.diagnosis.rule import Head, Rule, about, per_run
from harness.model import SERVER_SIDE, Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, names


class NameChanged(Rule):
    """Corrupted, and what differs is the name."""

    head = Head(
        cause="name-changed",
        title="a hop hands events on under another name",
        claims=(about(Kind.CORRUPTED, Aspect.NAME),),
        by=per_run,
        strength=Strength.NAMED,
        against="what differs is in the payload, or another event's number was taken",
        remedy=(
            "Take the names of events from one list that both sides of the hop share. Where both names are meant, say\n"
            "so in the target file: `events.names` leads from the one to the other."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return is_changed(evidence, outcome)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_hop: dict[Hop, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            if outcome.hop is not None:
                by_hop[outcome.hop].append(outcome)
        for hop, mine in by_hop.items():
            called = Counter((str(o.finding.expected), str(o.finding.found)) for o in {o.key: o for o in mine}.values())
            seen = (s for o in mine if hop in SERVER_SIDE for s in evidence.at(hop, o.key))
            places = dict.fromkeys(str(each.detail["where"]) for each in seen if each.detail.get("where"))
            yield self.blame(
                f"{names([f'{was!r} is called {now!r}' for was, now in called])} from {hop.label} on.",
                [
                    *(f"{count} events {was!r} are {now!r} at {hop.label}" for (was, now), count in called.items()),
                    *(f"handed on at {place}" for place in [*places][:3]),
                ],
                mine,
                places=places,
            )


RULE = NameChanged()
