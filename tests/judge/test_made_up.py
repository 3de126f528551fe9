"""What no CLI reported is a phantom, and no measure for what was reported: not for its order, not for its end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model import SERVER_SIDE, Event, Hop, Kind
from harness.model.facts import Acknowledged
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said

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


@pytest.mark.parametrize("reports_first", [True, False])
def test_an_unanswered_event_is_not_made_up_where_a_cli_reports_acknowledged_ones(reports_first: bool) -> None:
    """The server ended over it: it was sent, and the CLI still waited for its answer."""
    story = Story("broadcast").open("A").start("main").emit("main", *TASK[:3])
    unanswered = Event("main/4", "skill:completed", "main", 4, "digest-4")
    story.see(Hop.SENT, unanswered, "cli:main").see(Hop.RECEIVED, unanswered, "server", sid="sid-main")
    if not reports_first:
        last_ns = max(r.at_ns for r in story.records if said(Acknowledged)(r))
        story.change(at(Hop.EMITTED), lambda s: replace(s, at_ns=last_ns + 1))
    verdict = story.end("main", status=0).verdict()
    expected = {Kind.PHANTOM: Hop.SENT} if reports_first else {Kind.LOST: Hop.ROUTED}
    found = (o for o in verdict.outcomes if o.key == "main/4" and o.kind is not Kind.DELIVERED)
    assert {o.kind: o.hop for o in found} == expected
