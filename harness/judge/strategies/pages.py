"""Pages that are promised some events alone: what is for others must not reach them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from harness.model import Aspect, Expectation, Finding, Level
from harness.record.evidence import Evidence


def by_page(evidence: Evidence, expectations: Iterable[Expectation]) -> Iterator[Expectation]:
    """What a strategy promises, as far as each page is there for it."""
    if not any(evidence.contract_of(label).promised for label in evidence.contract.dashboards):
        yield from expectations
        return
    for each in expectations:
        names = evidence.contract_of(each.dashboard).promised
        others = [key for key in each.keys if evidence.events[key].name not in names] if names else []
        if not others or each.level is Level.NEVER:
            yield each
            continue
        if len(others) < len(each.keys):
            left = {*others}
            yield replace(each, keys=tuple(key for key in each.keys if key not in left))
        why = Finding(Aspect.NOT_FOR_PAGE, party=f"dashboard:{each.dashboard}", items=names)
        yield Expectation(tuple(others), each.dashboard, Level.NEVER, why)


def is_for(evidence: Evidence, dashboard: str, key: str) -> bool:
    """Whether an event is promised to the page that a dashboard shows."""
    names = evidence.contract_of(dashboard).promised
    return not names or evidence.events[key].name in names
