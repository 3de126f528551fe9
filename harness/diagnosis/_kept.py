"""Events that a client kept for a connection that never came: nothing failed, and nothing was sent."""

from __future__ import annotations

from harness.model import Fact, FactKind
from harness.record.evidence import BY_CLIENT, Evidence, reason_of

KEPT = "kept for a connection that never came"
"""What is told at its end of each event in the buffer of a client (socket.io-client has one)."""


def is_kept(fact: Fact) -> bool:
    """Whether it tells of such an event."""
    return KEPT in str(fact.data.get("error"))


def waited_in_vain(evidence: Evidence, cli: str) -> bool:
    """Whether a CLI kept events for a connection that it never made, or after it had ended its last one itself."""
    kept = any(is_kept(f) for f in evidence.facts(FactKind.ACKNOWLEDGED) if f.observer == cli)
    kinds = (FactKind.CLIENT_CONNECTED, FactKind.CLIENT_DISCONNECTED)
    facts = sorted((f for kind in kinds for f in evidence.facts(kind) if f.observer == cli), key=lambda f: f.n)
    return kept and (not facts or reason_of(facts[-1]) == BY_CLIENT)
