"""What a panel shows beside numbers of events, as the fold of its session's events: status, share, items. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from harness.judge.panels.drawn import given_at
from harness.judge.panels.items import READ, SHORT, listed, words_of, wrong_item
from harness.judge.panels.known_sessions import active_session, known_sessions
from harness.judge.panels.marks import wrong_mark
from harness.judge.panels.words import misworded
from harness.judge.values.added import added_at, with_added
from harness.judge.values.page_times import envelopes, with_times
from harness.judge.values.paths import at, list_at
from harness.judge.values.quantities import moments, says
from harness.judge.values.texts import READ_OF_VALUE
from harness.model import Aspect, Event, Fact, Finding, Hop, Panel, Shows
from harness.model import value as as_value
from harness.model.facts import Notice, PanelPart
from harness.record.evidence import Evidence
from harness.record.remembered import remembered

PERCENT = re.compile(r"(\d{1,3})(?:\.\d+)?\s*%")
WHOLE = re.compile(r"(\d{1,3}(?:[,'\u00a0\u202f]\d{3})+(?!\d)|\d{1,15})")
"""A whole number, with or without marks between its thousands: `1499`, `1,499`."""


def shown_otherwise(
    evidence: Evidence,
    panel: Panel,
    seen: PanelPart,
    events: Sequence[Event],
    load: str,
    until: int | None = None,
    gone_ns: int | None = None,
) -> Iterator[Finding]:
    """Values and items of a panel that are not what its events make of them; `events` in the order of the page.

    What the page was told of sessions counts `until` a place in its record, or to the end; that a CLI has ended, where
    it had at `gone_ns`.
    """
    if not panel.shows and panel.items is None:
        return
    said = [(event.name, _data(evidence, event, load)) for event in events]
    for name, shows in panel.shows.items():
        heard = _with_notices(evidence, events, said, seen.session, load, until) if shows.says else said
        shown, expected = seen.values.get(name), _made_of(evidence, shows, seen, name, events, heard, load, gone_ns)
        if expected is not None and not _is_it(shows, expected, shown):
            unit = "%" if shows.share else " ms" if shows.lasts and expected != "" else ""
            found, said_so = as_value(shown), f"{expected}{unit}"
            yield Finding(Aspect.PANEL_VALUE, panel=panel.name, field=name, expected=said_so, found=found)
    yield from misworded(evidence, panel, seen)
    if panel.items is not None:
        timed = said if panel.items.time is None else with_times(evidence, panel.items.time, events, said, load)
        if (wrong := wrong_item(panel.items, timed, seen.text)) is not None:
            text, state = wrong
            yield Finding(Aspect.PANEL_ITEM, panel=panel.name, expected=state, found=seen.text[-READ:], text=text)
        elif seen.items and (marked := wrong_mark(panel.items, said, seen.items)) is not None:
            text, mark, marks = marked
            yield Finding(Aspect.ITEM_MARK, panel=panel.name, expected=mark, found=marks, text=text)
        if seen.nothing is not None and (made := listed(panel.items, said)):
            yield Finding(Aspect.NOTHING_YET, panel=panel.name, count=len(made), found=seen.nothing)


def _made_of(
    evidence: Evidence,
    shows: Shows,
    seen: PanelPart,
    name: str,
    events: Sequence[Event],
    said: Sequence[tuple[str, Any]],
    load: str,
    gone_ns: int | None,
) -> str | int | None:
    """What a value has to show, "" for nothing; None where the events of its panel say nothing of it."""
    if shows.only_after and not _came(evidence, shows.only_after, said, load):
        return ""
    if shows.only_before and _came(evidence, shows.only_before, said, load):
        return ""
    if shows.says:
        has_ended = bool(events) and _has_ended(evidence, events[-1], gone_ns)
        is_open = not shows.statuses and not _is_over(evidence, said) and has_ended
        return None if is_open else _status(evidence, shows, said)
    if shows.is_session:
        return seen.session
    if shows.lasts is not None:
        return _lasted_ms(evidence, shows.lasts, events, load)
    if shows.sessions:
        return known_sessions(evidence, events, seen.values.get(name), load)
    if shows.active is not None:
        return active_session(evidence, load) or shows.active
    return _expected(shows, said if seen.session else _with_own(evidence, events, said, shows, load))


def _came(evidence: Evidence, names: Sequence[str], said: Sequence[tuple[str, Any]], load: str) -> bool:
    """Whether a page was given an event or a notice of one of these names."""
    told = (fact.body.name for fact in evidence.facts(Notice) if fact.observer == load)
    return any(name in names for name, _ in said) or any(name in names for name in told)


def _is_over(evidence: Evidence, said: Sequence[tuple[str, Any]]) -> bool:
    return not {name for name, _ in said}.isdisjoint(evidence.contract.terminal)


def _with_notices(
    evidence: Evidence,
    events: Sequence[Event],
    said: Sequence[tuple[str, Any]],
    session: str | None,
    load: str,
    until: int | None,
) -> list[tuple[str, Any]]:
    """What a page heard of a session: its events, and between them what the server told of it, as they came."""
    notices, heard = evidence.contract.notices, [*said]
    if not notices or session is None:
        return heard
    about = (f for f in _notices_of(evidence, load, session) if until is None or f.n <= until)
    return _in_order(evidence, events, said, [(f.n, (f.body.name, f.body.payload)) for f in about], load)


@remembered
def _notices_of(evidence: Evidence, load: str, session: str) -> Sequence[Fact[Notice]]:
    """What the server told a page load of a session, as it came."""
    notices = evidence.contract.notices
    mine = (f for f in evidence.facts(Notice) if f.observer == load and f.body.name in notices)
    return [f for f in mine if at(f.body.payload, notices[f.body.name].session) == session]


def _with_own(
    evidence: Evidence, events: Sequence[Event], said: Sequence[tuple[str, Any]], shows: Shows, load: str
) -> Sequence[tuple[str, Any]]:
    """The same for a part that is about no session: its events, and what else it `tells` of, as they came."""
    names = {fact.body.name for fact in evidence.facts(Notice) if fact.body.name in shows.tells}
    if not names:
        return said
    mine = (f for f in evidence.facts(Notice) if f.observer == load and f.body.name in names)
    return _in_order(evidence, events, said, [(f.n, (f.body.name, f.body.payload)) for f in mine], load)


def _in_order(
    evidence: Evidence,
    events: Sequence[Event],
    said: Sequence[tuple[str, Any]],
    others: Iterable[tuple[int, tuple[str, Any]]],
    load: str,
) -> list[tuple[str, Any]]:
    first = given_at(evidence, load)
    numbered = [(first.get(event.key, 0), each) for event, each in zip(events, said, strict=True)]
    return [each for _, each in sorted([*numbered, *others], key=itemgetter(0))]


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


def _lasted_ms(evidence: Evidence, name: str, events: Sequence[Event], load: str) -> int | None:
    """How long a session took, from its first event to its terminal one, by their own times; None where it goes on."""
    if not events or events[-1].name not in evidence.contract.terminal:
        return None
    times = envelopes(evidence, load)
    first, last = (moments(times.get(event.key, {})).get(name) for event in (events[0], events[-1]))
    if first is None or last is None or (first.tzinfo is None) != (last.tzinfo is None):
        return None
    return round((last - first).total_seconds() * 1000)


def _broken_off(evidence: Evidence) -> set[str]:
    """The statuses after which a session may go on."""
    ends = (notice.ended.items() for notice in evidence.contract.notices.values())
    return {status for listed in ends for status, names in listed if not names}


def _data(evidence: Evidence, event: Event, load: str) -> Any:
    """What an event said as it was delivered to the page, or else as it is known."""
    told = evidence.shown[Hop.DELIVERED].get(load)
    given = event if told is None else told.by_key.get(event.key, event)
    digest = given.digest or event.digest
    said = None if digest is None else evidence.payload(digest)
    return with_added(said, added_at(evidence, load).get(event.key))


def _has_ended(evidence: Evidence, event: Event, gone_ns: int | None) -> bool:
    """Whether nothing can follow in an event's session: a page may then say so in words of its own."""
    ended = evidence.exit_of(event.session or "")
    return ended is not None and (gone_ns is None or ended.at_ns <= gone_ns)


