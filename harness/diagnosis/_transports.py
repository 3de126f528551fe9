"""How a dashboard's connection travelled."""

from __future__ import annotations

from harness.model import Hop
from harness.model.facts import Connected, FrameUnread
from harness.record.evidence import Evidence, family, label_of


def has_upgraded(evidence: Evidence, label: str) -> bool:
    """Whether the server let the page in by polling, and the page had events by websocket."""
    mine = {sid for sid, load in evidence.sids.items() if label_of(load) == label}
    began = {f.body.transport for f in evidence.facts(Connected) if f.body.sid in mine}
    order = [s for load in evidence.loads_of(label) for s in evidence.on_page(Hop.DELIVERED, load)]
    return "polling" in began and any(s.detail.get("transport") == "websocket" for s in order)


def could_not_read(evidence: Evidence, label: str) -> bool:
    """Whether a message came to the page that its client could not read: no queue lost what lacks then."""
    return any(family(frame.observer) == f"dashboard:{label}" for frame in evidence.facts(FrameUnread))
