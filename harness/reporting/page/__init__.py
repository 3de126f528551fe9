"""`run.html`: one run as a page for people. One file, offline, without a request to anywhere.

Filled from the ledger, the verdict and the logs and screenshots of the run folder; its script draws and filters, and
decides nothing. Whatever the system under test says is text on it (see escape), and the page's own policy forbids
every script and style but the two that are in it.
"""

from __future__ import annotations

from pathlib import Path

from harness.model import Verdict
from harness.record.evidence import Evidence

PAGE = "run.html"


class RunPage:
    """Writes `run.html`."""

    name = "page"

    def write(self, evidence: Evidence, verdict: Verdict, run_dir: Path) -> Path:
        """Write the page; its path."""
        from harness.reporting.page.render import html  # the template engine costs more than judging a short run

        path = run_dir / PAGE
        path.write_text(html(evidence, verdict, run_dir), encoding="utf-8")
        return path


REPORTER = RunPage()
