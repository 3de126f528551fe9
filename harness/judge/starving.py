"""What is late on a machine that has no processor for the system says nothing of the system. Pure."""

from __future__ import annotations

import re

from harness.model import Aspect, Finding, Kind, Outcome
from harness.model.facts import Starved
from harness.record.evidence import Evidence
from harness.record.evidence.starvation import is_starved


def unless_starved(evidence: Evidence, late: Outcome, start_ns: int, end_ns: int) -> Outcome:
    """Something late, from when to when; not known where it is so only by the time without a processor."""
    told = late.finding
    took_ms, bound_ms = told.measured_ms or 0.0, told.bound_ms or 0.0
    starved_ms = evidence.starved_ms(start_ns, end_ns)
    if took_ms - starved_ms > bound_ms:
        return late
    why = Finding(Aspect.STARVED, measured_ms=took_ms, bound_ms=bound_ms, found=round(starved_ms))
    return Outcome(Kind.UNDETERMINED, late.prop, late.key, late.dashboard, None, (), why)


def unless_never_tried(
    evidence: Evidence, missing: Outcome, start_ns: int | None, end_ns: int | None = None
) -> Outcome:
    """Something that had not come at a time, by default that of the last record: not known where that says nothing.

    That is where the machine had no processor for the run most of the time, and the rest is less than the bound.
    """
    start = 0 if start_ns is None else start_ns
    until = max((fact.at_ns for fact in evidence.facts(Starved)), default=start) if end_ns is None else end_ns
    whole_ms, bound_ms = max(until - start, 0) / 1e6, evidence.contract.bound_ms
    starved_ms = evidence.starved_ms(start, until)
    if start_ns is None or not is_starved(starved_ms, whole_ms, bound_ms):
        return missing
    why = Finding(Aspect.STARVED, measured_ms=whole_ms, bound_ms=bound_ms, found=round(starved_ms))
    return Outcome(Kind.UNDETERMINED, missing.prop, missing.key, missing.dashboard, None, (), why)


def is_timeout(error: str | None) -> bool:
    """Whether a client gave up over time; what was refused was refused in no time."""
    return re.search(r"\btim(?:e|ed)[ -]?out", error or "", re.IGNORECASE) is not None


def gave_up(evidence: Evidence, session: str) -> Outcome | None:
    """That it is not known how a session would have ended whose CLI came back too late on a starved machine."""
    stretch = evidence.starved_out.get(evidence.producer.get(session, ""))
    if stretch is None:
        return None
    why = Finding(
        Aspect.STARVED,
        session=session,
        measured_ms=(stretch[1] - stretch[0]) / 1e6,
        bound_ms=evidence.contract.bound_ms,
        found=round(evidence.starved_ms(*stretch)),
    )
    return Outcome(Kind.UNDETERMINED, "P13", None, None, None, (), why)
