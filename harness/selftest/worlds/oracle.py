"""The independent witness: where, by the diaries, an event first differed from what it was before. No harness in it.

Each station's diary is compared with the one before it. What was healthy says nothing; every difference is a *deed*:
its station, what was done, to which event, at which page.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness.selftest.worlds.diaries import Entry, goods, ids

What = Literal["lost", "doubled", "changed", "reordered", "late", "invented", "misdrawn", "misended"]
STRANGE = "K9"
"""How the marks of events begin that no producer reported."""

LATE_MS = 1800
"""So much time at one station is a bug's doing; a busy machine takes less."""


@dataclass(frozen=True, slots=True, order=True)
class Deed:
    """What was done to one event at one station; `page` is empty before the pages."""

    station: str
    what: What
    mark: str
    page: str = ""


def deeds(
    entries: Sequence[Entry],
    script: Sequence[tuple[str, Mapping[str, Any]]],
    view: str,
    is_newest_first: bool = False,
) -> set[Deed]:
    """Every difference, by the diaries of one run. `script` is what the producer had to report."""
    by_part: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_part[entry.part].append(entry)
    stations = {verb: [e for e in by_part["producer"] if e.verb == verb] for verb in ("said", "sent")}
    servers = sorted(part for part in by_part if part.startswith("server-"))
    first = [entry for part in servers for entry in by_part[part] if entry.verb == "took"]
    found = set(_compared("sent", stations["said"], stations["sent"]))
    found |= set(_compared("took", stations["sent"], first))
    for page in sorted(part for part in by_part if part.startswith("page-")):
        name = page.removeprefix("page-")
        given = _given(by_part, servers, name)
        got, kept = ([e for e in by_part[page] if e.verb == verb] for verb in ("got", "kept"))
        found |= set(_compared("gave", first, given, name))
        found |= set(_compared("got", given, got, name))
        orders = [[*dict.fromkeys(e.more)] for e in by_part[page] if e.verb == "order"]
        found |= set(_compared("kept", got, kept, name))
        found |= {
            Deed("kept", "reordered", mark, name) for mark in _displaced([*_first(got)], orders[-1] if orders else [])
        }
        screens = [e for e in by_part[page] if e.verb == "screen"]
        found |= set(_screen(kept, screens, _names(script, got), _items(script), view, name))
        if screens and view != "counter":
            found |= set(_row_order(screens[-1].more["rows"], orders[-1] if orders else [], is_newest_first, name))
    return found


def _given(by_part: Mapping[str, Sequence[Entry]], servers: Iterable[str], page: str) -> list[Entry]:
    """What a server passed on to a page; of a server that others follow, what its followers passed on."""
    gave = [entry for part in servers for entry in by_part[part] if entry.verb == "gave"]
    if "server-second" in servers:
        gave = [entry for entry in gave if entry.part == "server-second"]
    return [entry for entry in gave if page in entry.more[2] or "*" in entry.more[2]]


def _compared(station: str, before: Sequence[Entry], now: Sequence[Entry], page: str = "") -> Iterable[Deed]:
    """What changed between one station and the next."""
    had, has = Counter(entry.mark for entry in before), Counter(entry.mark for entry in now)
    for mark in had.keys() | has.keys():
        if not had[mark]:
            yield Deed(station, "invented", mark, page)
        elif has[mark] < had[mark]:
            yield Deed(station, "lost", mark, page)
        elif has[mark] > had[mark]:
            yield Deed(station, "doubled", mark, page)
    yield from _other_content(station, before, now, page)
    for mark in _displaced([*_first(before)], [*_first(now)]):
        yield Deed(station, "reordered", mark, page)


def _other_content(station: str, before: Sequence[Entry], now: Sequence[Entry], page: str) -> Iterable[Deed]:
    """What has another text than before, or came much later."""
    texts, times = _first(before), {entry.mark: entry.at_ms for entry in before}
    named = {entry.mark: ids(entry.more) for entry in before}
    for entry in {entry.mark: entry for entry in reversed(now) if entry.mark in texts}.values():
        is_renamed = None not in (ids(entry.more), named[entry.mark]) and ids(entry.more) != named[entry.mark]
        if goods(entry.more) != texts[entry.mark] or is_renamed:
            yield Deed(station, "changed", entry.mark, page)
        if entry.at_ms - times[entry.mark] > LATE_MS:
            yield Deed(station, "late", entry.mark, page)


def _first(entries: Iterable[Entry]) -> dict[str, str]:
    """Each event, in the order in which it first came, with its text."""
    found: dict[str, str] = {}
    for entry in entries:
        found.setdefault(entry.mark, goods(entry.more))
    return found


