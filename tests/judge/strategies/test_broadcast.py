"""Broadcast, to the letter: who is among the recipients, and when two dashboards were told the same."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from harness.judge.strategies.broadcast import _differences
from harness.judge.strategies.owed import Due
from harness.model import Hop, Kind, PropertyResult
from harness.record.evidence import Evidence
from harness.reporting import sentences
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at


def begun(*labels: str) -> Story:
    return Story("broadcast").open(*labels).start("main")


def result(story: Story, prop: str) -> PropertyResult:
    [found] = [each for each in story.verdict().properties if each.prop == prop]
    return found


def test_unresolved_events_and_those_of_losers_are_left_out_and_hide_no_other() -> None:
    story = begun("A", "B").emit("main", *TASK).start("loser", ok=False, error={"code": "session-active"})
    story.journal["loser"] = []
    story.emit("loser", *TASK[:1]).start("next").emit("next", *TASK).end("loser", status=5)
    story.lose("main/2", Hop.ROUTED, "B").lose("next/2", Hop.ROUTED, "B")
    unresolved = at(Hop.ROUTED, "main/1")
    story.change(unresolved, lambda sighting: replace(sighting, recipients=None))
    found = result(story, "B1")
    assert [(each.key, each.dashboard) for each in found.outcomes] == [("main/2", "B"), ("next/2", "B")]
    assert found.checks == 2 * (len(TASK) - 1 + len(TASK))


def test_one_of_the_connections_of_a_page_is_enough_for_each_namespace_has_its_own() -> None:
    """Several namespaces on one connection: a page has an id in each, and an event is emitted in one of them."""
    story = begun("A", "B").connect("A").emit("main", *TASK).end("main")
    assert (result(story, "B1").outcomes, result(story, "B1").checks) == ((), 2 * len(TASK))
    assert (result(story, "B2").outcomes, result(story, "B2").checks) == ((), 2 * len(TASK))
    story.lose("main/4", Hop.ROUTED, "A")
    assert [(each.key, each.dashboard) for each in result(story, "B1").outcomes] == [("main/4", "A")]


def test_a_dashboard_with_one_session_hides_no_other_whose_panels_mix_two() -> None:
    story = begun("A", "B").emit("main", *TASK).end("main").disconnect("A").start("next").emit("next", *TASK)
    panels = {"overview": {"session": "next", "text": "busy", "values": {"events": "10"}}}
    story.shows("B", panels=panels)
    found = result(story, "B4")
    assert found.checks == 2
    assert {(each.kind, each.dashboard) for each in found.outcomes} == {(Kind.MISRENDERED, "B")}


class Dues:
    """Evidence of nothing but where each event was due."""

    def __init__(self, **dues: Due | None) -> None:
        self.due_at = dues.get

    def blamed(self, hop: Hop, _dashboard: str, _key: str) -> tuple[Hop, tuple[Hop, ...]]:
        """No hop is blind."""
        return hop, (hop,)


def differences(*order: str, **dues: Due | None) -> list[tuple[Kind, str | None, str]]:
    found = _differences(cast("Evidence", Dues(**dues)), "A", list(order), dues)
    return [(each.kind, each.key, sentences.outcome(each)) for each in found]


def at_once(number: int) -> Due:
    return (1, number), (1, number)


def test_an_event_with_an_unknown_due_time_hides_no_other_that_came_too_late() -> None:
    found = differences("b", "unknown", "a", a=at_once(1), b=at_once(2), unknown=None)
    assert found == [(Kind.REORDERED, "a", "came after b")]


def test_events_that_were_due_in_stretches_that_overlap_came_in_no_wrong_order() -> None:
    stretch = (1, 5), (1, 10)
    assert differences("long", "short", long=stretch, short=at_once(7)) == []
    assert differences("short", "long", long=stretch, short=at_once(7)) == []


def test_a_stretch_that_reaches_beyond_the_latest_event_is_not_the_latest() -> None:
    found = differences("six", "long", "early", six=at_once(6), long=((1, 4), (1, 10)), early=at_once(5))
    assert found == [(Kind.REORDERED, "early", "came after six")]
