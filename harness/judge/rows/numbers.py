"""Whether rows show the numbers of their own events, and not another event's: a row that is a step behind, say. Pure.

Which numbers of an event a page shows is learned from the rows: of a field nearly all rows of a name show either their
own event's number, or another event's of the same field. What stands in a row for something else tells nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.judge.rows.row import Looked, Row
from harness.judge.values.quantities import written
from harness.judge.values.texts import data_of, leaves, numbers
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence

TOKEN = re.compile(r"(?<![\w.,:/-])\d+(?:[.,]\d+)*(?![\w:/-]|[.,]\d)")
"""A number that stands by itself: no part of a word, a time or a date."""

ENOUGH = 3
"""Rows that show another event's number, from which on none of them is so by chance."""

NEARLY_ALL = 0.6
TELLING = 2
"""Digits that a number has at least: shorter ones stand for other things."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A row, the number that its event says in a field, and another event's that it shows in its place, if any."""

    event: Event
    own: str
    strange: str | None


def compare(looked: Looked, evidence: Evidence, pairs: Sequence[tuple[Event, Row]]) -> None:
    """The rows that show another event's number in place of their own, where most rows of their name do so."""
    by_field: dict[tuple[str, str], list[tuple[Event, Row, str]]] = defaultdict(list)
    for event, row in pairs:
        for path, number in numbers(data_of(evidence, event)).items() if row.text else ():
            by_field[event.name, path].append((event, row, number))
    told = {key for _, key, _ in looked.wrong}
    for (_, path), rows in by_field.items():
        values = {number for _, _, number in rows}
        if len(values) < max(ENOUGH, NEARLY_ALL * len(rows)):
            continue  # what many events say alike is no event's own
        shown = [*_read(evidence, path, rows, values)]
        strange = [each for each in shown if each.strange is not None]
        if len(strange) < max(ENOUGH, NEARLY_ALL * len(rows)):
            continue
        looked.checks += len(shown)
        for each in strange:
            if each.event.key not in told:
                why = Finding(Aspect.ROW_TEXT, field=path, expected=each.own, found=each.strange)
                looked.wrong.append((Kind.MISRENDERED, each.event.key, why))


def _read(evidence: Evidence, path: str, rows: Sequence[tuple[Event, Row, str]], values: set[str]) -> Iterator[Shown]:
    for event, row, own in rows:
        text = row.text or ""
        strange = None
        if written(text, float(own), path) is None:
            said = {*numbers(data_of(evidence, event)).values(), str(event.seq)}
            in_texts = {*TOKEN.findall(" ".join((event.name, *leaves(data_of(evidence, event)).values())))}
            free = {as_told(each) for each in TOKEN.findall(text) if each not in in_texts} - said
            strange = next((each for each in sorted(values & free) if len(re.sub(r"\D", "", each)) >= TELLING), None)
        yield Shown(event, own, strange)


def as_told(shown: str) -> str:
    """A number as events say it: without marks between thousands, and zeros at its end."""
    whole = shown.replace(",", "")
    return whole.rstrip("0").rstrip(".") if "." in whole else whole
