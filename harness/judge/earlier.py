"""What panels showed last of a session before they turned to another one: a person has read that, too. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from harness.judge.folds import shown_otherwise
from harness.judge.panels import concerned, held, often, wrong_numbers
from harness.model import Event, Fact, Finding, Hop, Panel
from harness.model.facts import PanelPart, PanelShown
from harness.record.evidence import Evidence
from harness.record.remembered import remembered

DRAWN_MS = 250.0
"""So long a page has at least to draw what ended a session, or else what it showed last may be from before."""


def troubles(evidence: Evidence, load: str, but: AbstractSet[str | None]) -> tuple[int, list[Finding]]:
    """How many comparisons were made, and what the panels of a page load showed otherwise.

    `but` these sessions, of which the page's state is wrong already.
    """
    checks, found = 0, list[Finding]()
    panels = [p for p in evidence.contract.panels if not p.each_session and (p.values or p.shows or p.items)]
    for panel in panels:
        for last, mine in _complete(evidence, panel, load):
            if last.body.session in but:
                continue
            checks += 1
            part = PanelPart(last.body.session, last.body.text, last.body.values)
            found += wrong_numbers(panel, part.values, mine, often(evidence, load))
            found += shown_otherwise(evidence, panel, part, mine, load)
    return checks, found


def _complete(evidence: Evidence, panel: Panel, load: str) -> Iterator[tuple[Fact[PanelShown], Sequence[Event]]]:
    """What a panel showed last of each session that had ended before, with the events that it is about."""
    shown = [f for f in _shown(evidence, load).get(panel.name, ()) if f.body.session]
    turns = [(before, after) for before, after in zip(shown, shown[1:], strict=False) if _turns(before, after)]
    last = {before.body.session: (before, after) for before, after in turns}
    if shown:
        last.pop(shown[-1].body.session, None)  # what it shows in the end is compared with all the rest
    ended = _ended(evidence, load)
    for session, (before, after) in last.items():
        at_ns = ended.get(session or "")
        if at_ns is None or after.at_ns - at_ns - evidence.starved_ms(at_ns, after.at_ns) * 1e6 < DRAWN_MS * 1e6:
            continue
        if mine := concerned(panel, session, held(evidence, load)):
            yield before, mine


def _turns(before: Fact[PanelShown], after: Fact[PanelShown]) -> bool:
    return before.body.session != after.body.session


@remembered
def _shown(evidence: Evidence, load: str) -> Mapping[str, Sequence[Fact[PanelShown]]]:
    found: dict[str, list[Fact[PanelShown]]] = {}
    for fact in evidence.facts(PanelShown):
        if fact.observer == load:
            found.setdefault(fact.body.panel, []).append(fact)
    return {name: sorted(facts, key=lambda fact: fact.n) for name, facts in found.items()}


@remembered
def _ended(evidence: Evidence, load: str) -> Mapping[str, int]:
    """When a page load had the last event of each session that ended, where that is its terminal event."""
    hop = Hop.APPLIED if evidence.has_tap(Hop.APPLIED) else Hop.DELIVERED
    last: dict[str, tuple[str, int]] = {}
    for sighting in evidence.page[hop].get(load, ()):
        last[sighting.event.session or ""] = sighting.event.name, sighting.at_ns
    return {session: at_ns for session, (name, at_ns) in last.items() if name in evidence.contract.terminal}
