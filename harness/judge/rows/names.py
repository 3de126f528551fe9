"""Whether rows call their events as the other rows of their name do. Pure.

A page writes a name as it is, as words of it (`order:placed` as "Placed"), or in words of its own. Which it does is
learned from the rows themselves. Where it stands is a place among the words of a row, numbers before it left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.judge.rows.row import Looked, Row
from harness.judge.values.texts import SHORT, data_of, leaves, plain, words
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence

NEARLY_ALL = 0.6
"""The share of a name's rows that call it so, and of the names that are called, from which on the others are wrong."""

HALF = 0.5
"""The share of a name's rows with a word of it, from which on it is not there by chance."""

ENOUGH = 2
"""Rows of a name that call it so, from which on it is not by chance."""


PLACES = 4
"""So many words at the beginning of a row may call its event."""


@dataclass(frozen=True, slots=True)
class Called:
    """A row, the words that it shows, and those that its event says anyway."""

    event: Event
    row: Row
    said: tuple[str, ...]
    own: frozenset[str]


@dataclass(frozen=True, slots=True)
class Usual:
    """The word that nearly all rows of a name have at a place, and whether it is a word of the name."""

    place: int
    word: str
    is_of_name: bool


def compare(looked: Looked, evidence: Evidence, pairs: Iterable[tuple[Event, Row]]) -> None:
    """The rows that are called as another event is, or otherwise than nearly all others of their name."""
    by_name: dict[str, list[Called]] = defaultdict(list)
    for event, row in pairs:
        if row.text is not None:
            by_name[event.name].append(Called(event, row, _without_numbers(row.text), _own(evidence, event)))
    told = {key for _, key, _ in looked.wrong}
    for wrong in (_whole, _in_words):
        for each, expected, found in wrong(looked, by_name):
            if each.event.key not in told:
                told.add(each.event.key)
                why = Finding(Aspect.ROW_TEXT, field="name", expected=expected, found=found)
                looked.wrong.append((Kind.MISRENDERED, each.event.key, why))


def _without_numbers(text: str) -> tuple[str, ...]:
    return tuple(word for word in words(text) if not word.isdecimal())


def _own(evidence: Evidence, event: Event) -> frozenset[str]:
    """The words of an event's data: what of them a row shows does not call it."""
    return frozenset(word for text in leaves(data_of(evidence, event)).values() for word in words(text))


def _whole(looked: Looked, by_name: Mapping[str, Sequence[Called]]) -> Iterator[tuple[Called, str, str]]:
    """In a list that shows how events are called, the rows that have another event's name in place of their own."""
    shown = {name: sum(plain(name) in plain(each.row.text or "") for each in rows) for name, rows in by_name.items()}
    telling = [name for name, rows in by_name.items() if shown[name] >= NEARLY_ALL * len(rows)]
    if len(telling) < 2 or len(telling) < NEARLY_ALL * len(by_name):
        return
    for name, rows in by_name.items():
        looked.checks += len(rows)
        for each in rows:
            text = plain(each.row.text or "")
            other = next((other for other in sorted(by_name, key=len) if plain(other) in text), None)
            if plain(name) not in text and other is not None:
                yield each, name, other


def _in_words(looked: Looked, by_name: Mapping[str, Sequence[Called]]) -> Iterator[tuple[Called, str, str]]:
    """Where nearly all rows of a name say one word at one place, which no other name's rows do as a rule."""
    usual = _usual(by_name)
    is_rule = sum(each.is_of_name for each in usual.values()) >= max(2, NEARLY_ALL * len(by_name))
    names = {(each.place, each.word): name for name, each in usual.items()}
    for name, rows in by_name.items():
        mine = usual.get(name)
        if mine is None:
            yield from _as_another(name, rows, usual, is_rule=is_rule)
            continue
        looked.checks += len(rows)
        right = sum(_at(each, mine.place) == mine.word for each in rows)
        for each in rows:
            found = _at(each, mine.place)
            if found is None or mine.word in each.said or found in each.own:
                continue
            if (other := names.get((mine.place, found))) is not None:
                yield each, name if mine.is_of_name else mine.word, other if usual[other].is_of_name else found
            elif mine.is_of_name and right >= ENOUGH and len(usual) > 1:
                looked.doubts.append(Finding(Aspect.ROW_UNEXPLAINED, text=(each.row.text or "")[:80], other=name))


def _as_another(
    name: str, rows: Sequence[Called], usual: Mapping[str, Usual], *, is_rule: bool
) -> Iterator[tuple[Called, str, str]]:
    """The rows of a name that are all called by the word of another event's name: several, or one where that is how
    the list calls events as a rule.
    """
    for other, its in usual.items():
        is_other = its.is_of_name and its.word not in words(name) and (is_rule or len(rows) > 1)
        if is_other and all(_at(each, its.place) == its.word and its.word not in each.own for each in rows):
            yield from ((each, name, other) for each in rows)
            return


def _usual(by_name: Mapping[str, Sequence[Called]]) -> dict[str, Usual]:
    """What the rows of each name are called, where that is not what another name's rows say at the same place.

    One row alone calls its event where it says a word of its name. What an event says itself is not how it is called.
    """
    said = {name: [*_words_of(name, rows)] for name, rows in by_name.items()}
    often = Counter((each.place, each.word) for found in said.values() for each in found)
    of_names = Counter((each.place, each.word) for found in said.values() for each in found if each.is_of_name)

    def is_only_its(each: Usual) -> bool:
        place = each.place, each.word
        return often[place] == 1 or (each.is_of_name and of_names[place] == 1)

    only = {name: [each for each in found if is_only_its(each)] for name, found in said.items()}
    listed = ((name, found) for name, found in only.items() if found)
    return {name: min(found, key=lambda each: (not each.is_of_name, each.place)) for name, found in listed}


def _words_of(name: str, rows: Sequence[Called]) -> Iterator[Usual]:
    """The words that nearly all rows of a name have at a place, and that is no word of their events' data."""
    for place in range(PLACES):
        found = Counter(word for each in rows if (word := _at(each, place)) is not None and word not in each.own)
        word, count = next(iter(found.most_common(1)), ("", 0))
        is_of_name = word in words(name)
        least = HALF if is_of_name else NEARLY_ALL
        if len(word) >= SHORT and count >= least * len(rows) and (is_of_name or count >= ENOUGH):
            yield Usual(place, word, is_of_name)


def _at(each: Called, place: int) -> str | None:
    return each.said[place] if place < len(each.said) else None
