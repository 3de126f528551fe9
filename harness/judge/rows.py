"""Whether the rows of a page's list say what their events say: text, place, and that a person can see them. Pure.

Which fields of an event a page shows in a row is learned from the rows themselves: a field is shown where nearly all
rows of a name have its text in theirs. A row that has another event's text there, or none, shows something else.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from harness.lib.secrets import MASKED
from harness.model import Aspect, Event, Finding, Hop, Kind
from harness.model.facts import View
from harness.record.evidence import Evidence

SHORT = 3
"""A text of fewer characters stands in other words by chance."""

BEGINNING = 16
"""How much of a long text a row must show: pages shorten what is long."""

PARTS = re.compile(r"[|;\t\n]")
"""What separates the parts of a text that says several things, each of which a page may show by itself."""

NEARLY_ALL = 0.6
"""The share of a name's rows that show a field from which on the others are expected to show it, too."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row at the end: the key of its event, or the type of what is no event; its text; whether it can be seen."""

    key: str
    text: str | None
    is_hidden: bool


@dataclass(slots=True)
class Looked:
    """What was found in a list, what could not be decided, and how many comparisons were made."""

    checks: int = 0
    wrong: list[tuple[Kind, str | None, Finding]] = field(default_factory=list)
    doubts: list[Finding] = field(default_factory=list)


def look(evidence: Evidence, view: View, load: str) -> Looked:
    """The rows of a page's list, as its last view has them."""
    looked = Looked()
    rows = _rows(view)
    known = {row.key: event for row in rows if (event := _event(evidence, row.key, load)) is not None}
    events = [row for row in rows if row.key in known]
    _seen(looked, events, rows)
    _kept(looked, evidence, view, load, {row.key for row in rows})
    if view.rows_numbered:
        _in_place(looked, evidence, events, known, view, load)
        _texts(looked, evidence, [(known[row.key], row) for row in events if row.text is not None], True)
    else:
        _texts(looked, evidence, _paired(evidence, events, known), False)
    return looked


def _rows(view: View) -> list[Row]:
    keys = view.rows or ()
    said = view.texts if view.texts is not None and len(view.texts) == len(keys) else [None] * len(keys)
    unseen = {*(view.hidden or ())}
    return [Row(key, text, place in unseen) for place, (key, text) in enumerate(zip(keys, said, strict=True))]


def _event(evidence: Evidence, key: str, load: str) -> Event | None:
    """The event of a row as it was delivered to the page, or else as it is known."""
    told = evidence.shown[Hop.DELIVERED].get(load)
    given = None if told is None else told.by_key.get(key)
    return evidence.events.get(key) if given is None else given


def _seen(looked: Looked, events: Sequence[Row], rows: Sequence[Row]) -> None:
    """A row that is in the document, and that a person can't see, shows nothing."""
    looked.checks += len(events)
    for row in events:
        if row.is_hidden:
            looked.wrong.append((Kind.MISRENDERED, row.key, Finding(Aspect.ROW_HIDDEN, count=len(rows))))


def _kept(looked: Looked, evidence: Evidence, view: View, load: str, shown: set[str]) -> None:
    """A row that was shown is still there at the end, unless the page says that its list is a part."""
    if view.window is not None or evidence.contract.windowed or view.rows is None:
        return
    if view.counter is not None:
        return  # the number of the rows is compared with it
    by_row = {s.event.key for s in evidence.page[Hop.RENDERED].get(load, ()) if s.detail.get("via") == "row"}
    looked.checks += len(by_row)
    gone = sorted(by_row - shown)
    if gone:
        found = Finding(Aspect.ROWS_GONE, count=len(gone), items=tuple(gone[:5]), found=len(shown))
        looked.wrong.append((Kind.TRUNCATED, None, found))


