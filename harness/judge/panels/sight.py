"""Whether what a page says in an attribute is what a person reads there, and whether a person can see it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.judge.panels.expected import concerned, held
from harness.model import Aspect, Finding
from harness.model.facts import StatusShown, View
from harness.record.evidence import Evidence

NUMBERS = re.compile(r"\d+(?:[,.\u00a0\u202f' ]\d{3})*")
"""The numbers of a text, with what may separate their thousands."""

ABOUT_CONNECTION = re.compile(r"connect|online|offline|\blive\b", re.IGNORECASE)
"""Words that speak of a connection: other texts of a status may stay as they are."""


def said_otherwise(evidence: Evidence, view: View, load: str) -> Iterator[Finding]:
    """Counter, note of the list and status that say one thing in an attribute and another one in words."""
    window = view.window
    parts = (
        ("counter", view.counter, view.counter_text),
        ("note of the list", None if window is None else window.total, None if window is None else window.text),
    )
    for part, expected, text in parts:
        shown = _numbers(text or "")
        if expected is not None and shown and expected not in shown:
            yield Finding(Aspect.TEXT_OTHERWISE, field=part, expected=expected, found=text)
    words: dict[bool, set[str]] = {True: set(), False: set()}
    for fact in (fact for fact in evidence.facts(StatusShown) if fact.observer == load):
        words[fact.body.connected].add(fact.body.text)
    same = sorted(text for text in words[True] & words[False] if ABOUT_CONNECTION.search(text))
    if same:
        yield Finding(Aspect.STATUS_TEXT, found=same[0])


def _numbers(text: str) -> set[int]:
    return {int(re.sub(r"\D", "", found)) for found in NUMBERS.findall(text)}


def unseen(evidence: Evidence, view: View, load: str) -> Iterator[Finding]:
    """What the target compares and a person can't see: its promises are not kept, for an unknown reason."""
    hidden = {*view.unseen}
    if not hidden:
        return
    events = held(evidence, load)
    yield from (Finding(Aspect.PART_HIDDEN, field=part) for part in ("counter", "status") if part in hidden)
    for panel in evidence.contract_at(load).panels:
        parts = [panel.name, *(f"{panel.name}: {value}" for value in (*panel.values, *panel.shows))]
        found = next((part for part in parts if part in hidden), None)
        if found is not None and concerned(panel, None, events):
            yield Finding(Aspect.PART_HIDDEN, field=f"panel {found}", panel=panel.name)
