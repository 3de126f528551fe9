"""Faults that the harness brought about in the middle of a run, and which events they may have touched. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from harness.model import AnyFact, Fact, Hop, Sighting
from harness.model.facts import Faulted, Phase
from harness.record.evidence.observers import SERVER

PLACED_BY = (Hop.ROUTED, Hop.RECEIVED, Hop.SENT, Hop.EMITTED)
"""Where an event stands in the record is told by the last of these hops that saw it."""


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault. `recovered` is None for whom no traffic was seen to pass again, as a page that was closed.

    `keys` are the events that were on their way from its beginning until traffic passed again.
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
    """Of those the ones after it was over, where it struck the servers' side and nobody saw that this had recovered."""

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
        """Whoever was struck."""
        return frozenset(party for strike in self.each for party in strike.parties)

    def touched(self, *parties: str) -> frozenset[str]:
        """The keys of the events that were on their way while a fault was at one of these."""
        if self.parties.isdisjoint(parties):
            return frozenset()
        return frozenset().union(*(s.keys for s in self.each if not s.parties.isdisjoint(parties)))

    @cached_property
    def doubtful(self) -> frozenset[str]:
        """The keys of the events of which nobody knows whether the system could be expected to carry them."""
        return frozenset().union(*(strike.doubtful for strike in self.each))

    def came_before(self, end: AnyFact, *parties: str) -> bool:
        """Whether a fault at one of these had begun before something that the harness itself saw, on its own clock."""
        return any(end.at_ns > s.began.at_ns for s in self.each if not s.parties.isdisjoint(parties))

    def is_gone(self, party: str) -> bool:
        """Whether somebody was struck and never came back, as a page that was closed."""
        return any(strike.recovered is None and party in strike.parties for strike in self.each)


def place_of(sighting: Sighting) -> str:
    """In whose numbering a sighting has its place: of what a CLI says and what it sends, each has its own."""
    return f"{sighting.observer}/sent" if sighting.hop is Hop.SENT else sighting.observer


def strikes(faulted: Iterable[Fact[Faulted]], flow: Mapping[Hop, Sequence[Sighting]]) -> Strikes:
    """Every fault of a record, in the order of their beginnings. `flow` is what the server's side saw, by hop."""
    phases: dict[str, dict[Phase, Fact[Faulted]]] = defaultdict(dict)
    for fact in faulted:
        phases[fact.body.fault][fact.body.phase] = fact
    return Strikes(tuple(_strike(found, flow) for found in phases.values() if Phase.BEGAN in found))


def _strike(found: Mapping[Phase, Fact[Faulted]], flow: Mapping[Hop, Sequence[Sighting]]) -> Strike:
    began, over = found[Phase.BEGAN], found.get(Phase.RECOVERED)
    body, until = began.body, None if over is None else over.body.after
    before = {key for key, each in _placed(flow).items() if each.n <= body.after.get(place_of(each), -1)}
    touched = (key for key, each in _placed(flow).items() if until is None or each.n <= until.get(place_of(each), -1))
    keys = frozenset(key for key in touched if key not in before)
    healed = found.get(Phase.HEALED)
    effect = "" if healed is None else healed.body.effect
    is_unseen = healed is not None and over is None and SERVER in body.parties
    placed = _placed(flow) if is_unseen else {}
    late = frozenset(key for key in keys if healed and key in placed and _is_after(placed[key], healed))
    return Strike(body.fault, body.does, frozenset(body.parties), effect, began, healed, over, keys, late)


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
