"""Whether the rows of a page's list say what their events say: text, place, and that a person can see them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set

from harness.judge.rows import (
    another,
    beside,
    cut,
    dates,
    displaced,
    encoded,
    fields,
    legible,
    names,
    numbers,
    positions,
    reads,
    says,
    sentences,
    strange,
    window,
)
from harness.judge.rows.order import misplaced
from harness.judge.rows.related import related
from harness.judge.rows.row import Looked, Row
from harness.judge.rows.unnumbered import Name, Order, Shown, in_order
from harness.judge.values.texts import data_of, is_in, leaves, plain
from harness.model import Aspect, Event, Finding, Hop, Kind
from harness.model.facts import View
from harness.record.evidence import Evidence, label_of
from harness.record.evidence.keys import those_in
from harness.record.evidence.streams import Events


def look(evidence: Evidence, view: View, load: str) -> Looked:
    """The rows of a page's list, as its last view has them."""
    looked, known = Looked(), evidence.given(load)
    told_beside = (view.hidden, view.lists, view.labels, view.marks, view.places, view.nothing, view.unread)
    if view.rows_numbered and not view.texts and not any(told_beside):  # a row says nothing but its event
        keys = [key for key in view.rows or () if key in known]
        looked.checks += len(keys)
        _kept(looked, evidence, view, load, {*(view.rows or ())})
        _in_place(looked, evidence, keys, None, view, load)
        window.compare(looked, evidence, view, load, keys, view.state_events or order_held(evidence, load))
        return looked
    rows, held = _rows(view), view.state_events or order_held(evidence, load)
    events = [row for row in rows if row.key in known]
    _seen(looked, events, rows)
    _kept(looked, evidence, view, load, {row.key for row in rows})
    if view.rows_numbered:
        lists = [row.listed for row in events]
        _in_place(looked, evidence, [row.key for row in events], lists, view, load)
        pairs = [(known[row.key], row) for row in events if row.text is not None]
        told = [row.key for row in events]
    else:
        shown = _as_taken_in(looked, evidence, events, known, view, load)
        is_part = window.is_part(evidence, view, load)
        is_upwards = _is_newest_first(known, events, held)
        pairs = _paired(evidence, events, known, shown, held if is_part else (), is_upwards=is_upwards)
        told = [event.key for event in shown if event is not None]
        if is_part and len(told) < len(shown):
            told = window.by_names(known, [event.name for event in known.of([row.key for row in events])], held)
    window.compare(looked, evidence, view, load, told, held)
    pairs = legible.compare(looked, evidence, pairs)
    names.compare(looked, evidence, pairs)
    about = related(evidence, [event for event, _ in pairs], load) if len(pairs) > 1 else {}
    fields.compare(looked, evidence, pairs, about)
    another.compare(looked, evidence, pairs, about)
    reads.compare(looked, evidence, pairs, load)
    says.compare(looked, evidence, pairs, load)
    cut.compare(looked, evidence, pairs)
    encoded.compare(looked, evidence, pairs)
    dates.compare(looked, evidence, pairs)
    numbers.compare(looked, evidence, pairs)
    displaced.compare(looked, evidence, pairs)
    strange.compare(looked, evidence, pairs, about, load)
    sentences.compare(looked, evidence, pairs)
    beside.compare(looked, evidence, pairs)
    looked.wrong += [(Kind.MISRENDERED, key if key in known else None, why) for key, why in positions.troubles(view)]
    looked.checks += 0 if view.places is None else len(view.places)
    if view.nothing is not None and events:
        found = Finding(Aspect.NOTHING_YET, count=len(events), found=view.nothing)
        looked.wrong.append((Kind.MISRENDERED, None, found))
    return looked


