"""The page of a run with many dashboards holds a part of it: what went wrong, whatever its number."""

from __future__ import annotations

import pytest

from bench.shapes import Shape
from harness.diagnosis import diagnose
from harness.judge.judge import judge_evidence
from harness.record.evidence import Evidence
from harness.record.ledger import Ledger
from harness.reporting.figures import Figures
from harness.reporting.page import events

SHAPE = Shape("lost", 300, dashboards=4, lost=0.01)


def test_of_many_dashboards_the_page_has_the_events_that_went_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_CELLS", 100 * SHAPE.dashboards)
    evidence = Evidence(Ledger.of(SHAPE.contract(), SHAPE.records()))
    verdict = diagnose(evidence, judge_evidence(evidence))
    wrong = {evidence.events[o.event_key].seq for o in verdict.outcomes if o.key and o.kind.value == "lost"}
    data = events.event_data(Figures(evidence, verdict))
    listed = {row[0] for row in data["events"]}
    assert data["total"] == SHAPE.events
    assert len(listed) == 100
    assert wrong
    assert len(wrong & listed) == min(len(wrong), len(listed) // 2)
