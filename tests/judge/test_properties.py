"""Every property is proven by a healthy run (test_clean) and violated by one that breaks what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.judge.properties import TITLES
from harness.model import LOSE, Body, Hop, Panel, PropertyResult, Standing
from harness.model.facts import (
    ActionTaken,
    Answered,
    ClientConnected,
    ClientRefused,
    CliExited,
    ClockCompared,
    Entitled,
    Notice,
    PageClosed,
    PageIntrusion,
    PanelShown,
    Refused,
    StatusShown,
)
from harness.reporting import sentences
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said
from tests.support.stories import STORIES, auto_discovery, broadcast, single_session, subscription

NO_RULE = {"P12", "P16"}
"""Properties of the evidence: where they don't hold nothing is violated, and the verdict is unknown."""


def result(story: Story, prop: str) -> PropertyResult:
    [found] = [each for each in story.verdict().properties if each.prop == prop]
    return found


def with_data(story: Story, kind: type[Body], party: str, **data: Any) -> Story:
    return story.change(said(kind, party), lambda fact: other(fact, **data))


def other_payload(sighting: Any) -> Any:
    return replace(sighting, event=replace(sighting.event, digest="something else"))


def unrouted(story: Story, key: str) -> Story:
    story.change(at(Hop.ROUTED, key), lambda r: replace(r, recipients=()))
    return story.drop(*(at(hop, key) for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED)))


def gone_and_back(**contract: Any) -> Story:
    story = Story("broadcast", **contract).open("A", "B").start("main").emit("main", *TASK[:2])
    story.fact(ActionTaken, "harness", name=LOSE, dashboard="A").disconnect("A")
    return story.emit("main", *TASK[2:4]).connect("A").emit("main", TASK[4]).end("main")


def unreplayed(**contract: Any) -> Story:
    story = gone_and_back(**contract)
    keep = (story.pages["B"].sid,)
    for key in ("main/3", "main/4"):
        story.change(at(Hop.ROUTED, key), lambda r: replace(r, recipients=keep))
        story.drop(*(at(hop, key, "A") for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED)))
    return story


def silent_gap() -> Story:
    """Nothing is replayed or promised to be, and the page says "Connected" all the time."""
    return unreplayed(replays=False).drop(said(StatusShown, "A", connected=False))


def late_without(strategy: str) -> Story:
    return STORIES[strategy][0]().lose("main/1", Hop.ROUTED, "C")


def mixed_panel() -> Story:
    story = broadcast()
    panels = {"overview": {"session": "main", "text": "7", "values": {"events": "7"}}}
    return story.shows("A", panels=panels)


def to_whom_it_may_not_concern(story: Story, key: str, label: str) -> Story:
    sid = story.pages[label].sid
    return story.change(at(Hop.ROUTED, key), lambda r: replace(r, recipients=(*r.recipients, sid)))


def subscribed_twice() -> Story:
    return subscription().double(at(Hop.DELIVERED, "main/4", "A"))


def switched() -> Story:
    story = subscription()
    return to_whom_it_may_not_concern(story, "beside/3", "C")


def came_back() -> Story:
    return subscription().lose("beside/2", Hop.ROUTED, "B")


def no_plain_answer() -> Story:
    story = subscription()
    unknown = [r for r in story.records if said(Answered, "server", name="subscribe")(r) and not ok(r)]
    assert len(unknown) == 1
    return story.change(lambda r: r is unknown[0], lambda r: other(r, args=[{"ok": False}]))


def ok(record: Any) -> bool:
    return bool(record.body.args[0]["ok"])


def late_and_short() -> Story:
    story = Story("subscription").open("A").start("main").emit("main", *TASK[:3])
    story.subscribe("A", "main", ok=True, session="main", missed=2)
    return story.emit("main", *TASK[3:]).end("main")


def notice(name: str, session: str) -> Any:
    return said(Notice, "A", name=name, payload={"session": session})


def joined_late() -> Story:
    story = auto_discovery()
    answered = said(Answered, "A", name="subscribe")
    return story.change(answered, lambda fact: replace(fact, at_ns=fact.at_ns + 3_000_000_000))


def silent_server(story: Story, label: str, session: str) -> Story:
    where = said(Notice, label, name="session:announced", payload={"session": session})
    return story.drop(where)


def accepted_both() -> Story:
    story = Story("single-session").open("A").start("main").emit("main", *TASK[:2]).start("second")
    return story.emit("second", *TASK).end("second").emit("main", *TASK[2:]).end("main")


def stuck_for(milliseconds: float) -> Story:
    story = Story("single-session").open("A").start("main").emit("main", *TASK).kill("main").wait(milliseconds)
    refusal = {"code": "session-active", "message": "main is active"}
    return story.start("next", ok=False, error=refusal).end("next", status=5)


