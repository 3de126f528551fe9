"""Events that a list which keeps the newest rows never drew, for as many newer ones had come before it next drew. Pure.

A page that draws what gathered in a while, or in a frame, draws of more than its list holds the newest alone: what is
older was pushed out before anybody could have read it. In the record of a page rows drawn together stand together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from operator import attrgetter

from harness.judge.rows import window
from harness.model import OLDEST, OWN_ORDER, Event, Hop
from harness.record.evidence import Evidence


@dataclass(slots=True)
class Drawn:
    """What a page drew of what it was given: the events that had rows, and those that were pushed out before."""

    shown: set[str] = field(default_factory=set)
    pushed_out: set[str] = field(default_factory=set)


def with_pushed_out(evidence: Evidence, dashboard: str, rendered: AbstractSet[str]) -> AbstractSet[str]:
    """Which events a page has shown, or had no time to show, where its list keeps the newest rows."""
    view = evidence.view(dashboard)
    if view is None or not view.body.rows or not window.is_part(evidence, view.body, view.observer):
        return rendered
    contract = evidence.contract_of(dashboard)
    if contract.window == OLDEST or contract.list_order == OWN_ORDER:
        return rendered
    given = evidence.given(view.observer)
    size = sum(1 for key in view.body.rows if key in given)
    if not size or given.keys() <= rendered:
        return rendered
    drawn = _drawn(evidence, view.observer, size, is_numbered=view.body.rows_numbered)
    if not drawn.pushed_out:
        return rendered
    return (rendered | drawn.pushed_out) if view.body.rows_numbered else drawn.shown | drawn.pushed_out


def _drawn(evidence: Evidence, load: str, size: int, *, is_numbered: bool) -> Drawn:
    """What was drawn each time, by the order of the page's own record: of a list that holds so many rows."""
    listed = evidence.contract_at(load).listed
    rows = (each for each in evidence.page[Hop.RENDERED].get(load, ()) if each.detail.get("via") == "row")
    came = (each for each in evidence.page[Hop.DELIVERED].get(load, ()) if not listed or each.event.name in listed)
    drawn, waiting, together = Drawn(), list[Event](), list[Event]()
    known = set[str]()
    for sighting in sorted([*rows, *came], key=attrgetter("n")):
        if sighting.hop is Hop.RENDERED:
            together.append(sighting.event)
            continue
        _draw(drawn, waiting, together, size, is_numbered=is_numbered)
        together = []
        if sighting.event.key not in known:
            known.add(sighting.event.key)
            waiting.append(sighting.event)
    _draw(drawn, waiting, together, size, is_numbered=is_numbered)
    return drawn


def _draw(drawn: Drawn, waiting: list[Event], rows: list[Event], size: int, *, is_numbered: bool) -> None:
    """Rows that are drawn together: as many as the list holds, the newest ones; or fewer, each that of its event."""
    newest = waiting[-len(rows) :] if rows else []
    if size <= len(rows) < len(waiting) and _are(newest, rows, is_numbered=is_numbered):
        drawn.pushed_out |= {event.key for event in waiting[: -len(rows)]}
        drawn.shown |= {event.key for event in newest}
        waiting.clear()
        return
    for row in rows:
        same = (event.key == row.key if is_numbered else event.name == row.name for event in waiting)
        place = next((at for at, is_same in enumerate(same) if is_same), None)
        if place is not None:
            drawn.shown.add(waiting.pop(place).key)


def _are(events: list[Event], rows: list[Event], *, is_numbered: bool) -> bool:
    """Whether rows are those of these events; without numbers, by their names."""
    by = attrgetter("key" if is_numbered else "name")
    return Counter(map(by, events)) == Counter(map(by, rows))
