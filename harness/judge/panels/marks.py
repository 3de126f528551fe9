"""Whether the items of a panel have the marks of their state: a colour or an icon says it, too. Pure.

A mark is a word among the classes and data attributes of an item. Which one goes with a state, the target says; or else
the words of the states themselves do, where other items have them rightly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.judge.panels.items import Listed, listed
from harness.judge.values.texts import words
from harness.model import NEWEST_FIRST, OWN_ORDER, Items

WORD = re.compile(r"[A-Za-z]{4,}")
"""A word in the pattern of a state; what is shorter may be a part of a pattern."""

MOST_RIGHT = 0.6
"""The share of the items with a word of any state that have one of their own, from which on the others are wrong."""


def wrong_mark(
    items: Items, said: Sequence[tuple[str, Any]], shown: Sequence[tuple[str, str]]
) -> tuple[str, str, str] | None:
    """The first item with the marks of another state: its text, its state's mark, and the marks that it has."""
    found = [*_found(items, listed(items, said), shown)]
    vocabulary = _vocabulary(items)
    wrong = [each for each in found if _is_wrong(each, vocabulary, is_said=bool(items.marks))]
    if wrong and not items.marks:
        right = sum(1 for item, marks in found if _own(item, vocabulary) & {*words(marks)})
        if right < 2 or right < MOST_RIGHT * (right + len(wrong)):
            return None
    return next(((item.texts[0], " ".join(sorted(_own(item, vocabulary))), marks) for item, marks in wrong), None)


def compared(items: Items, shown: Sequence[tuple[str, str]]) -> bool:
    """Whether the marks of a panel's items can be compared at all."""
    return bool(items.marks) or any({*words(marks)} & set().union(*_vocabulary(items).values()) for _, marks in shown)


def _is_wrong(found: tuple[Listed, str], vocabulary: Mapping[str, set[str]], *, is_said: bool) -> bool:
    item, marks = found[0], {*words(found[1])}
    own = _own(item, vocabulary)
    if is_said and not own <= marks:
        return bool(own)
    others = set().union(*(mine for state, mine in vocabulary.items() if state != item.state)) - own
    return bool(others & marks) and (is_said or not own & marks)


def _own(item: Listed, vocabulary: Mapping[str, set[str]]) -> set[str]:
    """The words of an item's state; of one that the target leaves out, its own."""
    return vocabulary.get(item.state, {*words(item.state)})


def _vocabulary(items: Items) -> dict[str, set[str]]:
    """The words of each state: the ones that the target says, or else those of its name and of what is read then."""
    if items.marks:
        return {state: {*words(items.marks.get(state, ""))} for state in {**items.states, **items.marks}}
    return {
        state: {words(state)[-1], *(word.casefold() for word in WORD.findall(pattern))} if words(state) else set()
        for state, pattern in items.states.items()
    }


def _found(items: Items, made: Sequence[Listed], shown: Sequence[tuple[str, str]]) -> Iterator[tuple[Listed, str]]:
    """The items of the fold that are shown, each with its marks; from the newest one on, as lists are cut."""
    left = [*shown][::-1] if items.order == NEWEST_FIRST else [*shown]
    for item in reversed(made):
        place = next(
            (at for at in range(len(left) - 1, -1, -1) if any(text and text in left[at][0] for text in item.texts)),
            None,
        )
        if place is None:
            continue
        yield item, left[place][1]
        left = left[:place] + (left[place + 1 :] if items.order == OWN_ORDER else [])
