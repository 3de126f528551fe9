"""Data fields that the server puts in, as an id or a time: nothing before it has them, and pages show them. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.judge.values.differences import Difference, common_differences
from harness.judge.values.quantities import moment
from harness.model import Aspect, Finding, Hop, Kind, Outcome, Sighting
from harness.record.evidence import Evidence, label_of
from harness.record.evidence.seen import Seen
from harness.record.remembered import remembered

LEAST = 3
"""So many characters of a value, at least, are not within another by chance."""

NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")

NEARLY_ALL = 0.6
"""The share of the messages with such a field that have it as it was sent, from which on the others are wrong."""


@remembered
def added_at(evidence: Evidence, load: str) -> Mapping[str, Mapping[str, Any]]:
    """Event to what the server put into it, as a page was told; empty where the target names no such fields."""
    if not evidence.contract.added:
        return {}
    told = ((each.event.key, _added(evidence, each)) for each in evidence.page[Hop.DELIVERED].get(load, ()))
    return {key: fields for key, fields in told if fields}


def with_added(data: Any, added: Mapping[str, Any] | None) -> Any:
    """Data with what the server put in."""
    return {**added, **data} if added and isinstance(data, Mapping) else data


def on_the_way(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """What the server put in reaches each page as it was when it was routed, at one of the times that it was."""
    checks, found = 0, list[Outcome]()
    for load, sightings in evidence.page[Hop.DELIVERED].items() if evidence.contract.added else ():
        for sighting in sightings:
            known = [
                fields for each in evidence.at(Hop.ROUTED, sighting.event.key) if (fields := _added(evidence, each))
            ]
            fields = _added(evidence, sighting)
            if not known or not fields:
                continue
            checks += 1
            apart = [common_differences(each, fields) for each in known]
            if all(apart):
                key, label, first = sighting.event.key, label_of(load), apart[0][0]
                why = Finding(
                    Aspect.PAYLOAD, field=first.path, expected=first.expected, found=first.found, count=len(apart[0])
                )
                found.append(
                    Outcome(Kind.CORRUPTED, "P5", key, label, *evidence.blamed(Hop.DELIVERED, label, key), why)
                )
    return checks, found


def as_sent(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """What was sent in such a field already stays as it is, where a server leaves it so as a rule: it adds what lacks.

    One that puts its own in the place of what was sent does so nearly always. What it does at times is not known, nor
    is one value in place of several, unless the target says that the field is `replaced`: what was said is lost there.
    """
    first: dict[str, Mapping[str, Any]] = {}
    kept, changed = Counter[str](), dict[str, dict[str, tuple[Hop, str | None, Difference]]]()
    for hop, label, sightings in _on_their_way(evidence):
        for sighting in sightings.having("rest"):
            key, fields = sighting.event.key, _added(evidence, sighting)
            if not fields or (hop in (Hop.SENT, Hop.RECEIVED) and first.setdefault(key, fields) is fields):
                continue
            apart = {each.path.partition(".")[0]: each for each in common_differences(first.get(key, {}), fields)}
            kept.update(name for name in fields if name in first.get(key, {}) and name not in apart)
            for name, each in apart.items():
                changed.setdefault(name, {}).setdefault(key, (hop, label, each))
    found = [
        outcome
        for name, of_name in changed.items()
        if name not in evidence.contract.replaced
        for outcome in _overwritten(evidence, kept[name], of_name)
    ]
    return sum(kept.values()) + sum(map(len, changed.values())), found


def _overwritten(
    evidence: Evidence, kept: int, changed: Mapping[str, tuple[Hop, str | None, Difference]]
) -> Iterator[Outcome]:
    """What became of a field that is not as it was sent in some events: each of them, or one doubt for all."""
    if kept >= NEARLY_ALL * (kept + len(changed)):
        for key, (hop, label, each) in changed.items():
            why = Finding(Aspect.PAYLOAD, field=each.path, expected=each.expected, found=each.found, count=1)
            yield Outcome(Kind.CORRUPTED, "P5", key, label, *evidence.blamed(hop, label, key), why)
    elif not _are_its_own([each for _, _, each in changed.values()], kept):
        key, (_, label, each) = next(iter(changed.items()))
        count, put_in = len(changed), each.found
        why = Finding(Aspect.OVERWRITTEN, field=each.path, expected=each.expected, found=put_in, count=count)
        yield Outcome(Kind.UNDETERMINED, "P5", key, label, None, (), why)


def _are_its_own(changed: Sequence[Difference], kept: int) -> bool:
    """Whether what a server puts in place of what was sent is its own by its nature: times, or another one each time.

    An id, a number that it counts up, or when it took something in, which may be the very time that was sent. What is
    made of what was sent is not: a part of it, a rounded number, other bytes, an object with another field.
    """
    found = [each.found for each in changed]
    if all(map(_is_time, found)):
        return True
    return not kept and len({*found}) == len(found) > 1 and not any(map(_is_made_of_it, changed))


def _is_made_of_it(each: Difference) -> bool:
    if "." in each.path:  # inside of an object, a list or bytes, that are there in both
        return True
    sent, found = each.expected.strip('"'), each.found.strip('"')
    if len(sent) >= LEAST and len(found) >= LEAST and (sent in found or found in sent):
        return True
    numbers = [float(text) for text in (sent, found) if NUMBER.fullmatch(text)]
    return len(numbers) == 2 and abs(numbers[0] - numbers[1]) < 1


def _is_time(written: str) -> bool:
    """Whether a value, as JSON, is a moment of these years: with a date, or since 1970 in s or ms."""
    if written.startswith('"'):
        return moment(written.strip('"')) is not None
    number = re.fullmatch(r"(\d+)(?:\.\d+)?", written)
    return number is not None and len(number[1]) in (10, 13)


def _on_their_way(evidence: Evidence) -> Iterator[tuple[Hop, str | None, Seen]]:
    """Messages by hop, from where they are sent to where they are delivered; none where the target names no fields."""
    if evidence.contract.added:
        yield from ((hop, None, evidence.flow[hop]) for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED))
        yield from ((Hop.DELIVERED, label_of(load), seen) for load, seen in evidence.page[Hop.DELIVERED].items())


def _added(evidence: Evidence, sighting: Sighting) -> Mapping[str, Any] | None:
    rest = sighting.detail.get("rest")
    said = None if rest is None else evidence.payload(str(rest))
    fields = said.get("added") if isinstance(said, Mapping) else None
    return fields if isinstance(fields, Mapping) else None
