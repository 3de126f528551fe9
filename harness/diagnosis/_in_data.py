"""What the data of lost events have in common, against those of all others. Pure.

Each line holds for all of the lost and for none of the others; none is made where the others are too few to tell.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from harness.model import Event
from harness.record.evidence import Evidence
from harness.record.remembered import remembered

ENOUGH = 3
"""Fewer events that went well tell nothing by what they don't have."""

MOST = 300
"""So many events at most are compared: what is gained by more is not worth its time."""

SHOWN = 3
"""So many lost events are repeated with their data."""

LENGTH = 120
"""So much of the data of one is repeated."""

MARKS: Mapping[str, Callable[[str], bool]] = {
    "characters beyond ASCII": lambda text: not text.isascii(),
    "a character that HTML has a meaning for": lambda text: any(each in text for each in "<>&"),
    "a quotation mark": lambda text: any(each in text for each in "\"'`"),
    "a line break": lambda text: "\n" in text,
    "a text that begins or ends with a space": lambda text: text != text.strip(" "),
    "an empty text": lambda text: text == "",
}
"""What a text may have that some code can't take."""


def of_values(evidence: Evidence, mine: Sequence[Event], others: Sequence[str]) -> Iterator[str]:
    """Fields that all of the lost have alike, or above or below all others, and marks in their texts."""
    if len(mine) + len(others) > MOST:
        return
    lost = [_fields(evidence, e.key) for e in mine]
    if len(others) < ENOUGH or not all(lost) or not _may_share(lost):
        return
    rest = [_fields(evidence, key) for key in others]
    if not all(rest):
        return
    if len(lost) > 1:
        for path in sorted(set.intersection(*({*each} for each in lost))):
            yield from _of_field(path, [each[path] for each in lost], [each[path] for each in rest if path in each])
    yield from (f"all have {what} in their data; no other has" for what, has in MARKS.items() if _only(has, lost, rest))


def _may_share(lost: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the lost alone have anything in common: a value, only numbers in a field, or a mark."""
    if any(all(map(partial(_has, has), lost)) for has in MARKS.values()):
        return True
    paths = set.intersection(*({*each} for each in lost)) if len(lost) > 1 else set[str]()
    return any(all(_is_number(e[p]) for e in lost) or all(e[p] == lost[0][p] for e in lost) for p in paths)


def _of_field(path: str, lost: Sequence[Any], rest: Sequence[Any]) -> Iterator[str]:
    if all(value == lost[0] and type(value) is type(lost[0]) for value in lost):
        if lost[0] not in rest:
            yield f"all have {path} {_short(lost[0])}; no other has"
    elif len(rest) >= ENOUGH and all(map(_is_number, (*lost, *rest))):
        if min(lost) > max(rest):
            yield f"all have {path} of {min(lost)} or more; of the others none has more than {max(rest)}"
        elif max(lost) < min(rest):
            yield f"all have {path} of {max(lost)} or less; of the others none has less than {min(rest)}"


def _only(has: Callable[[str], bool], lost: Sequence[Mapping[str, Any]], rest: Sequence[Mapping[str, Any]]) -> bool:
    return all(_has(has, each) for each in lost) and not any(_has(has, each) for each in rest)


def _has(has: Callable[[str], bool], fields: Mapping[str, Any]) -> bool:
    return any(has(value) for value in fields.values() if isinstance(value, str))


def data_of_first(evidence: Evidence, keys: Sequence[str]) -> Iterator[str]:
    """The data of the first of some events, where they are on record: what a developer tries again."""
    for key in keys[:SHOWN]:
        event = evidence.events.get(key)
        data = None if event is None or event.digest is None else evidence.payload(event.digest)
        if event is not None and data is not None:
            yield f"{key} is {event.name!r} with {_short(data)}"


@remembered
def _fields(evidence: Evidence, key: str) -> Mapping[str, Any]:
    """What an event's data say, by dots; of data that are one value, that."""
    digest = evidence.events[key].digest
    data = None if digest is None else evidence.payload(digest)
    if isinstance(data, Mapping) and not any(isinstance(value, Mapping | list) for value in data.values()):
        return data
    return dict(_leaves("", data)) if data is not None else {}


def _leaves(path: str, data: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), value)
    elif not isinstance(data, list):
        yield path or "data", data


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(data: Any) -> str:
    said = json.dumps(data, ensure_ascii=False, sort_keys=True)
    return said if len(said) <= LENGTH else f"{said[:LENGTH]}…"
