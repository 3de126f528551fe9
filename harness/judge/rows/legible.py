"""Whether a person can read in a row what of its event stands there: name, number, texts and numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.judge.rows.row import Looked, Row
from harness.judge.values.quantities import says
from harness.judge.values.texts import data_of, is_in, leaves, numbers, plain, words
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence


def compare(looked: Looked, evidence: Evidence, pairs: Sequence[tuple[Event, Row]]) -> list[tuple[Event, Row]]:
    """The first thing of each row's event that stands in it and that nobody can read there, or elsewhere in it.

    What else can't be read says nothing of the event: a button for who points at the row, say. Returned are the rows
    as the other comparisons are to take them: what is told here is not told again.
    """
    found = list[tuple[Event, Row]]()
    for event, row in pairs:
        field, said = next(_unread(evidence, event, row), (None, None)) if row.unread else (None, None)
        looked.checks += bool(row.unread)
        if field is not None:
            why = Finding(Aspect.ROW_UNREAD, field=field, expected=said)
            looked.wrong.append((Kind.MISRENDERED, event.key, why))
        found.append((event, row if field is None else replace(row, text=in_document(row))))
    return found


def in_document(row: Row) -> str | None:
    """All that a row says in the document."""
    return f"{row.text} {row.unread}" if row.text is not None and row.unread else row.text


def _unread(evidence: Evidence, event: Event, row: Row) -> Iterator[tuple[str, str]]:
    """Field and text of what can't be read."""
    data, shown, hidden = data_of(evidence, event), plain(row.text or ""), plain(row.unread)
    for field, text in {"name": event.name, **leaves(data)}.items():
        if is_in(text, hidden) and not is_in(text, shown):
            yield field, text[:80]
    shown_words = {*words(row.text or "")}
    number = {} if event.seq is None else {"number": str(event.seq)}
    for field, text in {**number, **numbers(data)}.items():
        if says(row.unread, float(text), field) and not {*words(text)} & shown_words:
            yield field, text
