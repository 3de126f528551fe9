"""What no CLI reported is a phantom, and no measure for what was reported: not for its order, not for its end."""

from __future__ import annotations

import pytest

from harness.model import SERVER_SIDE, Event, Hop, Kind
from tests.support.ledgers import TASK, Story

BROKEN = {Kind.PHANTOM, Kind.REORDERED, Kind.INCOMPLETE}


def with_made_up(first: Hop) -> Story:
    """In mid-session something makes up an event with a high number, which passes every hop from its first one on."""
    story = Story("broadcast").open("A").start("main").emit("main", *TASK[:2])
    page, made_up = story.pages["A"], Event("main/903", "skill:started", "main", 903, "digest-903")
    for hop in (each for each in Hop if each >= first):
        observer = "cli:main" if hop is Hop.SENT else "server" if hop in SERVER_SIDE else page.observer
        more = {"sid": "sid-main"} if hop is Hop.RECEIVED else {}
        story.see(hop, made_up, observer, (page.sid,) if hop is Hop.ROUTED else None, **more)
    return story.emit("main", *TASK[2:])


@pytest.mark.parametrize("first", [Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED])
def test_its_number_and_its_place_disturb_nothing_else(first: Hop) -> None:
    verdict = with_made_up(first).end("main").verdict()
    assert {(o.kind, o.key, o.hop) for o in verdict.outcomes if o.kind in BROKEN} == {(Kind.PHANTOM, "main/903", first)}


def test_a_second_bug_is_still_told() -> None:
    verdict = with_made_up(Hop.SENT).end("main", status=1).verdict()
    assert {o.kind for o in verdict.outcomes if o.kind in BROKEN} == {Kind.PHANTOM, Kind.INCOMPLETE}


def test_what_a_cli_that_died_has_sent_counts_as_reported() -> None:
    """Its last report may have died with it."""
    verdict = with_made_up(Hop.SENT).kill("main").verdict()
    assert Kind.PHANTOM not in {o.kind for o in verdict.outcomes}
    assert Kind.REORDERED in {o.kind for o in verdict.outcomes}
