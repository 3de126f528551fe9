"""What events say of what an event is about, where it says its key alone: `{"id": "J2"}` is of "Oil change". Pure.

A page that was told so draws it in the rows of the events that follow. A key is what each event of some name says
another one of, and events of other names say again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from harness.judge.values.texts import data_of
from harness.model import Event
from harness.record.evidence import Evidence

Place: TypeAlias = tuple[str | None, str, str]
"""Session and name of events, and a field of their data."""

FEWEST = 2
"""Events of a name that each say another value of a field, from which on it may be a key."""


def related(evidence: Evidence, events: Iterable[Event]) -> Mapping[str, Mapping[str, Any]]:
    """Event to what events of other names say of what it is about: `title of job:opened`, and the value."""
    each = ((event, data_of(evidence, event)) for event in events)
    said = [(event, data) for event, data in each if isinstance(data, Mapping)]
    known = _keys(said)
    found: dict[str, dict[str, Any]] = {}
    for event, data in said:
        for value in {value for value in data.values() if _may_be_key(value)}:
            for name, about in known.get((event.session, value), {}).items():
                if name == event.name:
                    continue
                more = {f"{path} of {name}": each for path, each in about.items() if path not in data}
                found.setdefault(event.key, {}).update(more)
    return found


def _keys(
    said: Sequence[tuple[Event, Mapping[str, Any]]],
) -> Mapping[tuple[str | None, Any], Mapping[str, Mapping[str, Any]]]:
    """Session and value of a key to what the one event of each name that has it says."""
    values: dict[Place, Counter[Any]] = defaultdict(Counter)
    for event, data in said:
        for path, value in data.items():
            if _may_be_key(value):
                values[event.session, event.name, path][value] += 1
    keys = {place for place, each in values.items() if len(each) >= FEWEST and each.total() == len(each)}
    found: dict[tuple[str | None, Any], dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for event, data in said:
        for path, value in data.items():
            if _may_be_key(value) and (event.session, event.name, path) in keys:
                found[event.session, value][event.name] = data
    return found


def _may_be_key(value: Any) -> bool:
    """Texts alone: a number stands for many things."""
    return isinstance(value, str) and 0 < len(value) <= 64