def _displaced(before: Sequence[str], now: Sequence[str]) -> list[str]:
    """The events that stand before one that they came after."""
    here = [mark for mark in now if mark in before]
    place = {mark: number for number, mark in enumerate(before)}
    return [late for early, late in zip(here, here[1:], strict=False) if place[late] < place[early]]


def _screen(
    kept: Sequence[Entry],
    screens: Sequence[Entry],
    names: Mapping[str, str],
    items: Mapping[str, str],
    view: str,
    page: str,
) -> Iterable[Deed]:
    """Whether the screen at the end shows what the page kept, and since when."""
    shown: Any = screens[-1].more if screens else {"rows": [], "count": "", "panels": {}}
    marks = [entry.mark for entry in kept]
    if shown.get("connection") == "offline" and screens and screens[-1].more.get("open"):
        yield Deed("screen", "misdrawn", "connection", page)
    if str(shown["count"]) != str(len(marks)):
        yield Deed("screen", "misdrawn", "count", page)
        if view in ("counter", "window"):  # where the counter stands for what is not in the list
            yield Deed("screen", "lost", "count", page)
    for panel, number in shown["panels"].items():
        mine = [entry.at_ms for entry in kept if names.get(entry.mark) == panel.removeprefix("panel-")]
        over = (each.more["panels"][panel] > sum(at_ms <= each.at_ms for at_ms in mine) for each in screens)
        if number != len(mine) or any(over):  # it may be right in the end by chance
            yield Deed("screen", "misdrawn", panel, page)
    if view != "counter":
        yield from _rows(shown["rows"], marks[-5:] if view == "window" else marks, names, items, page)
        since = {mark: next((s.at_ms for s in screens if mark in str(s.more["rows"])), 0) for mark in set(marks)}
        late = (entry.mark for entry in kept if since[entry.mark] - entry.at_ms > LATE_MS)
        yield from (Deed("screen", "late", mark, page) for mark in late)


def _rows(
    rows: Sequence[str], expected: Sequence[str], names: Mapping[str, str], items: Mapping[str, str], page: str
) -> Iterable[Deed]:
    """Whether the rows are those of the events that are to be shown, each with its name, its number and its text."""
    reported = (mark for mark in names if not mark.startswith(STRANGE))
    numbers = {mark: str(number) for number, mark in enumerate(reported, start=1)}
    for mark in set(expected):
        mine = [row for row in rows if mark in row]
        if len(mine) < expected.count(mark):
            yield Deed("screen", "lost", mark, page)
        elif len(mine) > expected.count(mark):
            yield Deed("screen", "doubled", mark, page)
        elif mark in numbers and not all(_says(row, names[mark], numbers[mark]) and items[mark] in row for row in mine):
            yield Deed("screen", "changed", mark, page)
    yield from (Deed("screen", "invented", row[:40], page) for row in rows if not any(m in row for m in expected))


def _row_order(rows: Sequence[str], kept: Sequence[str], is_newest_first: bool, page: str) -> Iterable[Deed]:
    """Whether the rows stand in the order of the page's state, or all the other way round if that is its way."""
    shown = [mark for row in rows for mark in dict.fromkeys(kept) if mark in row]
    for mark in _displaced([*dict.fromkeys(kept)], [*dict.fromkeys(shown[::-1] if is_newest_first else shown)]):
        yield Deed("screen", "reordered", mark, page)


def _items(script: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, str]:
    """What is to be read of each event, by its mark."""
    return {str(goods["item"]).split()[0]: str(goods["item"]) for _, goods in script}


def _names(script: Sequence[tuple[str, Mapping[str, Any]]], got: Iterable[Entry]) -> dict[str, str]:
    """The name of each event by its mark: as the producer has it, and for what it never reported, as it came."""
    came = {e.mark: e.more[1][0].get("kind", e.more[0]) if isinstance(e.more[1][0], dict) else e.more[0] for e in got}
    return {**{str(goods["item"]).split()[0]: name for name, goods in script}, **_strange(came, script)}


def _strange(came: Mapping[str, str], script: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, str]:
    known = {str(goods["item"]).split()[0] for _, goods in script}
    return {mark: name for mark, name in came.items() if mark not in known}


def _says(row: str, name: str, number: str) -> bool:
    """Whether a row names its event, and its number where it shows one."""
    words = row.replace("#", " ").replace(":", " ").split()
    shows_number = any(word.isdigit() for word in words[:2])
    return name in words[:3] and (not shows_number or number in words[:3])
