"""Mixed up: the handler of one event emits another one in its place, as by a variable that they share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._instead import emitted_instead
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, events, losses, lost_at, of_kind, per_run
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence

REMEMBERED = (
    "Look for what is kept of an earlier event and used again: a cache, or a variable that is not set anew.\n"
    "What it is kept by has to tell all events apart: session, name and number, or the whole of its data."
)


class MixedUp(Rule):
    """Lost at routed, never resolved for a client, and its own handler emitted another event of its name."""

    head = Head(
        cause="mixed-up",
        title="the handler of one event emits another one in its place",
        claims=(losses(Hop.ROUTED, exact=True), events(Kind.DUPLICATED, Hop.ROUTED)),
        carries=(events(Kind.REORDERED),),
        by=per_run,
        taps=(Hop.RECEIVED, Hop.ROUTED),
        strength=Strength.NAMED,
        against="its handler emitted nothing, or what no other handler took, or something of another name",
        remedy=(
            "Hand what is emitted to the task, timer or callback as an argument: a variable that handlers share\n"
            "has the newest event's data by the time that it is read."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        instead = emitted_instead(evidence)
        if outcome.kind in (Kind.DUPLICATED, Kind.REORDERED):
            return not any(each.event.key == outcome.key for each in instead.values())
        return outcome.event_key not in instead

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lost = lost_at(outcomes, Hop.ROUTED)
        if lost:
            pairs = {o.event_key: emitted_instead(evidence)[o.event_key] for o in lost}
            places = [each.detail.get("where") or UNKNOWN_PLACE for each in pairs.values()]
            taken = {each.event.key for each in pairs.values()}
            order = {key: place for place, key in enumerate(evidence.once[Hop.RECEIVED])}
            is_kept = all(order[each.event.key] < order[key] for key, each in pairs.items())
            yield self.blame(
                f"the server's handlers emit {'an earlier' if is_kept else 'another'} event in the place of their own.",
                [
                    f"server: the handler of {key} emitted {each.event.key} ({where})"
                    for (key, each), where in list(zip(pairs.items(), places, strict=True))[:5]
                ],
                [*lost, *(o for o in of_kind(outcomes, Kind.DUPLICATED, Kind.REORDERED) if o.key in taken)],
                at=lost,
                remedy=REMEMBERED if is_kept else "",
                places=places,
            )


RULE = MixedUp()
