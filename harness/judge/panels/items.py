"""The items that a panel lists, as the fold of its session's events: which there are, in which state, and what is read.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.judge.values.page_times import TIME_OF_ITEM
from harness.judge.values.paths import at, list_at
from harness.judge.values.quantities import clock, says, shows_time
from harness.judge.values.texts import words as split
from harness.lib.secrets import MASKED, REDACTED
from harness.model import NEWEST_FIRST, OWN_ORDER, Items

SHORT = 40
"""How much of an item's text has to stand there, in characters: pages shorten what is long."""

READ = 400
"""How much of a panel's text is on record, in characters. Spaces that are joined after that make it shorter."""

GONE = "it was removed"
"""Stands for an item that was removed, where others have the pattern of their state."""


@dataclass(slots=True)
class Listed:
    """One item as its events make it. Of several texts that they say, a page may read any."""

    key: str
    texts: list[str]
    state: str
    said: list[Any] = field(default_factory=list)

    def find(self, text: str, place: int) -> tuple[int, str]:
        """Where the first of its texts stands from a place on, and that text; -1 and the first one for nowhere."""
        shown = folded(text)
        found = [(at, words) for words in self.texts if words and (at := shown.find(folded(words), place)) >= 0]
        return min(found, key=lambda each: (each[0], -len(each[1])), default=(-1, self.texts[0]))


def _unread(items: Items, item: Listed, text: str) -> tuple[str, str] | None:
    """The first of what is to be read of an item, and is not in the text around it: the item, and what is missing."""
    told_ms = next((data[TIME_OF_ITEM] for data in reversed(item.said) if TIME_OF_ITEM in _fields(data)), None)
    if told_ms is not None and not shows_time(text, told_ms):
        return item.texts[0], f"time {clock(told_ms)}"
    for path in items.reads:
        told = next((value for data in reversed(item.said) if (value := at(data, path)) is not None), None)
        if isinstance(told, bool) or told is None or (isinstance(told, str) and MASKED in told):
            continue
        is_there = folded(words_of(told)) in folded(text) if isinstance(told, str) else says(text, told, path)
        if isinstance(told, str | int | float) and not is_there:
            return item.texts[0], f"{path} {words_of(str(told))}"
    return None


def _fields(data: Any) -> Mapping[str, Any]:
    return data if isinstance(data, Mapping) else {}


def wrong_item(
    items: Items, said: Sequence[tuple[str, Any]], text: str, *, is_whole: bool = False
) -> tuple[str, str] | None:
    """The first item that does not stand in its place in the state that its events give it, as text and pattern.

    A text that is as long as what is kept of a panel is cut off, unless it `is_whole`.
    """
    made, removed, unopened = _made(items, said)
    place, plain, is_cut = 0, " ".join(text.split()), not is_whole and len(text) > READ - SHORT
    kept = " ".join(words for item in made for words in item.texts)
    for words in sorted(removed):
        if words and folded(words) in folded(plain) and folded(words) not in folded(kept):
            return words, GONE
    left = made[::-1] if items.order == NEWEST_FIRST else [*made]
    while left:
        ways = _next(items, left, plain, place)
        wrong: tuple[str, str] | None = None
        for item in ways:
            after = [each for each in left if each is not item]
            if not item.texts[0] or item.texts[0] == REDACTED[:SHORT]:
                return None
            begins, words = item.find(plain, place)
            ends = _ends(items, after, plain, begins + len(words))
            if is_cut and min(begins, ends) < 0:
                return None  # what was cut off can't be compared
            others = [at for each in unopened if each and (at := plain.find(each, begins + len(words))) >= 0]
            ends = min([ends, *others] if ends >= 0 else others, default=-1)
            rest = plain[begins + len(words) : ends if ends >= 0 else None] if begins >= 0 else ""
            pattern = pattern_of(items, item.state)
            if begins < 0 or not re.search(pattern, rest.strip()):
                wrong = wrong or (words, pattern)
            elif (missing := _unread(items, item, f"{plain[place:begins]} {words} {rest}")) is not None:
                wrong = wrong or missing
            else:
                left, place, wrong = after, begins + len(words), None
                break
        if wrong is not None:
            return wrong
    return None


def pattern_of(items: Items, state: str) -> str:
    """What stands after an item's text in a state; one that the target leaves out is read as its event says it."""
    said = items.states.get(state)
    return said if said is not None else "(?i:" + r"\W*".join(map(re.escape, split(state))) + ")"


def state_after(items: Items, name: str, data: Any, before: str) -> str:
    """The state of an item after an event, as the event's name says it, or its data; what says none leaves it."""
    if items.by is None:
        return name
    told = at(data, items.by)
    return before if told is None else str(told).lower() if isinstance(told, bool) else str(told)


