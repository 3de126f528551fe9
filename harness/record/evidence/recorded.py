"""What a ledger says was seen, by whom and in which order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from functools import cached_property
from operator import attrgetter
from typing import Any, cast

from harness.model import PAGE_SIDE, AnyFact, B, Body, Contract, Fact, Hop, Sighting
from harness.model.facts import (
    Acknowledged,
    CliSession,
    Connected,
    NoHandler,
    PageConnected,
    PageLoaded,
    Refused,
    Requested,
    View,
)
from harness.record.evidence.index import Index, index
from harness.record.evidence.matching import has_ids, matched
from harness.record.evidence.observers import SERVER, Position, by_observer, family, incarnation, label_of, position
from harness.record.evidence.own_messages import own_messages, without
from harness.record.ledger import Ledger, collector_at_rest

FENCE_NAMESPACE = "/__fence"
"""How the namespaces begin that the harness's own fences ask for; every fence is refused, and that is no error."""


NOTHING: Mapping[str, int] = Counter()
"""Not one event."""

ON_SERVER = (Hop.RECEIVED, Hop.ROUTED)

observer_of = attrgetter("observer")
recipients_of = attrgetter("recipients")


class Recorded:
    """The part of the evidence that was seen."""

    def __init__(self, ledger: Ledger) -> None:
        self.contract: Contract = ledger.contract
        with collector_at_rest():
            found, self.identity = self._index(ledger), ledger.contract.identity
            self.own_messages = own_messages(found, self.facts(PageConnected))
            if self.own_messages:
                ledger = replace(ledger, sightings=without(ledger.sightings, self.own_messages))
                found = self._index(ledger)
            if not has_ids(found.events, found.streams(), self._facts):
                ledger, self.identity = matched(ledger)
                found = self._index(ledger)
        self.ledger = ledger
        self.events, self.flow, self.once = found.events, found.flow, found.once
        self.page, self.said, self.shown = found.page, found.said, found.shown

    def _index(self, ledger: Ledger) -> Index:
        self._facts: dict[type[Body], list[AnyFact]] = defaultdict(list)
        for _, listed in by_observer(ledger.facts):
            for fact in listed:
                self._facts[type(fact.body)].append(fact)
        refused = self.facts(Refused)
        self._facts[Refused] = [f for f in refused if not (f.body.namespace or "").startswith(FENCE_NAMESPACE)]
        sightings = self._until_looked_at(ledger.sightings) if ledger.contract.shared else ledger.sightings
        return index(sightings, self.facts(Requested, SERVER), self.facts(NoHandler, SERVER), self.facts(Acknowledged))

    def _until_looked_at(self, sightings: Sequence[Sighting]) -> list[Sighting]:
        """Without others' events that came to a page after it was looked at: they can't be in what it showed."""
        own = {s.event.session for s in sightings if s.hop in (Hop.EMITTED, Hop.SENT)} | {
            f.body.session for f in self.facts(CliSession)
        }
        last = {fact.observer: fact.n for fact in self.facts(View)}
        return [s for s in sightings if s.event.session in own or s.n <= last.get(s.observer, s.n)]

    def facts(self, kind: type[B], observer: str | None = None) -> list[Fact[B]]:
        """All facts of a kind, in each observer's order; `observer` narrows to one family (`dashboard:A`, `server`)."""
        found = cast("list[Fact[B]]", self._facts.get(kind, ()))
        return [f for f in found if observer is None or family(f.observer) == observer]

    def at(self, hop: Hop, key: str | None) -> Sequence[Sighting]:
        """An event's sightings at a hop of the server's side."""
        return self.once[hop].get(key or "", ())

    def on_page(self, hop: Hop, load: str) -> Sequence[Sighting]:
        """What a page load showed at a hop of the page's side, in its order."""
        return self.page[hop].get(load, ())

    def counted(self, hop: Hop, load: str) -> Mapping[str, int]:
        """The same by event key: how often."""
        return self.seen[hop].get(load, NOTHING)

    def keys_on_page(self, hop: Hop, load: str) -> Set[str]:
        """The keys of the same."""
        stream = self.shown[hop].get(load)
        return frozenset() if stream is None else stream.keys

    @cached_property
    def seen(self) -> Mapping[Hop, Mapping[str, Counter[str]]]:
        """Hop of the page's side to page load to how often it saw which event, by key."""
        return {hop: {load: stream.counted for load, stream in self.shown[hop].items()} for hop in PAGE_SIDE}

    def recipients_of(self, key: str | None) -> frozenset[str]:
        """Every Socket.IO id that the server resolved for one event."""
        return self.recipients.get(key or "", frozenset())

    def loads_of(self, dashboard: str | None) -> Sequence[str]:
        """The page loads of one dashboard, in order."""
        return self.loads.get(dashboard or "", ())

    # Dashboards

    @cached_property
    def loads(self) -> dict[str, list[str]]:
        """Dashboard label to its page loads, in order: `{"A": ["dashboard:A.1", "dashboard:A.2"]}`."""
        found: dict[str, dict[str, None]] = {label: {} for label in self.contract.dashboards}
        for fact in (*self.facts(PageLoaded), *self.facts(PageConnected)):
            found.setdefault(label_of(fact.observer), {})[fact.observer] = None
        return {label: sorted(loads, key=incarnation) for label, loads in found.items()}

    @cached_property
    def sids(self) -> dict[str, str]:
        """Socket.IO id to the page load that holds it."""
        return {f.body.sid: f.observer for f in self.facts(PageConnected) if f.body.sid}

    @cached_property
    def unclaimed(self) -> list[str]:
        """Socket.IO ids that the server knows as dashboards, and that no page of this run holds."""
        roles = {f.body.sid: f.body.role for f in self.facts(Connected)}
        return [sid for sid, role in roles.items() if role == "dashboard" and sid not in self.sids]

    @cached_property
    def recipients(self) -> dict[str, frozenset[str]]:
        """Event key to every Socket.IO id that the server resolved for it, replays included. Empty: nobody."""
        alike: dict[tuple[str, ...], frozenset[str]] = {}  # most events go to the same few: one set serves them all
        found: dict[str, frozenset[str]] = {}
        for key, sightings in self.once[Hop.ROUTED].items():
            resolved = sightings[0].recipients or ()
            if len(sightings) > 1:
                resolved = tuple(sid for each in sightings for sid in each.recipients or ())
            mine = alike.get(resolved)
            found[key] = alike.setdefault(resolved, frozenset(resolved)) if mine is None else mine
        return found

    @cached_property
    def unresolved(self) -> set[str]:
        """Events that were routed to recipients which nobody observed: to whom is not known, and not "to nobody"."""
        if None not in self.resolved:
            return set()
        return {each.event.key for each in self.flow[Hop.ROUTED] if each.recipients is None}

    @cached_property
    def resolved(self) -> set[tuple[str, ...] | None]:
        """Whoever events were routed to at once; an empty one for nobody, None where nobody observed to whom."""
        return {*map(recipients_of, self.flow[Hop.ROUTED])}

    @cached_property
    def unrouted(self) -> set[str]:
        """Events that the server resolved nobody for, as far as anybody knows."""
        if () not in self.resolved:
            return set()
        return {key for key, sids in self.recipients.items() if not sids and key not in self.unresolved}

    # The server's order

    @cached_property
    def places(self) -> dict[str, Position]:
        """Event key to where in the server's record it was first routed, or else received."""
        return {key: position(found[0]) for hop in ON_SERVER for key, found in self.once[hop].items()}

    def payload(self, digest: str) -> Any:
        """What has that digest; None where it was not kept."""
        return self.ledger.payloads.get(digest)

    def routed_at(self, key: str) -> Position | None:
        """Where in the server's record the event was first routed, or else received."""
        return self.places.get(key)

    def due_at(self, key: str) -> tuple[Position, Position] | None:
        """Between which places the event was routed: one and the same where a tap was there when it was.

        Who only sees the server's answer knows that it was routed between the message (`forwarded`) and that answer.
        """
        at = self.places.get(key)
        if at is None or key in self.once[Hop.ROUTED]:
            return None if at is None else (at, at)
        forwarded = self.once[Hop.RECEIVED][key][0].detail.get("forwarded")
        return (at if forwarded is None else min(at, (at[0], int(forwarded))), at)

    @cached_property
    def last_server(self) -> int:
        """The incarnation of the server that ran last."""
        observers = {fact.observer for facts in self._facts.values() for fact in facts}
        for hop in ON_SERVER:
            observers.update(map(observer_of, self.flow[hop]))
        return max((incarnation(each) for each in observers if family(each) == SERVER), default=1)

    def view(self, dashboard: str) -> Fact[View] | None:
        """What the page showed at quiescence."""
        facts = self.facts(View, f"dashboard:{dashboard}")
        return facts[-1] if facts else None
