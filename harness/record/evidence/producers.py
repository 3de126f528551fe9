"""Producers: what they reported, how they ended, and what they asked and were answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from functools import cached_property
from operator import attrgetter

from harness.model import SERVER_SIDE, Event, Fact, Hop
from harness.model.facts import (
    Acknowledged,
    Answered,
    ClientConnected,
    ClientDisconnected,
    CliExited,
    Disconnected,
    Faulted,
    Requested,
    Starved,
)
from harness.model.facts.cli import UNSERVED
from harness.record.evidence.exchanges import OPEN, Exchange, pair
from harness.record.evidence.observers import BY_CLIENT, SERVER, incarnation
from harness.record.evidence.sessions import Sessions
from harness.record.evidence.starvation import is_starved, starvation
from harness.record.evidence.strikes import Strikes, strikes
from harness.record.evidence.told import Answers

key_of = attrgetter("key")
observer_of = attrgetter("observer")
session_of = attrgetter("session")


class Produced(Sessions):
    """The part of the evidence that is about producers: their reports, their ends, what they were answered."""

    def exit_or_only(self, session: str) -> Fact[CliExited] | None:
        """The same; where no event of the session tells which CLI ran it, the exit of the only one."""
        only = next(iter(self.exits.values())) if len(self.exits) == 1 else None
        return self.exit_of(session) or only

    @property
    def first_hop(self) -> Hop:
        """The hop that stands for all that was emitted: the first before the pages that is observed."""
        return next((hop for hop in SERVER_SIDE if hop in self.contract.taps), Hop.EMITTED)

    @cached_property
    def reported(self) -> Set[str] | None:
        """Events that a CLI reported, or sent where it reports none; None where CLIs are not observed.

        What is seen beside them is made up.
        What a CLI that died has sent counts too: its last report may have died with it. So does what was never answered
        nor handed on, of a CLI that reports each event when it is acknowledged.
        """
        if Hop.EMITTED not in self.contract.taps:
            return self.said[Hop.SENT].keys if Hop.SENT in self.contract.taps else None
        emitted, sent = self.said[Hop.EMITTED].keys, self.said[Hop.SENT]
        if sent.keys is emitted or sent.keys <= emitted:
            return emitted
        dead, patient, routed = self.dead, self._patient, self.said[Hop.ROUTED].keys
        return emitted | {
            s.event.key
            for s in self.flow[Hop.SENT]
            if s.observer in dead
            or (s.observer in patient and s.event.key not in self.acknowledged and s.event.key not in routed)
        }

    @cached_property
    def _patient(self) -> Set[str]:
        """The CLIs that report each event when it is acknowledged, and not before."""
        answers = self.facts(Acknowledged)
        answered = {f.body.key: f.at_ns for f in reversed(answers)} if answers else {}
        told: dict[str, list[bool]] = defaultdict(list)
        for each in self.flow[Hop.EMITTED] if answered else ():
            told[each.observer].append(each.at_ns >= answered.get(each.event.key, each.at_ns + 1))
        return {cli for cli, is_after in told.items() if all(is_after)}

    @cached_property
    def made(self) -> Set[str]:
        """Events that the server made by itself, as the target says of their names: no CLI reports them."""
        names = self.contract.made
        return {e.key for e in self.said[Hop.ROUTED].events if e.name in names} if names else frozenset()

    def ends_of(self, key: str, dashboard: str) -> Hop:
        """The last hop that an event is promised to: for one that the list does not show, that of what the page has."""
        listed, ends = self.contract_of(dashboard).listed, self.ends_at(dashboard)
        return ends if not listed or self.events[key].name in listed else min(ends, self.held(dashboard))

    def ends_at(self, dashboard: str) -> Hop:
        """The last hop that events are promised to at a dashboard."""
        ends = self.contract_of(dashboard).ends
        return ends if self.reaches(ends, dashboard) else Hop.DELIVERED

    def held(self, dashboard: str) -> Hop:
        """The last hop before what a person sees: the page's state, or else what it was delivered."""
        contract = self.contract_of(dashboard)
        return min(contract.ends, Hop.APPLIED if Hop.APPLIED in contract.taps else Hop.DELIVERED)

    @cached_property
    def exits(self) -> dict[str, Fact[CliExited]]:
        """CLI to its exit."""
        return {f.observer: f for f in self.facts(CliExited)}

    def exit_of(self, session: str) -> Fact[CliExited] | None:
        """The exit of the CLI that ran a session."""
        return self.exits.get(self.producer.get(session, ""))

    @cached_property
    def acknowledged(self) -> Mapping[str, bool]:
        """Event key to whether an acknowledgement said yes."""
        return self.told.acknowledged()

    @cached_property
    def confirmed(self) -> Set[str]:
        """The events of which an acknowledgement said yes."""
        answers = self.acknowledged
        return answers.yes if isinstance(answers, Answers) else {key for key, said in answers.items() if said}

    @cached_property
    def refused(self) -> set[str]:
        """Events to which the server's application said no, and never yes."""
        found = self.answers(lambda told: told.is_refusal)
        return {fact.body.key for fact in found if not self.acknowledged[fact.body.key]}

    @cached_property
    def unserved(self) -> dict[str, int]:
        """Event to the HTTP status of its answer, where no handler of the application has taken it."""
        found = self.answers(lambda told: told.status in UNSERVED)
        return {fact.body.key: fact.body.status for fact in found if fact.body.status is not None}

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """Clients' requests to the server, events aside, with the answers, in the server's order."""
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

    def waited_for(self, session: str) -> tuple[int | None, int | None]:
        """From when to when the CLI of a session that was never answered waited for the answer to its opening."""
        asked = [e.asked_ns for e in self.exchanges if e.name == OPEN and e.session == session]
        end = self.exit_of(session)
        return max(asked, default=None), None if end is None else end.at_ns

    @cached_property
    def unheard(self) -> list[Exchange]:
        """What dashboards asked of the last server for a session and were never answered, while they stayed."""
        gone = {f.body.sid for f in self.facts(Disconnected)}
        waiting = (e for e in self.exchanges if e.wants_answer and e.ok is None and e.session is not None)
        return [e for e in waiting if e.sid in self.sids and e.sid not in gone and e.asked[0] == self.last_server]

    @cached_property
    def strikes(self) -> Strikes:
        """The faults that the harness brought about in the middle of the run."""
        return strikes(self.facts(Faulted), self.flow, self.page[Hop.DELIVERED])

    def gave_up(self, session: str) -> bool:
        """Whether the CLI of a session ended with an error after a fault struck it: it could not do its work."""
        end = self.exit_of(session)
        return end is not None and self._failed_by_a_fault(end)

    def _failed_by_a_fault(self, end: Fact[CliExited]) -> bool:
        """One at the server excuses a CLI only where the system does not promise to go on where it was."""
        parties = (end.observer,) if self.contract.replays else (end.observer, SERVER)
        return end.body.status != 0 and self.strikes.came_before(end, *parties)

    def starved_ms(self, start_ns: int, end_ns: int) -> float:
        """How many milliseconds of a time the machine had no processor for the run."""
        return starvation(self.facts(Starved), start_ns, end_ns)

    @cached_property
    def starved_out(self) -> dict[str, tuple[int, int]]:
        """CLI to from when to when it tried in vain to go on after it lost its connection, where it ended with an error
        and the machine was starved: what its server promises to keep for it, it keeps for a time.
        """
        found: dict[str, tuple[int, int]] = {}
        for cli, end in self.exits.items() if self.facts(Starved) else ():
            heard = max((f.n for f in self.facts(Acknowledged) if f.observer == cli and f.body.ok), default=-1)
            gone = (f for f in self.facts(ClientDisconnected) if f.observer == cli and f.n > heard)
            lost_ns = min((f.at_ns for f in gone if f.body.reason != BY_CLIENT), default=None)
            if lost_ns is None or end.body.status == 0 or end.body.has_died or self._is_back(cli, lost_ns):
                continue
            whole_ms = (end.at_ns - lost_ns) / 1e6
            if is_starved(self.starved_ms(lost_ns, end.at_ns), whole_ms, self.contract.bound_ms):
                found[cli] = lost_ns, end.at_ns
        return found

    def _is_back(self, cli: str, lost_ns: int) -> bool:
        """Whether a CLI that lost its connection was let in again: with its session, where it asks for one."""
        asked = [e for e in self.exchanges if e.name == OPEN and self.producer.get(e.session or "") == cli]
        let_in = [e.asked_ns for e in asked if e.ok]
        if not asked:
            let_in = [f.at_ns for f in self.facts(ClientConnected) if f.observer == cli]
        return any(at_ns > lost_ns for at_ns in let_in)

    @cached_property
    def dead(self) -> set[str]:
        """CLIs that did not end by themselves: killed, ended by a signal, or gone without leaving the server.

        One that a fault struck, or a starved machine, and that ended with an error says by it that it could not do its
        work.
        """
        connected, left = ({f.observer for f in self.facts(kind)} for kind in (ClientConnected, ClientDisconnected))
        return {
            cli
            for cli, end in self.exits.items()
            if end.body.has_died or (end.body.status != 0 and cli in connected - left) or self._failed_by_a_fault(end)
        } | {*self.starved_out}

    def is_claimed(self, event: Event) -> bool:
        """Whether the event is owed to any dashboard: its CLI may believe that it is with the server.

        An acknowledgement decides, and so does a refusal by the server (not an HTTP status of an unserved path, or
        of a handler that failed). Without either it is owed when its CLI ended
        by itself, for then something unplanned went wrong, or when it reached the server, even one that has
        no handler for it: what becomes of a CLI afterwards does not excuse it.
        """
        answer = self.acknowledged.get(event.key)
        if answer:
            return True
        if answer is not None and event.key in self.refused:
            was_sent = Hop.SENT not in self.contract.taps or event.key in self.once[Hop.SENT]
            if was_sent:  # a "no" about what never left comes from the CLI itself: it failed to send it
                return False
        if event.key in self.made:
            return True
        if self.reported is not None and event.key not in self.reported:
            return False  # what was not reported is owed to no dashboard
        if self.first_hop > Hop.SENT:
            return event.key in self.said[self.first_hop].keys  # producers are not observed: what the server has
        cli = self.producer.get(event.session or "", "")
        if cli not in self.exits:
            return False
        return cli not in self.dead or event.key in self._arrived

    @cached_property
    def _arrived(self) -> set[str]:
        """Events that reached the process of the last server, whether a handler took them there or not."""
        return {s.event.key for s in self.flow[Hop.RECEIVED] if incarnation(s.observer) == self.last_server}
