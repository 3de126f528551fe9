"""What a page's panels should show, as the fold of the events that they concern. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from operator import itemgetter

from harness.judge.messages import notices
from harness.judge.panels.folds import wrong_in
from harness.judge.panels.heard import Heard
from harness.model import NEWEST_FIRST, Aspect, Event, Finding, Hop, Panel
from harness.model.facts import PanelPart, PanelShown, Requested
from harness.record.evidence import Evidence, first_object, label_of, stored_events
from harness.record.evidence.streams import Stream
from harness.record.remembered import remembered


def held(evidence: Evidence, load: str) -> Sequence[Event]:
    """The session events that a page load holds, as they were delivered to it: applied, or delivered where its state
    can't be seen. That an event had another name before is not wrong in what the page shows.
    """
    hop = Hop.APPLIED if evidence.has_tap(Hop.APPLIED, label_of(load)) else Hop.DELIVERED
    return _held(evidence, evidence.shown[hop].get(load), evidence.shown[Hop.DELIVERED].get(load))


@remembered
def _held(evidence: Evidence, shown: Stream | None, told: Stream | None) -> Sequence[Event]:
    """The same for all pages alike that show the same and were told the same."""
    return [] if shown is None else evidence.given_by(told).some(shown.keys)


def held_sessions(evidence: Evidence, load: str) -> set[str | None]:
    """The sessions of those."""
    hop = Hop.APPLIED if evidence.has_tap(Hop.APPLIED, label_of(load)) else Hop.DELIVERED
    return evidence.given(load).sessions_of(evidence.keys_on_page(hop, load))


def troubles(evidence: Evidence, shown: Mapping[str, PanelPart] | None, load: str) -> Iterator[Finding]:
    """Every panel that is not there, never changed, or whose numbers are not those of the session that it names.

    `shown` is by the panels' names, as in a `view` fact; None where panels were not looked at.
    """
    panels = evidence.contract_at(load).panels
    if shown is None or not panels:
        return
    events = held(evidence, load)
    for panel in panels:
        if panel.each_session:
            yield from _of_each_session(evidence, panel, shown, events, load)
            continue
        seen = shown.get(panel.name)
        mine = concerned(panel, None if seen is None else seen.session, events)
        if not mine:
            continue
        if seen is None:
            yield Finding(Aspect.PANEL_ABSENT, panel=panel.name, count=len(mine))
        elif panel.values or panel.shows or panel.items:
            yield from _wrong_in(evidence, load, panel, seen, mine)
        else:
            yield from _unchanged(evidence, panel, load, len(mine))


def _wrong_in(
    evidence: Evidence, load: str, panel: Panel, seen: PanelPart, events: Sequence[Event]
) -> Iterator[Finding]:
    """What is not as these events make it; where a session's id was used again, nor as those since then do."""
    found = [*wrong_in(Heard(evidence, load, events), panel, seen)]
    if found and evidence.lives:
        wrong = wrong_in(Heard(evidence, load, evidence.of_last_lives(events)), panel, seen)
        also = {(why.aspect, why.field) for why in wrong}
        found = [why for why in found if (why.aspect, why.field) in also]
    yield from found


def _of_each_session(
    evidence: Evidence, panel: Panel, shown: Mapping[str, PanelPart], events: Sequence[Event], load: str
) -> Iterator[Finding]:
    """A page that has a part for every session has one for each that it holds events of, or was told of."""
    parts = {part.session: part for name, part in shown.items() if name in (panel.name, f"{panel.name} {part.session}")}
    for session in sessions_of(evidence, load):
        mine = concerned(panel, session, events)
        part = parts.get(session)
        if part is None:
            yield Finding(Aspect.PANEL_ABSENT, panel=f"{panel.name} {session}", count=len(mine))
            continue
        named = replace(panel, name=f"{panel.name} {session}")
        yield from wrong_in(Heard(evidence, load, mine), named, part)
    if panel.order is not None:
        yield from _out_of_order(panel, [*parts], _first_heard(evidence, load))


def _out_of_order(panel: Panel, shown: Sequence[str | None], heard: Mapping[str | None, int]) -> Iterator[Finding]:
    """The first session whose part does not stand where the page heard of it."""
    known = [session for session in shown if session in heard]
    right = sorted(known, key=heard.__getitem__, reverse=panel.order == NEWEST_FIRST)
    for found, expected in zip(known, right, strict=True):
        if found != expected:
            yield Finding(Aspect.PANEL_ORDER, panel=panel.name, expected=expected, found=found)
            return


def _first_heard(evidence: Evidence, load: str) -> dict[str | None, int]:
    """When a page first heard of each session, in the numbers of its own record."""
    found: dict[str | None, int] = {}
    given = ((s.event.session, s.n) for s in evidence.page[Hop.DELIVERED].get(load, ()))
    told = ((each.session, each.fact.n) for each in notices.told(evidence).get(load, ()))
    for session, n in sorted([*given, *told], key=itemgetter(1)):
        found.setdefault(session, n)
    asked = {first_object(f.body.args).get("session") for f in evidence.facts(Requested) if f.observer == load}
    return {session: n for session, n in found.items() if session not in asked}  # it may know those from before


def sessions_of(evidence: Evidence, load: str) -> list[str]:
    """The sessions that a page holds events of, or was told of, in the order in which it was."""
    told = (each.session for each in notices.told(evidence).get(load, ()))
    return [*dict.fromkeys([*(event.session for event in held(evidence, load) if event.session), *told])]


def concerned(panel: Panel, session: str | None, events: Sequence[Event]) -> Sequence[Event]:
    """The events that a panel is about; one that names no session is about all of them."""
    return stored_events.concerned(events, lambda name: is_about(panel, name), session or None)


def is_about(panel: Panel, name: str) -> bool:
    """Whether a panel is about the events of a name."""
    return any(fnmatchcase(name, pattern) for pattern in panel.events)


def _unchanged(evidence: Evidence, panel: Panel, load: str, count: int) -> Iterator[Finding]:
    """A panel without numbers proves itself by having changed at all."""
    facts = [fact for fact in evidence.facts(PanelShown) if fact.observer == load]
    if len({fact.body.text for fact in facts if fact.body.panel == panel.name}) < 2:
        yield Finding(Aspect.PANEL_UNCHANGED, panel=panel.name, count=count)
