"""Whether a record agrees with itself: what one observer tells has to fit what the others tell. Pure.

A record that contradicts itself proves nothing, whatever its checksum says: a tap missed something, or the file was
changed. What follows is therefore never a failure of the system, and keeps a run from passing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.judge.consistency import hops, pages, parties, requests
from harness.model import Finding
from harness.record.evidence import Evidence

CHECKS: tuple[Callable[[Evidence], Iterator[Finding]], ...] = (
    hops.skipped,
    hops.numbers,
    hops.recipients,
    hops.times,
    hops.payloads,
    parties.doubled,
    parties.producers,
    parties.acknowledgements,
    parties.connections,
    parties.rooms,
    parties.at_the_end,
    parties.answers,
    requests.unasked,
    pages.loads,
    pages.exchanges,
    pages.last_shown,
    pages.listed,
)


def contradictions(evidence: Evidence) -> Iterator[Finding]:
    """Everything in which the record contradicts itself."""
    for check in CHECKS:
        yield from check(evidence)
