"""The properties that every strategy shares (P1 to P17, R1, R2), each a pure function of the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from harness.judge.properties import (
    arrival,
    conduct,
    ending,
    entitlement,
    fold,
    inert,
    integrity,
    rendering,
    sequence,
    vacuity,
)
from harness.model import Aspect, Finding, Kind, Outcome, PropertyResult, Settled
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
    "P17": "nothing beyond a pass",
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
    "R1": "recipients wherever a dashboard is owed it",
    "R2": "unrouted only if declared",
}
"""Property to what it says, in a few words."""


_OF_RECORD: Mapping[str, Callable[[Evidence], PropertyResult]] = {
    "P2": sequence.no_duplicate,
    "P3": sequence.order,
    "P4": arrival.no_phantom,
    "P5": integrity.integrity,
    "P8": fold.fold,
    "P9": rendering.shows_the_state,
    "P10": inert.inert,
    "P11": conduct.latency,
    "P12": conduct.quiescence,
    "P13": ending.ending,
    "P14": conduct.errors_surface,
    "P15": rendering.honest_status,
    "P16": vacuity.not_vacuous,
}
_OF_EXPECTATIONS: Mapping[str, Callable[[Evidence, Sequence[Settled]], PropertyResult]] = {
    "P1": arrival.no_loss,
    "P6": arrival.isolation,
    "P7": arrival.honest_gap,
    "P17": entitlement.nothing_beyond_a_pass,
    "R1": arrival.expected_but_unrouted,
    "R2": arrival.unrouted,
}


def common(evidence: Evidence, settled: Sequence[Settled] | Exception) -> Iterator[PropertyResult]:
    """Every property that holds whatever the strategy, in the order of their titles.

    `settled` is what became of the strategy's expectations; an exception where it broke.
    """
    for prop in TITLES:
        if prop == "P17" and not evidence.passes and prop not in evidence.contract.properties:
            continue  # no dashboard has a pass, and nothing is promised of any
        try:
            if prop in _OF_RECORD:
                yield _OF_RECORD[prop](evidence)
            elif prop in _OF_EXPECTATIONS:
                yield _settled_by(_OF_EXPECTATIONS[prop], prop, evidence, settled)
        except Exception as error:  # noqa: BLE001  # what can't be checked is unproven, and the others are checked
            yield unproven(prop, error)


def _settled_by(
    check: Callable[[Evidence, Sequence[Settled]], PropertyResult],
    prop: str,
    evidence: Evidence,
    settled: Sequence[Settled] | Exception,
) -> PropertyResult:
    return unproven(prop, settled) if isinstance(settled, Exception) else check(evidence, settled)


def unproven(prop: str, error: Exception) -> PropertyResult:
    """Where a property stands whose check broke; or a strategy, by its name, whose code did."""
    broke = Finding(Aspect.BROKE, party=prop, text=f"{type(error).__name__}: {error}")
    return PropertyResult.of(prop, 0, [Outcome(Kind.UNDETERMINED, prop, None, None, None, (), broke)])