def _in_place(
    looked: Looked, evidence: Evidence, rows: Sequence[Row], known: Mapping[str, Event], view: View, load: str
) -> None:
    """The rows of a session are in the order in which the page holds their events, all upwards or all downwards.

    What came or is shown twice has no place of its own.
    """
    held = view.state_events or order_held(evidence, load)
    checks, moved = misplaced([row.key for row in rows], held, known)
    looked.checks += checks
    looked.wrong += [(Kind.MISRENDERED, key, Finding(Aspect.ROW_PLACE)) for key in moved]


def order_held(evidence: Evidence, load: str) -> list[str]:
    """The keys of what a page took in, as often as it did; of what it was given where its state can't be seen."""
    held = evidence.shown[Hop.APPLIED if evidence.has_tap(Hop.APPLIED) else Hop.DELIVERED].get(load)
    return [] if held is None else [event.key for event in held.events]


def misplaced(keys: Sequence[str], held: Sequence[str], known: Mapping[str, Event]) -> tuple[int, list[str]]:
    """How many places were compared, and the events that stand elsewhere than in the order of `held`.

    All of a session may stand upwards or downwards, by their numbers, or in an order of the page's own, by name for
    example. What stands twice has no place.
    """
    often = Counter(keys) | Counter(held)
    place = {key: number for number, key in enumerate(dict.fromkeys(held)) if often[key] == 1}
    by_session: dict[str | None, list[str]] = defaultdict(list)
    for key in keys:
        if key in place and key in known:
            by_session[known[key].session].append(key)
    checks, moved = 0, list[str]()
    for listed in by_session.values():
        places = [place[key] for key in listed]
        steps = [later > earlier for earlier, later in pairwise(places)]
        checks += len(steps)
        share = sum(steps) / max(1, len(steps))
        if 1 - NEARLY_ALL < share < NEARLY_ALL or _is_sorted([known[key].seq for key in listed]):
            continue
        moved += [listed[at] for at in _out_of_order(places if share > 0.5 else [-each for each in places])]
    return checks, moved


def _is_sorted(numbers: Sequence[int | None]) -> bool:
    told = [number for number in numbers if number is not None]
    return len(told) == len(numbers) and told in (sorted(told), sorted(told, reverse=True))


