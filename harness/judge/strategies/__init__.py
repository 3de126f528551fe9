"""What each way of routing promises: one file a strategy, from the ledger to expectations and to its own properties.

One may say in `trade_off`, a text, what it costs and brings: a report of a failed run sets the strategies side by side.
With `chooses_sessions` true it promises a session to those dashboards alone that chose it.
To add one: a module here, or in an installed package, with `STRATEGY`, an object that follows the Protocol below.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from harness.extensions import STRATEGY, members
from harness.model import Expectation, PropertyResult, Settled
from harness.record.evidence import Evidence


class Strategy(Protocol):
    """Who must, may and must never receive an event."""

    name: str
    refuses_sessions: bool
    """Whether the server may refuse a session that a CLI asks for: else each refusal is a failure."""
    announces_sessions: bool
    """Whether dashboards are in no room before they are told of a session, and join it themselves then."""

    def expectations(self, evidence: Evidence) -> Iterable[Expectation]:
        """One expectation for each event and dashboard."""

    def properties(self, evidence: Evidence, settled: Sequence[Settled]) -> Iterable[PropertyResult]:
        """The strategy's own properties; `settled` is what became of its expectations."""


def strategies() -> dict[str, Strategy]:
    """Every strategy by name."""
    return members(STRATEGY)


def chooses_sessions(name: str) -> bool:
    """Whether a session has to be chosen in a dashboard; False for a strategy that is not installed."""
    return bool(getattr(strategies().get(name), "chooses_sessions", False))


def refuses_sessions(name: str) -> bool:
    """Whether a refused session is as a strategy promises; of one that isn't there nothing is known."""
    return name in (known := strategies()) and known[name].refuses_sessions


def announces_sessions(name: str) -> bool:
    """Whether dashboards wait to be told of sessions; of a strategy that isn't there nothing is known."""
    return name in (known := strategies()) and known[name].announces_sessions
