"""What a fault in the middle of a run did: safety while it was on, and recovery after it, judged apart. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.model import Kind, Outcome, Verdict
from harness.record.evidence import Evidence
from harness.record.evidence.strikes import Strike

UNSAFE = frozenset({Kind.DUPLICATED, Kind.LEAKED, Kind.PHANTOM, Kind.CORRUPTED, Kind.REORDERED, Kind.EXCLUSIVITY})
"""What no fault excuses, whatever it strikes."""

MISSING = frozenset({Kind.LOST, Kind.TRUNCATED, Kind.MISRENDERED, Kind.INCOMPLETE, Kind.STUCK, Kind.LATE})


@dataclass(frozen=True, slots=True)
class Recovery:
    """One fault and its outcomes.

    `unsafe`: whatever was doubled, leaked, made up, changed or reordered, and what those missed whom the fault did not
    strike. `unrecovered`: what those miss in the end whom it struck. `seconds`: from its healing until traffic passed
    again, None where that was not to be seen.
    """

    strike: Strike
    unsafe: tuple[Outcome, ...]
    unrecovered: tuple[Outcome, ...]
    seconds: float | None

    @property
    def lost(self) -> int:
        """Events that a dashboard misses for good."""
        return len({(each.key, each.dashboard) for each in self._all() if each.kind is Kind.LOST})

    def count(self, kind: Kind) -> int:
        """How many events came to something else."""
        return len({(each.key, each.dashboard) for each in self._all() if each.kind is kind})

    def _all(self) -> Iterator[Outcome]:
        yield from self.unsafe
        yield from self.unrecovered


def recoveries(evidence: Evidence, verdict: Verdict) -> list[Recovery]:
    """Each fault of a run, in the order of their beginnings."""
    return [_recovery(strike, verdict) for strike in evidence.strikes.each]


def _recovery(strike: Strike, verdict: Verdict) -> Recovery:
    unsafe, unrecovered = list[Outcome](), list[Outcome]()
    for outcome in verdict.outcomes:
        is_struck = outcome.dashboard is None or f"dashboard:{outcome.dashboard}" in strike.parties
        concerns_all = not any(party.startswith("dashboard:") for party in strike.parties)
        if outcome.kind in UNSAFE or (outcome.kind in MISSING and not (is_struck or concerns_all)):
            unsafe.append(outcome)
        elif outcome.kind in MISSING:
            unrecovered.append(outcome)
    return Recovery(strike, tuple(unsafe), tuple(unrecovered), strike.seconds_to_recover)
