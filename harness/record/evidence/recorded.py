"""What a ledger says was seen, by whom and in which order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from functools import cached_property
from itertools import chain, groupby
from operator import attrgetter
from typing import Any, cast

from harness.model import PAGE_SIDE, AnyFact, B, Body, Contract, Event, Expectation, Fact, Hop, Sighting
from harness.model.facts import (
    Acknowledged,
    Answered,
    ClientConnected,
    ClientDisconnected,
    CliExited,
    CliSession,
    Connected,
    Disconnected,
    Faulted,
    NoHandler,
    PageConnected,
    PageLoaded,
    Refused,
    Requested,
    View,
)
from harness.record.evidence.exchanges import OPEN, Exchange, pair
from harness.record.evidence.index import Index, index
from harness.record.evidence.matching import has_ids, matched
from harness.record.evidence.observers import SERVER, Position, by_observer, family, incarnation, label_of, position
from harness.record.evidence.own_messages import own_messages, without
from harness.record.evidence.streams import Stream
from harness.record.evidence.strikes import Strikes, strikes
from harness.record.ledger import Ledger, collector_at_rest

FENCE_NAMESPACE = "/__fence"
"""How the namespaces begin that the harness's own fences ask for; every fence is refused, and that is no error."""


NOTHING: Mapping[str, int] = Counter()
"""Not one event."""

ON_SERVER = (Hop.RECEIVED, Hop.ROUTED)

