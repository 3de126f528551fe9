"""Routed twice: the server emits one event more than once to the same dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._processes import is_relayed_by_several
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, of, of_kind, per_run
from harness.model import Blame, Hop, Kind, Outcome, Sighting, Strength
from harness.record.evidence import Evidence


class RoutedTwice(Rule):
    """Twice at routed, by emits that both resolved the dashboard."""

    head = Head(
        cause="routed-twice",
        title="the server emits one event more than once to the same dashboard",
        claims=(of(Kind.DUPLICATED, Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against="it was received twice already, or several processes passed it on",
        remedy=(
            "Emit once, to one room or to a list of rooms in one call: python-socketio resolves each emit by\n"
            "itself, and knows nothing of the one before."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return is_relayed_by_several(evidence, outcome.event_key)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = of_kind(outcomes, Kind.DUPLICATED, hop=Hop.ROUTED)
        if mine:
            emits = [s for o in mine for s in evidence.at(Hop.ROUTED, o.key)]
            ways = dict.fromkeys(_way(sighting) for sighting in emits)
            yield self.blame(
                "the server emits them more than once to those who are in both audiences.",
                [f"emitted to {way}" for way in list(ways)[:4]],
                mine,
                places=[each.detail.get("where") for each in emits],
            )


def _way(sighting: Sighting) -> str:
    """To whom an event was emitted, and where in the code; an emit without a room is one to everybody."""
    where = sighting.detail.get("where") or UNKNOWN_PLACE
    if "room" not in sighting.detail:
        return f"an unknown room at {where}"
    room = sighting.detail["room"]
    return f"{'everybody' if room is None else f'room {room!r}'} at {where}"


RULE = RoutedTwice()
