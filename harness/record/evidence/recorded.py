"""What a ledger says was seen, by whom and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from functools import cached_property, reduce
from operator import attrgetter
from typing import Any, cast

from harness.model import PAGE_SIDE, SERVER_SIDE, B, Contract, Fact, Hop, Panel, Sighting
from harness.model.facts import (
    Acknowledged,
    ClientConnected,
    CliSession,
    Connected,
    Disconnected,
    NoHandler,
    PageConnected,
    PageListens,
    PageLoaded,
    PageRefused,
    Refused,
    Requested,
    Stranger,
    View,
)
from harness.model.facts.cli import UNSERVED
from harness.record.evidence.connections import Stay, gone, stays
from harness.record.evidence.elsewhere import elsewhere, without_elsewhere
from harness.record.evidence.index import Index, index
from harness.record.evidence.lives import lived, lives_of
from harness.record.evidence.matching import has_ids
from harness.record.evidence.observers import SERVER, family, incarnation, label_of
from harness.record.evidence.own_messages import own_messages, without
from harness.record.evidence.own_numbers import own_numbers, renumbered
from harness.record.evidence.seen import Listed, Seen
from harness.record.evidence.stored_events import ByKey
from harness.record.evidence.stored_matching import matched_anyhow
from harness.record.evidence.stored_streams import Grouped, StoredStream
from harness.record.evidence.streams import Events, Known, Stream
from harness.record.evidence.times import Times
from harness.record.evidence.told import told
from harness.record.ledger import Ledger, collector_at_rest

FENCE_NAMESPACE = "/__fence"
"""How the namespaces begin that the harness's own fences ask for; every fence is refused, and that is not an error."""


NOTHING: Mapping[str, int] = Counter()
"""Not one event."""


recipients_of = attrgetter("recipients")


