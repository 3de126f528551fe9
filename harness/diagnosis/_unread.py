"""Messages without an event in them that may be what became of an event."""

from __future__ import annotations

from collections.abc import Iterable, Set

from harness.judge.messages.unread import unread
from harness.lib.alike import but_for_digits
from harness.model import Fact, Hop
from harness.model.facts import Notice
from harness.record.evidence import Evidence

BEFORE_ROUTED = (Hop.EMITTED, Hop.SENT, Hop.RECEIVED)


def may_be(evidence: Evidence, load: str, name: str, keys: Set[str]) -> list[Fact[Notice]]:
    """The messages under a name, or under one that carries all, that a page was given once one of these events was on.

    Not what says the same, but for its digits, as one that came before: a greeting, a heartbeat.
    """
    told = unread(evidence, load).get(name, ())
    if not told:
        return []
    since = _begin(evidence, keys) - evidence.clock_errors.get(load, 0)
    before = {_form(fact) for fact in told if fact.at_ns < since}
    return [fact for fact in told if fact.at_ns >= since and _form(fact) not in before]


def _begin(evidence: Evidence, keys: Iterable[str]) -> int:
    """When the first of these events was first seen, before it was routed; in nanoseconds of the machine's clock."""
    times = (sighting.at_ns for hop in BEFORE_ROUTED for key in keys for sighting in evidence.once[hop].get(key, ()))
    return min(times, default=0)


def _form(told: Fact[Notice]) -> tuple[str, str]:
    """What a message is but for its digits, which count or tell the time."""
    return told.body.name, but_for_digits(repr(told.body.payload))
