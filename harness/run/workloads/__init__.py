"""What `harness verify` does with a system to exercise its strategy's properties: one file each.

A workload drives a run step by step and judges nothing. Every step waits for a condition, never for time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from harness.extensions import WORKLOAD, members

if TYPE_CHECKING:
    from harness.run.run import Run

COMMON = ("P1", "P2", "P3", "P4", "P5", "P8", "P9", "P10", "P11", "P12", "P13", "P14", "P15", "P16")
"""Properties that every workload exercises."""


class Workload(Protocol):
    """The steps of one strategy."""

    @property
    def name(self) -> str:
        """The strategy."""

    @property
    def properties(self) -> tuple[str, ...]:
        """What it exercises."""

    @property
    def needs_pipe(self) -> bool:
        """Whether it publishes events of its own and asks for sessions: with a CLI that can't, one task is watched."""

    @property
    def dashboards(self) -> tuple[str, ...]:
        """The labels of the pages that it opens."""

    def perform(self, run: Run) -> None:
        """Drive the run; the session `run.main` is the one whose hops are counted."""


def workloads() -> dict[str, Workload]:
    """Every workload by the name of its strategy."""
    return members(WORKLOAD)
