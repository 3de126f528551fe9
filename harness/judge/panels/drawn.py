"""What a page load took in, and what its panels showed, in the order of its record. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.model import Event, Fact, Hop
from harness.model.facts import PanelShown
from harness.record.evidence import Evidence, label_of
from harness.record.remembered import remembered

DRAWN_MS = 250.0
"""So long after it took an event in a page has to have drawn it, at the latest."""

MOST = 50
"""Of so many events at most, that may not have been drawn, is each tried as the last that was."""


@remembered
def shown_in(evidence: Evidence, load: str) -> Mapping[str, Sequence[Fact[PanelShown]]]:
    found: dict[str, list[Fact[PanelShown]]] = {}
    for fact in evidence.facts(PanelShown):
        if fact.observer == load:
            found.setdefault(fact.body.panel, []).append(fact)
    return {name: sorted(facts, key=lambda fact: fact.n) for name, facts in found.items()}


@remembered
def taken_in(evidence: Evidence, load: str) -> Sequence[tuple[Event, int, int]]:
    """The events that a page load took in, each once, as they were given to it; when, and where in its record."""
    hop = Hop.APPLIED if evidence.has_tap(Hop.APPLIED, label_of(load)) else Hop.DELIVERED
    given = evidence.given(load)
    found: dict[str, tuple[Event, int, int]] = {}
    for sighting in evidence.page[hop].get(load, ()):
        if sighting.event.key in given:
            found.setdefault(sighting.event.key, (given[sighting.event.key], sighting.at_ns, sighting.n))
    return [*found.values()]


@remembered
def given_at(evidence: Evidence, load: str) -> Mapping[str, int]:
    """Where in the record of a page load each event was delivered to it first: its panels know it from then on."""
    found: dict[str, int] = {}
    for sighting in evidence.page[Hop.DELIVERED].get(load, ()):
        found.setdefault(sighting.event.key, sighting.n)
    return found


@remembered
def first_had(evidence: Evidence, load: str) -> Mapping[str | None, Sequence[int]]:
    """Where in its record a page load had each event that it took in, in order: by session, and of all under None."""
    came, found = given_at(evidence, load), dict[str | None, list[int]]()
    for event, _, n in taken_in(evidence, load):
        first = min(n, came.get(event.key, n))
        for session in {event.session, None}:
            found.setdefault(session, []).append(first)
    return {session: sorted(places) for session, places in found.items()}
