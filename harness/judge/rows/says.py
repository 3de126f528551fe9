"""Whether rows show what of their events' data the target says they do: texts, at least how they begin, and numbers.

Pure. A row that says itself that it is cut (…), or that is longer than what is on record of it, may lack the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from harness.judge.rows.row import Looked, Row
from harness.judge.values.added import added_at, with_added
from harness.judge.values.quantities import says
from harness.judge.values.texts import data_of, is_in, leaves, numbers, plain
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence

READ_OF_ROW = 200
"""How much of a row's text is on record, in characters."""

CUT = ("…", "...")


def compare(looked: Looked, evidence: Evidence, pairs: Sequence[tuple[Event, Row]], load: str) -> None:
    """What each row lacks of what the target says that it shows: the first of it."""
    patterns = evidence.contract_at(load).row_says
    put_in = added_at(evidence, load) if patterns else {}
    for event, row in pairs if patterns else ():
        text = row.text or ""
        if len(text) >= READ_OF_ROW - 1 or any(mark in text for mark in CUT):
            continue
        missing = None
        fields = put_in.get(event.key, {})
        named = {path: value for path, value in fields.items() if path in patterns}  # by a wildcard none is meant
        for path, told, is_there in _told(with_added(data_of(evidence, event), named), text):
            if any(fnmatchcase(path, pattern) for pattern in patterns):
                looked.checks += 1
                missing = missing or (None if is_there else (path, told))
        if missing is not None:
            why = Finding(Aspect.ROW_TEXT, field=missing[0], expected=missing[1][:80], found=text[:80])
            looked.wrong.append((Kind.MISRENDERED, event.key, why))


def _told(data: Any, text: str) -> Iterator[tuple[str, str, bool]]:
    """Path, text or number, and whether the row shows it."""
    shown = plain(text)
    for path, told in leaves(data).items():
        if told.isprintable():  # what else there is in a text a page may show in a way of its own
            yield path, told, is_in(told, shown)
    for path, number in numbers(data).items():
        yield path, number, says(text, float(number), path)
