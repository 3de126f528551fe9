"""`report.md` with its pictures: a run as a person reads it, on a code host or in an editor.

Everything in it is counted from the ledger or cut from the logs in the run folder. What comes from the system under
test is escaped (see escape): it can be read, and can do nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harness.model import Verdict
from harness.record.evidence import Evidence
from harness.reporting import record_sections as record
from harness.reporting import run_sections as run
from harness.reporting import screenshots, sentences
from harness.reporting import verdict_sections as findings
from harness.reporting import why_sections as why
from harness.reporting.escape import code, prose
from harness.reporting.figures import Figures
from harness.reporting.markup import MARK, bullets
from harness.reporting.pictures import hop_picture, sequence_picture

REPORT, HOPS, SEQUENCE = "report.md", "hops.svg", "sequence.svg"


class MarkdownReport:
    """Writes `report.md`, and what it shows: `hops.svg`, `sequence.svg`, and screenshots with marks on what changed."""

    name = "markdown"

    def write(self, evidence: Evidence, verdict: Verdict, run_dir: Path) -> Path:
        """Write all of them; the path of the report."""
        (run_dir / HOPS).write_text(hop_picture(verdict), encoding="utf-8")
        (run_dir / SEQUENCE).write_text(sequence_picture(evidence, verdict), encoding="utf-8")
        report = run_dir / REPORT
        changes = screenshots.marked(Figures(evidence, verdict), run_dir)
        report.write_text(text(evidence, verdict, run_dir, changes), encoding="utf-8")
        return report


def text(
    evidence: Evidence, verdict: Verdict, run_dir: Path, changes: Mapping[str, screenshots.Change | None] | None = None
) -> str:
    """The report. `run_dir` is read only: logs, and screenshots; `changes` are what differs in those."""
    figures = Figures(evidence, verdict)
    sections = [
        _head(figures, run_dir),
        "## Test set-up\n\n" + run.set_up(figures),
        "### Initial state\n\n" + run.initial(figures),
        "## Execution\n\n" + run.execution(figures),
        *(["### Faults\n\n" + told] if (told := run.faults(figures)) else []),
        "### Session\n\n" + run.session(figures),
        "### Events emitted\n\n" + run.emitted(figures),
        "## Results\n\n### Hop by hop\n\n" + findings.hops(figures),
        f"![Events on their way]({SEQUENCE})",
        "### Event counts\n\n" + run.count_table(figures),
        "### Sessions and dashboards\n\n" + run.sessions(figures),
        "### Dashboards afterwards\n\n" + run.afterwards(figures),
        "## Root cause\n\n" + findings.root_cause(figures),
        _titled("### Why it failed", why.why_it_failed(figures, run_dir)),
        "## Properties\n\n" + findings.properties(figures),
        "## Verification checklist\n\n" + findings.checklist(figures),
        "## Event types expected and received\n\n" + findings.event_types(figures),
        "## Conclusion\n\n" + findings.works(figures),
        "## Next steps\n\n" + findings.next_steps(figures, run_dir),
        _titled("### Ways of routing", why.routing_options(figures)),
        "## Screenshots\n\n" + screenshots.section(figures, run_dir, changes or {}),
        "## Errors on record\n\n" + record.errors(figures),
        "## Logs\n\n" + record.logs(figures, run_dir),
        "## How it was judged\n\n" + record.judged(figures, run_dir),
    ]
    return "\n\n".join(filter(None, sections)) + "\n"


def _titled(title: str, section: str) -> str:
    """A section that isn't there has no title."""
    return f"{title}\n\n{section}" if section else ""


def _head(figures: Figures, run_dir: Path) -> str:
    contract, verdict = figures.contract, figures.verdict
    who = ", ".join(map(code, contract.dashboards)) or "none"
    points = [
        *findings.why(figures),
        f"**Date**: {record.recorded_at(figures, run_dir)}",
        "**Task**: verify that the events of the CLI are what dashboards show",
        f"**Target**: {code(contract.target)}, held to the promises of {code(contract.strategy)}",
        *([f"**Commit**: {told}"] if (told := record.commit(figures)) else []),
        f"**Dashboards**: {who}",
    ]
    lines = [
        f"# {MARK[verdict.answer]} {prose(contract.strategy)}: {verdict.answer}",
        f"**{prose(sentences.verdict(verdict))}**",
        f"![Events at each hop]({HOPS})",
        bullets(points),
    ]
    return "\n\n".join(lines)


REPORTER = MarkdownReport()
