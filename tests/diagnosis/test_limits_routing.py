"""What is like a cause in the server's routing, and one step away from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis.concurrent_handlers import _behind
from harness.diagnosis.never_unsubscribed import _asked_instead
from harness.diagnosis.slow_consumer_drop import _on_their_way
from harness.model import PAGE_SIDE, Event, Hop, Kind, Sighting
from harness.model.facts import Acknowledged, ClockCompared, Fence, HandlerError, InFlight, Left, Unrouted
from tests.support.causes import told
from tests.support.causes_in_clis import EVENTS, gone
from tests.support.explained import evidence, explained, outcome, paper
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said


def reordered(story: Story, *hops: Hop) -> Event:
    """The first event of which `main/2` is the one after; the two change places at these hops."""
    for hop in hops:
        story.swap(at(hop, "main/1"), at(hop, "main/2"))
    return story.journal["main"][0]


def test_an_event_is_overtaken_where_two_came_in_order_and_went_in_another() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK[:2]).drop(said(Acknowledged))
    event = story.journal["main"][0]
    assert _behind(evidence(story), event) is None
    reordered(story, Hop.ROUTED)
    assert _behind(evidence(story), event) == "main/2"
    assert _behind(evidence(story), story.journal["main"][1]) is None
    reordered(story, Hop.RECEIVED)
    assert _behind(evidence(story), event) is None


@pytest.mark.parametrize("hop", [Hop.RECEIVED, Hop.ROUTED])
@pytest.mark.parametrize("missing", ["main/1", "main/2"])
def test_nothing_overtakes_what_was_not_seen(hop: Hop, missing: str) -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK[:2])
    event = reordered(story, Hop.ROUTED)
    assert _behind(evidence(story.drop(at(hop, missing))), event) is None


def test_who_left_the_room_is_not_who_stayed_in_it() -> None:
    """Two dashboards gave the session up; one of them never left its room, and is named."""
    story = (
        Story("subscription", declared=()).open("A", "B").start("main").subscribe("A", "main").subscribe("B", "main")
    )
    story.emit("main", *EVENTS[:2]).unsubscribe("A", "main").unsubscribe("B", "main").emit("main", *EVENTS[2:])
    sids = tuple(page.sid for page in story.pages.values())
    story.change(at(Hop.ROUTED, "main/4"), lambda s: replace(s, recipients=sids, detail={"room": "session:main"}))
    leaked = outcome(Kind.LEAKED, Hop.ROUTED, "main/4")
    assert explained("room-not-left", story, leaked) == []
    story.drop(said(Left, sid=sids[1]))
    [blame] = explained("room-not-left", story, leaked)
    assert blame.evidence[0] == f"server: answered unsubscribe main of {sids[1]}; it never left 'session:main'"
    story.start("beside").emit("beside", *TASK)
    story.change(at(Hop.ROUTED, "beside/1"), lambda s: replace(s, recipients=sids, detail={"room": "session:beside"}))
    assert explained("room-not-left", story, outcome(Kind.LEAKED, Hop.ROUTED, "beside/1")) == []


def test_a_session_is_asked_for_instead_by_a_subscription_and_by_nothing_else() -> None:
    story = Story("subscription").open("A").start("main").start("beside").subscribe("A", "main")
    page = story.pages["A"]
    story.ask(page.sid, "status", {"ok": True}, page.observer, session="beside")
    assert _asked_instead(evidence(story), page.sid, "main") is None
    story.subscribe("A", "nobody's")
    assert _asked_instead(evidence(story), page.sid, "main") is None
    story.subscribe("A", "beside")
    assert _asked_instead(evidence(story), page.sid, "main") == "beside"


def test_events_are_sent_to_no_dashboard_when_both_connected_ones_lack_them() -> None:
    range_ = (Hop.ROUTED, Hop.DELIVERED)
    story = paper("sent-to-nobody")
    lost = [replace(outcome(Kind.LOST, Hop.ROUTED, "main/3", label), hop=None, hops=range_) for label in ("A", "B")]
    assert len(explained("sent-to-nobody", story, *lost)) == 1
    assert explained("sent-to-nobody", story, lost[0]) == []
    alone = paper("sent-to-nobody")
    alone.settle().drop(said(Fence, "B"))
    assert explained("sent-to-nobody", alone, lost[0]) == []
    three = paper("sent-to-nobody").open("C")
    assert explained("sent-to-nobody", three, *lost) == []


def test_of_events_for_an_empty_room_one_is_enough() -> None:
    story = told()
    empty = {"room": "main", "rooms": {}, "connected": [story.pages["A"].sid], "where": "server.py:7 publish"}
    story.fact(Unrouted, "server", key="main/3", **empty)
    [blame] = explained("room-mismatch", story, outcome(Kind.LOST, Hop.ROUTED))
    assert blame.evidence[0] == "server: 1 event emitted to room 'main', recipients: none (server.py:7 publish)"


def slow(behind_ms: float = 0.0, **clock: Any) -> Story:
    """Of seven events `main/7` is routed while those before it are on their way to A."""
    story = paper("slow-consumer-drop")
    routed = next(r.at_ns for r in story.records if at(Hop.ROUTED, "main/7")(r))
    arrived = routed + int(behind_ms * 1e6)
    return story.change(at(Hop.DELIVERED, None, "A"), lambda s: replace(s, at_ns=arrived))


def test_an_event_is_on_its_way_when_it_arrives_after_another_is_routed() -> None:
    assert _on_their_way(evidence(slow(0.0)), "A").get("main/7") == 0
    late = slow(0.000001)
    arrived = [r.event.key for r in late.records if isinstance(r, Sighting) and at(Hop.DELIVERED, None, "A")(r)]
    before = len({*arrived} - {"main/7"})
    assert _on_their_way(evidence(late), "A").get("main/7") == before > 0
    ahead = late.change(said(ClockCompared, "A"), lambda f: other(f, offset_ns=-1_000))
    assert _on_their_way(evidence(ahead), "A").get("main/7") == 0
    after = slow(-0.5).change(said(ClockCompared, "A"), lambda f: other(f, offset_ns=1_000_000))
    assert _on_their_way(evidence(after), "A").get("main/7") == before


def test_what_a_page_was_sent_before_it_was_loaded_again_is_not_on_its_way_to_it() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *EVENTS).reload("A")
    assert _on_their_way(evidence(story), "A").get("main/7") == 6
    assert _on_their_way(evidence(story.reload("A").drop(said(ClockCompared))), "A").get("main/7") is None


def test_how_much_is_on_its_way_is_unknown_without_a_recipient_or_a_clock() -> None:
    story = slow(1.0)
    sid = story.pages["A"].sid
    assert _on_their_way(evidence(story), "A").get("nobody's/1") is None
    assert _on_their_way(evidence(story), "Z").get("main/7") is None
    story.change(at(Hop.ROUTED, "main/7"), lambda s: replace(s, recipients=tuple(x for x in s.recipients if x != sid)))
    assert _on_their_way(evidence(story), "A").get("main/7") is None
    assert _on_their_way(evidence(slow(1.0).drop(said(ClockCompared, "A"))), "A").get("main/7") is None


def test_what_may_be_held_up_after_an_acknowledgement_is_not_called_never_routed() -> None:
    """The server works in the background, and has routed nothing from the first on that is lost."""
    lost = [outcome(Kind.LOST, Hop.ROUTED, f"main/{number}", "A") for number in (6, 7)]
    story = told().drop(at(Hop.ROUTED, "main/6"), at(Hop.ROUTED, "main/7")).settle()
    story.change(said(InFlight), lambda f: other(f, background=1))
    assert len(explained("never-routed", story, *lost)) == 1, "its handlers emit by themselves"
    in_background(story)
    assert explained("never-routed", story, *lost) == []
    story.change(said(InFlight), lambda f: other(f, background=0))
    assert len(explained("never-routed", story, *lost)) == 1, "nothing works there any more"
    between = told().drop(at(Hop.ROUTED, "main/6")).settle().change(said(InFlight), lambda f: other(f, background=1))
    assert len(explained("never-routed", in_background(between), lost[0])) == 1


def test_what_was_taken_after_an_emit_that_came_not_to_every_page_may_wait_for_it() -> None:
    lost = [outcome(Kind.LOST, Hop.ROUTED, f"main/{number}", "A") for number in (6, 7)]
    story = gone(told(), ("main/6", "main/7"), Hop.ROUTED, *PAGE_SIDE, acknowledged=True)
    assert len(explained("never-routed", story, *lost)) == 1
    story.drop(*(at(hop, "main/5", "A") for hop in PAGE_SIDE))
    assert explained("never-routed", story, *lost) == [], "it may stand in what it has for A"
    story.drop(*(at(hop, "main/5") for hop in PAGE_SIDE))
    assert explained("never-routed", story, *lost) == []
    before = [outcome(Kind.LOST, Hop.ROUTED, "main/4", "A")]
    story = gone(story, ("main/4",), Hop.ROUTED, *PAGE_SIDE, acknowledged=True)
    assert len(explained("never-routed", story, *before)) == 1, "it was taken before that emit"


def in_background(story: Story) -> Story:
    """What the server emits it emits outside of any handler."""
    return story.change(at(Hop.ROUTED), lambda s: replace(s, detail={**s.detail, "emitted_by": "no handler"}))


def test_what_wants_no_answer_is_never_routed_where_its_handlers_have_ended() -> None:
    lost = [outcome(Kind.LOST, Hop.ROUTED, "main/6", "A")]

    def story(*, running: int = 0, is_unasked: bool = True) -> Story:
        made = gone(told(), ("main/6",), Hop.ROUTED, acknowledged=False).settle()
        made.change(said(InFlight), lambda f: other(f, count=running))
        unasked = {"unasked": True} if is_unasked else {}
        return made.change(at(Hop.RECEIVED), lambda s: replace(s, detail={**s.detail, **unasked}))

    blame = explained("never-routed", story(), *lost)
    assert len(blame) == 1 and "asked for" in str(blame[0].evidence)
    assert explained("never-routed", story(is_unasked=False), *lost) == [], "an answer was asked for, and never given"
    assert explained("never-routed", story(running=1), *lost) == [], "a handler may emit it yet"
    name = EVENTS[5]
    assert explained("never-routed", story().fact(HandlerError, "server", sid="x", name=name), *lost) == []
    assert len(explained("never-routed", story().fact(HandlerError, "server", sid="x", name="other"), *lost)) == 1
