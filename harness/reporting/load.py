"""What a load came to: how much of it there was, what went wrong, how long it took to each hop, what it cost. Pure.

All of it is taken from the ledger and the verdict: `harness judge` says the same again.
"""

from __future__ import annotations

from collections import Counter
from typing import IO, Any

from harness.model import PAGE_SIDE, Hop, Kind, Verdict
from harness.model.facts import Spent
from harness.record.evidence import Evidence
from harness.record.evidence.durations import percentiles_ms
from harness.reporting.escape import visible
from harness.reporting.terminal import say, table

SHARES = {"p50": 50, "p99": 99, "max": 100}
"""The percentiles that are told."""

COUNTED = (Kind.LOST, Kind.LEAKED, Kind.DUPLICATED, Kind.REORDERED, Kind.CORRUPTED, Kind.LATE, Kind.UNDETERMINED)


def load_object(evidence: Evidence, verdict: Verdict) -> dict[str, Any] | None:
    """The load of a run; None for a run that had none. Times are in milliseconds since the event was first seen."""
    if not evidence.clients:
        return None
    kinds = Counter(outcome.kind for outcome in verdict.outcomes)
    return {
        "clients": len(evidence.clients),
        "pages": len(evidence.pages),
        "sessions": len(evidence.sessions),
        "events": len(evidence.events),
        "deliveries": sum(len(seen) for seen in evidence.page[Hop.DELIVERED].values()),
        "outcomes": {kind.value: kinds[kind] for kind in COUNTED},
        "latency_ms": {hop.label: told for hop in Hop if (told := _latency(evidence, hop))},
        "spent": {
            fact.body.party: {"cpu_s": fact.body.cpu_s, "memory_mb": round(fact.body.memory_bytes / 1e6, 1)}
            for fact in evidence.facts(Spent)
        },
    }


def _latency(evidence: Evidence, hop: Hop) -> dict[str, float]:
    found = percentiles_ms(evidence, hop, [*SHARES.values()])
    return {} if found is None else {name: round(ms, 3) for name, ms in zip(SHARES, found, strict=True)}


def load_table(strategy: str, load: dict[str, Any], out: IO[str]) -> None:
    """Print the load of one run."""
    told = ", ".join(f"{count} {kind}" for kind, count in load["outcomes"].items() if count) or "nothing lost or leaked"
    counts = f"{load['clients']} clients, {load['pages']} page, {load['sessions']} sessions, {load['events']} events"
    say(visible(f"{strategy}: {counts}, {load['deliveries']} deliveries: {told}"), out)
    head = ("ms since emitted", *load["latency_ms"])
    lines = [(share, *(f"{hop[share]:.1f}" for hop in load["latency_ms"].values())) for share in SHARES]
    table(head, lines, {*range(1, len(head))}, out)
    for party, spent in load["spent"].items():
        say(visible(f"{party}: {spent['cpu_s']:.1f} s of processor, {spent['memory_mb']:.0f} MB"), out)
    if any(hop.label in load["latency_ms"] for hop in PAGE_SIDE[1:]):
        say("clients are connections without a page: applied and rendered are the page's alone", out)
