"""What people and programs read of a verdict: Markdown with pictures, JSON, the terminal, Allure.

A reporter writes one file into the run folder, from the ledger, the verdict and the logs that lie in that folder.
To add one: a module here, or in an installed package, with `REPORTER`, an object that follows the Protocol below.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from harness.extensions import REPORTER, members
from harness.model import Verdict
from harness.record.evidence import Evidence


class Reporter(Protocol):
    """One form of report."""

    name: str

    def write(self, evidence: Evidence, verdict: Verdict, run_dir: Path) -> Path:
        """Write the report into the run folder and return its path. The same ledger gives the same report."""


def reporters() -> dict[str, Reporter]:
    """Every reporter by name."""
    return members(REPORTER)
