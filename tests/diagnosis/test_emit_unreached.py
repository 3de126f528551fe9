"""A CLI that never hands its events to its client, and one of which that can't be known."""

from __future__ import annotations

from collections.abc import Callable

from harness.model import Hop
from harness.model.facts import TapTried
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, keys, lost
from tests.support.records import at


@EACH
def test_who_stands_on_the_wire_says_so_where_nothing_at_all_was_sent(system: Callable[[], Story]) -> None:
    """A client that is closed lets go of what waits to be sent (world 300047)."""
    numbers = range(1, 8)
    story = system().drop(*(at(hop) for hop in Hop if hop is not Hop.EMITTED))
    story.drop(lambda record: getattr(getattr(record, "body", None), "kind", "") == "acknowledged")
    assert keys(story, "emit-unreached", *lost(story, Hop.SENT, *numbers)) == [f"main/{number}" for number in numbers]
    story.fact(TapTried, "cli:main", tap="wire proxy (sent)", hops=(Hop.SENT,), phase="after", alive=True)
    assert keys(story, "emit-unreached", *lost(story, Hop.SENT, *numbers)) == []
