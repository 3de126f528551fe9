"""Rows that a page makes of its connection by itself, as `connected` when its client says so. Pure."""

from __future__ import annotations

from harness.model.facts import Notice, View
from harness.record.evidence import Evidence


def made_by_page(evidence: Evidence, view: View, load: str) -> list[str]:
    """The names of those rows: of the connection's own events, and no message of theirs ever came to this page."""
    names = _unsent(evidence, load)
    return [row for row in view.rows or () if row in names]


def cut_away(evidence: Evidence, view: View, load: str) -> int:
    """How many more such rows a page may count whose list shows fewer rows than that: those it shows no row of."""
    listed, counter = view.rows or (), view.counter
    if not listed or counter is None or len(listed) >= counter:
        return 0
    return len(_unsent(evidence, load) - {*listed})


def _unsent(evidence: Evidence, load: str) -> set[str]:
    names = {*evidence.contract_at(load).own_events}
    return names - {fact.body.name for fact in evidence.facts(Notice) if fact.observer == load} if names else names
