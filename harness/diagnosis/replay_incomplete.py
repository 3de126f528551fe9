"""Replay incomplete: a replay to a dashboard lacks some of the events that had passed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._asked_beyond import asked_beyond
from harness.diagnosis._handed_over import handed_over, is_handed_over_to
from harness.diagnosis._in_common import in_common, tells_apart
from harness.diagnosis._parties import dashboards
from harness.diagnosis._rooms import memberships
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.judge.strategies.watch import absences
from harness.model import Blame, Hop, Outcome, Strength
from harness.record.evidence import END, Evidence, names, position

IN_THE_PAGE = (
    "Let the page ask for what comes after the last event that it has taken in, and for all (after 0) where it has\n"
    "none: look for a position that is counted on too early, or kept beyond what was shown."
)
"""What mends it where the page asked for too little."""


class ReplayIncomplete(Rule):
    """Emitted before the dashboard was there, and never to it; others from before were emitted to it afterwards."""

    head = Head(
        cause="replay-incomplete",
        title="a replay to a dashboard lacks some of the events that had passed",
        claims=(losses(Hop.ROUTED), losses(Hop.DELIVERED)),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against=(
            "the dashboard was there when it was emitted, or nothing of the session was handed over to it, so that\n"
            "there is no replay at all"
        ),
        remedy=(
            "Look at what the record of a session does not keep (a limit, a filter, an event that is emitted without\n"
            "being kept) and at what passes between the replay and the room: do both under the lock of the emit."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        session = evidence.events[outcome.event_key].session
        if asked_beyond(evidence, outcome) is not None:
            return False
        return not is_handed_over_to(evidence, outcome.label, session) or not _came_after(evidence, outcome)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in (*lost_at(outcomes, Hop.ROUTED), *lost_at(outcomes, Hop.DELIVERED)):
            mine[outcome.label].append(outcome)
        lines = [line for label, listed in mine.items() for line in _lines(evidence, label, listed)]
        lost = [o for listed in mine.values() for o in listed]
        lacks = names([key for key in evidence.events if any(o.key == key for o in lost)])
        beyond = [o for o in lost if asked_beyond(evidence, o) is not None]
        if beyond and len(beyond) == len(lost):
            yield self.blame(
                f"{dashboards(mine)} asked for what comes after {lacks}, and did not have that.",
                [*(_asked(evidence, o) for o in beyond[:3]), *lines],
                lost,
                remedy=IN_THE_PAGE,
            )
            return
        yield self.blame(f"the replay to {dashboards(mine)} lacks {lacks}.", lines, lost)


def _asked(evidence: Evidence, outcome: Outcome) -> str:
    event, after = evidence.events[outcome.event_key], asked_beyond(evidence, outcome)
    return f"dashboard {outcome.label}: asked for session {event.session} after {after}, and had not got {event.key}"


def _came_after(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether a dashboard entered the room, or came back, only after an event had been emitted for the first time."""
    at = evidence.routed_at(outcome.event_key)
    if outcome.hops[:1] == (Hop.DELIVERED,):
        return at is not None and any(start < at < end for start, end in absences(evidence).get(outcome.label, ()))
    around = [*memberships(evidence, outcome)]
    return any(place.later is not None for place in around) and not any(place.joined for place in around)


def _lines(evidence: Evidence, label: str, lost: Sequence[Outcome]) -> Iterable[str]:
    sessions = {evidence.events[o.event_key].session for o in lost}
    given = {k: at for k, at in handed_over(evidence, label).items() if evidence.events[k].session in sessions}
    keys = [key for key in evidence.events if any(o.key == key for o in lost)]
    if given:
        yield f"server: emitted to dashboard {label} alone, after they had passed: {names([*given])}"
    yield f"server: {names(keys)} had passed too, and {_were(keys)} never emitted to it"
    last = max(given.values(), default=END)
    between = [k for k in keys if (first := evidence.at(Hop.ROUTED, k)) and position(first[0]) > last]
    if between:
        yield f"{names(between)} passed after what was handed over, and before dashboard {label} was in the room"
    yield from (line for line in in_common(evidence, lost) if tells_apart(line))


def _were(keys: Sequence[str]) -> str:
    return "was" if len(keys) == 1 else "were"


RULE = ReplayIncomplete()
