"""Routed twice: the server emits one event more than once to the same dashboard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.diagnosis._changed_after_emit import overwritten
from harness.diagnosis._instead import emitted_instead
from harness.diagnosis._processes import is_relayed_by_several
from harness.diagnosis.asked_again import asked_again
from harness.diagnosis.replayed_to_all import replays_to_all
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Pattern, Rule, of_kind, per_run
from harness.judge.properties.sequence import given_again
from harness.model import Blame, Hop, Kind, Outcome, Sighting, Strength
from harness.record import rooms
from harness.record.evidence import Evidence

AT_ONE_PLACE = (
    "Look for what runs that place again for one event: a handler that is registered several times (in another\n"
    "handler, or by each connection), a loop over connections, a job that is handed over twice."
)
"""What mends it where no second audience is in sight."""


class RoutedTwice(Rule):
    """Twice at routed, by emits that both resolved the dashboard.

    Where the hops before are not observed, only where two places of the server's code emitted it, each of them once:
    what comes twice is emitted twice by each.
    """

    head = Head(
        cause="routed-twice",
        title="the server emits one event more than once to the same dashboard",
        claims=(Pattern((Kind.DUPLICATED,)),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against=(
            "it was received twice already, or may have been, or several processes passed it on; or the handler of\n"
            "another event emitted it in the place of that; or an object was changed after its emit; or the dashboard\n"
            "asked as often as it was sent to; or it is a replay for another dashboard; or each emit was to another\n"
            "connection of it, one after the other"
        ),
        remedy=(
            "Emit once, to one room or to a list of rooms in one call: python-socketio resolves each emit by\n"
            "itself, and knows nothing of the one before."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.key is None:
            return True  # a message about a session, and no event
        if outcome.hops[-1:] != (Hop.ROUTED,) or is_relayed_by_several(evidence, outcome.event_key):
            return True
        if given_again(evidence, outcome.finding.party or "", outcome.event_key):
            return True
        if (Hop.ROUTED, outcome.event_key) in overwritten(evidence) or asked_again(evidence, outcome) is not None:
            return True
        if outcome.event_key in replays_to_all(evidence):
            return True
        if any(each.event.key == outcome.key for each in emitted_instead(evidence).values()):
            return True
        places = Counter(each.detail.get("where") for each in evidence.at(Hop.ROUTED, outcome.key))
        by_two = len(places) > 1 and None not in places and max(places.values()) == 1
        return outcome.hop is None and not by_two

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = of_kind(outcomes, Kind.DUPLICATED)
        if mine:
            emits = [s for o in mine for s in evidence.at(Hop.ROUTED, o.key)]
            ways = dict.fromkeys(_way(sighting) for sighting in emits)
            is_one = len(ways) == 1 and all(each.detail.get("where") for each in emits)
            made = self.blame(
                "the server emits them more than once, each time at one place of its code."
                if is_one
                else "the server emits them more than once to members of both audiences.",
                [f"emitted to {way}" for way in list(ways)[:4]],
                mine,
                remedy=AT_ONE_PLACE if is_one else None,
                places=[each.detail.get("where") for each in emits],
            )
            yield replace(made, hop=Hop.ROUTED, hops=(Hop.ROUTED,))


def _way(sighting: Sighting) -> str:
    """To whom an event was emitted, and where in the code; an emit without a room goes to all clients."""
    where = sighting.detail.get("where") or UNKNOWN_PLACE
    if "room" not in sighting.detail:
        return f"an unknown room at {where}"
    return f"{rooms.named(sighting.detail['room'])} at {where}"


RULE = RoutedTwice()
