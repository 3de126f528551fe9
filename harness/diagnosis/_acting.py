"""Producers that are a page themselves: they notice what pages do wrong."""

from __future__ import annotations

from harness.model import Blame, Hop, Kind, Outcome
from harness.model.facts import CliStarted
from harness.record.evidence import Evidence
from harness.record.remembered import remembered

ACTING = "harness.launch.acting"
"""The module that does what a target file says in place of a command."""


@remembered
def _pages(evidence: Evidence) -> frozenset[str]:
    """The producers that are steps on a page."""
    started = evidence.facts(CliStarted)
    return frozenset(f.observer for f in started if ACTING in f.body.argv and f.body.argv[-1].startswith('{"page"'))


def is_end_of_a_page(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether it is that a session has no end whose producer is a page, and gave up."""
    if outcome.kind is not Kind.INCOMPLETE:
        return False
    end = evidence.exit_or_only(outcome.finding.session or "")
    return end is not None and end.body.status > 0 and end.observer in _pages(evidence)


def is_on_pages(outcome: Outcome) -> bool:
    """Whether it is of what pages do, whichever page it is."""
    return bool(outcome.hops) and min(outcome.hops) >= Hop.DELIVERED


def keeps_a_page(blame: Blame) -> bool:
    """Whether a producer that is a page may wait in vain for it."""
    return any(map(is_on_pages, blame.explains))
