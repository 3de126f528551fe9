"""How long the machine had no processor for a run, and whether that is all that a time without success tells. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from harness.model import Fact
from harness.model.facts import Starved


def starvation(told: Iterable[Fact[Starved]], start_ns: int, end_ns: int) -> float:
    """How many milliseconds of a time the machine had no processor for the run, evenly within what was measured."""
    found = 0.0
    for fact in told:
        since_ns, whole_ns = fact.body.since_ns, fact.at_ns - fact.body.since_ns
        both_ns = min(end_ns, fact.at_ns) - max(start_ns, since_ns)
        if both_ns > 0:
            found += min(fact.body.waited_ms * both_ns / whole_ns, both_ns / 1e6)
    return found


def is_starved(starved_ms: float, whole_ms: float, bound_ms: float) -> bool:
    """Whether what did not come about in a time says nothing: most of it was without a processor, the rest is short."""
    return 2 * starved_ms > whole_ms and whole_ms - starved_ms < bound_ms
