"""What CLIs were told of their events; and events that a client kept for a connection that never came: nothing failed,
and nothing was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.model import Fact
from harness.model.facts import Acknowledged, ClientConnected, ClientDisconnected
from harness.record.evidence import BY_CLIENT, Evidence
from harness.record.remembered import remembered

KEPT = "kept for a connection that never came"
"""What is told at its end of each event in the buffer of a client (socket.io-client has one)."""


def is_kept(fact: Fact[Acknowledged]) -> bool:
    """Whether it tells of such an event."""
    return KEPT in (fact.body.error or "")


@remembered
def failures(evidence: Evidence) -> Mapping[str, Sequence[Fact[Acknowledged]]]:
    """Event to those of them that say no."""
    found: dict[str, list[Fact[Acknowledged]]] = {}
    for fact in evidence.answers(lambda told: not told.ok):
        found.setdefault(fact.body.key, []).append(fact)
    return found


@remembered
def waited_in_vain(evidence: Evidence, cli: str) -> bool:
    """Whether a CLI kept events for a connection that it never made, or after it had ended its last one itself."""
    kept = any(is_kept(f) for f, _ in evidence.told.kinds(Acknowledged) if f.observer == cli)
    came = [f.n for f in evidence.facts(ClientConnected) if f.observer == cli]
    ended = [f for f in evidence.facts(ClientDisconnected) if f.observer == cli]
    if not ended:
        return kept and not came
    return kept and ended[-1].n > max(came, default=-1) and ended[-1].body.reason == BY_CLIENT
