"""What a panel shows beside numbers of events, as the fold of its session's events: status, share, items. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from harness.lib.secrets import REDACTED
from harness.model import Aspect, Event, Finding, Hop, Items, Panel, Shows
from harness.model import value as as_value
from harness.model.facts import Notice, PanelPart
from harness.record.evidence import Evidence

SHORT = 40
"""How much of an item's text has to stand there, in characters: pages shorten what is long."""

READ = 400
"""How much of a panel's text is on record, in characters. Spaces that are joined after that make it shorter."""

GONE = "it was removed"
"""Stands for an item that was removed, where others have the pattern of their state."""

PERCENT = re.compile(r"(\d{1,3})(?:\.\d+)?\s*%")
WHOLE = re.compile(r"\d{1,15}")


def shown_otherwise(
    evidence: Evidence, panel: Panel, seen: PanelPart, events: Sequence[Event], load: str
) -> Iterator[Finding]:
    """Values and items of a panel that are not what its events make of them; `events` in the order of the page."""
    said = [(event.name, _data(evidence, event, load)) for event in events]
    has_ended = bool(events) and _has_ended(evidence, events[-1])
    heard = _with_notices(evidence, events, said, seen.session, load)
    for name, shows in panel.shows.items():
        expected = _status(evidence, shows, heard) if shows.says else _expected(shows, said)
        shown = seen.values.get(name)
        is_open = bool(shows.says) and not shows.statuses and not _is_over(evidence, said) and has_ended
        if expected is not None and not is_open and not _is_it(shows, expected, shown):
            found, said_so = as_value(shown), f"{expected}%" if shows.share else str(expected)
            yield Finding(Aspect.PANEL_VALUE, panel=panel.name, field=name, expected=said_so, found=found)
    if panel.items is not None and (wrong := _wrong_item(panel.items, said, seen.text)) is not None:
        text, state = wrong
        yield Finding(Aspect.PANEL_ITEM, panel=panel.name, expected=state, found=seen.text[-READ:], text=text)


def _is_over(evidence: Evidence, said: Sequence[tuple[str, Any]]) -> bool:
    return not {name for name, _ in said}.isdisjoint(evidence.contract.terminal)


def _with_notices(
    evidence: Evidence, events: Sequence[Event], said: Sequence[tuple[str, Any]], session: str | None, load: str
) -> list[tuple[str, Any]]:
    """What a page heard of a session: its events, and between them what the server told of it, as they came."""
    notices, heard = evidence.contract.notices, [*said]
    if not notices or session is None:
        return heard
    first: dict[str, int] = {}
    for sighting in evidence.page[Hop.DELIVERED].get(load, ()):
        first.setdefault(sighting.event.key, sighting.n)
    numbered = [(first.get(event.key, 0), each) for event, each in zip(events, said, strict=True)]
    mine = (f for f in evidence.facts(Notice) if f.observer == load and f.body.name in notices)
    about = (f for f in mine if at(f.body.payload, notices[f.body.name].session) == session)
    numbered += [(f.n, (f.body.name, f.body.payload)) for f in about]
    return [each for _, each in sorted(numbered, key=itemgetter(0))]


def _status(evidence: Evidence, shows: Shows, heard: Sequence[tuple[str, Any]]) -> str | None:
    """The text of a status after all that was heard; None where that says nothing of it.

    Where a session that was broken off goes on, a page may say so or wait for its next word.
    """
    notices, words = evidence.contract.notices, None
    for name, data in heard:
        notice = notices.get(name)
        if name in shows.says:
            words = shows.says[name]
        elif notice is not None and notice.ended and shows.statuses:
            status = str(at(data, notice.status or ""))
            words = shows.statuses.get(status)
        elif notice is None and words in {shows.statuses.get(each) for each in _broken_off(evidence)}:
            words = None
    return words


def _broken_off(evidence: Evidence) -> set[str]:
    """The statuses after which a session may go on."""
    ends = (notice.ended.items() for notice in evidence.contract.notices.values())
    return {status for listed in ends for status, names in listed if not names}


def _data(evidence: Evidence, event: Event, load: str) -> Any:
    """What an event said as it was delivered to the page, or else as it is known."""
    told = evidence.shown[Hop.DELIVERED].get(load)
    given = event if told is None else told.by_key.get(event.key, event)
    digest = given.digest or event.digest
    return None if digest is None else evidence.payload(digest)


def _has_ended(evidence: Evidence, event: Event) -> bool:
    """Whether nothing can follow in an event's session: a page may then say so in words of its own."""
    return evidence.exit_of(event.session or "") is not None