VIOLATIONS: dict[str, Callable[[], Story]] = {
    "P1": lambda: broadcast().lose("main/2", Hop.APPLIED, "B"),
    "P2": lambda: broadcast().double(at(Hop.DELIVERED, "main/2", "B")),
    "P3": lambda: broadcast().swap(at(Hop.RECEIVED, "main/3"), at(Hop.RECEIVED, "main/4")),
    "P4": lambda: broadcast().drop(at(Hop.EMITTED, "main/3")),
    "P5": lambda: broadcast().change(at(Hop.APPLIED, "main/3", "B"), other_payload),
    "P6": lambda: to_whom_it_may_not_concern(subscription(), "main/2", "B"),
    "P7": unreplayed,
    "P8": lambda: broadcast().swap(at(Hop.APPLIED, "main/3", "B"), at(Hop.APPLIED, "main/4", "B")),
    "P9": lambda: broadcast().shows("B", counter=12),
    "P10": lambda: broadcast().fact(PageIntrusion, "dashboard:B.1", what="a request to http://evil/"),
    "P11": lambda: broadcast().change(
        at(Hop.RENDERED, "main/2", "B"), lambda r: replace(r, at_ns=r.at_ns + 9_000_000_000)
    ),
    "P13": lambda: with_data(broadcast(), CliExited, "main", status=1),
    "P14": lambda: broadcast().fact(ClientRefused, "cli:main", error="namespace /x is unknown"),
    "P15": lambda: broadcast().shows("B", status={"text": "Disconnected", "connected": False}),
    "R1": lambda: unrouted(broadcast(), "main/4"),
    "R2": lambda: Story("subscription").open("A").start("main").emit("main", *TASK).end("main"),
    "B1": lambda: broadcast().lose("main/4", Hop.ROUTED, "B"),
    "B2": lambda: broadcast().swap(at(Hop.DELIVERED, "main/2", "B"), at(Hop.DELIVERED, "beside/1", "B")),
    "B3": lambda: late_without("broadcast"),
    "B4": mixed_panel,
    "S1": lambda: subscription().lose("main/2", Hop.DELIVERED, "A"),
    "S2": subscribed_twice,
    "S3": switched,
    "S4": came_back,
    "S5": no_plain_answer,
    "S6": late_and_short,
    "A1": lambda: auto_discovery().swap(notice("session:announced", "main"), at(Hop.DELIVERED, "main/1", "A")),
    "A2": joined_late,
    "A3": lambda: auto_discovery().lose("main/1", Hop.ROUTED, "A"),
    "A4": lambda: silent_server(auto_discovery(), "C", "main"),
    "A5": lambda: auto_discovery().double(notice("session:announced", "main")),
    "A6": lambda: auto_discovery().drop(notice("session:ended", "empty")),
    "X1": accepted_both,
    "X2": lambda: with_data(single_session(), CliExited, "loser", status=0),
    "X3": lambda: single_session().lose("main/4", Hop.DELIVERED, "A"),
    "X4": lambda: stuck_for(2500),
    "X5": lambda: late_without("single-session"),
    "P17": lambda: broadcast().fact(Entitled, "harness", dashboard="B", sessions=("another",)),
}


@pytest.mark.parametrize("prop", VIOLATIONS)
def test_a_property_is_violated_by_what_breaks_it(prop: str) -> None:
    found = result(VIOLATIONS[prop](), prop)
    assert found.standing is Standing.VIOLATED, found
    assert found.outcomes


def test_every_property_has_a_run_that_violates_it() -> None:
    assert set(VIOLATIONS) | NO_RULE == set(TITLES)


@pytest.mark.parametrize("prop", [prop for prop in VIOLATIONS if prop[0] in "SAXB"])
def test_a_violated_property_fails_its_run(prop: str) -> None:
    assert VIOLATIONS[prop]().verdict().answer == "failed"


def test_r2_is_proven_where_unrouted_events_are_declared() -> None:
    story = Story("subscription", unrouted_declared=True).open("A").start("main").emit("main", *TASK).end("main")
    assert result(story, "R2").standing is Standing.PROVEN
    assert "5 unrouted, as declared" in result(story, "R2").note


def test_r1_is_proven_while_the_only_dashboard_is_away() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK[:2]).disconnect("A").emit("main", TASK[2])
    story.connect("A").emit("main", *TASK[3:]).end("main")
    assert result(story, "R1").standing is Standing.PROVEN
    assert result(story, "P7").standing is Standing.PROVEN
    assert story.verdict().answer == "passed"


def test_a_gap_without_a_promised_replay_is_honest_when_the_page_shows_it() -> None:
    assert result(unreplayed(replays=False), "P7").standing is Standing.PROVEN
    assert result(silent_gap(), "P7").standing is Standing.VIOLATED
    told = silent_gap().fact(Notice, "dashboard:A.1", name="session:gap", payload={"session": "main"})
    assert result(told, "P7").standing is Standing.PROVEN


def test_a_refused_cli_that_gets_in_later_is_not_a_violation() -> None:
    story = broadcast().fact(ClientRefused, "cli:main", error="no answer")
    story.fact(ClientConnected, "cli:main", url="http://127.0.0.1:1", transport="websocket")
    assert result(story, "P14").standing is Standing.PROVEN