def _rows(view: View) -> list[Row]:
    keys = view.rows or ()
    said = view.texts if view.texts is not None and len(view.texts) == len(keys) else [None] * len(keys)
    unseen = {*(view.hidden or ())}
    lists = view.lists if view.lists is not None and len(view.lists) == len(keys) else [0] * len(keys)
    more = (_of_each(each, len(keys)) for each in (view.labels, view.marks, view.unread))
    found = enumerate(zip(keys, said, lists, *more, strict=True))
    return [Row(key, text, place in unseen, at, *rest) for place, (key, text, at, *rest) in found]


def _of_each(said: Sequence[str] | None, rows: int) -> Sequence[str]:
    return said if said is not None and len(said) == rows else [""] * rows


def _seen(looked: Looked, events: Sequence[Row], rows: Sequence[Row]) -> None:
    """A row that is in the document, and that a person can't see, shows nothing."""
    looked.checks += len(events)
    for row in events:
        if row.is_hidden:
            looked.wrong.append((Kind.MISRENDERED, row.key, Finding(Aspect.ROW_HIDDEN, count=len(rows))))


def _kept(looked: Looked, evidence: Evidence, view: View, load: str, shown: set[str]) -> None:
    """A row that was shown is still there at the end, unless the page says that its list is a part."""
    if view.window is not None or evidence.contract_at(load).windowed or view.rows is None:
        return
    if view.counter is not None and len(view.rows) < view.counter:
        return  # that the list is cut short is told
    by_row = evidence.on_page(Hop.RENDERED, load).keys_with("via", "row")
    looked.checks += len(by_row)
    gone = sorted(key for key in by_row if key not in shown)
    if gone:
        found = Finding(Aspect.ROWS_GONE, count=len(gone), items=tuple(gone[:5]), found=len(shown))
        looked.wrong.append((Kind.TRUNCATED, None, found))


def _in_place(
    looked: Looked, evidence: Evidence, keys: Sequence[str], lists: Sequence[int] | None, view: View, load: str
) -> None:
    """The rows of a session are in the order in which the page holds their events, all upwards or all downwards."""
    held = view.state_events or order_held(evidence, load)
    checks, moved = misplaced(keys, held, evidence.given(load), evidence.contract_at(load).list_order, lists)
    looked.checks += checks
    looked.wrong += [(Kind.MISRENDERED, key, Finding(Aspect.ROW_PLACE)) for key in moved]


def _as_taken_in(
    looked: Looked, evidence: Evidence, rows: Sequence[Row], known: Events, view: View, load: str
) -> Sequence[Event | None]:
    """The same of rows that don't say which event they show: by their names, and by what they show of the data.

    Returned is the event of each row that can be one only.
    """
    order = _by_what_they_say(evidence, rows, known, view, load)
    looked.checks += order.checks
    looked.wrong += [(Kind.MISRENDERED, key, Finding(Aspect.ROW_PLACE)) for key in order.moved]
    if order.is_other:
        looked.wrong.append((Kind.MISRENDERED, None, Finding(Aspect.ROWS_ORDER, count=len(rows))))
    return order.events


def _by_what_they_say(evidence: Evidence, rows: Sequence[Row], known: Events, view: View, load: str) -> Order:
    keys = view.state_events or order_held(evidence, load)
    held = known.of(those_in(keys, known.keys()))
    named = known.of([row.key for row in rows])
    shown = [
        Shown((event.session, event.name), legible.in_document(row), row.listed)
        for event, row in zip(named, rows, strict=True)
    ]
    return in_order(shown, held, lambda event: data_of(evidence, event), evidence.contract_at(load).list_order)


