"""Whether payloads stay text on the page (P10)."""

from __future__ import annotations

from harness.model import Aspect, Finding, Hop, Kind, Outcome, PropertyResult
from harness.model.facts import PageIntrusion
from harness.record.evidence import Evidence, label_of


def inert(evidence: Evidence) -> PropertyResult:
    """P10: no payload ran, asked or opened anything."""
    found = []
    for fact in evidence.facts(PageIntrusion):
        what = Finding(Aspect.INTRUSION, text=fact.body.what)
        found.append(Outcome(Kind.NOT_INERT, "P10", None, label_of(fact.observer), Hop.RENDERED, (Hop.RENDERED,), what))
    return PropertyResult.of("P10", sum(1 for label in evidence.contract.dashboards if evidence.view(label)), found)
