"""Who was told of which session, where dashboards join the sessions that are announced to them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set

from harness.judge.strategies import announces_sessions
from harness.judge.strategies.auto_discovery import ENDED
from harness.judge.strategies.watch import connections
from harness.model import Hop, Json, Outcome
from harness.model.facts import Notice, Requested
from harness.record.evidence import OPEN, Evidence, Position, label_of
from harness.record.identity import session_text
from harness.record.remembered import remembered

MOST = 120
"""So many characters of a request are told."""


def was_told(evidence: Evidence, dashboard: str, session: str) -> bool:
    """Whether any load of the page was told of the session by a message other than an event."""
    return any((load, session) in _heard(evidence) for load in evidence.loads_of(dashboard))


@remembered
def _heard(evidence: Evidence) -> Set[tuple[str, str]]:
    """Page loads with the sessions that a message to them names, unless it says that they ended."""
    known = {*evidence.sessions}
    ends = {ENDED, *(name for name, notice in evidence.contract.notices.items() if notice.ended)}
    told = (fact for fact in evidence.facts(Notice) if fact.body.name not in ends)
    return {(fact.observer, session) for fact in told for session in known & {*texts(fact.body.payload)}}


def texts(payload: Json, depth: int = 4) -> Iterator[str]:
    """The texts and the numbers in a message, as texts."""
    if isinstance(payload, Mapping | list) and depth:
        for each in payload.values() if isinstance(payload, Mapping) else payload:
            yield from texts(each, depth - 1)
    elif (text := session_text(payload)) is not None:
        yield text


def unheeded(evidence: Evidence, sessions: Set[str]) -> list[tuple[str, str]]:
    """Dashboards that were told of a session of these, and named it in nothing that they asked; each with the first."""
    pairs = ((label, session) for label in evidence.contract.dashboards for session in sorted(sessions - {""}))
    told = (pair for pair in pairs if was_told(evidence, *pair) and not _has_asked_of(evidence, *pair))
    return [*{label: (label, session) for label, session in reversed([*told])}.values()][::-1]


def _has_asked_of(evidence: Evidence, dashboard: str, session: str) -> bool:
    loads = {*evidence.loads_of(dashboard)}
    return any(session in texts([*f.body.args]) for f in evidence.facts(Requested) if f.observer in loads)


def concerned(evidence: Evidence, outcome: Outcome) -> tuple[str, ...]:
    """The dashboards that an outcome is about: all of them where it names none."""
    return evidence.contract.dashboards if outcome.dashboard is None else (outcome.dashboard,)


def untold(evidence: Evidence, outcome: Outcome) -> str | None:
    """The session of a lost event whose dashboards were never told of it; None where one was, or need not be.

    None also where it is not known how this system announces sessions to dashboards.
    """
    event, contract = evidence.events.get(outcome.event_key), evidence.contract
    if event is None or event.session is None or not announces_sessions(contract.strategy) or not _says_how(evidence):
        return None
    here = {label_of(load) for load in evidence.sids.values()}
    labels = [label for label in concerned(evidence, outcome) if label in here]  # others were not there to be told
    return None if not labels or any(was_told(evidence, label, event.session) for label in labels) else event.session


def is_unannounced(evidence: Evidence, session: str) -> bool:
    """Whether dashboards were there when a session began, and none of them was ever told of it: one that comes later
    misses it for the same reason."""
    if not announces_sessions(evidence.contract.strategy) or not _says_how(evidence):
        return False
    here = {label_of(load) for load in evidence.sids.values()}
    there = [
        label for label in evidence.contract.dashboards if label in here and not came_late(evidence, label, session)
    ]
    return bool(there) and not any(was_told(evidence, label, session) for label in there)


def _says_how(evidence: Evidence) -> bool:
    """Whether it is known how this system announces sessions to dashboards."""
    return evidence.contract.asks or any(not notice.ended for notice in evidence.contract.notices.values())


def was_sent_any(evidence: Evidence, dashboard: str, session: str) -> bool:
    """Whether the server emitted an event of the session to the page, which had joined by then, told or not."""
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


def asked(evidence: Evidence, dashboard: str) -> Sequence[str]:
    """What a page asked of the server, each once: the name, with what it says."""
    loads = {*evidence.loads_of(dashboard)}
    mine = (fact.body for fact in evidence.facts(Requested) if fact.observer in loads)
    return [*dict.fromkeys(_request(body) for body in mine)]


def _request(body: Requested) -> str:
    said = json.dumps([*body.args], ensure_ascii=False, sort_keys=True)[1:-1]
    return f"{body.name} {said[:MOST]}{'…' if len(said) > MOST else ''}".rstrip()
