"""Wrong process: an event is emitted on a Socket.IO server object that no client is connected to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.diagnosis._parties import agreeing, listed
from harness.diagnosis._processes import Emit, emitted_elsewhere, holders, title
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Fact, Hop, Outcome, Strength
from harness.model.facts import ClientConnected, Joined, UnservedEmit
from harness.record import rooms
from harness.record.evidence import Evidence

WORKER_REMEDY = """\
A process can only reach the clients that are connected to it: let it pass the event on to the process that has them,
by a message queue that both of their server objects are given, or as a Socket.IO client of that process."""


BEHIND_IT = """\
Connect a Socket.IO client to the server that dashboards are connected to, and await each acknowledgement. Then see
that dashboards are in {} before its first event comes: none was."""

MOST = 3
"""So many rooms are named."""


class WrongProcess(Rule):
    """Lost at sent or routed, and an emit of this very event on a server object without clients was seen."""

    head = Head(
        cause="wrong-process",
        title="it is emitted on a server object in a process that no client is connected to: the CLI's own, a worker's",
        claims=(losses(Hop.SENT, Hop.RECEIVED, Hop.ROUTED),),
        by=per_run,
        taps=(Hop.SENT,),
        strength=Strength.NAMED,
        against="the emit is another event's, or it was emitted where clients are as well, or no page ever connected",
        remedy=(
            "Emit to the server that dashboards are connected to: connect a Socket.IO client to it and await\n"
            "the acknowledgement, or use a message queue that both processes share."
        ),
    )

    def needs(self, evidence: Evidence) -> tuple[Hop, ...]:
        """An emit that was seen is evidence enough, also in a CLI whose sending is not observed: by HTTP, say."""
        return () if emitted_elsewhere(evidence) else self.head.taps

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        emit = emitted_elsewhere(evidence).get(outcome.event_key)
        if emit is None:
            return True
        # With no page connected to any process, the one that emits may well be the one that they would come to.
        return outcome.hops[0] is not Hop.SENT if emit.is_by_cli else not evidence.sids

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        emits = emitted_elsewhere(evidence)
        by_party: dict[Emit, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            by_party[replace(emits[outcome.event_key], where=None)].append(outcome)
        for emit, mine in by_party.items():
            yield (self._by_cli if emit.is_by_cli else self._by_process)(evidence, emit.party, mine)

    def _by_process(self, evidence: Evidence, party: str, outcomes: Sequence[Outcome]) -> Blame:
        labels = sorted({outcome.label for outcome in outcomes})
        where = {emitted_elsewhere(evidence)[outcome.event_key].where for outcome in outcomes}
        name, keys = title(evidence, party), {outcome.key for outcome in outcomes}
        made = self.blame(
            f"process {name} emits on a server object of its own, which no client is connected to.",
            [
                f"process {name}: {amount(len(keys), 'event')} emitted on a server object without clients "
                f"({next(iter(sorted(filter(None, where))), UNKNOWN_PLACE)})",
                *_homes(evidence, labels),
            ],
            outcomes,
            remedy=WORKER_REMEDY,
            places=where,
        )
        return replace(made, hop=Hop.ROUTED, hops=(Hop.ROUTED,))  # it came that far, whatever is not seen before

    def _by_cli(self, evidence: Evidence, cli: str, outcomes: Sequence[Outcome]) -> Blame:
        unserved = [fact for fact in evidence.facts(UnservedEmit) if fact.observer == cli]
        connected = [fact for fact in evidence.facts(ClientConnected) if fact.observer == cli]
        hop = Hop.RECEIVED if evidence.has_tap(Hop.RECEIVED) else Hop.ROUTED
        empty = _empty_rooms(evidence, unserved)
        them = agreeing(empty, "room", "rooms") + f" {listed(empty)}" if empty else ""
        return self.blame(
            "the CLI emits on a server object in its own process, which has no clients.",
            [
                f"{cli}: {len(unserved)} emits on a server object without clients "
                f"({unserved[0].body.where or UNKNOWN_PLACE})",
                f"{cli}: opened {amount(len(connected), 'connection')} to a server",
                f"server: {hop.label} {amount(len(evidence.once[hop]), 'event')}",
                *([f"server: no dashboard was ever in {them}, which the CLI emits to"] if empty else []),
            ],
            outcomes,
            remedy=BEHIND_IT.format(them) if empty else None,
            places=[fact.body.where for fact in unserved],
        )


def _empty_rooms(evidence: Evidence, unserved: Iterable[Fact[UnservedEmit]]) -> list[str]:
    """The rooms that those emits name, where no dashboard was in one of them on the server either."""
    named = [dict.fromkeys(rooms.each(fact.body.room)) for fact in unserved]
    dashboards = {*evidence.sids, *evidence.unclaimed}
    entered = {fact.body.room for fact in evidence.facts(Joined) if fact.body.sid in dashboards}
    if not dashboards or not evidence.alive[Hop.ROUTED] or not all(named):
        return []  # an emit to all clients needs no room
    found = [name for names in named for name in names]
    return [] if entered.intersection(found) else [*dict.fromkeys(map(rooms.shown, found))][:MOST]


def _homes(evidence: Evidence, labels: Iterable[str]) -> Iterable[str]:
    """Which process each dashboard is connected to, as far as the record says."""
    for label in labels:
        for who in sorted(holders(evidence, label)):
            yield f"dashboard {label}: connected to process {title(evidence, who)}"


RULE = WrongProcess()
