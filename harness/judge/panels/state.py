"""Whether what a page's state holds beside its events is the fold of those, for each session. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from harness.judge.panels import expected, turned
from harness.judge.panels.expected import concerned, held, sessions_of
from harness.judge.panels.folds import wrong_in
from harness.judge.panels.heard import Heard
from harness.judge.panels.numbers import wrong_numbers
from harness.model import Aspect, Event, Finding, Panel
from harness.model.facts import PanelPart, View
from harness.record.evidence import Evidence


def compared(evidence: Evidence, view: View, load: str) -> int:
    """How many values are compared."""
    if view.state is None:
        return 0
    each = len(sessions_of(evidence, load))
    parts = evidence.contract_at(load).state
    return sum((len(of.values) + len(of.shows)) * (each if of.each_session else 1) for of in parts)


def troubles(evidence: Evidence, view: View, load: str) -> Iterator[Finding]:
    """Values that are not what the events that the page holds make of them, and what it was told of sessions."""
    if view.state is None or not evidence.contract_at(load).state:
        return  # what a page holds is made of objects, which costs more than the rest of a long ledger
    events = held(evidence, load)
    for panel in evidence.contract_at(load).state:
        for session in sessions_of(evidence, load) if panel.each_session else [None]:
            mine = concerned(panel, session, events)
            part = PanelPart(session, "", (view.state or {}).get(session or "", {}))
            wrong = [*wrong_in(Heard(evidence, load, mine), panel, part)]
            if wrong and (missed := _missed_between(evidence, session, mine)):
                with_all = [*wrong_numbers(panel, part.values, concerned(panel, session, [*mine, *missed]), {})]
                wrong = [why for why in wrong if not _is_filled_in(why, with_all)]
            yield from (replace(why, aspect=Aspect.STATE_VALUE, panel=None, session=session) for why in wrong)


def _missed_between(evidence: Evidence, session: str | None, held: Sequence[Event]) -> list[Event]:
    """The events of a session between the first and the last that a page holds of it, and that it lacks."""
    numbers = {event.seq for event in held if event.seq is not None}
    between = range(min(numbers, default=0), max(numbers, default=0))
    return [event for event in evidence.sessions.get(session or "", ()) if event.seq in {*between} - numbers]


def _is_filled_in(why: Finding, with_all: Sequence[Finding]) -> bool:
    """Whether a page that missed events has a number between that of those it holds and that of all there were.

    An end without its beginning, say, tells it of what it missed: that is not wrong beside the loss itself.
    """
    if not isinstance(why.found, str) or not why.found.isdecimal() or not isinstance(why.expected, int):
        return False
    of_all = next((each.expected for each in with_all if each.field == why.field), int(why.found))
    return isinstance(of_all, int) and why.expected <= int(why.found) <= of_all


def wrong_of(evidence: Evidence, view: View, load: str) -> set[str | None]:
    """The sessions of which the state holds something wrong; None for what is of none."""
    return {why.session for why in troubles(evidence, view, load)}


def troubles_of_panels(evidence: Evidence, view: View, load: str) -> Iterator[Finding]:
    """What panels show otherwise than their events say; those that show what the state holds wrongly can't be right."""
    yield from turned.troubles(evidence, view.panels, load)
    following = _shown_in(evidence.contract_at(load).panels, view, wrong_of(evidence, view, load))
    yield from (why for why in expected.troubles(evidence, view.panels, load) if (why.panel or "") not in following)


def _shown_in(panels: Sequence[Panel], view: View, wrong: AbstractSet[str | None]) -> set[str]:
    found = set[str]()
    for panel in panels if wrong else ():
        part = (view.panels or {}).get(panel.name)
        if panel.each_session:
            found |= {f"{panel.name} {session}" for session in wrong}
        elif part is not None and part.session in wrong:
            found.add(panel.name)
    return found
