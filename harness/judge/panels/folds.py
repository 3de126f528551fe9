"""What a panel shows, as the fold of its session's events: numbers, status, share, items. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.judge.panels.again import listed_again
from harness.judge.panels.heard import Heard, Said
from harness.judge.panels.items import READ, listed, words_of, wrong_item
from harness.judge.panels.known_sessions import active_session, known_sessions
from harness.judge.panels.marks import wrong_mark
from harness.judge.panels.numbers import often, wrong_numbers
from harness.judge.panels.reads import reads_as
from harness.judge.panels.whole import is_cut, whole_text
from harness.judge.panels.words import misworded
from harness.judge.values.page_times import envelopes, with_times
from harness.judge.values.paths import at, list_at
from harness.judge.values.quantities import moments
from harness.model import Aspect, Contract, Finding, Items, Panel, Shows
from harness.model import value as as_value
from harness.model.facts import PanelPart


def wrong_in(heard: Heard, panel: Panel, seen: PanelPart) -> Iterator[Finding]:
    """Numbers, other values and items of a panel that are not what its events make of them."""
    yield from wrong_numbers(panel, seen.values, heard.events, often(heard.evidence, heard.load))
    for name, shows in panel.shows.items():
        shown, expected = seen.values.get(name), _made_of(heard, shows, seen, name)
        if expected is not None and not reads_as(shows, expected, shown) and not _as_often(heard, shows, shown):
            unit = "%" if shows.share else " ms" if shows.lasts and expected != "" else ""
            found, said_so = as_value(shown), f"{expected}{unit}"
            yield Finding(Aspect.PANEL_VALUE, panel=panel.name, field=name, expected=said_so, found=found)
    if panel.shows or panel.items is not None:
        yield from misworded(heard.evidence, panel, seen)
    if panel.items is not None:
        yield from _wrong_items(heard, panel.name, panel.items, seen)


def _as_often(heard: Heard, shows: Shows, shown: str | None) -> bool:
    """Whether a sum is that of all that the page was given, where it was given events more often than once."""
    repeated = often(heard.evidence, heard.load) if shows.adds or shows.less or shows.lists else {}
    if not repeated:
        return False
    every = [event for event in heard.events for _ in range(repeated.get(event.key, 1))]
    expected = _expected(shows, replace(heard, events=every).said)
    return expected is not None and reads_as(shows, expected, shown)


def _wrong_items(heard: Heard, panel: str, items: Items, seen: PanelPart) -> Iterator[Finding]:
    """The first item that is missing, or in a wrong state or order, or marked wrongly; and words for "nothing yet"."""
    said, timed = heard.said, heard.said
    if items.time is not None:
        timed = with_times(heard.evidence, items.time, heard.events, said, heard.load)
    whole = whole_text(seen) if is_cut(seen) else None
    shown = seen.text if whole is None else whole
    if (wrong := wrong_item(items, timed, shown, is_whole=whole is not None)) is not None:
        text, state = wrong
        yield Finding(Aspect.PANEL_ITEM, panel=panel, expected=state, found=shown[-READ:], text=text)
    elif seen.items and (more := listed_again(items, listed(items, said), seen.items)) is not None:
        text, count, often_at_most = more
        yield Finding(Aspect.ITEM_AGAIN, panel=panel, text=text, count=count, expected=often_at_most)
    elif seen.items and (marked := wrong_mark(items, said, seen.items)) is not None:
        text, mark, marks = marked
        yield Finding(Aspect.ITEM_MARK, panel=panel, expected=mark, found=marks, text=text)
    if seen.nothing is not None and (made := listed(items, said)):
        yield Finding(Aspect.NOTHING_YET, panel=panel, count=len(made), found=seen.nothing)


def _made_of(heard: Heard, shows: Shows, seen: PanelPart, name: str) -> str | float | None:
    """What a value has to show, "" for nothing; None where the events of its panel say nothing of it."""
    if shows.only_after and not heard.has(shows.only_after):
        return ""
    if shows.only_before and heard.has(shows.only_before):
        return ""
    if shows.says:
        return _status(heard, shows, seen.session)
    if shows.is_session:
        return seen.session
    if shows.lasts is not None:
        return _lasted_ms(heard, shows.lasts)
    if shows.sessions:
        return known_sessions(heard.evidence, heard.events, seen.values.get(name), heard.load)
    if shows.active is not None:
        return active_session(heard.evidence, heard.load) or shows.active
    return _expected(shows, heard.said if seen.session else heard.with_own(shows.tells))


def _status(heard: Heard, shows: Shows, session: str | None) -> str | None:
    """The text of a status after all that was heard; None where that says nothing of it.

    Where a session that was broken off goes on, a page may say so or wait for its next word.
    """
    contract, said, words = heard.evidence.contract, heard.with_notices(session), None
    is_over = not {name for name, _ in said}.isdisjoint(contract.terminal)
    if not shows.statuses and not is_over and heard.has_ended():
        return None
    broken_off = {shows.statuses.get(each) for each in _broken_off(contract)}
    for name, data in said:
        notice = contract.notices.get(name)
        if name in shows.says:
            words = shows.says[name]
        elif notice is not None and notice.ended and shows.statuses:
            words = shows.statuses.get(str(at(data, notice.status or "")))
        elif notice is None and words in broken_off:
            words = None
    return words


def _broken_off(contract: Contract) -> set[str]:
    """The statuses after which a session may go on."""
    ends = (notice.ended.items() for notice in contract.notices.values())
    return {status for listed in ends for status, names in listed if not names}


def _lasted_ms(heard: Heard, name: str) -> int | None:
    """How long a session took, from its first event to its terminal one, by their own times; None where it goes on."""
    events = heard.events
    if not events or events[-1].name not in heard.evidence.contract.terminal:
        return None
    times = envelopes(heard.evidence, heard.load)
    first, last = (moments(times.get(event.key, {})).get(name) for event in (events[0], events[-1]))
    if first is None or last is None or (first.tzinfo is None) != (last.tzinfo is None):
        return None
    return round((last - first).total_seconds() * 1000)


def _expected(shows: Shows, said: Sequence[Said]) -> str | float | None:
    """What a value shows after these events; None where they say nothing of it."""
    if shows.tells:
        told = (at(data, shows.tells[name]) for name, data in reversed(said) if name in shows.tells)
        said_last = next((each for each in told if type(each) in (int, float, str)), None)
        return words_of(said_last) if isinstance(said_last, str) else said_last
    if shows.adds:
        told = (at(data, shows.adds[name]) for name, data in said if name in shows.adds)
        numbers = [*filter(_is_number, told)]
        return f"{sum(numbers):.6f}".rstrip("0").rstrip(".") if numbers else None
    if shows.less:
        names = [name for name, _ in said]
        up = sum("*" in shows.counts or name in shows.counts for name in names)
        down = sum(name in shows.less for name in names)
        return up - down if up >= down else None  # what ended had begun before
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
