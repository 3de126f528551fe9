"""Whether messages say when their events were reported: with a zone, within the run, and each its own time. Pure.

The run's first record tells the wall clock's time; producers run on the same machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from harness.judge.messages.stopped_clock import standing
from harness.judge.values.quantities import moment
from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import RunBegun
from harness.record.evidence import Evidence

SLACK = timedelta(seconds=2)
"""The run's beginning is on record to the second."""


def troubles(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """How many times were compared, and those that are not when the event was reported."""
    name, checks, found = evidence.contract.time, 0, list[Outcome]()
    hop = next((hop for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED) if evidence.has_tap(hop)), None)
    begun = next(((f, at) for f in evidence.facts(RunBegun) if (at := moment(f.body.at)) is not None), None)
    if name is None or hop is None or begun is None:
        return 0, []
    fact, began = begun
    told = dict[str, object]()
    for key, sightings in evidence.once[hop].items():
        fields = _fields(evidence, sightings[0].detail.get("rest"))
        if name not in fields or evidence.is_others(key):
            continue
        checks += 1
        told[key] = fields[name]
        sent = began + timedelta(microseconds=(sightings[0].at_ns - fact.at_ns) / 1000)
        if not _is_within(moment(fields[name]), began, sent):
            found.append(_wrong(evidence, hop, key, fields[name], sent))
    wrong = {each.key for each in found}
    for key in standing(evidence, {key: at for key, at in told.items() if key not in wrong}):
        reported = evidence.once[Hop.EMITTED][key][0]
        at = began + timedelta(microseconds=(reported.at_ns - fact.at_ns) / 1000)
        found.append(_wrong(evidence, hop, key, told[key], at))
    return checks, found


def _wrong(evidence: Evidence, hop: Hop, key: str, told: object, reported: datetime) -> Outcome:
    name, expected = evidence.contract.time, reported.isoformat(timespec="milliseconds")
    why = Finding(Aspect.TIME_WRONG, field=name, expected=expected, found=str(told)[:40])
    return Outcome(Kind.CORRUPTED, "P5", key, None, *evidence.blamed(hop, None, key), why)


def _fields(evidence: Evidence, rest: object) -> Mapping[str, object]:
    message = evidence.payload(str(rest)) if rest is not None else None
    fields = message.get("fields") if isinstance(message, Mapping) else None
    return fields if isinstance(fields, Mapping) else {}


def _is_within(told: datetime | None, began: datetime, sent: datetime) -> bool:
    return told is not None and told.tzinfo is not None and began - SLACK <= told <= sent + SLACK
