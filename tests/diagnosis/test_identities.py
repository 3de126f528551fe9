"""Events that are known by another's key at a hop, and near misses of that."""

from __future__ import annotations

from dataclasses import replace

from harness.diagnosis._identities import changed_keys
from harness.model import Hop
from tests.support.causes import CAUSES, told
from tests.support.causes_in_clis import ALL
from tests.support.explained import evidence
from tests.support.ledgers import Story
from tests.support.records import at


def causes(story: Story) -> set[tuple[str, Hop]]:
    return {(blame.cause, blame.hops[0]) for blame in story.verdict().blame}


def test_events_that_all_count_one_less_are_one_blame() -> None:
    story = told()
    for key in ALL:
        seq = int(key.partition("/")[2]) - 1
        story.change(
            lambda r, key=key: getattr(r, "hop", Hop.EMITTED) >= Hop.ROUTED and r.event.key == key,  # type: ignore[misc]
            lambda s, seq=seq: replace(s, event=replace(s.event, key=f"main/{seq}", seq=seq)),  # type: ignore[misc]
        )
    assert causes(story) == {("identity-changed", Hop.ROUTED)}


def test_an_event_that_is_made_up_beside_one_that_is_lost_is_not_the_same() -> None:
    """What it says is another thing."""
    story = CAUSES["made-up"][1]().lose("main/4", Hop.ROUTED, "A").lose("main/4", Hop.ROUTED, "B")
    story.drop(at(Hop.ROUTED, "main/4"))
    assert ("identity-changed", Hop.ROUTED) not in causes(story)
    assert changed_keys(evidence(story), Hop.ROUTED, "") == {}


def test_a_payload_that_another_event_has_too_is_no_other_identity() -> None:
    story = told().change(at(Hop.ROUTED, "main/4"), lambda s: replace(s, event=replace(s.event, digest="digest-4b")))
    assert changed_keys(evidence(story), Hop.ROUTED, "") == {}
