"""Wrong process: the CLI emits on a Socket.IO server object in its own process, which serves nobody."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, per_cli, producer_of
from harness.model import Blame, Fact, Hop, Outcome, Strength
from harness.model.facts import ClientConnected, UnservedEmit
from harness.record.evidence import Evidence


class WrongProcess(Rule):
    """Lost at sent, and an emit of this very event on a server object was seen in the CLI's process."""

    head = Head(
        cause="wrong-process",
        title="the CLI emits on a Socket.IO server object in its own process, which serves nobody",
        claims=(losses(Hop.SENT),),
        by=per_cli,
        taps=(Hop.SENT,),
        strength=Strength.NAMED,
        against="the emit that was seen is that of another event",
        remedy=(
            "Emit to the server that dashboards are connected to: connect a Socket.IO client to it and await\n"
            "the acknowledgement, or use a message queue that both processes share."
        ),
    )

    def needs(self, evidence: Evidence) -> tuple[Hop, ...]:
        """An emit that was seen is evidence enough, also in a CLI whose sending is not observed: by HTTP, say."""
        return () if evidence.facts(UnservedEmit) else self.head.taps

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.event_key not in _emitted_elsewhere(evidence, evidence.cli_of(outcome.key))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        cli = producer_of(evidence, outcomes[0])
        unserved = _unserved(evidence, cli)
        yield self.blame(
            "the CLI emits on a server object in its own process, where nobody listens.",
            list(_lines(evidence, cli, unserved)),
            outcomes,
            places=[fact.body.where for fact in unserved],
        )


def _unserved(evidence: Evidence, cli: str) -> list[Fact[UnservedEmit]]:
    return [fact for fact in evidence.facts(UnservedEmit) if fact.observer == cli]


def _emitted_elsewhere(evidence: Evidence, cli: str) -> set[str]:
    """The events of a CLI that an emit on a server object of its own was seen of.

    By their key, where the emit shows one; else by name and occurrence, as sightings are matched. An emit whose name
    is no event's carries any of them: then by occurrence alone, and only where there are as many emits as events.
    """
    events = [e for session, by in evidence.producer.items() if by == cli for e in evidence.events_of(session)]
    own = {event.key for event in events}
    found = {key for fact in _unserved(evidence, cli) if (key := fact.body.key) in own}
    open_ = [fact.body.event for fact in _unserved(evidence, cli) if fact.body.key not in own]
    by_name: dict[str, list[str]] = defaultdict(list)
    for event in events:
        by_name[event.name].append(event.key)
    for name, count in Counter(open_).items():
        found.update(by_name.get(name, [])[:count])
    parcels = [name for name in open_ if name not in by_name]
    return own if len(parcels) == len(events) else found


def _lines(evidence: Evidence, cli: str, unserved: Sequence[Fact[UnservedEmit]]) -> Iterable[str]:
    where = unserved[0].body.where or UNKNOWN_PLACE
    connected = [fact for fact in evidence.facts(ClientConnected) if fact.observer == cli]
    yield f"{cli}: {len(unserved)} emits on a server object that serves nobody ({where})"
    yield f"{cli}: opened {len(connected)} connections to a server"
    hop = Hop.RECEIVED if evidence.has_tap(Hop.RECEIVED) else Hop.ROUTED
    yield f"server: {hop.label} {len(evidence.once[hop])} events"


RULE = WrongProcess()