key_of = attrgetter("key")
observer_of = attrgetter("observer")
recipients_of = attrgetter("recipients")
session_of = attrgetter("session")


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
        return index(sightings, self.facts(Requested, SERVER), self.facts(NoHandler, SERVER))

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

    # Sessions and producers

    @cached_property
    def sessions(self) -> dict[str, list[Event]]:
        """The events of each session that a producer had a part in (not phantoms), by sequence number."""
        keys = dict.fromkeys(chain.from_iterable(stream.keys for stream in dict.fromkeys(self.said.values())))
        found: dict[str, list[Event]] = defaultdict(list)
        for session, events in groupby(map(self.events.__getitem__, keys), session_of):
            if session is not None and (not self.contract.shared or session in self.own_sessions):
                found[session] += events
        return {s: events if self._rises(events) else sorted(events, key=_by_seq) for s, events in found.items()}

    @cached_property
    def own_sessions(self) -> Set[str]:
        """The sessions that CLIs of this run have."""
        return {*self.producer, *([] if self.contract.session is None else [self.contract.session])}

    @property
    def tells_sessions(self) -> bool:
        """Whether events say by themselves of which session they are."""
        return self.identity == self.contract.identity

    def is_others(self, key: str | None) -> bool:
        """Whether an event is of somebody who used the system beside this run: of a session that no CLI of it has."""
        session = None if key is None else self.events[key].session
        return self.contract.shared and self.tells_sessions and session not in {None, *self.own_sessions}

    def _rises(self, events: list[Event]) -> bool:
        known = (stream for stream in self.said.values() if stream.events == events)
        return next(known, Stream(events)).rises

    def events_of(self, session: str | None) -> Sequence[Event]:
        """The events of one session, none where nobody knows it."""
        return self.sessions.get(session or "", ())

    def session_of(self, expected: Expectation) -> str:
        """The session that an expectation is about."""
        known = (self.events.get(key) for key in expected.keys)
        return next((event.session or "" for event in known if event is not None), "")

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

    def cli_of(self, key: str | None) -> str:
        """The CLI that reported an event; empty where nobody knows."""
        event = self.events.get(key or "")
        return self.producer.get(event.session or "", "") if event is not None else ""

    def exit_of(self, session: str) -> Fact[CliExited] | None:
        """The exit of the CLI that ran a session."""
        return self.exits.get(self.producer.get(session, ""))

    @cached_property
    def reported(self) -> Set[str] | None:
        """Events that a CLI reported, or sent where it reports none; None where nobody observes CLIs.

        What is seen beside them is made up.
        What a CLI that died has sent counts too: its last report may have died with it.
        """
        if Hop.EMITTED not in self.contract.taps:
            return self.said[Hop.SENT].keys if Hop.SENT in self.contract.taps else None
        emitted, sent = self.said[Hop.EMITTED].keys, self.said[Hop.SENT]
        if sent.keys is emitted or sent.keys <= emitted:
            return emitted
        dead = self.dead
        return emitted | {s.event.key for s in self.flow[Hop.SENT] if s.observer in dead}

    @cached_property
    def producer(self) -> dict[str, str]:
        """Session to the CLI that ran it: the one that reported its events, or else said that it begins."""
        found: dict[str, str] = {}
        for hop in (Hop.EMITTED, Hop.SENT):
            missing = {*self.said[hop].sessions} - {None, *found}
            for event, sighting in zip(self.said[hop].events, self.flow[hop], strict=True) if missing else ():
                if event.session in missing:
                    found[str(event.session)] = sighting.observer
                    missing.discard(event.session)
                    if not missing:
                        break
        for fact in self.facts(CliSession):
            found.setdefault(fact.body.session, fact.observer)
        return found

    @cached_property
    def exits(self) -> dict[str, Fact[CliExited]]:
        """CLI to its exit."""
        return {f.observer: f for f in self.facts(CliExited)}

    @cached_property
    def acknowledged(self) -> dict[str, bool]:
        """Event key to whether an acknowledgement said yes."""
        found: dict[str, bool] = {}
        for fact in self.facts(Acknowledged):
            told = fact.body
            if told.ok or told.key not in found:
                found[told.key] = told.ok
        return found

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """What clients asked the server for that is no event, with the answers, in the server's order."""
        return pair(self.facts(Requested, SERVER), self.facts(Answered, SERVER))

    @cached_property
    def rejected(self) -> dict[str, str]:
        """Sessions that the server never accepted, with the code of its last answer."""
        opened = [e for e in self.exchanges if e.name == OPEN and e.session is not None]
        accepted = {e.session for e in opened if e.ok}
        return {str(e.session): e.code for e in opened if e.ok is False and e.session not in accepted}

    @cached_property
    def unanswered(self) -> list[str]:
        """Sessions whose opening the server got and never answered, although its CLI waited until it gave up."""
        opened = [e for e in self.exchanges if e.name == OPEN and e.session is not None]
        answered = {e.session for e in opened if e.ok is not None}
        waiting = dict.fromkeys(str(e.session) for e in opened if e.session not in answered)
        ends = {session: self.exits.get(self.producer.get(session, "")) for session in waiting}
        return [s for s, end in ends.items() if end and not end.body.has_died]

    @cached_property
    def unheard(self) -> list[Exchange]:
        """What dashboards asked of the last server for a session and were never answered, while they stayed."""
        gone = {f.body.sid for f in self.facts(Disconnected)}
        waiting = (e for e in self.exchanges if e.wants_answer and e.ok is None and e.session is not None)
        return [e for e in waiting if e.sid in self.sids and e.sid not in gone and e.asked[0] == self.last_server]

    @cached_property
    def strikes(self) -> Strikes:
        """The faults that the harness brought about in the middle of the run."""
        return strikes(self.facts(Faulted), self.flow)

    def gave_up(self, session: str) -> bool:
        """Whether the CLI of a session ended with an error after a fault struck it: it could not do its work."""
        end = self.exit_of(session)
        return end is not None and self._failed_by_a_fault(end)

    def _failed_by_a_fault(self, end: Fact[CliExited]) -> bool:
        """One at the server excuses a CLI only where the system does not promise to go on where it was."""
        parties = (end.observer,) if self.contract.replays else (end.observer, SERVER)
        return end.body.status != 0 and self.strikes.came_before(end, *parties)

    @cached_property
    def dead(self) -> set[str]:
        """CLIs that did not end by themselves: killed, ended by a signal, or gone without leaving the server.

        One that a fault struck and that ended with an error says by it that it could not do its work.
        """
        connected, left = ({f.observer for f in self.facts(kind)} for kind in (ClientConnected, ClientDisconnected))
        return {
            cli
            for cli, end in self.exits.items()
            if end.body.has_died or (end.body.status != 0 and cli in connected - left) or self._failed_by_a_fault(end)
        }

    def is_claimed(self, event: Event) -> bool:
        """Whether the event is owed to anybody: whoever reported it may believe that it is with the server.

        An acknowledgement decides, and so does a refusal by the server. Without either it is owed when its CLI ended
        by itself, for then something went wrong that nobody planned, or when it reached the server, even one that has
        no handler for it: what becomes of a CLI afterwards is no excuse.
        """
        answer = self.acknowledged.get(event.key)
        if answer:
            return True
        if answer is not None:
            was_sent = Hop.SENT not in self.contract.taps or event.key in self.once[Hop.SENT]
            if was_sent:  # a "no" about what never left comes from the CLI itself: it failed to send it
                return False
        if self.reported is not None and event.key not in self.reported:
            return False  # nobody is owed what nobody reported
        cli = self.producer.get(event.session or "", "")
        if cli not in self.exits:
            return False
        return cli not in self.dead or event.key in self._arrived

    @cached_property
    def _arrived(self) -> set[str]:
        """Events that reached the process of the last server, whether a handler took them there or not."""
        return {s.event.key for s in self.flow[Hop.RECEIVED] if incarnation(s.observer) == self.last_server}

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

    @cached_property
    def stretches(self) -> dict[str, tuple[Position, Position]]:
        """Session to the places of its first and its last event; those that never came to the server have none."""
        routed, flow = self.said[Hop.ROUTED], self.flow[Hop.ROUTED]
        is_plain = routed.is_single and routed is self.said[Hop.RECEIVED] and len({*map(observer_of, flow)}) == 1
        if is_plain and routed.sessions == [*self.sessions] and len(self.sessions) == 1:
            return {session: (position(flow[0]), position(flow[-1])) for session in self.sessions}
        listed = {s: [*filter(None, map(self.places.get, map(key_of, events)))] for s, events in self.sessions.items()}
        return {session: (min(places), max(places)) for session, places in listed.items() if places}

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


def _by_seq(event: Event) -> tuple[int, str]:
    return (event.seq if event.seq is not None else 0, event.key)
