"""Messages with several arguments, which a CLI prints, and a page keeps, under names of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from harness.model import SERVER_SIDE, Event, Hop, Sighting
from harness.record.evidence import Evidence
from harness.record.identity import ARGUMENTS


def with_several(evidence: Evidence) -> frozenset[str]:
    """Keys of events whose message had more than one argument at any hop."""
    payloads = evidence.ledger.payloads
    rests = {digest for digest, rest in payloads.items() if _count(rest) > 1}
    if not rests:
        return frozenset()
    messages = chain(*(evidence.flow[hop] for hop in SERVER_SIDE), *evidence.page[Hop.DELIVERED].values())
    return frozenset(each.event.key for each in messages if each.detail.get("rest") in rests)


def arguments_of(evidence: Evidence, sighting: Sighting) -> int:
    """How many arguments a message had."""
    return _count(evidence.payload(str(sighting.detail.get("rest") or "")))


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
