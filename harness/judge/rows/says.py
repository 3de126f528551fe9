"""Whether rows show what of their events' data the target says they do: texts, at least how they begin, and numbers.

Pure. A row that says itself that it is cut (…), or that is longer than what is on record of it, may lack the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from harness.judge.rows.row import Looked, Row
from harness.judge.values.added import added_at, with_added
from harness.judge.values.quantities import written
from harness.judge.values.texts import data_of, is_in, leaves, numbers, plain
from harness.judge.values.writings import Writing, writings
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence

READ_OF_ROW = 200
"""How much of a row's text is on record, in characters."""

CUT = ("…", "...")


def compare(looked: Looked, evidence: Evidence, pairs: Sequence[tuple[Event, Row]], load: str) -> None:
    """What each row lacks of what the target says that it shows: the first of it."""
    patterns = evidence.contract_at(load).row_says
    if not patterns:
        return
    put_in, continental = added_at(evidence, load), set[str]()
    whole = [(event, row) for event, row in pairs if not _may_lack(row.text or "")]
    for event, row in whole:
        missing = None
        for path, told, is_there in _told(_data(evidence, event, put_in, patterns), row.text or "", continental):
            if any(fnmatchcase(path, pattern) for pattern in patterns):
                looked.checks += 1
                missing = missing or (None if is_there else (path, told))
        if missing is not None:
            _wrong(looked, event, row, *missing)
    known = {key for _, key, _ in looked.wrong}
    for event, row in whole if continental else ():
        numbered = numbers(_data(evidence, event, put_in, patterns)) if event.key not in known else {}
        for path in sorted(continental & numbered.keys()):
            if not _is_readable(row.text or "", float(numbered[path]), path):
                _wrong(looked, event, row, path, numbered[path])
                break


def _is_readable(text: str, number: float, path: str) -> bool:
    """Whether a row says a number as others of its field are written: with points between thousands, or a comma."""
    ways = [way for way, _ in writings(text)]
    return Writing.CONTINENTAL not in ways or written(text, number, path, Writing.CONTINENTAL) is not None


def _may_lack(text: str) -> bool:
    """Whether a row may say more than what is on record of it."""
    return len(text) >= READ_OF_ROW - 1 or any(mark in text for mark in CUT)


def _data(evidence: Evidence, event: Event, put_in: Mapping[str, Any], patterns: Sequence[str]) -> Any:
    """What an event says, with what the target says by its name that others put in; by a wildcard none is meant."""
    fields = put_in.get(event.key, {})
    return with_added(data_of(evidence, event), {path: value for path, value in fields.items() if path in patterns})


def _wrong(looked: Looked, event: Event, row: Row, path: str, told: str) -> None:
    why = Finding(Aspect.ROW_TEXT, field=path, expected=told[:80], found=(row.text or "")[:80])
    looked.wrong.append((Kind.MISRENDERED, event.key, why))


def _told(data: Any, text: str, continental: set[str]) -> Iterator[tuple[str, str, bool]]:
    """Path, text or number, and whether the row shows it. Where it does with commas for points, its path is added."""
    shown = plain(text)
    for path, told in leaves(data).items():
        if told.isprintable():  # what else there is in a text a page may show in a way of its own
            yield path, told, is_in(told, shown)
    for path, number in numbers(data).items():
        way = written(text, float(number), path)
        if way is Writing.CONTINENTAL:
            continental.add(path)
        yield path, number, way is not None