def _expected(shows: Shows, said: Sequence[tuple[str, Any]]) -> str | int | None:
    """What a value shows after these events; None where they say nothing of it."""
    if shows.tells:
        told = (at(data, shows.tells[name]) for name, data in reversed(said) if name in shows.tells)
        return next((each if type(each) is int else words_of(each) for each in told if type(each) in (int, str)), None)
    if shows.adds:
        told = (at(data, shows.adds[name]) for name, data in said if name in shows.adds)
        numbers = [*filter(_is_number, told)]
        return f"{sum(numbers):.6f}".rstrip("0").rstrip(".") if numbers else None
    if shows.lists:
        items = [each for name, data in said if name in shows.lists for each in list_at(data, shows.lists[name])]
        return len(items) if shows.by is None else len({str(at(each, shows.by)) for each in items})
    if any(name in shows.full for name, _ in said[-1:]):
        return 100
    totals = [at(data, shows.total[name]) for name, data in said if name in shows.total]
    known = [each for each in totals if isinstance(each, int) and each > 0]
    done = sum(1 for name, _ in said if name in shows.share)
    return min(100, 100 * done // known[-1]) if known else None


def _is_number(told: object) -> bool:
    return isinstance(told, int | float) and not isinstance(told, bool)


def _has_words(text: str, words: str) -> bool:
    """Whether a text has some words as whole ones: "completed" is not in "incompleted"."""
    shown, sought = " ".join(text.split()), " ".join(words.split())
    begins = r"(?<!\w)" if sought[:1].isalnum() else ""
    ends = r"(?!\w)" if sought[-1:].isalnum() and len(words) < SHORT else ""  # what is longer may have been cut
    return re.search(f"{begins}{re.escape(sought)}{ends}", shown) is not None


def _is_it(shows: Shows, expected: str | int, shown: str | None) -> bool:
    text = (shown or "").strip()
    if expected == "":
        return text == ""
    if shows.adds:
        return says(text, float(expected), next(iter(shows.adds.values())))
    if shows.lasts is not None:
        return says(text, int(expected), "_ms")
    if shows.is_session or shows.active not in (None, expected):
        return str(expected)[:READ_OF_VALUE] in text
    if shows.says or shows.active is not None:
        shown, status = text.casefold(), str(expected).casefold()
        known = {each.casefold() for each in (*shows.says.values(), *shows.statuses.values())} - {status}
        longer = (each for each in known if _has_words(each, status))
        return _has_words(shown, status) and not any(_has_words(shown, each) for each in longer)
    if shows.tells:
        numbers = map(_whole, WHOLE.findall(text))
        return next(numbers, None) == expected if isinstance(expected, int) else _has_words(text, expected)
    inside = [*WHOLE.finditer(text)]
    found = (PERCENT.search(text) if shows.share else None) or WHOLE.match(text)
    found = found or (inside[0] if len(inside) == 1 else None)
    slack = 1 if shows.share else 0  # a share may be rounded either way
    return found is not None and abs(_whole(found[1]) - int(expected)) <= slack


def _whole(digits: str) -> int:
    return int(re.sub(r"\D", "", digits))
