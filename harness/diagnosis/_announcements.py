"""Who was told of which session, where dashboards join the sessions that are announced to them."""

from __future__ import annotations

from collections.abc import Set

from harness.judge.strategies import announces_sessions
from harness.judge.strategies.auto_discovery import ANNOUNCED, notices
from harness.judge.strategies.watch import connections
from harness.model import Hop, Outcome
from harness.record.evidence import OPEN, Evidence, Position
from harness.record.remembered import remembered


def was_told(evidence: Evidence, dashboard: str, session: str) -> bool:
    """Whether any load of the page was told of the session."""
    heard = notices(evidence, ANNOUNCED)
    return any((load, session) in heard for load in evidence.loads_of(dashboard))


def concerned(evidence: Evidence, outcome: Outcome) -> tuple[str, ...]:
    """The dashboards that an outcome is about: all of them where it names none."""
    return evidence.contract.dashboards if outcome.dashboard is None else (outcome.dashboard,)


def untold(evidence: Evidence, outcome: Outcome) -> str | None:
    """The session of a lost event whose dashboards were never told of it; None where one was, or need not be."""
    event = evidence.events.get(outcome.event_key)
    if event is None or event.session is None or not announces_sessions(evidence.contract.strategy):
        return None
    told = (was_told(evidence, label, event.session) for label in concerned(evidence, outcome))
    return None if any(told) else event.session


def was_sent_any(evidence: Evidence, dashboard: str, session: str) -> bool:
    """Whether the server emitted an event of the session to the page: it had joined, whoever told it."""
    return any((load, session) in _sent(evidence) for load in evidence.loads_of(dashboard))


@remembered
def _sent(evidence: Evidence) -> Set[tuple[str, str]]:
    """Page loads with the sessions of which an event was emitted to them."""
    kinds = evidence.flow[Hop.ROUTED].kinds()
    return {(evidence.sids.get(sid, ""), each.event.session or "") for each in kinds for sid in each.recipients or ()}


def opened_at(evidence: Evidence, session: str) -> Position | None:
    """Where the server accepted the session."""
    return next((e.answered for e in evidence.exchanges if e.name == OPEN and e.ok and e.session == session), None)


def came_late(evidence: Evidence, dashboard: str, session: str) -> bool:
    """Whether the dashboard connected only when the session was there already."""
    opened, spans = opened_at(evidence, session), connections(evidence).get(dashboard, [])
    return opened is not None and bool(spans) and spans[0].start > opened
