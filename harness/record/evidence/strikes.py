"""Faults that the harness brought about in the middle of a run, and which events they may have touched. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from harness.model import AnyFact, Fact, Hop, Sighting
from harness.model.facts import Faulted, Phase
from harness.record.evidence.observers import SERVER, label_of, position

PLACED_BY = (Hop.ROUTED, Hop.RECEIVED, Hop.SENT, Hop.EMITTED)
"""Where an event stands in the record is told by the last of these hops that saw it."""


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault. `recovered` is None for whom no traffic was seen to pass again, as a page that was closed.

    `keys` are the events that were on their way from its beginning until traffic passed again: those that were routed
    before it, too, as long as a page that it may have struck had neither them nor a later one.
    """

    fault: str
    does: str
    parties: frozenset[str]
    effect: str
    began: Fact[Faulted]
    healed: Fact[Faulted] | None
    recovered: Fact[Faulted] | None
    keys: frozenset[str] = field(repr=False)
    doubtful: frozenset[str] = field(default=frozenset(), repr=False)
    """Of those the ones after it was over, where it struck the servers' side and its recovery was not observed."""

    @property
    def seconds_to_recover(self) -> float | None:
        """From its healing until traffic passed again."""
        if self.healed is None or self.recovered is None:
            return None
        return (self.recovered.at_ns - self.healed.at_ns) / 1e9


@dataclass(frozen=True)
class Strikes:
    """Every fault of a run, in the order of their beginnings; parties by their names in the record."""

    each: tuple[Strike, ...] = ()

    @cached_property
    def parties(self) -> frozenset[str]:
        """The parties that were struck."""
        return frozenset(party for strike in self.each for party in strike.parties)

    def touched(self, *parties: str) -> frozenset[str]:
        """The keys of the events that were on their way while a fault was at one of these."""
        if self.parties.isdisjoint(parties):
            return frozenset()
        return frozenset().union(*(s.keys for s in self.each if not s.parties.isdisjoint(parties)))

    @cached_property
    def doubtful(self) -> frozenset[str]:
        """The keys of the events that the system may or may not be expected to carry: which is not known."""
        return frozenset().union(*(strike.doubtful for strike in self.each))

    def came_before(self, end: AnyFact, *parties: str) -> bool:
        """Whether a fault at one of these had begun before something that the harness itself saw, on its own clock."""
        return any(end.at_ns > s.began.at_ns for s in self.each if not s.parties.isdisjoint(parties))

    def is_gone(self, party: str) -> bool:
        """Whether a party was struck and never came back, as a page that was closed."""
        return any(strike.recovered is None and party in strike.parties for strike in self.each)


def place_of(sighting: Sighting) -> str:
    """In whose numbering a sighting has its place: of what a CLI says and what it sends, each has its own."""
    return f"{sighting.observer}/sent" if sighting.hop is Hop.SENT else sighting.observer


def strikes(
    faulted: Iterable[Fact[Faulted]],
    flow: Mapping[Hop, Sequence[Sighting]],
    pages: Mapping[str, Sequence[Sighting]] = MappingProxyType({}),
) -> Strikes:
    """Every fault of a record, in the order of their beginnings.

    `flow` is what the server's side saw, by hop; `pages` what was delivered to each load of a page.
    """
    phases: dict[str, dict[Phase, Fact[Faulted]]] = defaultdict(dict)
    for fact in faulted:
        phases[fact.body.fault][fact.body.phase] = fact
    return Strikes(tuple(_strike(found, flow, pages) for found in phases.values() if Phase.BEGAN in found))


def _strike(
    found: Mapping[Phase, Fact[Faulted]],
    flow: Mapping[Hop, Sequence[Sighting]],
    pages: Mapping[str, Sequence[Sighting]],
) -> Strike:
    began, over = found[Phase.BEGAN], found.get(Phase.RECOVERED)
    body, until = began.body, None if over is None else over.body.after
    before = {key for key, each in _placed(flow).items() if each.n <= body.after.get(place_of(each), -1)}
    touched = (key for key, each in _placed(flow).items() if until is None or each.n <= until.get(place_of(each), -1))
    keys = frozenset(key for key in touched if key not in before) | _under_way(began, flow, pages)
    healed = found.get(Phase.HEALED)
    effect = "" if healed is None else healed.body.effect
    is_unseen = healed is not None and over is None and SERVER in body.parties
    placed = _placed(flow) if is_unseen else {}
    late = frozenset(key for key in keys if healed and key in placed and _is_after(placed[key], healed))
    return Strike(body.fault, body.does, frozenset(body.parties), effect, began, healed, over, keys, late)


def _under_way(
    began: Fact[Faulted], flow: Mapping[Hop, Sequence[Sighting]], pages: Mapping[str, Sequence[Sighting]]
) -> frozenset[str]:
    """The events that were routed before a fault began and had not come to a page that it may have struck.

    What is sent to a page comes in order: before the last event that it had, nothing was on its way any more. A fault
    at the servers' side strikes the ways to all pages; one at a producer none. What another page had by then is not
    excused: it had been sent.
    """
    after, parties = began.body.after, began.body.parties
    labels = {each.partition(":")[2] for each in parties if each.startswith("dashboard:")}
    if SERVER in parties:
        labels |= {label_of(load) for load in pages}
    routed = sorted((s for s in flow.get(Hop.ROUTED, ()) if s.n <= after.get(s.observer, -1)), key=position)
    had = {load: {s.event.key for s in seen if s.n <= after.get(load, -1)} for load, seen in pages.items()}
    sent, found = set[str]().union(*had.values()), set[str]()
    for label in labels:
        mine = set[str]().union(*(keys for load, keys in had.items() if label_of(load) == label))
        last = max((place for place, each in enumerate(routed) if each.event.key in mine), default=-1)
        found |= {each.event.key for each in routed[last + 1 :]} - sent
    return frozenset(found)


def _is_after(sighting: Sighting, fact: Fact[Faulted]) -> bool:
    return sighting.n > fact.body.after.get(place_of(sighting), -1)


def _placed(flow: Mapping[Hop, Sequence[Sighting]]) -> dict[str, Sighting]:
    """Event key to its first sighting at the last hop of the server's side that saw it."""
    found: dict[str, Sighting] = {}
    for hop in PLACED_BY:
        new: dict[str, Sighting] = {}
        for sighting in flow.get(hop, ()):
            if sighting.event.key not in found:
                new.setdefault(sighting.event.key, sighting)
        found |= new
    return found
