"""Rows of which none is read as an event of the run, though they show what was delivered: the target's words for them
fit none, and what the list shows is not known. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.judge.values.texts import data_of, is_in, leaves, numbers, plain
from harness.model import SERVER_SIDE, Aspect, Event, Finding, Hop, Kind, Outcome, PropertyResult
from harness.record.evidence import Evidence
from harness.record.remembered import remembered

UNKNOWN_ROW = "None"
"""What the page's tap reports of a row that says no event, as far as the target tells how rows say it."""

OF_ROWS = frozenset({Kind.LOST, Kind.PHANTOM, Kind.DUPLICATED, Kind.REORDERED, Kind.MISRENDERED, Kind.TRUNCATED})
"""What would be told of rows that could be read."""

WITHOUT_ROWS = frozenset({Aspect.COUNTER, Aspect.LIST_TOTAL, Aspect.PANEL_VALUE, Aspect.PANEL_ITEM})
"""What is read elsewhere on the page."""


def not_of_unread_rows(evidence: Evidence, result: PropertyResult) -> PropertyResult:
    """A result with one doubt in place of all that it tells of rows which could not be read."""
    found: list[Outcome] = []
    doubts: dict[str, Outcome] = {}
    for each in result.outcomes:
        why = None if each.dashboard is None or not _is_of_rows(each) else unread_rows(evidence, each.dashboard)
        if why is None:
            found.append(each)
        else:
            doubt = Outcome(Kind.UNDETERMINED, result.prop, None, each.dashboard, Hop.RENDERED, (Hop.RENDERED,), why)
            doubts.setdefault(str(each.dashboard), doubt)
    return PropertyResult.of(result.prop, result.checks, [*found, *doubts.values()], result.note) if doubts else result


def _is_of_rows(outcome: Outcome) -> bool:
    is_shown = Hop.RENDERED in outcome.hops and min(outcome.hops) >= Hop.APPLIED
    of_list = outcome.key is not None or outcome.finding.aspect not in WITHOUT_ROWS
    return is_shown and of_list and outcome.kind in OF_ROWS and outcome.finding.panel is None


@remembered
def unread_rows(evidence: Evidence, dashboard: str) -> Finding | None:
    """Why it is not known what the rows of a page show; None where one is read, or where they show nothing of events.

    A page that shows something else than its events is wrong, and so is one that shows none: here each row shows
    what some event says, or all are strange, and as many as events were delivered.
    """
    view = evidence.view(dashboard)
    if view is None or not view.body.rows or not view.body.texts or view.body.rows_numbered:
        return None
    rows, texts, given = view.body.rows, view.body.texts, _given(evidence, view.observer)
    before = [*given, *(event for hop in SERVER_SIDE for event in evidence.said[hop].events)]
    keys, names = {each.key for each in before}, {each.name for each in before}
    names |= {*evidence.contract.declared, *evidence.contract_of(dashboard).own_events}
    if any(key in keys or _name(key) in names for key in rows):
        return None
    is_one_each = len(given) == len(rows) > 1 and all(key == UNKNOWN_ROW for key in rows)
    if not is_one_each and not _show_data(evidence, given, texts):
        return None
    return Finding(
        Aspect.ROWS_UNREAD, party=f"dashboard:{dashboard}", count=len(rows), text=next(filter(None, texts), "")
    )


def _given(evidence: Evidence, load: str) -> Sequence[Event]:
    told = evidence.shown[Hop.DELIVERED].get(load)
    return () if told is None else told.events


def _name(key: str) -> str:
    return key.rpartition("/")[2].partition("~")[0].partition("#")[0]


def _show_data(evidence: Evidence, events: Sequence[Event], texts: tuple[str | None, ...]) -> bool:
    """Whether each row shows a text or a number of what some event says."""
    said = {text for event in events for text in leaves(data_of(evidence, event)).values()}
    said |= {text for event in events for text in numbers(data_of(evidence, event)).values() if len(text) > 2}
    shown = [plain(text) for text in texts if text]
    return bool(shown) and len(shown) == len(texts) and all(any(is_in(each, row) for each in said) for row in shown)
