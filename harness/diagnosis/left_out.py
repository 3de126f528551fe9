"""Left out: a dashboard is in the room, and not among those whom the event is emitted to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._processes import emitters, holders
from harness.diagnosis._rooms import memberships
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, lost_at, per_run
from harness.model import Blame, Hop, Outcome, Strength
from harness.record.evidence import Evidence


class LeftOut(Rule):
    """Lost at routed: resolved for others, and not for a dashboard that had joined the room."""

    head = Head(
        cause="left-out",
        title="a dashboard is in the room, and not among those whom the event is emitted to",
        claims=(losses(Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against="the dashboard was not in the room, nobody was resolved, or another process has its connection",
        remedy=(
            "Look at who is skipped (skip_sid, a list of recipients that is kept beside the room):\n"
            "the room knows who is in it."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        by, held = emitters(evidence, outcome.key), holders(evidence, outcome.label)
        return bool(by and held) and by.isdisjoint(held)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_label: dict[str, list[Outcome]] = defaultdict(list)
        places: dict[str, None] = {}
        for outcome in lost_at(outcomes, Hop.ROUTED):
            inside = any(place.is_in for place in memberships(evidence, outcome))
            routed = evidence.at(Hop.ROUTED, outcome.key)
            is_here = inside and not routed[0].detail.get("publishes")  # else each server resolves its own clients
            if is_here and routed[0].recipients:
                by_label[outcome.label].append(outcome)
                places[str(routed[0].detail.get("where") or UNKNOWN_PLACE)] = None
        if by_label:
            mine = [o for listed in by_label.values() for o in listed]
            yield self.blame(
                f"dashboard {' and '.join(by_label)} is in the room, and the server leaves it out.",
                [
                    *(
                        f"server: {len(listed)} events resolved for others in the room, and not for dashboard {label}"
                        for label, listed in by_label.items()
                    ),
                    *(f"emitted at {place}" for place in list(places)[:3]),
                ],
                mine,
                remedy=f"Look at who is skipped at {next(iter(places))}\n"
                "(skip_sid, a list of recipients that is kept beside the room): the room knows who is in it.",
                places=places,
            )


RULE = LeftOut()
