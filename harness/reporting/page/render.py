"""The page of a run put together: the template filled, style and script put in."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from markupsafe import Markup

from harness.model import Verdict
from harness.record.evidence import Evidence
from harness.reporting import sentences
from harness.reporting.compared import uncompared
from harness.reporting.explanation import listings, options, way
from harness.reporting.figures import Figures
from harness.reporting.page import view
from harness.reporting.page.events import event_data
from harness.reporting.page.heat import heat
from harness.reporting.page.shots import boards
from harness.reporting.page.single_file import data_block, environment, policy
from harness.reporting.page.timeline import timeline

_STATIC = Path(__file__).parent / "static"
_SCRIPTS = ("list.js", "marks.js", "diagram.js", "table.js", "page.js", "changed.js")
"""In the order in which each needs the former ones."""


def html(evidence: Evidence, verdict: Verdict, run_dir: Path) -> str:
    """The page of a run. `run_dir` is read only: logs and screenshots."""
    figures = Figures(evidence, verdict)
    style, script = _assets()
    data = event_data(figures)
    found = way(figures)
    return (
        environment()
        .get_template("run.html")
        .render(
            style=style,
            script=script,
            policy=policy(style, script),
            data=data_block(data),
            events={
                "total": data["total"],
                "wrong": data["wrong"],
                "listed": len(data["events"]),
                "names": data["names"],
            },
            sessions=data["sessions"],
            verdict=verdict,
            sentence=sentences.verdict(verdict),
            unknown=sentences.unknowns(verdict),
            remarks=sentences.remarks(verdict),
            contract=figures.contract,
            path=view.path(figures),
            causes=view.causes(figures),
            unexplained=view.unexplained(figures),
            way=found,
            listings=listings(found, run_dir),
            options=options(figures),
            facts=view.facts(figures, run_dir),
            commands=view.commands(figures),
            changes=view.changes(figures),
            types=view.types(figures),
            properties=view.properties(figures),
            uncompared=[*uncompared(figures.evidence)],
            dashboards=figures.dashboards,
            last_hop=figures.last_page_hop.label,
            boards=boards(figures, run_dir),
            timeline=timeline(figures, run_dir),
            heat=heat(figures),
        )
    )


@cache
def _assets() -> tuple[Markup, Markup]:
    """Style and script. They are files of this package, which only it writes."""
    style = (_STATIC / "run.css").read_text(encoding="utf-8")
    script = "\n".join((_STATIC / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    return Markup(style), Markup(f'"use strict";\n{script}')  # noqa: S704