def is_of_state(items: Items, name: str) -> bool:
    """Whether an event of a name may change an item that is there."""
    return items.by is not None or name in items.states


def _next(items: Items, left: Sequence[Listed], plain: str, place: int) -> Sequence[Listed]:
    """The items one of which has to stand there from a place on; in an order of the page's own, those read first."""
    if items.order != OWN_ORDER:
        return left[:1]
    stands = [(*item.find(plain, place), item) for item in left]
    here = [(at, -len(words)) for at, words, _ in stands if at >= 0]
    return [item for at, words, item in stands if (at, -len(words)) == min(here)] if here else left[:1]


def _ends(items: Items, after: Sequence[Listed], plain: str, place: int) -> int:
    """Where the next item begins after a place, -1 for nowhere."""
    others = after if items.order == OWN_ORDER else after[:1]
    found = (each.find(plain, place)[0] for each in others)
    return min((at for at in found if at >= 0), default=-1)


def listed(items: Items, said: Sequence[tuple[str, Any]]) -> list[Listed]:
    """The items that events make, in their order."""
    return _made(items, said)[0]


def opened(items: Items, said: Sequence[tuple[str, Any]]) -> list[Listed]:
    """The items that began, whatever became of them."""
    return listed(items, [each for each in said if each[0] == items.opens])


def _made(items: Items, said: Sequence[tuple[str, Any]]) -> tuple[list[Listed], set[str], set[str]]:
    """The same, the texts of those that were removed, and of those whose beginning never came: pages may show them."""
    mine = said if items.each is None else [*_members(said, items.each)]
    return _entities(items, mine) if items.entities else (_listed(items, mine), set[str](), set[str]())


def _entities(items: Items, said: Sequence[tuple[str, Any]]) -> tuple[list[Listed], set[str], set[str]]:
    """The items that are there, known by their key for good, and the texts of those removed, and of those unopened."""
    there: dict[str, Listed] = {}
    removed, unopened = set[str](), set[str]()
    for name, data in said:
        key, words = _key(data, items.key), words_of(at(data, items.text))
        if name in items.removes:
            removed.add(there.pop(key, Listed(key, [words], name)).texts[0])
        elif name == items.opens or (is_of_state(items, name) and key in there):
            before = there.get(key, Listed(key, [""], "" if items.by is not None else name))
            state = state_after(items, name, data, before.state)
            there[key] = Listed(key, [words] if words else before.texts, state, [*before.said, data])
        elif is_of_state(items, name):
            unopened.add(words)
    if items.only:
        removed |= {item.texts[0] for item in there.values() if item.state not in items.only}
        there = {key: item for key, item in there.items() if item.state in items.only}
    return [*there.values()], removed, unopened - {words for item in there.values() for words in item.texts}


def _key(data: Any, path: str) -> str:
    """What an entity is known by; where the data are that alone (`removed 7`), those."""
    found = at(data, path)
    return str(data if found is None and isinstance(data, str | int) else found)


def _members(said: Sequence[tuple[str, Any]], each: str) -> Iterator[tuple[str, Any]]:
    """What events say, member by member of the list at a path."""
    for name, data in said:
        yield from ((name, member) for member in list_at(data, each))


def _listed(items: Items, said: Sequence[tuple[str, Any]]) -> list[Listed]:
    """Items in the order of their beginning, each in the state of its last event."""
    listed: list[Listed] = []
    for name, data in said:
        if name not in items.states:
            continue
        key, words = str(at(data, items.key)), words_of(at(data, items.text))
        going_on = [each for each in listed if each.state == items.opens]
        if at(data, items.key) is None and name != items.opens:
            mine = _meant(items, going_on, data)
        else:
            mine = next((each for each in reversed(going_on) if each.key == key), None)
        if name == items.opens or mine is None:
            listed.append(Listed(key, [words], name, [data]))
        else:
            mine.state = name
            mine.said.append(data)
            mine.texts += [words] if words and words not in mine.texts else []
    return listed


def _meant(items: Items, going_on: Sequence[Listed], data: Any) -> Listed | None:
    """The item that the end of one means which doesn't say its key: the latest one that says the same otherwise."""
    told = {path: value for path in items.reads if (value := at(data, path)) is not None}
    fits = (each for each in reversed(going_on) if all(at(each.said[0], path) in (None, told[path]) for path in told))
    return next(fits, None)


def folded(text: str) -> str:
    """A text without case, each character in its place: a page may write in capitals."""
    small = text.lower()
    return small if len(small) == len(text) else text


def words_of(text: Any) -> str:
    """A text as it is looked for."""
    return " ".join(str(text or "").split())[:SHORT].strip()