def test_the_harness_s_own_fences_are_not_errors() -> None:
    story = broadcast().fact(Refused, "server", sid=None, reason="Unable to connect", namespace="/__fence_1__")
    assert result(story, "P14").note == "0 errors on record"


def test_a_killed_cli_owes_no_end() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK[:4]).kill("main")
    assert result(story, "P13").standing is Standing.NOT_EXERCISED


@pytest.mark.parametrize(
    ("names", "status", "standing"),
    [
        (TASK, 0, Standing.PROVEN),
        ((*TASK[:4], "execution:failed"), 1, Standing.PROVEN),
        ((*TASK[:4], "execution:failed"), 0, Standing.VIOLATED),
        ((*TASK, "execution:completed"), 0, Standing.VIOLATED),
        ((*TASK, "skill:started"), 0, Standing.VIOLATED),
        (TASK[:4], 0, Standing.VIOLATED),
    ],
)
def test_a_session_ends_once_and_as_its_cli_does(names: tuple[str, ...], status: int, standing: Standing) -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *names).end("main", status=status)
    assert result(story, "P13").standing is standing


def test_latency_is_measured_on_one_clock_and_gives_the_clock_its_error() -> None:
    def told(offset_ns: int, error_ns: int) -> PropertyResult:
        story = with_data(broadcast(), ClockCompared, "A", offset_ns=offset_ns, error_ns=error_ns)
        return result(story, "P11")

    assert told(0, 0).standing is Standing.PROVEN
    assert told(2_500_000_000, 0).standing is Standing.VIOLATED
    assert told(2_500_000_000, 600_000_000).standing is Standing.PROVEN


def test_latency_of_what_is_replayed_counts_from_the_replay() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK[:4]).wait(60_000)
    assert result(story.open("B").emit("main", TASK[4]).end("main"), "P11").standing is Standing.PROVEN


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ({"counter": 3}, "the counter shows 3"),
        ({"rows": ["main/5"]}, "the list shows 1 of"),
        ({"rows": ["main/5"], "window": {"total": 3}}, "a part of 3"),
        ({"rows": ["stranger/1"], "window": {"total": None}}, "not in the page's state"),
        ({"panels": {}}, "panel overview is not on the page"),
        ({"panels": {"overview": {"session": "main", "text": "", "values": {}}}}, "shows events None"),
    ],
)
def test_what_a_page_shows_wrong_is_said(view: dict[str, Any], words: str) -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK).end("main").shows("A", **view)
    assert any(words in sentences.outcome(outcome) for outcome in result(story, "P9").outcomes), result(
        story, "P9"
    ).outcomes


def test_a_panel_without_numbers_must_have_changed() -> None:
    story = Story("broadcast", panels=(Panel("log", ("skill:*",)),)).open("A").start("main").emit("main", *TASK)
    story.end("main")
    assert "panel log never changed" in sentences.outcome(result(story, "P9").outcomes[0])
    story.fact(PanelShown, "dashboard:A.1", panel="log", session="main", text="2 skills", values={})
    assert result(story, "P9").standing is Standing.PROVEN


def test_a_lease_may_still_hold_shortly_after_the_loss_of_its_holder() -> None:
    assert result(stuck_for(500), "X4").standing is Standing.UNPROVEN
    assert result(stuck_for(2500), "X4").standing is Standing.VIOLATED


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: with_data(s, CliExited, "loser", status=0), "exited with status 0"),
        (lambda s: no_code(s), "carried no code"),
        (lambda s: slow_answer(s), "the answer took"),
    ],
)
def test_a_loser_must_be_told_plainly(change: Callable[[Story], Story], words: str) -> None:
    assert words in sentences.outcome(result(change(single_session()), "X2").outcomes[0])


def rejections(story: Story) -> Any:
    chosen = [r for r in story.records if said(Answered, "server", name="session:open")(r) and not ok(r)]
    return lambda record: any(record is each for each in chosen)


def no_code(story: Story) -> Story:
    return story.change(rejections(story), lambda fact: other(fact, args=[{"ok": False}]))


def slow_answer(story: Story) -> Story:
    return story.change(rejections(story), lambda fact: replace(fact, at_ns=fact.at_ns + 5_000_000_000))


def test_a_loser_whose_exit_was_not_observed_is_open() -> None:
    story = single_session().drop(said(CliExited, "loser"))
    assert result(story, "X2").standing is Standing.UNPROVEN


@pytest.mark.parametrize(("ms", "holds"), [(0, True), (60_000, False)])
def test_a_page_may_know_what_is_still_on_its_way_to_the_server(ms: int, holds: bool) -> None:
    """Its client has just lost the connection; a minute later the server must have noticed."""
    story = broadcast().settle()
    story.fact(PageClosed, "dashboard:B.1", transport="polling", reason="parse error")
    story.now_ns += ms * 1_000_000
    story.shows("B", status={"text": "Disconnected", "connected": False})
    assert (result(story, "P15").standing is not Standing.VIOLATED) is holds
