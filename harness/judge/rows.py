"""Whether the rows of a page's list say what their events say: text, place, and that a person can see them. Pure.

Which fields of an event a page shows in a row is learned from the rows themselves: a field is shown where nearly all
rows of a name have its text in theirs. A row that has another event's text there, or none, shows something else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TypeAlias

from harness.judge.places import misplaced
from harness.judge.texts import SHORT, data_of, is_in, leaves, plain, words
from harness.judge.unnumbered import Name, Shown, in_order
from harness.model import Aspect, Event, Finding, Hop, Kind
from harness.model.facts import View
from harness.record.evidence import Evidence

NEARLY_ALL = 0.6
"""The share of a name's rows that show a field from which on the others are expected to show it, too."""

SENTENCE = 3
"""Words that make a text one which a page shows as it is: what is shorter may be a code that it has own words for."""

ENOUGH = 3
"""Rows of other names that show a field, from which on a row is expected to show it, or else was not compared."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row at the end: the key of its event, or the type of what is no event; its text; whether it can be seen.

    `listed` is the number of the list that it is in.
    """

    key: str
    text: str | None
    is_hidden: bool
    listed: int = 0


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
        _texts(looked, evidence, [(known[row.key], row) for row in events if row.text is not None])
    else:
        shown = _as_taken_in(looked, evidence, events, known, view, load)
        _texts(looked, evidence, _paired(evidence, events, known, shown))
    return looked


def _rows(view: View) -> list[Row]:
    keys = view.rows or ()
    said = view.texts if view.texts is not None and len(view.texts) == len(keys) else [None] * len(keys)
    unseen = {*(view.hidden or ())}
    lists = view.lists if view.lists is not None and len(view.lists) == len(keys) else [0] * len(keys)
    found = enumerate(zip(keys, said, lists, strict=True))
    return [Row(key, text, place in unseen, listed) for place, (key, text, listed) in found]


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
    if view.counter is not None and len(view.rows) < view.counter:
        return  # that the list is cut short is told
    by_row = {s.event.key for s in evidence.page[Hop.RENDERED].get(load, ()) if s.detail.get("via") == "row"}
    looked.checks += len(by_row)
    gone = sorted(by_row - shown)
    if gone:
        found = Finding(Aspect.ROWS_GONE, count=len(gone), items=tuple(gone[:5]), found=len(shown))
        looked.wrong.append((Kind.TRUNCATED, None, found))


def _in_place(
    looked: Looked, evidence: Evidence, rows: Sequence[Row], known: Mapping[str, Event], view: View, load: str
) -> None:
    """The rows of a session are in the order in which the page holds their events, all upwards or all downwards."""
    held = view.state_events or order_held(evidence, load)
    order, lists = evidence.contract.list_order, [row.listed for row in rows]
    checks, moved = misplaced([row.key for row in rows], held, known, order, lists)
    looked.checks += checks
    looked.wrong += [(Kind.MISRENDERED, key, Finding(Aspect.ROW_PLACE)) for key in moved]


def _as_taken_in(
    looked: Looked, evidence: Evidence, rows: Sequence[Row], known: Mapping[str, Event], view: View, load: str
) -> Sequence[Event | None]:
    """The same of rows that don't say which event they show: by their names, and by what they show of the data.

    Returned is the event of each row that can be one only.
    """
    keys = view.state_events or order_held(evidence, load)
    held = [event for key in keys if (event := _event(evidence, key, load)) is not None]
    shown = [Shown((known[row.key].session, known[row.key].name), row.text, row.listed) for row in rows]
    order = in_order(shown, held, lambda event: data_of(evidence, event), evidence.contract.list_order)
    looked.checks += order.checks
    looked.wrong += [(Kind.MISRENDERED, key, Finding(Aspect.ROW_PLACE)) for key in order.moved]
    if order.is_other:
        looked.wrong.append((Kind.MISRENDERED, None, Finding(Aspect.ROWS_ORDER, count=len(rows))))
    return order.events


