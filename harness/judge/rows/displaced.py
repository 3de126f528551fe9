"""Whether rows show the numbers of their own events in their own order, where those are short. Pure.

A single digit stands in a row for many things: what tells is where it stands. Rows of one name that have one number at
the same place, and show there those of their events, each in the place of another's, are a step behind or mixed up.
Numbers that only rise or fall tell nothing: what counts, or what was before, is like them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from harness.judge.rows.numbers import ENOUGH, TOKEN, as_told
from harness.judge.rows.row import Looked, Row
from harness.judge.values.quantities import written
from harness.judge.values.texts import data_of, numbers
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence

FEWEST = 4
"""Rows of a name, from which on their numbers at one place are no others' by chance."""


def compare(looked: Looked, evidence: Evidence, pairs: Sequence[tuple[Event, Row]]) -> None:
    """The rows that have at one place the numbers of each other's events, and show their own nowhere."""
    by_name: dict[str, list[tuple[Event, Row]]] = defaultdict(list)
    for event, row in pairs:
        by_name[event.name].append((event, row))
    told = {key for _, key, _ in looked.wrong}
    for rows in by_name.values():
        if len(rows) < FEWEST or not all(row.text for _, row in rows):
            continue
        said = [numbers(data_of(evidence, event)) for event, _ in rows]
        texts = [row.text or "" for _, row in rows] if any(said) else []
        found = [[as_told(each[0]) for each in shown] for shown in places(texts)]
        for path in sorted(set.intersection(*map(set, said))) if found else ():
            own = [each[path] for each in said]
            looked.checks += len(rows)
            strange = next((shown for shown in found if _are_displaced(shown, own, said)), own)
            for (event, row), mine, other in zip(rows, own, strange, strict=True):
                if other != mine and event.key not in told and written(row.text or "", float(mine), path) is None:
                    told.add(event.key)
                    why = Finding(Aspect.ROW_TEXT, field=path, expected=mine, found=other)
                    looked.wrong.append((Kind.MISRENDERED, event.key, why))


def places(texts: Sequence[str]) -> Iterator[list[re.Match[str]]]:
    """The numbers that all rows have at one place: the only one after a word, before one, or at all."""
    found: dict[tuple[str, str], list[list[re.Match[str]]]] = defaultdict(lambda: [[] for _ in texts])
    for row, text in enumerate(texts):
        for each in TOKEN.finditer(text):
            before, after = text[: each.start()].split()[-1:], text[each.end() :].split()[:1]
            for place in (("after", *before), ("before", *after), ("", "")):
                found[place[0], "".join(place[1:])][row].append(each)
    seen = set[tuple[int, ...]]()
    for shown in found.values():
        only = [each[0] for each in shown if len(each) == 1]
        where = tuple(each.start() for each in only)
        if len(only) == len(texts) and where not in seen:
            seen.add(where)
            yield only


def _are_displaced(shown: Sequence[str], own: Sequence[str], said: Sequence[Mapping[str, str]]) -> bool:
    """Whether numbers at one place are those of a field, each one step away, or in another order."""
    wrong = sum(one != other for one, other in zip(shown, own, strict=True))
    if wrong < ENOUGH or len({*shown}) < ENOUGH or _is_another_field(shown, said):
        return False
    if _only_goes_one_way(own) or _only_goes_one_way(shown):
        return False
    is_a_step_away = shown[1:] == own[:-1] or shown[:-1] == own[1:]
    return is_a_step_away or (len({*own}) >= FEWEST and sorted(shown) == sorted(own))


def _only_goes_one_way(own: Sequence[str]) -> bool:
    values = [*map(float, own)]
    return all(one <= other for one, other in pairwise(values)) or all(one >= other for one, other in pairwise(values))


def _is_another_field(shown: Sequence[str], said: Sequence[Mapping[str, str]]) -> bool:
    """Whether they are what the events say themselves, in any field, at most of the rows."""
    fields = set[str]().union(*said)
    right = (sum(each.get(path) == one for each, one in zip(said, shown, strict=True)) for path in fields)
    return any(2 * count > len(shown) for count in right)
