"""Numbers at one place of the rows of a name that are not what their events say, nor what follows from it. Pure.

Where nearly all of them are their events' own, the others are wrong. Where none is, and nothing is known that they
count, add up or measure, they were not compared: a page may have worked them out, and a target's `reads` says so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, combinations, pairwise
from typing import Any

from harness.judge.rows.displaced import places
from harness.judge.rows.numbers import ENOUGH, NEARLY_ALL, TOKEN, as_told
from harness.judge.rows.related import About
from harness.judge.rows.row import Looked, Row
from harness.judge.values.quantities import TIMES_MS, says
from harness.judge.values.texts import data_of, leaves, numbers
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence

AFTER = re.compile(r"\s*([^\W\d_]*|%)")
"""What stands right after a number: its unit, perhaps."""


def compare(looked: Looked, evidence: Evidence, pairs: Sequence[tuple[Event, Row]], about: About, load: str) -> None:
    """The rows with a number that is not their events' own, at a place where those of their name have that."""
    by_name: dict[str, list[tuple[Event, Row]]] = defaultdict(list)
    order = {key: at for at, key in enumerate(evidence.events)} if pairs else {}
    for event, row in sorted(pairs, key=lambda each: order.get(each[0].key, 0)):
        by_name[event.name].append((event, row))
    told = {key for _, key, _ in looked.wrong if key is not None}
    is_described = evidence.contract_at(load).row_reads is not None
    for name, rows in by_name.items():
        if len(rows) < ENOUGH or not all(row.text for _, row in rows):
            continue
        said = [_said(evidence, event, about.get(event.key, {})) for event, _ in rows]
        for shown in places([row.text or "" for _, row in rows]):
            if len({each[0] for each in shown}) < 2:
                continue  # a word of the page's own
            looked.checks += len(rows)
            path, right = _of_a_field(shown, said)
            if path is not None:
                _others(looked, rows, shown, said, path, right, told)
            elif not is_described and not _follows(shown, said, rows):
                why = Finding(Aspect.ROW_NUMBER, text=(rows[0][1].text or "")[:80], found=shown[0][0], other=name)
                looked.doubts.append(why)
                break


def _said(evidence: Evidence, event: Event, about: Mapping[str, Any]) -> dict[str, str]:
    """The numbers of an event by their paths, with those that others say of what it is about."""
    found = numbers(data_of(evidence, event))
    for path, text in {"name": event.name, **_texts(about), **_texts(data_of(evidence, event))}.items():
        found |= {f"{path} {at}": as_told(each) for at, each in enumerate(TOKEN.findall(text))}
    if event.seq is not None:
        found["number"] = str(event.seq)
    return {**found, **numbers(dict(about))}


def _texts(data: Any) -> dict[str, str]:
    """Short texts too: `"7"` is one."""
    short = {path: each for path, each in data.items() if isinstance(each, str)} if isinstance(data, Mapping) else {}
    return {**short, **leaves(data)}


def _is_it(shown: re.Match[str], value: str | None, path: str) -> bool:
    """Whether a number in a row is one of its event's, with what stands right after it."""
    if value is None:
        return False
    after = AFTER.match(shown.string, shown.end())
    return says(shown.string[max(0, shown.start() - 1) : after.end() if after else shown.end()], float(value), path)


def _of_a_field(shown: Sequence[re.Match[str]], said: Sequence[Mapping[str, str]]) -> tuple[str | None, list[bool]]:
    """The field whose numbers nearly all rows of a name have at a place, and which of them do."""
    for path in dict.fromkeys(path for each in said for path in each):
        right = [_is_it(at, each.get(path), path) for at, each in zip(shown, said, strict=True)]
        values = {each[path] for each, is_right in zip(said, right, strict=True) if is_right}
        if sum(right) >= max(2, NEARLY_ALL * len(shown)) and len(values) > 1:
            return path, right
    return None, []


def _others(
    looked: Looked,
    rows: Sequence[tuple[Event, Row]],
    shown: Sequence[re.Match[str]],
    said: Sequence[Mapping[str, str]],
    path: str,
    right: Sequence[bool],
    told: set[str],
) -> None:
    """The rows with another number where the others have their events', that say nothing else of them there."""
    for (event, _), at, each, is_right in zip(rows, shown, said, right, strict=True):
        if is_right or path not in each or event.key in told or any(_is_it(at, each[other], other) for other in each):
            continue
        if not says(at.string, float(each[path]), path):
            told.add(event.key)
            why = Finding(Aspect.ROW_TEXT, field=path, expected=each[path], found=at[0])
            looked.wrong.append((Kind.MISRENDERED, event.key, why))


def _follows(
    shown: Sequence[re.Match[str]], said: Sequence[Mapping[str, str]], rows: Sequence[tuple[Event, Row]]
) -> bool:
    """Whether numbers follow from what events say in a way that is known: counts, sums, times that pass."""
    if all(any(_is_it(at, each[path], path) for path in each) for at, each in zip(shown, said, strict=True)):
        return True
    values = [float(as_told(each[0])) for each in shown if each[0].count(".") < 2]
    if len(values) < len(shown):
        return True  # 1.2.3 is no number
    steps = [other - one for one, other in pairwise(values)]
    only_goes_one_way = all(step >= 0 for step in steps) or all(step <= 0 for step in steps)
    if only_goes_one_way and (_is_counted(values, len(rows)) or _is_time(shown)):
        return True
    return any(_alike(values, sums) for sums in _worked_out(said))


def _is_counted(values: Sequence[float], rows: int) -> bool:
    """Whether numbers may be places in a list, or how many there were so far."""
    return all(value.is_integer() for value in values) and max(values) - min(values) <= max(100, 10 * rows)


def _is_time(shown: Iterable[re.Match[str]]) -> bool:
    after = (AFTER.match(each.string, each.end()) for each in shown)
    return all(each is not None and each[1].casefold() in TIMES_MS for each in after)


def _worked_out(said: Sequence[Mapping[str, str]]) -> Iterator[list[float]]:
    """What a page can work out of the numbers of events: sums so far, and two numbers with each other."""
    common = sorted(set.intersection(*({*each} for each in said)))
    fields = {path: [float(each[path]) for each in said] for path in common}
    for values in fields.values():
        yield [*accumulate(values)]
    for one, other in combinations(fields.values(), 2):
        both = [*zip(one, other, strict=True)]
        yield [a + b for a, b in both]
        yield [a * b for a, b in both]
        yield [abs(a - b) for a, b in both]
        yield [100 * a / b if b else 0.0 for a, b in both]
        yield [100 * b / a if a else 0.0 for a, b in both]


def _alike(shown: Sequence[float], made: Sequence[float]) -> bool:
    return all(abs(one - other) <= 0.5 for one, other in zip(shown, made, strict=True)) or all(
        abs(one - other) <= 0.5 for one, other in zip(shown, made[::-1], strict=True)
    )
