"""Sessions: the events of each, where it stands in the server's record, and the CLI that ran it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from functools import cached_property
from itertools import chain, groupby
from operator import attrgetter

from harness.model import Event, Expectation, Hop
from harness.model.facts import (
    CliSession,
)
from harness.record.evidence.keys import Keys
from harness.record.evidence.observers import Position, position
from harness.record.evidence.place_numbers import from_column
from harness.record.evidence.routed import Routed
from harness.record.evidence.stored_events import ByKey, by_session, keys_of
from harness.record.evidence.stored_streams import StoredStream
from harness.record.evidence.streams import Stream, by_seq

key_of = attrgetter("key")
observer_of = attrgetter("observer")
session_of = attrgetter("session")


class Sessions(Routed):
    """The part of the evidence that is about sessions."""

    @cached_property
    def sessions(self) -> dict[str, Sequence[Event]]:
        """The events of each session that a producer had a part in (not phantoms), by sequence number."""
        if isinstance(self.events, ByKey) and not self.contract.shared:
            streams = dict.fromkeys(self.said.values())
            return by_session([each.keys for each in streams if isinstance(each, StoredStream)], self.events)
        keys = dict.fromkeys(chain.from_iterable(stream.keys for stream in dict.fromkeys(self.said.values())))
        found: dict[str, list[Event]] = defaultdict(list)
        for session, events in groupby(map(self.events.__getitem__, keys), session_of):
            if session is not None and (not self.contract.shared or session in self.own_sessions):
                found[session] += events
        return {s: events if self._rises(events) else sorted(events, key=by_seq) for s, events in found.items()}

    @cached_property
    def main(self) -> str | None:
        """The session whose events are counted; None for every one, as where its CLI took another than it was given."""
        given = self.contract.session
        is_other = given is not None and bool(self.sessions) and given not in self.sessions
        return None if is_other and len({*self.producer.values()}) == 1 else given

    @cached_property
    def own_sessions(self) -> Set[str]:
        """The sessions that CLIs of this run have."""
        return {*self.producer, *([] if self.contract.session is None else [self.contract.session])}

    @property
    def tells_sessions(self) -> bool:
        """Whether events say by themselves of which session they are."""
        return self.identity == self.contract.identity

    def is_others(self, key: str | None) -> bool:
        """Whether an event is of another user of the system beside this run: of a session that no CLI of it has."""
        session = None if key is None else self.events[key].session
        return self.contract.shared and self.tells_sessions and session not in {None, *self.own_sessions}

    def _rises(self, events: list[Event]) -> bool:
        known = (stream for stream in self.said.values() if stream.events == events)
        return next(known, Stream(events)).rises

    @cached_property
    def stretches(self) -> dict[str, tuple[Position, Position]]:
        """Session to the places of its first and its last event; those that never came to the server have none."""
        routed, flow = self.said[Hop.ROUTED], self.flow[Hop.ROUTED]
        is_plain = routed.is_single and routed is self.said[Hop.RECEIVED]
        is_plain = is_plain and len({*map(observer_of, flow.kinds())}) == 1
        if is_plain and routed.sessions == [*self.sessions] and len(self.sessions) == 1:
            return {session: (position(flow[0]), position(flow[-1])) for session in self.sessions}
        found = {session: self.stretch(keys_of(events)) for session, events in self.sessions.items()}
        return {session: stretch for session, stretch in found.items() if stretch is not None}

    def stretch(self, keys: Iterable[str]) -> tuple[Position, Position] | None:
        """From where to where in the server's record some events are; None for those that never came to the server."""
        if isinstance(keys, Keys):
            at = self.place_columns[keys.places]
            at = at[at >= 0]
            return (from_column(at.min()), from_column(at.max())) if len(at) else None
        places = [*filter(None, map(self.places.get, keys))]
        return (min(places), max(places)) if places else None

    def events_of(self, session: str | None) -> Sequence[Event]:
        """The events of one session, none where it is not known."""
        return self.sessions.get(session or "", ())

    def lives_in(self, session: str) -> list[Sequence[Event]]:
        """The events of each life of a session: of one, but where its id was used again after it had ended."""
        events = self.events_of(session)
        if session not in self.lives:
            return [events]
        begins = (0, *self.lives[session].ends[:-1])
        parts = [
            [e for e in events if low < (e.seq or 0) <= high]
            for low, high in zip(begins, self.lives[session].ends, strict=True)
        ]
        return [part for part in parts if part]

    def of_last_lives(self, events: Iterable[Event]) -> list[Event]:
        """Some events without those of a session's former lives."""
        begins = {session: lives.ends[-2] for session, lives in self.lives.items()}
        return [event for event in events if (event.seq or 0) > begins.get(event.session or "", -1)]

    def session_of(self, expected: Expectation) -> str:
        """The session that an expectation is about."""
        known = (self.events.get(key) for key in expected.keys)
        return next((event.session or "" for event in known if event is not None), "")

    def cli_of(self, key: str | None) -> str:
        """The CLI that reported an event; empty where that is not known."""
        event = self.events.get(key or "")
        return self.producer.get(event.session or "", "") if event is not None else ""

    def events_by(self, cli: str) -> list[Event]:
        """The events of the sessions that a CLI ran, session by session."""
        return [event for session, by in self.producer.items() if by == cli for event in self.events_of(session)]

    def keys_by(self, cli: str) -> Sequence[str]:
        """The keys of the same."""
        mine = [keys_of(self.events_of(session)) for session, by in self.producer.items() if by == cli]
        return mine[0] if len(mine) == 1 else [*chain.from_iterable(mine)]

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
