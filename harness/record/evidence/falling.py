"""What comes after something that is to come later, in its session: asked of columns, of objects where there are none.

Pure; what is right is the judge's to say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from harness.record.evidence.keys import Keys
from harness.record.evidence.seen import Listed, Rows, Seen
from harness.record.evidence.stored_streams import Grouped, StoredStream
from harness.record.evidence.streams import Once, Stream
from harness.record.tables import NONE, PLAIN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    from harness.record import arrays as np

Behind: TypeAlias = tuple[str, str, int]
"""The key of an event, its session, and the number of the later event that came before it."""

observer_of = attrgetter("observer")
recipients_of = attrgetter("recipients")


def behind(sightings: Seen, reported: Set[str] | None) -> Sequence[Behind]:
    """The numbered events that come after a later one of their session. What comes again has come already.

    Where it is known what was `reported`, others have no place in an order.
    """
    if isinstance(sightings, Rows) and (reported is None or isinstance(reported, Keys)):
        found = _behind_in_columns(sightings, reported)
        if found is not None:
            return found
    return [*_behind(sightings, reported)]


def _behind(sightings: Seen, reported: Set[str] | None) -> Iterator[Behind]:
    highest, known = dict[str, int](), set[str]()
    for sighting in sightings:
        key, session, seq = sighting.event.key, sighting.event.session, sighting.event.seq
        if session is None or seq is None or key in known or (reported is not None and key not in reported):
            continue
        known.add(key)
        before = highest.get(session, seq)
        if seq < before:
            yield key, session, before
        else:
            highest[session] = seq


def _behind_in_columns(rows: Rows, reported: Keys | None) -> list[Behind] | None:
    """The same; None where columns don't have all numbers."""
    tables = rows.stored.tables
    at = rows.stored.event[rows.places]
    placed = (tables.event_session[at] >= 0) & (tables.event_numbered[at] != NONE)
    if reported is not None:
        placed &= reported.among[tables.event_key[at]]
    at = at[placed]
    if not (tables.event_numbered[at] == PLAIN).all():
        return None
    first = np.unique(tables.event_key[at], return_index=True)[1]
    first.sort()
    at = at[first]
    places, before = _fallen(tables.event_session[at], tables.event_seq[at])
    keys, sessions = tables.event_key[at[places]].tolist(), tables.event_session[at[places]].tolist()
    said = zip(keys, sessions, before.tolist(), strict=True)
    return [(tables.keys[key], tables.texts[session], highest) for key, session, highest in said]


def _fallen(group: NDArray[Any], value: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Where a value is below the highest before it in its group, and that one."""
    order = np.argsort(group, kind="stable")
    ends = np.flatnonzero(np.diff(group[order])) + 1
    places, before = [order[:0]], [value[:0]]
    for mine in np.split(order, ends):
        highest = np.maximum.accumulate(value[mine])
        fallen = np.flatnonzero(value[mine] < highest)
        places.append(mine[fallen])
        before.append(highest[fallen])
    found, highest = np.concatenate(places), np.concatenate(before)
    in_order = np.argsort(found, kind="stable")
    return found[in_order], highest[in_order]


def by_recipient(seen: Seen) -> Mapping[str, Seen]:
    """What was routed, by whom to; those that were resolved for the very same have the same object."""
    if not isinstance(seen, Rows):
        parted = defaultdict[str, Listed](Listed)
        for recipients, stretch in groupby(seen, recipients_of):
            alike = [*stretch]
            for sid in recipients or ():
                parted[sid].extend(alike)
        return parted
    lists = seen.stored.recipients[seen.places]
    known, first = np.unique(lists, return_index=True)
    mine = defaultdict[str, dict[int, None]](dict)
    for place in known[np.argsort(first)].tolist():
        for sid in seen.stored.tables.recipients(place) or ():
            mine[sid][place] = None
    alike_by = {each: Rows(seen.stored, seen.places[np.isin(lists, each)]) for each in {*map(tuple, mine.values())}}
    return {sid: alike_by[tuple(each)] for sid, each in mine.items()}


def by_observer(once: Once) -> Mapping[str, Seen]:
    """What was seen first of each event at a hop, by who saw it."""
    if not isinstance(once, Grouped):
        parted = defaultdict[str, Listed](Listed)
        for observer, stretch in groupby((first for _, first in once.firsts()), observer_of):
            parted[observer].extend(stretch)
        return parted
    stored, rows = once.rows.stored, once.first[once.stream.keys.places]
    observers = stored.observer[rows]
    known, first = np.unique(observers, return_index=True)
    ordered = known[np.argsort(first)].tolist()
    return {stored.tables.texts[place]: Rows(stored, rows[observers == place]) for place in ordered}


def out_of(applied: Seen, told: Stream | None) -> Iterator[tuple[str, bool]]:
    """Of what a page applied, the events that it was not told (False), and those told before one of its session that it
    applied before them (True), as often as it did.

    What it was told again it may apply again; and what it applies more often than that has no place in an order.
    """
    if isinstance(applied, Rows) and isinstance(told, StoredStream):
        yield from _out_of_columns(applied, told)
        return
    places = defaultdict[str, list[int]](list)
    for at, event in enumerate(told.events if told is not None else ()):
        places[event.key].append(at)
    last, often = dict[str | None, int](), Counter[str]()
    for sighting in applied:
        key, session = sighting.event.key, sighting.event.session
        mine, again = places.get(key, ()), often[key]
        often[key] += 1
        if not mine:
            yield key, False
        elif again >= len(mine):
            continue
        elif mine[again] < last.get(session, -1):
            yield key, True
        else:
            last[session] = mine[again]


def _out_of_columns(applied: Rows, told: StoredStream) -> Iterator[tuple[str, bool]]:
    tables = applied.stored.tables
    event = applied.stored.event[applied.places]
    key = tables.event_key[event]
    again, known = _again(key), _again(told.key_places)
    size = len(told.places) + len(applied.places) + 1
    each, at_first = np.unique(told.key_places * size + known, return_index=True)  # no two are alike
    mine = key * size + again
    found = np.searchsorted(each, mine)
    found[found == len(each)] = 0
    at = np.where(each[found] == mine, at_first[found], -1) if len(each) else np.full(len(mine), -1)
    placed = np.flatnonzero(at >= 0)
    fallen, _ = _fallen(tables.event_session[event[placed]], at[placed])
    never = np.flatnonzero(~np.isin(key, told.key_places))
    wrong = np.union1d(placed[fallen], never)
    for each_key, is_told in zip(key[wrong].tolist(), (at[wrong] >= 0).tolist(), strict=True):
        yield tables.keys[each_key], is_told


def _again(keys: NDArray[Any]) -> NDArray[Any]:
    """How often each key came before in a list of keys."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    begins = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(keys) else order
    counts = np.diff(np.append(begins, len(keys)))
    found = np.empty(len(keys), dtype=np.int64)
    found[order] = np.arange(len(keys)) - np.repeat(begins, counts)
    return found
