"""Rows that a page makes of its connection by itself, as `connected` when its client says so. Pure."""

from __future__ import annotations

from harness.model.facts import Notice, View
from harness.record.evidence import Evidence


def made_by_page(evidence: Evidence, view: View, load: str) -> list[str]:
    """The names of those rows: of the connection's own events, and no message of theirs ever came to this page."""
    names = {*evidence.contract_at(load).own_events}
    if not names or not view.rows:
        return []
    names -= {fact.body.name for fact in evidence.facts(Notice) if fact.observer == load}
    return [row for row in view.rows if row in names]
