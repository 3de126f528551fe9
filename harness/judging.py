"""A run's record judged, diagnosed and reported: what is left to do when everything else has ended, or years later.

Nothing here starts, taps or drives a system, so that a stored run is judged without what those need.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.diagnosis import diagnose
from harness.judge.judge import UnknownStrategy, judge_evidence
from harness.lib import documents
from harness.lib.ansi import printable
from harness.lib.documents import Misshapen
from harness.lib.timing import Spans
from harness.locations import runs
from harness.model import Broken, Part, Verdict
from harness.record.evidence import Evidence
from harness.record.ledger import LedgerError, collector_at_rest, find, read
from harness.reporting import profile, reporters
from harness.reporting.document import run_object


@dataclass(frozen=True, slots=True)
class Judged:
    """A run with its verdict; `document` is its part of the JSON output."""

    evidence: Evidence
    verdict: Verdict
    folder: Path
    seconds: float
    document: dict[str, Any]

    @property
    def report(self) -> Path:
        """The Markdown report."""
        return self.folder / "report.md"


def run_folder(strategy: str, session: str) -> Path:
    """A new folder for a run; session ids are unique, so it is too."""
    folder = runs() / f"{strategy}-{session}"
    folder.mkdir(parents=True)
    return folder


def judge_folder(
    folder: Path,
    seconds: float | None = None,
    report: bool = True,
    spans: Spans | None = None,
    is_running: bool = False,
) -> Judged:
    """Judge a stored run and write its reports. The time a run took is kept with it.

    One that still `is_running` is judged as far as it was flushed.
    """
    with (spans or Spans())("judge"), collector_at_rest():
        evidence, verdict = seen_again(folder, is_running)
    judged = _documented(evidence, verdict, folder, _took_s(folder) if seconds is None else seconds)
    if spans is not None:
        profile.write(spans, folder)  # as far as it is known; the report shows it
    with (spans or Spans())("reports"):
        return write_reports(judged) if report else judged


def _took_s(folder: Path) -> float:
    """How long a run took, in seconds, as it was kept with its last verdict; 0 where none can be read."""
    with contextlib.suppress(Misshapen, OSError):
        return documents.read(_kept(folder)).at("seconds").number()
    return 0.0


def seen_again(folder: Path, is_running: bool = False) -> tuple[Evidence, Verdict]:
    """A stored run's evidence, and the verdict on it with its causes; nothing is written."""
    evidence = Evidence(read(find(folder), is_running))
    try:
        return evidence, diagnose(evidence, judge_evidence(evidence))
    except UnknownStrategy as error:
        raise LedgerError(printable(f"{find(folder)}: at contract.strategy: {error}")) from None


def write_reports(judged: Judged) -> Judged:
    """Every form of report that there is, into the run's folder. One that breaks is missing; the verdict says so."""
    broken = []
    for name, reporter in reporters().items():
        try:
            reporter.write(judged.evidence, judged.verdict, judged.folder)
        except Exception as error:  # noqa: BLE001  # a reporter may be foreign code
            broken.append(Broken(Part.REPORTER, name, f"{type(error).__name__}: {error}"))
    if not broken:
        return judged
    verdict = replace(judged.verdict, broken=(*judged.verdict.broken, *broken))
    return _documented(judged.evidence, verdict, judged.folder, judged.seconds)


def _documented(evidence: Evidence, verdict: Verdict, folder: Path, seconds: float) -> Judged:
    """The verdict with its part of the JSON output, which is kept in the run's folder."""
    document = run_object(evidence, verdict, folder, seconds)
    _kept(folder).write_text(documents.lines(document, levels=3) + "\n")
    return Judged(evidence, verdict, folder, seconds, document)


def _kept(folder: Path) -> Path:
    return folder / "verdict.json"