class Recorded:
    """The part of the evidence that was seen."""

    def __init__(self, ledger: Ledger) -> None:
        self.contract: Contract = ledger.contract
        with collector_at_rest():
            found, self.identity = self._index(ledger), ledger.contract.identity
            self.own_messages = own_messages(found, self.facts(PageConnected))
            self.elsewhere = elsewhere(found, self._inhabited, self.contract.made)
            if self.own_messages or self.elsewhere:
                kept = without_elsewhere(without(ledger.sightings, self.own_messages), self.elsewhere)
                ledger = replace(ledger, sightings=kept)
                found = self._index(ledger)
            self.lives = lives_of(found, self.contract.terminal)
            if self.lives:
                ledger = lived(ledger, self.lives, self.contract.terminal)
                found = self._index(ledger)
            self.own_numbers = own_numbers(found)
            if self.own_numbers:
                ledger = renumbered(ledger, self.own_numbers)
                found = self._index(ledger)
            if not has_ids(found.events, found.streams(), self.told):
                ledger, self.identity = matched_anyhow(ledger)
                found = self._index(ledger)
        away = {fact.body.dashboard for fact in self.facts(Stranger) if fact.body.turned_away is not None}
        if away:
            there = tuple(label for label in self.contract.dashboards if label not in away)
            self.contract = replace(self.contract, dashboards=there)
        self.ledger = ledger
        self.events, self.flow, self.once = found.events, found.flow, found.once
        self.page, self.said, self.shown = found.page, found.said, found.shown
        self._first_times: dict[Hop, Times] = {}
        self._given: dict[Stream, Events] = {}

    def _index(self, ledger: Ledger) -> Index:
        self.told = told(ledger.facts)
        sightings = self._until_looked_at(ledger.sightings) if ledger.contract.shared else ledger.sightings
        unserved = self.answers(lambda told: told.status in UNSERVED)
        return index(sightings, self.facts(Requested, SERVER), self.facts(NoHandler, SERVER), unserved)

    @cached_property
    def _inhabited(self) -> Set[str]:
        """The namespaces in which a party of the run was, asked to be, or listens."""
        told = (
            {f.body.namespace for f in self.facts(Connected)},
            {f.body.namespace for f in self.facts(Refused)},
            {f.body.namespace for f in self.facts(ClientConnected)},
            {f.body.namespace for f in self.facts(PageListens)},
        )
        return {each or "/" for each in set().union(*told)} | {"/"}

    def _until_looked_at(self, sightings: Sequence[Sighting]) -> list[Sighting]:
        """Without others' events that came to a page after it was looked at: they can't be in what it showed."""
        own = {s.event.session for s in sightings if s.hop in (Hop.EMITTED, Hop.SENT)} | {
            f.body.session for f in self.facts(CliSession)
        }
        last = {fact.observer: fact.n for fact in self.facts(View)}
        return [s for s in sightings if s.event.session in own or s.n <= last.get(s.observer, s.n)]

    def facts(self, kind: type[B], observer: str | None = None) -> list[Fact[B]]:
        """All facts of a kind, in each observer's order; `observer` narrows to one family (`dashboard:A`, `server`)."""
        found: Sequence[Fact[B]] = self.told.of(kind)
        if kind is Refused:
            found = [f for f in found if not (cast("Refused", f.body).namespace or "").startswith(FENCE_NAMESPACE)]
        return [f for f in found if observer is None or family(f.observer) == observer]

    def answers(self, is_wanted: Callable[[Acknowledged], bool]) -> list[Fact[Acknowledged]]:
        """Answers to events, where any is wanted: nearly all say the same."""
        if not any(is_wanted(fact.body) for fact, _ in self.told.kinds(Acknowledged)):
            return []
        return [fact for fact in self.facts(Acknowledged) if is_wanted(fact.body)]

    def at(self, hop: Hop, key: str | None) -> Sequence[Sighting]:
        """An event's sightings at a hop of the server's side."""
        return self.once[hop].get(key or "", ())

    def on_page(self, hop: Hop, load: str) -> Seen:
        """What a page load showed at a hop of the page's side, in its order."""
        return self.page[hop].get(load, Listed())

    def counted(self, hop: Hop, load: str) -> Mapping[str, int]:
        """The same by event key: how often."""
        return self.seen[hop].get(load, NOTHING)

    def keys_on_page(self, hop: Hop, load: str) -> Set[str]:
        """The keys of the same."""
        stream = self.shown[hop].get(load)
        return frozenset() if stream is None else stream.keys

    @cached_property
    def seen(self) -> Mapping[Hop, Mapping[str, Mapping[str, int]]]:
        """Hop of the page's side to page load to how often it saw which event, by key."""
        return {hop: {load: stream.counted for load, stream in self.shown[hop].items()} for hop in PAGE_SIDE}

    def recipients_of(self, key: str | None) -> frozenset[str]:
        """Every Socket.IO id that the server resolved for one event."""
        return self.recipients.get(key or "", frozenset())

    def loads_of(self, dashboard: str | None) -> Sequence[str]:
        """The page loads of one dashboard, in order."""
        return self.loads.get(dashboard or "", ())

    def given(self, load: str) -> Events:
        """Each event as it was delivered to a page load, or else as it is known."""
        return self.given_by(self.shown[Hop.DELIVERED].get(load))

    def given_by(self, told: Stream | None) -> Events:
        """The same for a stream of deliveries."""
        if told is None:
            return self.events
        if told not in self._given:
            if isinstance(told, StoredStream) and isinstance(self.events, ByKey):
                self._given[told] = self.events.instead(told.by_key)
            else:
                self._given[told] = Known({**self.events, **told.by_key})
        return self._given[told]

    def first_times(self, hop: Hop) -> Times:
        """When each event was first seen at a hop of the server's side."""
        if hop not in self._first_times:
            self._first_times[hop] = Times.at_hop(self.once[hop])
        return self._first_times[hop]

    @cached_property
    def emitted(self) -> Times:
        """When events were emitted: first seen anywhere, for what a CLI prints may be held back by its buffer."""
        first, *others = (self.first_times(hop) for hop in SERVER_SIDE)
        return reduce(lambda known, times: times.or_earlier(known), others, first)

    # Dashboards

    @cached_property
    def pages(self) -> tuple[str, ...]:
        """The dashboards of the contract that are pages, and no mere connections."""
        clients = self.clients
        return tuple(label for label in self.contract.dashboards if label not in clients)

    @cached_property
    def clients(self) -> frozenset[str]:
        """The dashboards that are a connection without a page."""
        return frozenset(self.contract.clients)

    def reaches(self, hop: Hop, dashboard: str) -> bool:
        """Whether there is such a hop at a dashboard: nothing is applied or rendered where there is no page."""
        if hop <= Hop.DELIVERED or dashboard in self.clients:
            return hop <= Hop.DELIVERED
        return dashboard not in self.contract.pages or hop in self.contract_of(dashboard).taps

    def contract_of(self, dashboard: str | None) -> Contract:
        """What is promised of the page that a dashboard shows."""
        if dashboard is None or dashboard not in self.contract.pages:
            return self.contract
        known = self._contracts
        if dashboard not in known:
            known[dashboard] = self.contract.of(dashboard)
        return known[dashboard]

    def contract_at(self, load: str) -> Contract:
        """The same of a page load, as dashboard:A.1."""
        return self.contract_of(label_of(load))

    def panel(self, name: str | None, dashboard: str | None) -> Panel | None:
        """The panel of that name on the page that a dashboard shows."""
        return next((panel for panel in self.contract_of(dashboard).panels if panel.name == name), None)

    @cached_property
    def _contracts(self) -> dict[str, Contract]:
        return {}

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
    def stays(self) -> list[Stay]:
        """Every connection of every client, with its end."""
        return stays(self.facts(Connected), self.facts(Disconnected))

    @cached_property
    def gone(self) -> Mapping[str, Fact[Disconnected]]:
        """Socket.IO id to its end, of those who left for good."""
        return gone(self.stays, self.facts(Disconnected))

    @cached_property
    def unclaimed(self) -> list[str]:
        """Socket.IO ids that the server knows as dashboards, and that no page of this run holds.

        A line that breaks in the middle of connecting takes the id with it: the server let a page in that never heard
        of it, and that tells of an attempt that failed. One such attempt stands for one connection that ended again.
        """
        roles = {f.body.sid: f.body.role for f in self.facts(Connected)}
        found = [sid for sid, role in roles.items() if role == "dashboard" and sid not in self.sids]
        attempts = len(self.facts(PageRefused)) if found else 0
        ended = [f.body.sid for f in self.facts(Disconnected) if f.body.sid in found] if attempts else []
        broken = {*ended[:attempts]}
        return [sid for sid in found if sid not in broken]

    @cached_property
    def recipients(self) -> dict[str, frozenset[str]]:
        """Event key to every Socket.IO id that the server resolved for it, replays included. Empty: no client."""
        alike: dict[tuple[str, ...], frozenset[str]] = {}  # most events go to the same few: one set serves them all
        found: dict[str, frozenset[str]] = {}
        once = self.once[Hop.ROUTED]
        firsts = ((key, first.recipients or ()) for key, first in once.firsts())
        for key, resolved in once.recipients() if isinstance(once, Grouped) else firsts:
            mine = alike.get(resolved)
            found[key] = alike.setdefault(resolved, frozenset(resolved)) if mine is None else mine
        for key, sightings in once.repeated():
            found[key] = frozenset(sid for each in sightings for sid in each.recipients or ())
        return found

    @cached_property
    def unresolved(self) -> set[str]:
        """Events that were routed to recipients which were not observed: not known, which is not the same as none."""
        if None not in self.resolved:
            return set()
        return {each.event.key for each in self.flow[Hop.ROUTED] if each.recipients is None}

    @cached_property
    def resolved(self) -> set[tuple[str, ...] | None]:
        """The recipients of events that were routed at once; empty for none, None where they were not observed."""
        return {*map(recipients_of, self.flow[Hop.ROUTED].kinds())}

    @cached_property
    def unrouted(self) -> set[str]:
        """Events without recipients, as far as that was observed."""
        if () not in self.resolved:
            return set()
        return {key for key, sids in self.recipients.items() if not sids and key not in self.unresolved}

    def payload(self, digest: str) -> Any:
        """What has that digest; None where it was not kept."""
        return self.ledger.payloads.get(digest)

    def view(self, dashboard: str) -> Fact[View] | None:
        """What the page showed at quiescence."""
        return self._views.get(f"dashboard:{dashboard}")

    @cached_property
    def _views(self) -> Mapping[str, Fact[View]]:
        return {family(fact.observer): fact for fact in self.facts(View)}