def order_held(evidence: Evidence, load: str) -> list[str]:
    """The keys of what a page took in, as often as it did; of what it was given where its state can't be seen."""
    held = evidence.shown[Hop.APPLIED if evidence.has_tap(Hop.APPLIED) else Hop.DELIVERED].get(load)
    return [] if held is None else [event.key for event in held.events]


def _paired(
    evidence: Evidence, rows: Sequence[Row], known: Mapping[str, Event], shown: Sequence[Event | None]
) -> list[tuple[Event, Row]]:
    """Rows without numbers, each with the event that it shows, or else with one of its name that no other row shows.

    Those are taken in the list's order or against it, as fits better.
    """
    pairs = [(event, row) for event, row in zip(shown, rows, strict=True) if event is not None]
    taken = {event.key for event, _ in pairs}
    left, free = defaultdict[Name, list[Row]](list), defaultdict[Name, list[Event]](list)
    for event, row in zip(shown, rows, strict=True):
        mine = known[row.key]
        if event is None:
            left[mine.session, mine.name].append(row)
        if mine.key not in taken:
            free[mine.session, mine.name].append(mine)
    for name, alike in left.items():
        ways = [[*zip(order, alike, strict=False)] for order in (free[name], free[name][::-1])]
        pairs += max(ways, key=lambda way: sum(_shows_any(evidence, event, row) for event, row in way))
    return [(event, row) for event, row in pairs if row.text is not None]


def _shows_any(evidence: Evidence, event: Event, row: Row) -> bool:
    said = plain(row.text or "")
    return any(is_in(text, said) for text in leaves(data_of(evidence, event)).values())


Pairs: TypeAlias = list[tuple[Row, dict[str, str]]]
"""Rows, each with the texts in its event's data by their paths."""


def _texts(looked: Looked, evidence: Evidence, pairs: Iterable[tuple[Event, Row]]) -> None:
    """What rows say is what their events say, field by field, for each name."""
    by_name: dict[str, Pairs] = defaultdict(list)
    known: set[str] = set()
    for event, row in pairs:
        by_name[event.name].append((row, leaves(data_of(evidence, event))))
        known |= {*words(event.name), *words(event.session or "")}
    _names(looked, by_name)
    shown_by = {name: _shown(rows) for name, rows in by_name.items()}
    for name, rows in by_name.items():
        fields, shown = Counter(path for _, said in rows for path in said), shown_by[name]
        whole = {path for path in shown if shown[path] >= NEARLY_ALL * fields[path]}
        compared = {path for path in whole if path.rpartition(".")[0] not in whole}
        exchanged = {path for path in fields if path not in whole and _is_exchanged(path, rows, name)}
        for path in [path for path in fields if path in compared | exchanged]:
            looked.checks += fields[path]
            looked.wrong += _strangers(path, rows)
        if exchanged or shown or not all(_says_more(row, known) for row, _ in rows):
            continue
        others = Counter[str]()
        for other in shown_by.keys() - {name}:
            others += shown_by[other]
        if (sentence := _other_text(rows)) is not None:
            looked.wrong += _strangers(sentence, rows)
        elif any(_varies(path, rows) or others[path] >= ENOUGH for path in fields):
            looked.doubts.append(Finding(Aspect.ROW_UNEXPLAINED, text=(rows[0][0].text or "")[:80], other=name))


