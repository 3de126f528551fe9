"""Whether what a page lists stands in the order in which the page took it in. Pure.

A list is read from its oldest item to its newest, or the other way round, and every list of a page in the same way.
Which it is, a target says or the list itself: the way in which fewer items stand elsewhere.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import lt
from types import MappingProxyType
from typing import TypeAlias

from harness.model import NEWEST_FIRST, OLDEST_FIRST, OWN_ORDER
from harness.record.evidence.keys import those_in
from harness.record.evidence.streams import Events

Group: TypeAlias = list[tuple[str, int]]
"""What is listed together: the key of each item, and its place among what the page took in."""


def misplaced(
    keys: Sequence[str],
    held: Sequence[str],
    known: Events,
    order: str | None = None,
    lists: Sequence[int] | None = None,
) -> tuple[int, list[str]]:
    """How many places were compared, and the events that stand elsewhere than in the order of `held`.

    Each session is looked at by itself, and so is each of several lists, where `lists` says in which one a key stands.
    Numbered events may also stand by their numbers. What stands twice has no place.
    """
    if order == OWN_ORDER:
        return 0, []
    mine, theirs = those_in(keys, known.keys()), those_in(held, known.keys())
    ways = {OLDEST_FIRST: theirs, NEWEST_FIRST: theirs[::-1]}
    listed, is_one_list = {*mine}, len({*(lists or ())}) <= 1
    if is_one_list and len(listed) == len(mine):
        if any(mine == ways[way] for way in ways_of(order)):  # just so, as nearly always
            return len(mine) - len(known.sessions_of(mine)), []
        took_in = {*theirs}
        if len(took_in) == len(theirs):  # just so, but for what only one of them has
            mine = [key for key in mine if key in took_in]
            theirs = [key for key in theirs if key in listed]
            ways = {OLDEST_FIRST: theirs, NEWEST_FIRST: theirs[::-1]}
            if any(mine == ways[way] for way in ways_of(order)):
                return len(mine) - len(known.sessions_of(mine)), []
    often = Counter(keys) | Counter(held)
    place = {key: number for number, key in enumerate(dict.fromkeys(held)) if often[key] == 1}
    groups: dict[tuple[int, str | None], Group] = defaultdict(list)
    members = known.keys() & place.keys()
    placed = [(at, key) for at, key in enumerate(keys) if key in members]
    events = known.of([key for _, key in placed])
    for (at, key), event in zip(placed, events, strict=True):
        groups[0 if lists is None else lists[at], event.session].append((key, place[key]))
    checks = sum(len(group) - 1 for group in groups.values())
    return checks, out_of_order(
        groups.values(), order, {key: event.seq for (_, key), event in zip(placed, events, strict=True)}
    )


def ways_of(order: str | None) -> tuple[str, ...]:
    """The ways in which a list may be read."""
    both = (OLDEST_FIRST, NEWEST_FIRST)
    return (order,) if order in both else both


def out_of_order(
    groups: Iterable[Group], order: str | None, numbers: Mapping[str, int | None] = MappingProxyType({})
) -> list[str]:
    """The keys that stand elsewhere than the others of their group, as few as can be; all groups are read one way.

    A group may also stand by the `numbers` of its keys.
    """
    listed = [*groups]
    return min((_moved(listed, way, numbers) for way in ways_of(order)), key=len)


def _moved(groups: Iterable[Group], way: str, numbers: Mapping[str, int | None]) -> list[str]:
    sign, moved = 1 if way == OLDEST_FIRST else -1, list[str]()
    for group in groups:
        seqs = [sign * seq for key, _ in group if (seq := numbers.get(key)) is not None]
        if len(seqs) < len(group) or seqs != sorted(seqs):
            moved += [group[at][0] for at in _fallen([sign * place for _, place in group])]
    return moved


def _fallen(places: Sequence[int]) -> list[int]:
    """Where those stand that are not in the longest rising sequence: as few as can be."""
    if all(map(lt, places, places[1:])):
        return []
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for at, place in enumerate(places):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1], last[length : length + 1] = [place], [at]
    kept, at = set[int](), last[-1] if last else -1
    while at >= 0:
        kept.add(at)
        at = before[at]
    return [at for at in range(len(places)) if at not in kept]
