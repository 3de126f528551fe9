"""Left out: a dashboard is in the room, and not among the event's recipients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._parties import agreeing, dashboards
from harness.diagnosis._processes import emitters, holders
from harness.diagnosis._rooms import memberships
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, lost_at, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Fact, Hop, Outcome, Sighting, Strength
from harness.model.facts import Joined, Left, Unrouted
from harness.record import rooms
from harness.record.evidence import Evidence, label_of, position
from harness.record.remembered import remembered


class LeftOut(Rule):
    """Lost at routed: resolved for others, and not for a dashboard that had joined the room."""

    head = Head(
        cause="left-out",
        title="a dashboard is in the room, and not among the event's recipients",
        claims=(losses(Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against=("the dashboard was not in the room when the event was emitted, or another process has its connection"),
        remedy=(
            "Look at which clients are skipped (skip_sid, except, a list of recipients that is kept beside the room):\n"
            "the room knows its members."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        by, held = emitters(evidence, outcome.key), holders(evidence, outcome.label)
        return bool(by and held) and by.isdisjoint(held)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_label: dict[str, list[Outcome]] = defaultdict(list)
        alone: dict[str, list[Outcome]] = defaultdict(list)
        excepts: dict[str, list[Outcome]] = defaultdict(list)
        places: dict[str, None] = {}
        for outcome in lost_at(outcomes, Hop.ROUTED):
            routed = evidence.at(Hop.ROUTED, outcome.key)
            if (unrouted := _with_all_left_out(evidence, outcome)) is not None:
                excepted = _excepted(evidence, outcome, routed[0]) if routed else None
                groups, name = (excepts, excepted) if excepted else (alone, outcome.label)
                groups[name].append(outcome)
                places[unrouted.body.where or UNKNOWN_PLACE] = None
                continue
            got = {*(routed[0].recipients or ())} if routed else set[str]()  # an earlier load of it, say
            inside = any(place.is_in and place.sid not in got for place in memberships(evidence, outcome))
            is_here = inside and not routed[0].detail.get("publishes")  # else each server resolves its own clients
            if inside and (excepted := _excepted(evidence, outcome, routed[0])):
                excepts[excepted].append(outcome)
                places[str(routed[0].detail.get("where") or UNKNOWN_PLACE)] = None
            elif is_here and routed[0].recipients:
                by_label[outcome.label].append(outcome)
                places[str(routed[0].detail.get("where") or UNKNOWN_PLACE)] = None
        if by_label or excepts or alone:
            mine = [o for listed in (*by_label.values(), *excepts.values(), *alone.values()) for o in listed]
            labels = dict.fromkeys(sorted(o.label for o in mine))
            are, them = agreeing(labels, "is", "are"), agreeing(labels, "it", "them")
            yield self.blame(
                f"{dashboards(labels)} {are} in the room, and the server leaves {them} out.",
                [
                    *(
                        f"server: {amount(len({o.key for o in listed}), 'event')} emitted except to {who}, in "
                        f"which there "
                        f"{agreeing(within, 'is', 'are')} {dashboards(within)}"
                        for who, listed in excepts.items()
                        for within in [dict.fromkeys(o.label for o in listed)]
                    ),
                    *(
                        f"server: {amount(len(listed), 'event')} resolved for others in the room, and not for "
                        f"dashboard {label}"
                        for label, listed in by_label.items()
                    ),
                    *(
                        f"server: {amount(len(listed), 'event')} resolved for no client, with dashboard {label} "
                        "in the room"
                        for label, listed in alone.items()
                    ),
                    *(f"emitted at {place}" for place in list(places)[:3]),
                ],
                mine,
                remedy=f"Look at which clients are skipped at {next(iter(places))}\n"
                "(skip_sid, except, a list of recipients that is kept beside the room): the room knows its members.",
                places=places,
            )


def _with_all_left_out(evidence: Evidence, outcome: Outcome) -> Fact[Unrouted] | None:
    """An emit of an event without recipients, although the dashboard was a member of its room at that moment."""
    emits = _unrouted(evidence).get(outcome.event_key)
    if emits is None or outcome.dashboard is None:
        return None
    if any(each.recipients for each in evidence.at(Hop.ROUTED, outcome.key)[:1]):
        return None
    mine = {sid for sid, load in evidence.sids.items() if label_of(load) == outcome.dashboard}
    return next((fact for fact in emits if not mine.isdisjoint(_members(fact))), None)


@remembered
def _unrouted(evidence: Evidence) -> dict[str, list[Fact[Unrouted]]]:
    found: dict[str, list[Fact[Unrouted]]] = defaultdict(list)
    for fact in evidence.facts(Unrouted):
        found[fact.body.key or ""].append(fact)
    return found


def _members(fact: Fact[Unrouted]) -> set[str]:
    """The members of the room that an event was emitted to; without a room all connected clients."""
    names = rooms.each(fact.body.room)
    return {sid for name in names for sid in fact.body.rooms.get(name, ())} if names else {*fact.body.connected}


def _excepted(evidence: Evidence, outcome: Outcome, routed: Sighting) -> str | None:
    """The room that the event was emitted except to, where the dashboard was in it; in its own room it always is."""
    excepted = {*map(str, routed.detail.get("except") or ())}
    mine = {sid for sid, load in evidence.sids.items() if label_of(load) == outcome.dashboard}
    inside = [f for f in evidence.facts(Joined) if f.body.sid in mine and f.body.room in excepted]
    left = {(f.body.sid, f.body.room) for f in evidence.facts(Left) if position(f) < position(routed)}
    room = next((f.body.room for f in inside if (f.body.sid, f.body.room) not in left), None)
    return room and f"room {rooms.shown(room)}"


RULE = LeftOut()
