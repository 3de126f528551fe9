"""One load of a page: what is known of it while its records are translated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.model import Event


@dataclass(slots=True)
class Load:
    """What is known of one load of the page while its records are translated."""

    observer: str
    n: int = 0
    requests: dict[tuple[int, str, int], str] = field(default_factory=dict)
    sids: dict[tuple[int, str], str | None] = field(default_factory=dict)
    delivered: list[Event] = field(default_factory=list)
    applied: list[Event | None] = field(default_factory=list)
    unapplied: dict[str, tuple[Event, Any]] = field(default_factory=dict)
    rendered: Counter[str] = field(default_factory=Counter)
    """How often rows and the counter have shown what they call so."""
    given: Counter[str] = field(default_factory=Counter)
    """How often the page was given an event, by its key and by its number alone."""
    counter: int = 0
    counted: int = 0
    """How many of what the page holds have been looked at, in its order, for what the counter stands for."""
    looked: Counter[str] = field(default_factory=Counter)
    """How many of those are what rows call so, where rows don't say which event they show."""
    ahead: Counter[str] = field(default_factory=Counter)
    """How often the counter stood for a row that is called so, and that may come after it."""
    shown: int = 0
    """How many events were shown by a row or by the counter, an event that has two rows twice."""
    is_windowed: bool = False
    unread: set[int] = field(default_factory=set)
    """Connections whose client has closed them over a message: it reads none after that, in the same answer or not."""

    def next_n(self) -> int:
        self.n += 1
        return self.n


def differences(event: Event, data: Any, delivered: tuple[Event, Any] | None) -> dict[str, Any]:
    """Which fields of an item of the state are others than those that were delivered; none where it is the same."""
    if delivered is None or delivered[0].digest == event.digest:
        return {}
    before = delivered[1]
    if not isinstance(before, Mapping) or not isinstance(data, Mapping):
        return {"differs": {"whole": True}}
    changed = [name for name in before if name in data and before[name] != data[name]]
    missing, added = [name for name in before if name not in data], [name for name in data if name not in before]
    found = {"missing": missing, "added": added, "changed": changed}
    return {"differs": {how: [name[:100] for name in fields[:20]] for how, fields in found.items() if fields}}