def _expected(shows: Shows, said: Sequence[tuple[str, Any]]) -> str | int | None:
    """What a value shows after these events; None where they say nothing of it."""
    if shows.tells:
        told = (at(data, shows.tells[name]) for name, data in reversed(said) if name in shows.tells)
        return next((each if type(each) is int else _words(each) for each in told if type(each) in (int, str)), None)
    if shows.lists:
        items = [each for name, data in said if name in shows.lists for each in _list_at(data, shows.lists[name])]
        return len(items) if shows.by is None else len({str(at(each, shows.by)) for each in items})
    if any(name in shows.full for name, _ in said[-1:]):
        return 100
    totals = [at(data, shows.total[name]) for name, data in said if name in shows.total]
    known = [each for each in totals if isinstance(each, int) and each > 0]
    done = sum(1 for name, _ in said if name in shows.share)
    return min(100, 100 * done // known[-1]) if known else None


def _is_it(shows: Shows, expected: str | int, shown: str | None) -> bool:
    text = (shown or "").strip()
    if shows.says:
        return str(expected).casefold() in text.casefold()
    if shows.tells:
        numbers = (int(each) for each in re.findall(r"\d{1,15}", text))
        return next(numbers, None) == expected if isinstance(expected, int) else expected in " ".join(text.split())
    inside = [*WHOLE.finditer(text)]
    found = (None if shows.lists else PERCENT.search(text)) or WHOLE.match(text)
    found = found or (inside[0] if len(inside) == 1 else None)
    slack = 1 if shows.share else 0  # a share may be rounded either way
    return found is not None and abs(int(re.sub(r"\D.*", "", found.group())) - int(expected)) <= slack


@dataclass(slots=True)
class _Item:
    """One item as its events make it. Of several texts that they say, a page may read any."""

    key: str
    texts: list[str]
    state: str

    def find(self, text: str, place: int) -> tuple[int, str]:
        """Where the first of its texts stands from a place on, and that text; -1 and the first one for nowhere."""
        found = [(at, words) for words in self.texts if words and (at := text.find(words, place)) >= 0]
        return min(found, key=lambda each: (each[0], -len(each[1])), default=(-1, self.texts[0]))


def _wrong_item(items: Items, said: Sequence[tuple[str, Any]], text: str) -> tuple[str, str] | None:
    """The first item that does not stand in its place in the state that its events give it, as text and pattern."""
    said = said if items.each is None else [*_members(said, items.each)]
    listed, removed = _entities(items, said) if items.entities else (_listed(items, said), set[str]())
    place, plain = 0, " ".join(text.split())
    kept = " ".join(words for item in listed for words in item.texts)
    for words in sorted(removed):
        if words and words in plain and words not in kept:
            return words, GONE
    for item, after in zip(listed, [*listed[1:], None], strict=False):
        if not item.texts[0] or item.texts[0] == REDACTED[:SHORT] or len(text) > READ - SHORT:
            return None  # what was cut off can't be compared
        begins, words = item.find(plain, place)
        ends = -1 if after is None else after.find(plain, begins + len(words))[0]
        rest = plain[begins + len(words) : ends if ends >= 0 else None] if begins >= 0 else ""
        if begins < 0 or not re.search(items.states[item.state], rest.strip()):
            return words, items.states[item.state]
        place = begins + len(words)
    return None


def _entities(items: Items, said: Sequence[tuple[str, Any]]) -> tuple[list[_Item], set[str]]:
    """The items that are there, known by their key for good, and the texts of those that were removed."""
    there: dict[str, _Item] = {}
    removed = set[str]()
    for name, data in said:
        key, words = str(at(data, items.key)), _words(at(data, items.text))
        if name in items.removes:
            removed.add(there.pop(key, _Item(key, [words], name)).texts[0])
        elif name == items.opens or (name in items.states and key in there):
            before = there.get(key, _Item(key, [""], name)).texts
            there[key] = _Item(key, [words] if words else before, name)
    return [*there.values()], removed


def _members(said: Sequence[tuple[str, Any]], each: str) -> Iterator[tuple[str, Any]]:
    """What events say, member by member of the list at a path."""
    for name, data in said:
        yield from ((name, member) for member in _list_at(data, each))


def _words(text: Any) -> str:
    """A text as it is looked for."""
    return " ".join(str(text or "").split())[:SHORT].strip()


def _listed(items: Items, said: Sequence[tuple[str, Any]]) -> list[_Item]:
    """Items in the order of their beginning, each in the state of its last event."""
    listed: list[_Item] = []
    for name, data in said:
        if name not in items.states:
            continue
        key, words = str(at(data, items.key)), _words(at(data, items.text))
        mine = next((each for each in reversed(listed) if each.key == key and each.state == items.opens), None)
        if name == items.opens or mine is None:
            listed.append(_Item(key, [words], name))
        else:
            mine.state = name
            mine.texts += [words] if words and words not in mine.texts else []
    return listed


def at(data: Any, path: str) -> Any:
    """What stands at a path of names in some data; None where nothing does."""
    for name in path.split("."):
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def _list_at(data: Any, path: str) -> list[Any]:
    found = at(data, path)
    return found if isinstance(found, list) else []
