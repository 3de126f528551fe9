"""Messages with several arguments, which a CLI prints, and a page keeps, under names of its own. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import chain

from harness.model import SERVER_SIDE, Aspect, Event, Finding, Hop, Kind, Outcome, Sighting
from harness.record.evidence import Evidence, label_of
from harness.record.evidence.seen import Seen
from harness.record.identity import ARGUMENTS
from harness.record.remembered import remembered

SIDES = ((Hop.SENT, Hop.RECEIVED), (Hop.ROUTED, Hop.DELIVERED))
"""The hops at which a message is seen on its way to the server, and from it."""

MANY = 1 << 30
"""More arguments than any message has."""


def with_several(evidence: Evidence) -> frozenset[str]:
    """Keys of events whose message had more than one argument at any hop."""
    rests = _several(evidence)
    if not rests:
        return frozenset()
    messages = chain(*(evidence.flow[hop] for hop in SERVER_SIDE), *evidence.page[Hop.DELIVERED].values())
    return frozenset(each.event.key for each in messages if each.detail.get("rest") in rests)


@remembered
def _several(evidence: Evidence) -> Set[str]:
    """What stands for the rest of a message that had more than one argument."""
    return {digest for digest, rest in evidence.ledger.payloads.items() if _count(rest) > 1}


def arguments_of(evidence: Evidence, sighting: Sighting) -> int:
    """How many arguments a message had."""
    return _count(evidence.payload(str(sighting.detail.get("rest") or "")))


def unlike_said(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """Messages that have another number of arguments than the target says of that side of the server."""
    checks, found = 0, list[Outcome]()
    for hops, expected in zip(SIDES, evidence.contract.arguments, strict=True):
        if expected is None:
            continue
        counts = {digest: _count(rest) for digest, rest in evidence.ledger.payloads.items()}
        for hop, label, sightings in _messages(evidence, hops):
            checks += len(sightings)
            for each in sightings if expected != 1 else sightings.having("rest"):
                count = counts.get(str(each.detail.get("rest") or ""), 1)
                if count != expected:
                    why = Finding(Aspect.ARGUMENTS, expected=expected, found=count)
                    key = each.event.key
                    found.append(Outcome(Kind.CORRUPTED, "P5", key, label, *evidence.blamed(hop, label, key), why))
    return checks, found


def added_arguments(evidence: Evidence) -> int:
    """How many events' messages leave the server with more arguments than they came with, none described."""
    if None not in evidence.contract.arguments or not _several(evidence):
        return 0
    fewest: dict[str, int] = {}
    for _, _, sightings in _messages(evidence, SIDES[0]):
        for each in sightings:
            fewest[each.event.key] = min(fewest.get(each.event.key, MANY), arguments_of(evidence, each))
    more = (each for _, _, listed in _messages(evidence, SIDES[1]) for each in listed.having("rest"))
    return len({each.event.key for each in more if arguments_of(evidence, each) > fewest.get(each.event.key, MANY)})


def _messages(evidence: Evidence, hops: Iterable[Hop]) -> Iterator[tuple[Hop, str | None, Seen]]:
    for hop in hops:
        if hop in SERVER_SIDE:
            yield hop, None, evidence.flow[hop]
        else:
            yield from ((hop, label_of(load), listed) for load, listed in evidence.page[hop].items())


def is_in_one_form(evidence: Evidence, one: Event, other: Event) -> bool:
    """Whether two hops show the arguments of an event's message in a form that can be compared, field by field.

    A message has no names for its arguments: a CLI that prints them as an object, and a page that keeps one, made up
    the names.
    """
    if one.digest == other.digest or one.digest is None or other.digest is None:
        return True
    return _form(evidence.payload(one.digest)) == _form(evidence.payload(other.digest))


def _count(rest: object) -> int:
    if not isinstance(rest, Mapping):
        return 1
    count, further = rest.get(ARGUMENTS), rest.get("args")
    if isinstance(count, int):
        return count
    return 1 + len(further) if isinstance(further, list) else 1


def _form(data: object) -> object:
    """What two values must share to be compared: the names of an object's fields, a list's length."""
    if isinstance(data, Mapping):
        return frozenset(data)
    return len(data) if isinstance(data, list) else type(data)
