"""How a dashboard's connection travelled."""

from __future__ import annotations

from harness.model import Hop
from harness.model.facts import ClockCompared, Connected, FrameUnread, PageClosed, PageConnected
from harness.record.evidence import Evidence, family, label_of


def has_upgraded(evidence: Evidence, label: str) -> bool:
    """Whether the server let the page in by polling, and the page had events by websocket."""
    mine = {sid for sid, load in evidence.sids.items() if label_of(load) == label}
    began = {f.body.transport for f in evidence.facts(Connected) if f.body.sid in mine}
    came = (s for load in evidence.loads_of(label) for s in evidence.on_page(Hop.DELIVERED, load).kinds())
    return "polling" in began and any(s.detail.get("transport") == "websocket" for s in came)


def could_not_read(evidence: Evidence, label: str) -> bool:
    """Whether a message came to the page that its client could not read: no queue lost what lacks then."""
    return any(family(frame.observer) == f"dashboard:{label}" for frame in evidence.facts(FrameUnread))


def was_away(evidence: Evidence, label: str, key: str) -> bool:
    """Whether a page had no connection when an event was at the last hop before it that saw it (harness time)."""
    known = (evidence.once[hop].get(key) for hop in (Hop.ROUTED, Hop.RECEIVED, Hop.SENT))
    at_ns = next((sightings[0].at_ns for sightings in known if sightings), None)
    offsets = {f.observer: f.body.offset_ns for f in evidence.facts(ClockCompared)}

    def times(kind: type[PageClosed] | type[PageConnected]) -> list[int]:
        mine = (f for f in evidence.facts(kind) if label_of(f.observer) == label and f.observer in offsets)
        return [f.at_ns + offsets[f.observer] for f in mine]

    closed = max((ns for ns in times(PageClosed) if at_ns is not None and ns <= at_ns), default=None)
    return closed is not None and at_ns is not None and not any(closed < ns <= at_ns for ns in times(PageConnected))
