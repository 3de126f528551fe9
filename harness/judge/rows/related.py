"""What events say of what an event is about, where it says its key alone: `{"id": "J2"}` is of "Oil change". Pure.

A page that was told so draws it in the rows of the events that follow. A key is what each event of some name says
another one of, and events of other names say again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from harness.judge.values.texts import data_of
from harness.model import Event, Hop
from harness.record.evidence import Evidence

About: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Event to what others say of what it is about, by field and name."""

LONGEST = 64
"""Characters that a key has at most."""

MOST = 5000
"""So many events at most of a page are looked through; of a longer run those that have rows."""

FEWEST = 2
"""Events of a name that each say another value of a field, from which on it may be a key."""


def related(evidence: Evidence, events: Sequence[Event], load: str) -> About:
    """Event to what events of other names say of what it is about: `title of job:opened`, and the value.

    `events` are those that rows show; of what was said before a page may show no row any more.
    """
    told = evidence.shown[Hop.DELIVERED].get(load)
    given = events if told is None or len(told.keys) > MOST else evidence.given_by(told).some(told.keys)
    known = _keys(evidence, given)
    found: dict[str, dict[str, Any]] = {}
    for event in events if known else ():
        for value, data in _codes(evidence, event):
            for name, about in known.get((event.session, value), {}).items():
                if name != event.name:
                    more = {f"{path} of {name}": each for path, each in about.items() if path not in data}
                    found.setdefault(event.key, {}).update(more)
    return found


def _keys(
    evidence: Evidence, events: Sequence[Event]
) -> Mapping[tuple[str | None, str], Mapping[str, Mapping[str, Any]]]:
    """Session and value of a key to what the one event of each name that has it says."""
    if len({event.name for event in events}) < 2:
        return {}
    values: dict[tuple[str | None, str, str], dict[str, Mapping[str, Any] | None]] = defaultdict(dict)
    for event in events:
        data = data_of(evidence, event)
        for path, value in data.items() if isinstance(data, Mapping) else ():
            if isinstance(value, str) and 0 < len(value) <= LONGEST:
                mine = values[event.session, event.name, path]
                mine[value] = None if value in mine else data
    found: dict[tuple[str | None, str], dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for (session, name, _), by_value in values.items():
        if len(by_value) >= FEWEST and None not in by_value.values():
            for value, data in by_value.items():
                if data is not None:
                    found[session, value][name] = data
    return found


def _codes(evidence: Evidence, event: Event) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The texts of an event that may be keys, each with its data: a number stands for many things."""
    data = data_of(evidence, event)
    for value in data.values() if isinstance(data, Mapping) else ():
        if isinstance(value, str) and 0 < len(value) <= LONGEST:
            yield value, data
