"""What is late on a machine that has no processor for the system says nothing of the system. Pure."""

from __future__ import annotations

from harness.model import Aspect, Finding, Kind, Outcome
from harness.model.facts import Starved
from harness.record.evidence import Evidence


def unless_starved(evidence: Evidence, late: Outcome, start_ns: int, end_ns: int) -> Outcome:
    """Something late, from when to when; not known where it is so only by the time without a processor."""
    told = late.finding
    took_ms, bound_ms = told.measured_ms or 0.0, told.bound_ms or 0.0
    starved_ms = starvation(evidence, start_ns, end_ns)
    if took_ms - starved_ms > bound_ms:
        return late
    why = Finding(Aspect.STARVED, measured_ms=took_ms, bound_ms=bound_ms, found=round(starved_ms))
    return Outcome(Kind.UNDETERMINED, late.prop, late.key, late.dashboard, None, (), why)


def starvation(evidence: Evidence, start_ns: int, end_ns: int) -> float:
    """How many milliseconds of a time the machine had no processor for the run, evenly within what was measured."""
    found = 0.0
    for fact in evidence.facts(Starved):
        since_ns, whole_ns = fact.body.since_ns, fact.at_ns - fact.body.since_ns
        both_ns = min(end_ns, fact.at_ns) - max(start_ns, since_ns)
        if both_ns > 0:
            found += min(fact.body.waited_ms * both_ns / whole_ns, both_ns / 1e6)
    return found
