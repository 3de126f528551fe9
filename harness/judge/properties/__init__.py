"""The properties that every strategy shares (P1 to P16, R1, R2), each a pure function of the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.judge.properties import arrival, conduct, content, rendering, sequence
from harness.model import PropertyResult, Settled
from harness.record.evidence import Evidence

TITLES = {
    "P1": "no loss",
    "P2": "no duplicate",
    "P3": "order",
    "P4": "no phantom",
    "P5": "integrity",
    "P6": "isolation",
    "P7": "honest gap",
    "P8": "state is the fold of what was delivered",
    "P9": "what is shown is the state",
    "P10": "payloads are inert",
    "P11": "latency within the bound",
    "P12": "quiescence proven",
    "P13": "one terminal event, last",
    "P14": "errors surface",
    "P15": "connection status is honest",
    "P16": "not vacuous",
    "B1": "every connected dashboard is a recipient",
    "B2": "same sequence at every dashboard",
    "B3": "a late dashboard sees what is promised",
    "B4": "two sessions never mix in a panel",
    "S1": "owed from subscribe to unsubscribe",
    "S2": "subscribing twice gives one copy",
    "S3": "switching leaves the former session",
    "S4": "reload and reconnect subscribe again",
    "S5": "an unknown session is answered plainly",
    "S6": "a late subscription is replayed",
    "A1": "announced before the first event",
    "A2": "joined within the bound",
    "A3": "nothing lost between announcement and join",
    "A4": "a late dashboard learns of active sessions",
    "A5": "one announcement each",
    "A6": "empty sessions appear and end",
    "X1": "never more than one active",
    "X2": "the loser is rejected plainly",
    "X3": "the holder is undisturbed",
    "X4": "released when it ends",
    "X5": "every dashboard follows the holder",
    "R1": "no recipients while somebody is expected",
    "R2": "nobody expected only if declared",
}
"""Property to what it says, in a few words."""


def common(evidence: Evidence, settled: Sequence[Settled]) -> Iterator[PropertyResult]:
    """Every property that holds whatever the strategy."""
    yield arrival.no_loss(evidence, settled)
    yield sequence.no_duplicate(evidence)
    yield sequence.order(evidence)
    yield arrival.no_phantom(evidence)
    yield content.integrity(evidence)
    yield arrival.isolation(evidence, settled)
    yield arrival.honest_gap(evidence, settled)
    yield content.fold(evidence)
    yield rendering.shows_the_state(evidence)
    yield content.inert(evidence)
    yield conduct.latency(evidence)
    yield conduct.quiescence(evidence)
    yield conduct.ending(evidence)
    yield conduct.errors_surface(evidence)
    yield rendering.honest_status(evidence)
    yield conduct.not_vacuous(evidence)
    yield arrival.expected_but_unrouted(evidence, settled)
    yield arrival.unrouted(evidence, settled)
