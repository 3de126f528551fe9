"""Whether what messages say around their data stays the same, and is as their system describes it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from harness.judge.values.differences import Difference, common_differences, differences, first_of
from harness.model import SERVER_SIDE, Aspect, Finding, Hop, Kind, Outcome
from harness.record.evidence import Evidence, label_of
from harness.record.evidence.seen import Seen


def of_the_rest(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """The same for a message's further arguments, and for those fields of its envelope that both hops show.

    An event that is emitted twice may have an envelope of its own each time: what comes after is compared with both.
    """
    base: dict[str, tuple[Hop, list[str]]] = {}
    checks, found = 0, list[Outcome]()
    sound: dict[tuple[Hop, bytes], int] = {}  # many pages were told the same: it is compared once
    for hop, label, sightings in _messages(evidence):
        said = None if hop in SERVER_SIDE else sightings.said
        if said is not None and (hop, said) in sound:
            checks += sound[hop, said]
            continue
        before = checks, len(found)
        for sighting in sightings.having("rest"):
            rest, key = sighting.detail.get("rest"), sighting.event.key
            if rest is None:
                continue
            first, known = base.setdefault(key, (hop, []))
            if not known or (first is hop and hop in SERVER_SIDE):
                known.append(rest)
            checks += rest in known
            if rest in known:
                continue
            if (why := _rest_differs(evidence.payload(known[0]), evidence.payload(rest))) is not None:
                found.append(Outcome(Kind.CORRUPTED, "P5", key, label, *evidence.blamed(hop, label, key), why))
        if said is not None and len(found) == before[1]:
            sound[hop, said] = checks - before[0]
    return checks, found


def as_described(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """The payloads of messages are what the system's own description says, where it has one."""
    checks, found = 0, list[Outcome]()
    for hop, label, sightings in _messages(evidence) if evidence.contract.described else ():
        checks += len(sightings)
        for sighting in sightings.having("invalid"):
            if (text := sighting.detail.get("invalid")) is not None:
                key, why = sighting.event.key, Finding(Aspect.NOT_AS_DESCRIBED, text=str(text))
                found.append(Outcome(Kind.CORRUPTED, "P5", key, label, *evidence.blamed(hop, label, key), why))
    return checks, found


def _messages(evidence: Evidence) -> Iterator[tuple[Hop, str | None, Seen]]:
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED):
        yield hop, None, evidence.flow[hop]
    for hop in (Hop.DELIVERED, Hop.APPLIED):
        for load, sightings in evidence.page[hop].items():
            yield hop, label_of(load), sightings


def _rest_differs(known: object, rest: object) -> Finding | None:
    """What differs. A server may send another number of arguments than it takes, and an envelope of its own."""
    if not isinstance(known, Mapping) or not isinstance(rest, Mapping):
        return None
    before, after = known.get("args"), rest.get("args")
    wrong = first_of(differences(before, after), "further argument ") if _are_alike(before, after) else None
    if wrong is not None:
        return wrong
    if around := _common(known, rest, "text"):
        return first_of([replace(each, path="the text around its fields") for each in around])
    return first_of(_common(known, rest, "fields"), "envelope: ")


def _are_alike(before: object, after: object) -> bool:
    """Whether the arguments that no field is in are as many; and by their places the same, where fields say theirs."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before.keys() == after.keys()
    return isinstance(before, list) and isinstance(after, list) and len(before) == len(after)


def _common(known: Mapping[str, Any], rest: Mapping[str, Any], part: str) -> list[Difference]:
    """What differs in a part of two messages, of what both have of it."""
    return common_differences(known.get(part) or {}, rest.get(part) or {})
