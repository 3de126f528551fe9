"""Pages that draw one event late: each is drawn when the next one comes, and the last never. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from harness.lib.amounts import amount
from harness.model import Hop, Kind, Outcome
from harness.record.evidence import Evidence

FEW = 2
"""So many that waited for the next one are not a coincidence."""

ROOM_MS = 12
"""What comes closer together than that is drawn in one go by any page."""


def waited_for_the_next(evidence: Evidence, label: str) -> tuple[int, int]:
    """How many events a dashboard drew only after another had come, of how many that had one after them, and time."""
    waited = drawn = 0
    for load in evidence.loads_of(label):
        came = [*evidence.on_page(Hop.DELIVERED, load)]
        shown = {s.event.key: s.at_ns for s in reversed([*evidence.on_page(Hop.RENDERED, load)])}
        for each, following in pairwise(came):
            if each.event.key in shown and following.at_ns - each.at_ns >= ROOM_MS * 1e6:
                drawn += 1
                waited += shown[each.event.key] >= following.at_ns
    return waited, drawn


def is_last(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether an event is the last that a dashboard was given."""
    loads = evidence.loads_of(outcome.label)[-1:]
    given = [key for load in loads for key in evidence.keys_on_page(Hop.DELIVERED, load)]
    return given[-1:] == [outcome.event_key]


def is_behind(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether an event is the last that a dashboard was given, and half of those before it waited for another one."""
    if not is_last(evidence, outcome):
        return False
    waited, drawn = waited_for_the_next(evidence, outcome.label)
    return waited >= FEW and 2 * waited >= drawn


def of_waiting(evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """That a page draws one event late, where only the last that it was given is not drawn."""
    mine = [o for o in outcomes if o.kind is Kind.LOST and o.key is not None and o.hops[-1:] == (Hop.RENDERED,)]
    for label in sorted({o.label for o in mine}) if len(mine) == len(outcomes) else ():
        if all(is_behind(evidence, o) for o in mine if o.label == label):
            waited, drawn = waited_for_the_next(evidence, label)
            yield (
                f"dashboard {label} drew {waited} of {amount(drawn, 'event')} only when another had come, and this one "
                "had none after it"
            )
