"""The report's explanation: the way of a lost event with the code around it, and what each way of routing would owe."""

from __future__ import annotations

from pathlib import Path

from harness.reporting.escape import cell, code, fenced, prose
from harness.reporting.explanation import Step, listings, options, way
from harness.reporting.figures import Figures
from harness.reporting.markup import number, table

SEEN = {True: "✅ yes", False: "❌ no", None: "– blind"}


def why_it_failed(figures: Figures, run_dir: Path) -> str:
    """The way of the first event that the first cause explains, hop by hop; empty where none was lost."""
    found = way(figures)
    if found is None:
        return ""
    whose = f", owed to dashboard {code(found.dashboard)}" if found.dashboard else ""
    rows = [
        [f"**{step.hop.label}**" if step.is_break else step.hop.label, SEEN[step.seen], prose(step.told), _place(step)]
        for step in found.steps
    ]
    parts = [
        f"The way of the first event that was lost, {code(found.event.key)} ({code(found.event.name)}){whose}:",
        table(["Hop", "Seen", "What the record shows", "Place"], rows),
        *(f"{code(place)}:\n\n{fenced(lines)}" for place, lines in listings(found, run_dir)),
    ]
    return "\n\n".join(parts)


def _place(step: Step) -> str:
    return cell(step.place) if step.place else ""


def routing_options(figures: Figures) -> str:
    """What each way of routing would have owed to whom in this run, with what it costs; empty for a run that passed."""
    found = options(figures)
    if not found:
        return ""
    labels = figures.dashboards
    rows = [
        [
            f"**{prose(each.strategy)}** (this run)" if each.is_here else prose(each.strategy),
            *(number(each.owed.get(label, 0)) for label in labels),
            prose(each.trade_off),
        ]
        for each in found
    ]
    note = "Judged from the connections, requests and sessions on record: what each would have owed to whom here."
    return f"{table(['Routing', *(f'Owed to {cell(label, 30)}' for label in labels), 'What it means'], rows)}\n\n{note}"
