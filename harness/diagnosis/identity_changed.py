"""Identity changed: a hop hands events on as others: under another session or number, with what they said unchanged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._identities import changed_keys, is_changed
from harness.diagnosis.rule import Head, Rule, about, losses, of, per_run
from harness.model import SERVER_SIDE, Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence
from harness.record.remembered import remembered


class IdentityChanged(Rule):
    """Lost at a hop, or made up at it, or with another's payload: and an event is known by another's key there."""

    head = Head(
        cause="identity-changed",
        title="a hop hands events on under another session or number",
        claims=(
            losses(),
            of(Kind.PHANTOM),
            of(Kind.CORRUPTED),
            of(Kind.DUPLICATED),
            about(Kind.MISRENDERED, Aspect.ROW_TEXT),
        ),
        carries=(of(Kind.INCOMPLETE),),
        by=per_run,
        strength=Strength.NAMED,
        against="no event of that name and with that very payload is at the hop under a key that is not its own",
        remedy=(
            "Hand session and number on as they came: look for what counts anew, joins or cuts ids, or takes them\n"
            "from a variable that sessions share."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.kind is Kind.INCOMPLETE:  # of a session that no CLI began
            return outcome.finding.session not in _made_of_others(evidence)
        return not is_changed(evidence, outcome)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_hop: dict[Hop, list[Outcome]] = defaultdict(list)
        ends = [o for o in outcomes if o.kind is Kind.INCOMPLETE]
        for outcome in (o for o in outcomes if o.kind is not Kind.INCOMPLETE):
            by_hop[outcome.hops[-1]].append(outcome)  # of blind hops the one that shows the other key
        for hop, mine in by_hop.items():
            pairs = {pair for label in {o.label for o in mine} for pair in changed_keys(evidence, hop, label).items()}
            listed = sorted(pairs)
            seen = (s for _, new in listed if hop in SERVER_SIDE for s in evidence.at(hop, new))
            places = dict.fromkeys(str(each.detail["where"]) for each in seen if each.detail.get("where"))
            old, new = listed[0]
            yield self.blame(
                f"events are handed on under another session or number from {hop.label} on.",
                [
                    *(f"{was} {evidence.events[was].name!r} is {now} at {hop.label}" for was, now in listed[:5]),
                    *(f"handed on at {place}" for place in [*places][:3]),
                ],
                [*mine, *ends],
                at=mine,
                remedy=f"Hand session and number on as they came: {old} became {new}. Look for what counts anew,\n"
                "joins or cuts ids, or takes them from a variable that sessions share.",
                places=places,
            )
            ends = []


@remembered
def _made_of_others(evidence: Evidence) -> frozenset[str | None]:
    """Sessions that are there only because a hop hands on another session's events under their name."""
    pairs = {pair for hop in SERVER_SIDE for pair in changed_keys(evidence, hop, "").items()}
    own = {evidence.events[was].session for was, _ in pairs}
    return frozenset({evidence.events[now].session for _, now in pairs if now in evidence.events} - own)


RULE = IdentityChanged()
