"""What a page's panels should show, as the fold of the events that they concern. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from harness.evidence import Evidence
from harness.model import Event, FactKind, Hop, Panel


def held(evidence: Evidence, load: str) -> list[Event]:
    """The session events that a page load holds: applied, or delivered where its state can't be seen."""
    hop = Hop.APPLIED if evidence.has_tap(Hop.APPLIED) else Hop.DELIVERED
    return [evidence.events[key] for key in evidence.seen[hop].get(load, {})]


def troubles(evidence: Evidence, shown: Mapping[str, Any], load: str) -> Iterator[str]:
    """Every panel that never changed, or whose numbers are not those of the session that it names.

    `shown` maps panel names to `{session, text, values}`, as in a `view` fact.
    """
    events = held(evidence, load)
    for panel in evidence.contract.panels:
        seen = shown.get(panel.name)
        mine = [] if seen is None else concerned(panel, seen.get("session"), events)
        if seen is not None and mine:
            yield from _unchanged(evidence, panel, load, len(mine))
            yield from _wrong(panel, seen["values"], mine)


def concerned(panel: Panel, session: str | None, events: Sequence[Event]) -> list[Event]:
    """The events that a panel is about; one that names no session is about all of them."""
    wanted = [event for event in events if not session or event.session == session]
    return [event for event in wanted if any(fnmatchcase(event.name, pattern) for pattern in panel.events)]


def _unchanged(evidence: Evidence, panel: Panel, load: str, count: int) -> Iterator[str]:
    facts = [fact for fact in evidence.facts(FactKind.PANEL) if fact.observer == load]
    if len({fact.data.get("text") for fact in facts if fact.data["panel"] == panel.name}) < 2:
        yield f"panel {panel.name} never changed, and {count} events concern it"


def _wrong(panel: Panel, values: Mapping[str, Any], events: Sequence[Event]) -> Iterator[str]:
    for value, counted in panel.values.items():
        expected = sum(1 for event in events if event.name in counted or "*" in counted)
        if number(values.get(value)) != expected:
            yield f"panel {panel.name} shows {value} {values.get(value)!r}, and {expected} events say otherwise"


def number(text: object) -> int | None:
    """The number that a text begins with, thousands separated or not; None when it begins with none."""
    digits = "".join(c for c in str(text).split(" ")[0] if c.isdigit())
    return int(digits) if digits else None
