"""Whether the story that a producer tells holds together: what begins ends, and what failed is no success. Pure.

Which events begin and end a thing is what the target says of the items that its panels list. Entities need not end, nor
what has no other state than its first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.judge.folds import at
from harness.model import Aspect, Event, Finding, Items
from harness.record.evidence import Evidence


def contradiction(evidence: Evidence, session: str, events: Sequence[Event]) -> Finding | None:
    """What speaks against a session's good end: something that was never ended, or ended badly and not done again."""
    bad = _bad_words(evidence)
    listed = (panel.items for panel in evidence.contract.panels if panel.items is not None)
    for items in (each for each in listed if not each.entities and {*each.states} - {each.opens}):
        last: dict[str, tuple[str, Event]] = {}
        for event in (each for each in events if each.name in items.states):
            data = None if event.digest is None else evidence.payload(event.digest)
            if not isinstance(data, dict):
                return None  # which thing it is about is not known
            last[_key(items, data, event, last)] = (event.name, event)
        for name, event in last.values():
            if name == items.opens or _last_word(name) in bad:
                return Finding(Aspect.NOT_ENDED_WELL, session=session, other=name, items=(event.key,))
    return None


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
