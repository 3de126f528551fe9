"""Whether the story that a producer tells holds together: what begins ends, and what failed has not succeeded. Pure.

Which events begin and end a thing is what the target says of the items that its panels list. Entities need not begin in
the session that tells of them, nor end in it, unless the target says how they end; nor does what has no other state
than its first. How a session begins is what the target says of its first event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from harness.judge.values.paths import at
from harness.model import Aspect, Event, Finding, Items
from harness.record.evidence import Evidence
from harness.record.evidence.stored_events import named


def wrong_beginning(evidence: Evidence, session: str, events: Sequence[Event]) -> Finding | None:
    """What speaks against how a session began: by another event than one that begins it, or a second time.

    `events` are all that its producer reported: where that was not observed, it is not known which was the first.
    """
    initial = evidence.contract.initial
    if not initial or evidence.reported is None or not events:
        return None
    first = events[0]
    if first.name not in initial:
        return Finding(Aspect.FIRST_EVENT, session=session, expected=" or ".join(initial), found=first.name)
    again = next((event for event in named(events, initial) if event.key != first.key), None)
    return None if again is None else Finding(Aspect.BEGUN_AGAIN, session=session, other=again.name, items=(again.key,))


def contradiction(evidence: Evidence, session: str, events: Sequence[Event], *, is_good: bool) -> Finding | None:
    """What ended without having begun; and, in a session that ended well, what never ended, or badly and for good.

    A session in which nothing of a kind begins may tell of its ends alone.
    """
    bad = _bad_words(evidence)
    listed = [panel.items for panel in evidence.contract.every_panel if panel.items is not None]
    for items in (each for each in listed if each.entities and each.each is None):
        if (wrong := _of_entities(evidence, session, items, events, is_good=is_good)) is not None:
            return wrong
    for items in (each for each in listed if _has_ends(evidence, each)):
        last: dict[str, tuple[str, Event]] = {}
        begun = Counter[str]()  # what is known by one key may begin again before it ends
        tells_beginnings = items.each is None and bool(named(events, (items.opens,)))
        for event in named(events, items.states):
            data = None if event.digest is None else evidence.payload(event.digest)
            if not isinstance(data, dict):
                return None  # which thing it is about is not known
            key = _key(items, data, event, last)
            begun[key] += 1 if event.name == items.opens else -1
            if begun[key] < 0 and tells_beginnings:
                return Finding(Aspect.NOT_BEGUN, session=session, other=event.name, items=(event.key,))
            last[key] = (event.name, event)
        for name, event in last.values() if is_good else ():
            if name == items.opens or _last_word(name) in bad:
                return Finding(Aspect.NOT_ENDED_WELL, session=session, other=name, items=(event.key,))
    return None


def _of_entities(
    evidence: Evidence, session: str, items: Items, events: Sequence[Event], *, is_good: bool
) -> Finding | None:
    """What is told of an entity after it was gone or had ended, and before it began again; where the target says how
    entities end, also what is told of one that never began, and what never ended in a session that ended well.
    """
    over = {*items.removes, *items.ends}
    if not over or items.key.partition(".")[0] in evidence.contract.added:
        return None
    going_on, begun, ended = dict[str, Event](), Counter[str](), set[str]()
    names = {*items.states, *over} if items.by is None else {event.name for event in events}
    for event in named(events, names):
        data = None if event.digest is None else evidence.payload(event.digest)
        said = at(data, items.key) if isinstance(data, dict) else data
        if said is None and items.by is not None and event.name not in (items.opens, *over):
            continue  # it is of something else
        if not isinstance(said, str | int):
            return None  # which one it is about is not known
        key = str(said)
        if event.name == items.opens:
            going_on[key] = event
            begun[key] += 1
        elif key in ended or (items.ends and not begun[key]):
            return Finding(Aspect.NOT_BEGUN, session=session, other=event.name, items=(event.key,))
        elif event.name in over:
            going_on.pop(key, None)
            begun[key] = max(0, begun[key] - 1)  # what began twice may end twice
        elif key in going_on:
            going_on[key] = event
        (ended.add if event.name in over and not begun[key] else ended.discard)(key)
    last = next(iter(going_on.values()), None) if items.ends and is_good else None
    return None if last is None else Finding(Aspect.NOT_ENDED_WELL, session=session, other=last.name, items=(last.key,))


def _has_ends(evidence: Evidence, items: Items) -> bool:
    """Whether items end, and a producer says which: of what the server knows them by it tells nothing."""
    is_told = items.key.partition(".")[0] not in evidence.contract.added
    return is_told and not items.entities and bool({*items.states} - {items.opens})


def _key(items: Items, data: Any, event: Event, last: dict[str, tuple[str, Event]]) -> str:
    """What an item is known by; an end that does not say it is of the item that began last."""
    key = at(data, items.key)
    if key is None and event.name != items.opens:
        return next((k for k, (name, _) in reversed(last.items()) if name == items.opens), "")
    return str(key)


def _bad_words(evidence: Evidence) -> set[str]:
    """How the names of events end that end a session badly, and never well: `failed`."""
    good = {*map(_last_word, evidence.contract.terminal_ok)}
    return {*map(_last_word, evidence.contract.terminal)} - good


def _last_word(name: str) -> str:
    for separator in ".:/-_ ":
        name = name.rpartition(separator)[2]
    return name.casefold()
