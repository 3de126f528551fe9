"""A system that others use too: their events are not phantoms and are not promised; those of the run are judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.model import Answer, Aspect, Event, Hop, Kind, Sighting
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at


def neighboured(shared: bool, session: str = "theirs") -> Story:
    """A run in which a page also gets events that no CLI of it reported."""
    story = Story("broadcast", shared=shared).open("A", "B").start("main").emit("main", *TASK)
    for seq in (84, 85):
        event = Event(f"{session}/{seq}", "skill:started", session, seq, f"digest-{seq}")
        for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
            story.see(hop, event, story.pages["A"].observer)
    return story.end("main")


def kinds(story: Story) -> set[Kind]:
    return {each.kind for each in story.verdict().outcomes} - {Kind.DELIVERED}


def test_events_of_others_are_not_phantoms_and_are_owed_to_no_dashboard() -> None:
    assert Kind.PHANTOM in kinds(neighboured(False))
    assert not {Kind.PHANTOM, Kind.LOST, Kind.INCOMPLETE} & kinds(neighboured(True))


def test_made_up_events_of_ones_own_session_are_phantoms_there_too() -> None:
    assert Kind.PHANTOM in kinds(neighboured(True, "main"))


def test_ones_own_events_are_lost_there_as_anywhere() -> None:
    story = Story("broadcast", shared=True).open("A").start("main").emit("main", *TASK).end("main")
    for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
        story.drop(at(hop, "main/3"))
    verdict = story.verdict()
    assert verdict.answer is Answer.FAILED and verdict.blame[0].hops == (Hop.DELIVERED,)


def unnumbered(key: str) -> Callable[[Sighting], Sighting]:
    def changed(sighting: Sighting) -> Sighting:
        return replace(sighting, event=replace(sighting.event, key=key, session=None, seq=None, digest=None))

    return changed


@pytest.mark.parametrize("shared", [False, True])
def test_without_sessions_it_is_not_known_whose_an_event_is(shared: bool) -> None:
    story = Story("broadcast", shared=shared).open("A").start("main").emit("main", *TASK)
    for seq, name in enumerate(TASK, 1):
        for hop in Hop:
            if hop > Hop.EMITTED:
                story.change(at(hop, f"main/{seq}"), unnumbered(f"/{name}~{seq}"))
    for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
        story.see(hop, Event("/other~", "skill:other", None, None, None), story.pages["A"].observer)
    verdict = story.end("main").verdict()
    found = {each.finding.aspect for each in verdict.outcomes if each.prop == "P4"}
    assert found == ({Aspect.PERHAPS_OTHERS} if shared else {Aspect.NEVER_REPORTED})