def _names(looked: Looked, by_name: Mapping[str, Pairs]) -> None:
    """In a list that shows how events are called, a row that is called as another event is shows something else."""
    shown = {name: sum(plain(name) in plain(row.text or "") for row, _ in rows) for name, rows in by_name.items()}
    telling = [name for name, rows in by_name.items() if shown[name] >= NEARLY_ALL * len(rows)]
    if len(telling) < 2 or len(telling) < NEARLY_ALL * len(by_name):
        return
    for name, rows in by_name.items():
        looked.checks += len(rows)
        for row in (row for row, _ in rows if plain(name) not in plain(row.text or "")):
            instead = next((each for each in sorted(by_name, key=len) if plain(each) in plain(row.text or "")), None)
            if instead is not None:
                found = Finding(Aspect.ROW_TEXT, field="name", expected=name, found=instead)
                looked.wrong.append((Kind.MISRENDERED, row.key, found))


def _shown(rows: Pairs) -> Counter[str]:
    """Path to the number of rows that show what their event says there."""
    texts = _texts_by_path(rows)
    return Counter(path for row, said in rows for path in said if _shows(row, said[path], texts[path]))


def _texts_by_path(rows: Pairs) -> dict[str, set[str]]:
    texts: dict[str, set[str]] = defaultdict(set)
    for _, said in rows:
        for path, text in said.items():
            texts[path].add(text)
    return texts


def _shows(row: Row, text: str, others: Iterable[str]) -> bool:
    """Whether a row shows a text; one that begins alike, and stands there as a whole, is another one."""
    shown, whole = plain(row.text or ""), plain(text)
    if whole in shown:
        return True
    return is_in(text, shown) and not any(plain(other) in shown for other in others if is_in(other, whole))


def _varies(path: str, rows: Pairs) -> bool:
    return len({said.get(path) for _, said in rows}) > 1


def _is_exchanged(path: str, rows: Pairs, name: str) -> bool:
    """Whether nearly all rows show what another event says in a field that hardly two events have alike.

    A text that a row shows anyway, as its event's name or in another field of it, is not the other event's.
    """
    mine = [(row, said[path], plain(" ".join((name, *said.values())))) for row, said in rows if path in said]
    texts = {text for _, text, _ in mine}
    if len(mine) < 2 or len(texts) < NEARLY_ALL * len(mine):
        return False
    strange = sum(
        not _shows(row, own, texts) and _other(row, own, [t for t in texts if plain(t) not in anyway]) is not None
        for row, own, anyway in mine
    )
    return strange >= NEARLY_ALL * len(mine)


def _other(row: Row, own: str, texts: Iterable[str]) -> str | None:
    """Which of some texts a row shows that are not its own."""
    return next((text for text in texts if text != own and plain(text) in plain(row.text or "")), None)


def _other_text(rows: Pairs) -> str | None:
    """The path of a sentence that each event says, another one each, where all rows say one and the same instead.

    What is said differently of each event may be put in words of the page's own, by a format or from a table of words.
    """
    if len(rows) < 2 or len({row.text for row, _ in rows}) > 1:
        return None
    paths = [path for path in rows[0][1] if all(path in said for _, said in rows) and _varies(path, rows)]
    row = plain(rows[0][0].text or "")
    begins = {path for path in paths if any(plain(said[path])[: 2 * SHORT] in row for _, said in rows)}
    told = [path for path in paths if path not in begins and all(len(words(s[path])) >= SENTENCE for _, s in rows)]
    return None if begins or not told else told[0]


def _strangers(path: str, rows: Pairs) -> Iterator[tuple[Kind, str, Finding]]:
    """The rows that do not show a field which they should; with the text that stands there instead, if known."""
    texts = {said[path] for _, said in rows if path in said}
    for row, said in rows:
        if path in said and not _shows(row, said[path], texts):
            instead = _other(row, said[path], sorted(texts))
            found = Finding(
                Aspect.ROW_TEXT, field=path, expected=said[path][:80], found=instead or (row.text or "")[:80]
            )
            yield Kind.MISRENDERED, row.key, found


def _says_more(row: Row, known: AbstractSet[str]) -> bool:
    """Whether a row has words beside those of its event's name and session."""
    return sum(len(word) for word in words(row.text or "") if word.isalpha() and word not in known) >= 2 * SHORT
