"""No replay: a dashboard comes after a session has begun, and what had passed is not replayed to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._asked_beyond import asked_beyond
from harness.diagnosis._handed_over import is_handed_over_to
from harness.diagnosis._rooms import Membership, asked_before, is_watched, memberships
from harness.diagnosis.replayed_to_all import replays_to_all
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import Connected
from harness.record.evidence import Evidence, label_of, names, position


class NoReplay(Rule):
    """Lost at routed: emitted before the dashboard was in the room, or connected at all, and not to it afterwards."""

    head = Head(
        cause="no-replay",
        title="a dashboard comes after a session has begun, and what had passed is not replayed to it",
        claims=(losses(Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.AROUND,
        against="the dashboard was in the room before, or it or others of its session were routed to it afterwards,\n"
        "or it was in there before it asked for the session, or it asked for later events alone; or its last request\n"
        "before it was in the room is older than the event",
        remedy=(
            "Keep a session's events, and hand them over when a dashboard enters, in front of what comes live\n"
            "and under the same lock; where too little was kept, tell the page what is missing."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        """A replay that lacks something is not a missing replay."""
        replay = replays_to_all(evidence).get(outcome.event_key)
        if replay is not None and replay.label == outcome.label:
            return True  # there was one, for others
        if is_watched(outcome) and any(asked_before(evidence, each) for each in memberships(evidence, outcome)):
            return True  # it had asked by then, and nothing had passed
        return asked_beyond(evidence, outcome) is not None or is_handed_over_to(
            evidence, outcome.label, evidence.events[outcome.event_key].session
        )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine: dict[str, list[Outcome]] = defaultdict(list)
        places: dict[str, Membership] = {}
        for outcome in lost_at(outcomes, Hop.ROUTED):
            around = list(memberships(evidence, outcome))
            later = [place for place in around if place.later is not None]
            if later and not any(place.joined or _is_unasked(evidence, outcome, place) for place in around):
                mine[outcome.label].append(outcome)
                places.setdefault(outcome.label, later[0])
        if not places:
            return
        lost = [o for listed in mine.values() for o in listed]
        sessions = {evidence.events[o.event_key].session for o in lost}
        sids = {place.sid for place in places.values()}
        yield self.blame(
            f"what had passed when dashboard {' and '.join(places)} came into the session was not replayed to it.",
            [
                *(
                    f"server: {names(sorted({o.event_key for o in mine[label]}))} emitted before dashboard {label} "
                    f"entered {_room(place)}, and never to it"
                    for label, place in places.items()
                ),
                *(
                    f"server: said to {e.sid} that it replayed {e.result.get('replayed')} events of {e.session}"
                    for e in evidence.exchanges
                    if e.sid in sids and e.session in sessions and "replayed" in e.result
                ),
            ],
            lost,
        )


def _is_unasked(evidence: Evidence, outcome: Outcome, place: Membership) -> bool:
    """Whether a dashboard was let into the room before it asked for the session.

    It was where the server was answering another request of it, or where events of the session passed in between.
    """
    session, label = evidence.events[outcome.event_key].session, outcome.label
    mine = [e for e in evidence.exchanges if label_of(evidence.sids.get(e.sid, "")) == label]
    asked = [each.asked for each in mine if each.name == "subscribe" and each.session == session]
    if not asked or place.later is None:
        return False
    entered = position(place.later)
    over = (each.answered for each in mine if each.session != session and each.asked < entered)
    routed = (evidence.routed_at(each.key) for each in evidence.events_of(session))
    return any(at is not None and entered < at < min(asked) for at in (*over, *routed))


def _room(place: Membership) -> str:
    is_by_connecting = place.later is not None and isinstance(place.later.body, Connected)
    return "(by connecting)" if is_by_connecting else f"room {place.room!r}"


RULE = NoReplay()
