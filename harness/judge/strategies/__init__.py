"""What each way of routing promises: one file a strategy, from the ledger to expectations and to its own properties.

To add one: a module here with `STRATEGY`, an object that follows the Protocol below.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Protocol, cast

from harness.extensions import members
from harness.model import Expectation, PropertyResult, Settled
from harness.record.evidence import Evidence


class Strategy(Protocol):
    """Who must, may and must never receive an event."""

    name: str

    def expectations(self, evidence: Evidence) -> Iterable[Expectation]:
        """One expectation for each event and dashboard."""

    def properties(self, evidence: Evidence, settled: Sequence[Settled]) -> Iterable[PropertyResult]:
        """The strategy's own properties; `settled` is what became of its expectations."""


@cache
def strategies() -> dict[str, Strategy]:
    """Every strategy by name."""
    return cast("dict[str, Strategy]", members(sys.modules[__name__], "STRATEGY", ("expectations", "properties")))
