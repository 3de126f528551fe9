"""What a system's own description says of its messages holds wherever they are seen."""

from __future__ import annotations

from dataclasses import replace

from harness.model import Aspect, Hop, Kind, Sighting
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at


def invalid(sighting: Sighting) -> Sighting:
    return replace(sighting, detail={**sighting.detail, "invalid": "price: type must be number"})


def test_what_is_not_as_its_description_says_is_corrupted_where_it_was_first_seen() -> None:
    story = Story("broadcast", described=True).open("A").start("main").emit("main", *TASK)
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED):
        story.change(at(hop, "main/2"), invalid)
    verdict = story.end("main").verdict()
    [wrong] = [each for each in verdict.outcomes if each.kind is Kind.CORRUPTED]
    assert (wrong.prop, wrong.key, wrong.hop, wrong.finding.aspect) == (
        "P5",
        "main/2",
        Hop.SENT,
        Aspect.NOT_AS_DESCRIBED,
    )
    assert verdict.blame[0].cause == "unexplained", "nothing changed it on the way"
    assert wrong.finding.text == "price: type must be number"


def test_without_a_description_nothing_is_compared_with_one() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK).change(at(Hop.SENT, "main/2"), invalid)
    assert Kind.CORRUPTED not in {each.kind for each in story.end("main").verdict().outcomes}
