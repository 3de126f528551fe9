"""Whether a list that is shown in part shows a part that can be meant: the newest rows, or those in sight. Pure.

A list that draws what is in sight has room for the rows around them, which a person scrolls to. One that has none, and
keeps the first rows for good, shows a person nothing of what goes on, unless the target says that this is meant.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from harness.judge.rows.row import Looked
from harness.model import NEWEST, OLDEST, OWN_ORDER, Aspect, Finding, Hop, Kind
from harness.model.facts import View
from harness.record.evidence import Evidence
from harness.record.evidence.keys import those_in
from harness.record.evidence.streams import Events

ROOM = 0.5
"""The share of the rows that are not drawn, from which on there is room for them."""

HALF = 0.5
"""The share of a name's events without a row, between others that have one, from which on it may be meant."""


def is_part(evidence: Evidence, view: View, load: str) -> bool:
    """Whether a list is shown in part, as it says itself or as its target does."""
    return view.window is not None or evidence.contract_at(load).windowed


def compare(
    looked: Looked, evidence: Evidence, view: View, load: str, rows: Sequence[str], held: Sequence[str]
) -> None:
    """`rows` are the keys of the events that rows show, where each says which; `held` those that the page took in."""
    contract = evidence.contract_at(load)
    if view.rows is None or not is_part(evidence, view, load) or contract.list_order == OWN_ORDER:
        return
    shown, known, names = {*rows}, evidence.given(load), contract.listed
    drawn = evidence.on_page(Hop.RENDERED, load).keys_with("via", "row")
    rendered = evidence.keys_on_page(Hop.RENDERED, load)  # what was never shown at all is lost
    by_session: dict[str | None, list[str]] = defaultdict(list)
    for key in dict.fromkeys(those_in(held, known.keys())) if shown else ():
        if not names or known[key].name in names:
            by_session[known[key].session].append(key)
    for mine in by_session.values():
        there = [place for place, key in enumerate(mine) if key in shown]
        if not there or len(there) == len(mine):
            continue  # it is another session that the list shows, or all of it
        if view.lists is None:
            seen = shown | {*drawn} if view.rows_numbered else shown
            counted = [key for key in mine[there[0] : there[-1] + 1] if key in rendered]
            left_out = _left_out(known, counted, seen)
            looked.wrong += [(Kind.TRUNCATED, key, Finding(Aspect.ROW_BETWEEN)) for key in left_out]
        newer = len(mine) - len(there)
        is_first = there == [*range(len(there))] and len(drawn) <= len(view.rows)
        if is_first and contract.window != OLDEST and (view.room or 0) < ROOM * newer:
            why = Finding(Aspect.ROWS_OLDEST, count=newer, found=len(there))
            if contract.window == NEWEST:
                looked.wrong.append((Kind.TRUNCATED, None, why))
            else:
                looked.doubts.append(why)


def by_names(known: Events, names: Sequence[str], held: Sequence[str]) -> list[str]:
    """The first events that a page took in, where rows that say their names alone can be those, and not the last."""
    mine = known.of([*dict.fromkeys(those_in(held, known.keys()))])
    first, last = ([event.name for event in part] for part in (mine[: len(names)], mine[-len(names) :]))
    is_first = [*names] in (first, first[::-1]) and sorted(first) != sorted(last)
    return [event.key for event in mine[: len(names)]] if is_first else []


def _left_out(known: Events, span: Sequence[str], seen: AbstractSet[str]) -> Iterator[str]:
    """The events that have no row between those that have one, where most others of their name have one."""
    missing = [key for key in span if key not in seen]
    names = Counter(known[key].name for key in span) if missing else Counter[str]()
    lacking = Counter(known[key].name for key in missing)
    return (key for key in missing if lacking[known[key].name] < HALF * names[known[key].name])