def really_shown(evidence: Evidence, dashboard: str, rendered: Set[str]) -> Set[str]:
    """Which events a page has rows of, by what those say, where they have no numbers and some are missing.

    Such rows are counted as they come, so that a missing one is taken for the last of its name. Where all rows of a
    name say which event each of them is, it is known which has none.
    """
    view = evidence.view(dashboard)
    if view is None or view.body.rows_numbered or not view.body.rows or not view.body.texts:
        return rendered
    if view.body.window is not None or evidence.contract_of(dashboard).windowed:
        return rendered
    load, known = view.observer, evidence.given(view.observer)
    held = {*order_held(evidence, load)} & known.keys()
    rows = [row for row in _rows(view.body) if row.key in known]
    if held <= rendered or len({row.key for row in rows}) < len(rows):
        return rendered
    told = _by_what_they_say(evidence, rows, known, view.body, load).events
    found = set(rendered)
    for name in {known[row.key].name for row in rows}:
        mine = [event for row, event in zip(rows, told, strict=True) if known[row.key].name == name]
        keys = {event.key for event in mine if event is not None}
        of_name = {key for key in held if known[key].name == name}
        if len(keys) == len(mine) == len(of_name & rendered) < len(of_name) and keys <= of_name:
            found = (found - of_name) | keys
    return found


def leave_open(evidence: Evidence, dashboard: str, name: str) -> bool:
    """Whether a page has rows of a name that don't say, by number or by text, which event each of them is."""
    view = evidence.view(dashboard)
    if view is None or view.body.rows_numbered or not view.body.rows:
        return False
    load, known = view.observer, evidence.given(view.observer)
    rows = [row for row in _rows(view.body) if row.key in known]
    told = _by_what_they_say(evidence, rows, known, view.body, load).events
    return any(event is None for row, event in zip(rows, told, strict=True) if known[row.key].name == name)


def order_held(evidence: Evidence, load: str) -> Sequence[str]:
    """The keys of what a page took in, as often as it did; of what it was given where its state can't be seen."""
    hop = Hop.APPLIED if evidence.has_tap(Hop.APPLIED, label_of(load)) else Hop.DELIVERED
    held = evidence.shown[hop].get(load)
    return [] if held is None else held.listed_keys


def _is_newest_first(known: Events, rows: Sequence[Row], held: Sequence[str]) -> bool:
    """Whether the names of rows are those of the events that the page took in from the last one on, and not so far."""
    listed = [event.name for event in known.of([row.key for row in rows])]
    took_in = [event.name for event in known.of(those_in(held, known.keys()))]
    last = took_in[-len(listed) :] if listed else []
    return listed == last[::-1] and listed != last


def _paired(
    evidence: Evidence,
    rows: Sequence[Row],
    known: Events,
    shown: Sequence[Event | None],
    held: Sequence[str],
    *,
    is_upwards: bool,
) -> list[tuple[Event, Row]]:
    """Rows without numbers, each with the event that it shows, or else with one of its name that no other row shows.

    Those are taken in the list's order or against it (`is_upwards`: rather that), from the first one on or to the last
    one, as fits better. Where
    they are a part of the list they may be those of any that the page `held`.
    """
    pairs = [(event, row) for event, row in zip(shown, rows, strict=True) if event is not None]
    taken = {event.key for event, _ in pairs}
    left, free = defaultdict[Name, list[Row]](list), defaultdict[Name, list[Event]](list)
    for event, row, mine in zip(shown, rows, known.of([row.key for row in rows]), strict=True):
        if event is None:
            left[mine.session, mine.name].append(row)
        if not held and mine.key not in taken:
            free[mine.session, mine.name].append(mine)
    for mine in known.of(those_in(dict.fromkeys(held), known.keys())) if left else ():
        if mine.key not in taken:
            free[mine.session, mine.name].append(mine)
    for name, alike in left.items():
        if all(row.text is None for row in alike):
            continue  # nothing is said that could be an event's
        orders, size = [free[name], free[name][::-1]], len(alike)
        orders += [free[name][-size:], free[name][:size][::-1]] if size < len(free[name]) else []
        ways = [[*zip(order, alike, strict=False)] for order in orders]
        pairs += max(
            ways[1::2] + ways[::2] if is_upwards else ways,
            key=lambda way: sum(_shows_any(evidence, event, row) for event, row in way),
        )
    return [(event, row) for event, row in pairs if row.text is not None]


def _shows_any(evidence: Evidence, event: Event, row: Row) -> bool:
    said = plain(row.text or "")
    return any(is_in(text, said) for text in leaves(data_of(evidence, event)).values())
