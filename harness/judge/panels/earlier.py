"""What panels showed last of a session before they turned to another one: a person has read that, too. Pure.

A page draws a little after it takes an event in: what was shown has to be what some of the last events made of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import pairwise

from harness.judge.panels import meanwhile
from harness.judge.panels.drawn import DRAWN_MS, MOST, shown_in, taken_in
from harness.judge.panels.expected import concerned
from harness.judge.panels.folds import wrong_in
from harness.judge.panels.heard import Heard
from harness.model import Fact, Finding, Panel
from harness.model.facts import PanelPart, PanelShown
from harness.record.evidence import Evidence


def troubles(evidence: Evidence, load: str, but: AbstractSet[str | None]) -> tuple[int, list[Finding]]:
    """How many comparisons were made, and what the panels of a page load showed otherwise.

    `but` these sessions, of which the page's state is wrong already.
    """
    checks, found = 0, list[Finding]()
    panels = [p for p in evidence.contract_at(load).panels if not p.each_session and (p.values or p.shows or p.items)]
    for panel in panels:
        for last, turn in _turns(evidence, panel, load):
            if last.body.session in but:
                continue
            ways = _made(evidence, panel, last, turn, load)
            checks += bool(ways)
            if ways and all(ways):
                found += next(way for way in ways if len(way) == min(map(len, ways)))
    looked, stood = meanwhile.troubles(evidence, load, but)
    told = {(why.panel, why.field) for why in found}
    return checks + looked, [*found, *(why for why in stood if (why.panel, why.field) not in told)]


def _turns(evidence: Evidence, panel: Panel, load: str) -> Iterator[tuple[Fact[PanelShown], Fact[PanelShown]]]:
    """What a panel showed last of each session before its last turn to another, and that turn."""
    shown = [f for f in shown_in(evidence, load).get(panel.name, ()) if f.body.session]
    turns = {one.body.session: (one, other) for one, other in pairwise(shown) if one.body.session != other.body.session}
    if shown:
        turns.pop(shown[-1].body.session, None)  # what it shows in the end is compared with all the rest
    yield from turns.values()


def _made(
    evidence: Evidence, panel: Panel, last: Fact[PanelShown], turn: Fact[PanelShown], load: str
) -> list[list[Finding]]:
    """What is wrong with what was shown, for each event that may have been the last one that was drawn.

    Where one of them makes it right the others are not looked at.
    """
    taken = [each for each in taken_in(evidence, load) if each[2] < turn.n and each[0].session == last.body.session]
    waited_ns = DRAWN_MS * 1e6 + evidence.starved_ms(last.at_ns, turn.at_ns) * 1e6
    drawn = sum(1 for _, at_ns, _ in taken if turn.at_ns - at_ns > waited_ns)
    part = PanelPart(last.body.session, last.body.text, last.body.values)
    events = [event for event, _, _ in taken]
    if len(taken) - drawn > MOST or not concerned(panel, last.body.session, events[:drawn]):
        return []  # what a panel shows of a session without events is up to the page
    ways = dict[tuple[int, int], list[Finding]]()
    for count in range(len(taken), drawn - 1, -1):
        mine = concerned(panel, last.body.session, events[:count])
        following = taken[count][2] if count < len(taken) else turn.n
        for until in {taken[count - 1][2], following}:  # what it was told of the session may not have been drawn either
            heard = Heard(evidence, load, mine, until)
            told = (len(mine), heard.notices_of(last.body.session))
            if told not in ways:
                ways[told] = [*wrong_in(heard, panel, part)]
            if not ways[told]:
                return [[]]
    return [*ways.values()][::-1]
