"""Queue mismatch: a CLI or a worker writes to a message queue, and the dashboard's server listens to another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

from harness.diagnosis._processes import holders, process_of, published, title
from harness.diagnosis.rule import Head, Rule, losses, per_run, producer_of
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import Listens
from harness.record.evidence import Evidence, label_of
from harness.record.remembered import remembered

PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671, "kafka": 9092}
LOCAL = {"localhost": "127.0.0.1", "::1": "127.0.0.1"}


class Queue(NamedTuple):
    """A channel of a message queue."""

    address: str
    channel: str

    def __str__(self) -> str:
        return f"channel {self.channel!r} at {self.address}"


class QueueMismatch(Rule):
    """Lost after sent, and the server process that holds the dashboard listens to another queue than was written to.

    A queue is known by its address and channel; two addresses of one queue cause no loss, and so never come here.
    """

    head = Head(
        cause="queue-mismatch",
        title="the CLI or a worker writes to a message queue, and the dashboard's server listens to another",
        claims=(losses(Hop.RECEIVED, Hop.ROUTED),),
        by=per_run,
        taps=(Hop.SENT,),
        strength=Strength.NAMED,
        against="both are addresses of one queue, or it is not known which queue was written to or is listened to",
        remedy=(
            "Give every server and every producer the same address and the same channel of the message queue,\n"
            "from one setting that all of them read."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        written, listened = _written(evidence, outcome.event_key), _heard(evidence).get(outcome.label)
        if not written:
            return True
        return not _is_deaf(evidence, outcome, written) if listened is None else _one(written) == _one(listened)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        heard = _heard(evidence)
        groups: dict[tuple[str, Queue, Queue | None], list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            written, listened = _written(evidence, outcome.event_key), heard.get(outcome.label)
            if written:
                groups[_writer(evidence, outcome.event_key), written, listened].append(outcome)
        for (worker, written, listened), mine in groups.items():
            who = worker or ", ".join(sorted({producer_of(evidence, o) for o in mine}))
            labels = ", ".join(sorted({o.label for o in mine}))
            writer = f"process {worker}" if worker else "the CLI"
            made = self.blame(
                f"{writer} writes to a message queue, and the server of dashboard {labels} listens to none."
                if listened is None
                else f"{writer} writes to another message queue than the server of dashboard {labels} listens to.",
                [
                    f"{who}: wrote {amount(len({o.key for o in mine}), 'event')} to {written}",
                    f"server of dashboard {labels}: listens to {listened or 'no queue, as far as is known'}",
                ],
                mine,
                places=[fact.body.where for o in mine for fact in published(evidence).get(o.event_key, ())],
            )
            yield replace(made, hop=Hop.ROUTED, hops=(Hop.ROUTED,)) if worker else made


def _written(evidence: Evidence, key: str) -> Queue | None:
    """The queue that an event was written to; None where it went another way."""
    for sighting in evidence.at(Hop.SENT, key):
        if sighting.detail.get("queue"):
            return Queue(str(sighting.detail["queue"]), str(sighting.detail.get("channel")))
    for fact in published(evidence).get(key, ()):
        if fact.body.queue:
            return Queue(fact.body.queue, str(fact.body.channel))
    return None


def _is_deaf(evidence: Evidence, outcome: Outcome, written: Queue) -> bool:
    """Whether the dashboard's process listens to no queue, as far as is known, and had nothing of an event in it.

    Others listen to the queue that it was written to, so that it is known what listens; and the dashboard was connected
    to one process only, at the end too, which is when that is looked at.
    """
    held = holders(evidence, outcome.label)
    had = {process_of(each) for each in evidence.at(Hop.ROUTED, outcome.key)}
    heard = any(_one(queue) == _one(written) for queue in _heard(evidence).values())
    is_there = any(label_of(load) == outcome.label and sid not in evidence.gone for sid, load in evidence.sids.items())
    return heard and is_there and len(held) == 1 and held.isdisjoint(had) and None not in had


def _writer(evidence: Evidence, key: str) -> str:
    """The process of the system that wrote an event to a queue; empty where the CLI did."""
    if any(sighting.detail.get("queue") for sighting in evidence.at(Hop.SENT, key)):
        return ""
    return next((title(evidence, f.body.process) for f in published(evidence).get(key, ()) if f.body.process), "")


@remembered
def _heard(evidence: Evidence) -> dict[str, Queue]:
    """Dashboard to the queue that the process which holds its connection listens to."""
    found: dict[str, Queue] = {}
    for fact in evidence.facts(Listens):
        for sid in fact.body.connected:
            if sid in evidence.sids and fact.body.queue:
                queue = Queue(fact.body.queue, str(fact.body.channel))
                found[label_of(evidence.sids[sid])] = queue
    return found


def _one(queue: Queue) -> tuple[str, ...]:
    """What makes two addresses one queue: not the user, nor how this machine and the usual port are written."""
    try:
        parts = urlsplit(queue.address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return queue
    port = port or PORTS.get(parts.scheme, 0)
    path = parts.path.rstrip("/") or "/0" if parts.scheme.startswith("redis") else parts.path
    return (LOCAL.get(host, host), str(port), path.rstrip("/"), queue.channel)


RULE = QueueMismatch()