def _out_of_order(places: Sequence[int]) -> list[int]:
    """Where those stand that are not in the longest rising sequence: as few as can be."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for at, place in enumerate(places):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1], last[length : length + 1] = [place], [at]
    kept, at = set[int](), last[-1] if last else -1
    while at >= 0:
        kept.add(at)
        at = before[at]
    return [at for at in range(len(places)) if at not in kept]


def _paired(evidence: Evidence, rows: Sequence[Row], known: Mapping[str, Event]) -> list[tuple[Event, Row]]:
    """Rows without numbers, each with an event of its name: in the list's order or against it, as fits better."""
    by_name: dict[tuple[str | None, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_name[known[row.key].session, known[row.key].name].append(row)
    pairs: list[tuple[Event, Row]] = []
    for alike in by_name.values():
        events = [known[row.key] for row in alike]
        ways = [[*zip(order, alike, strict=True)] for order in (events, events[::-1])]
        pairs += max(ways, key=lambda way: sum(_shows_any(evidence, event, row) for event, row in way))
    return [(event, row) for event, row in pairs if row.text is not None]


def _shows_any(evidence: Evidence, event: Event, row: Row) -> bool:
    plain = _plain(row.text or "")
    return any(_is_in(text, plain) for text in leaves(_data(evidence, event)).values())


def _texts(looked: Looked, evidence: Evidence, pairs: Iterable[tuple[Event, Row]], is_numbered: bool) -> None:
    """What rows say is what their events say, field by field, for each name.

    `is_numbered`: a row says which event it shows; else a list may have an order that nobody knows.
    """
    by_name: dict[str, list[tuple[Row, dict[str, str]]]] = defaultdict(list)
    for event, row in pairs:
        by_name[event.name].append((row, leaves(_data(evidence, event))))
    for name, rows in by_name.items():
        fields = Counter(path for _, said in rows for path in said)
        shown = Counter(path for row, said in rows for path in said if _is_in(said[path], _plain(row.text or "")))
        for path, count in shown.items():
            whole = path.rpartition(".")[0]
            if count / fields[path] < NEARLY_ALL or shown[whole] >= NEARLY_ALL * fields[whole] > 0:
                continue  # not shown, or a part of a text that is shown as a whole
            looked.checks += fields[path]
            others = {said[path] for _, said in rows if path in said}
            looked.wrong += _strangers(path, rows, others) if count < fields[path] else ()
        varying = [path for path in fields if len({said.get(path) for _, said in rows}) > 1]
        exchanged = [path for path in varying if is_numbered and not shown[path] and _is_exchanged(path, rows)]
        for path in exchanged:
            looked.checks += fields[path]
            looked.wrong += _strangers(path, rows, {said[path] for _, said in rows if path in said})
        if varying and not shown and not exchanged and all(_says_more(row, name) for row, _ in rows):
            looked.doubts.append(Finding(Aspect.ROW_UNEXPLAINED, text=(rows[0][0].text or "")[:80], other=name))


def _is_exchanged(path: str, rows: list[tuple[Row, dict[str, str]]]) -> bool:
    """Whether nearly all rows show what another event says in a field: no row shows its own, and the page shows it."""
    texts = {said[path] for _, said in rows if path in said}
    mine = [(_plain(row.text or ""), said[path]) for row, said in rows if path in said]
    strange = sum(any(text != own and _is_in(text, plain) for text in texts) for plain, own in mine)
    return len(mine) > 1 and strange >= NEARLY_ALL * len(mine)


def _strangers(
    path: str, rows: Sequence[tuple[Row, dict[str, str]]], others: set[str]
) -> Iterator[tuple[Kind, str, Finding]]:
    """The rows that do not show a field which nearly all show; with the text that stands there instead, if known."""
    for row, said in rows:
        plain = _plain(row.text or "")
        if path in said and not _is_in(said[path], plain):
            instead = next((text for text in others if text != said[path] and _is_in(text, plain)), None)
            found = Finding(
                Aspect.ROW_TEXT, field=path, expected=said[path][:80], found=instead or (row.text or "")[:80]
            )
            yield Kind.MISRENDERED, row.key, found


def _says_more(row: Row, name: str) -> bool:
    """Whether a row has words beside its event's name."""
    rest = _plain(row.text or "").replace(_plain(name), "")
    return sum(letter.isalpha() for letter in rest) >= 2 * SHORT


def _data(evidence: Evidence, event: Event) -> Any:
    return None if event.digest is None else evidence.payload(event.digest)


def leaves(data: Any, path: str = "") -> dict[str, str]:
    """The texts in some data by their paths; those that are too short to be found by chance alone are left out."""
    if isinstance(data, Mapping):
        inner = [leaves(each, f"{path}.{name}" if path else str(name)) for name, each in data.items()]
        return {where: text for found in inner for where, text in found.items()}
    if isinstance(data, list):
        inner = [leaves(each, f"{path}.{place}" if path else str(place)) for place, each in enumerate(data)]
        return {where: text for found in inner for where, text in found.items()}
    if isinstance(data, str) and len(_plain(data)) >= SHORT and not data.startswith(MASKED):
        where, parts = path or "text", PARTS.split(data)
        named = {f"{where}.{place}": part for place, part in enumerate(parts) if len(_plain(part)) >= SHORT}
        return {where: data, **(named if len(parts) > 1 else {})}
    return {}


def _is_in(text: str, plain_row: str) -> bool:
    return _plain(text)[:BEGINNING] in plain_row


def _plain(text: str) -> str:
    """A text without white space and without case: a page may break lines and write headings in capitals."""
    return "".join(text.split()).casefold()
