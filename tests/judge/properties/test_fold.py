"""The order of a page's state against that in which its events were delivered, where some came or are held again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.judge.properties.fold import fold
from harness.model import Hop, Kind, Sighting
from harness.record.evidence import Evidence
from harness.record.ledger import Ledger
from tests.judge.test_columns_agree import stored
from tests.support.ledgers import Story
from tests.support.records import at


def held(delivered: Sequence[int], applied: Sequence[int]) -> Ledger:
    """A run of seven events that one page was given, and took in, in such orders."""
    story = Story("broadcast").open("A", "B").start("main").emit("main", *["skill:started"] * 7).end("main").settle()
    story.drop(at(Hop.DELIVERED, party="A"), at(Hop.APPLIED, party="A"))
    for hop, numbers in ((Hop.DELIVERED, delivered), (Hop.APPLIED, applied)):
        for number in numbers:
            story.see(hop, story.journal["main"][number - 1], "dashboard:A.1")
    records = sorted(story.ledger().records(), key=lambda r: isinstance(r, Sighting))
    return replace(story.ledger(), sightings=[r for r in records if isinstance(r, Sighting)])


@pytest.mark.parametrize(
    ("delivered", "applied", "reordered"),
    [
        ((1, 2, 3, 4), (1, 2, 3, 4), []),
        ((1, 2, 3, 4), (1, 3, 2, 4), [2]),
        ((1, 3, 2, 3, 4), (1, 3, 2, 3, 4), []),  # what came again stands where it came
        ((1, 3, 2, 3, 4), (1, 3, 3, 2, 4), [2]),
        ((1, 2, 3, 4), (1, 3, 2, 3, 4), [2]),  # what is held more often than it came has no place
        ((1, 2, 3, 4), (1, 2, 3, 2, 4), []),
        ((2, 1, 2, 1), (1, 2, 1, 2), [2, 2]),
    ],
)
@pytest.mark.parametrize("is_stored", [False, True])
def test_what_comes_again_is_compared_with_when_it_came_again(
    delivered: Sequence[int], applied: Sequence[int], reordered: Sequence[int], is_stored: bool
) -> None:
    ledger = held(delivered, applied)
    if is_stored:
        with stored(ledger) as file:
            found = fold(Evidence(file)).outcomes
    else:
        found = fold(Evidence(ledger)).outcomes
    assert [o.key for o in found if o.kind is Kind.REORDERED] == [f"main/{number}" for number in reordered]
