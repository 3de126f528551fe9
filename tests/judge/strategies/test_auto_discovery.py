"""Auto-discovery, to the letter: what is owed to whom of announcements, joining and sessions without events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model import Aspect, Fact, Finding, Hop, Kind, Outcome, PropertyResult, Standing
from harness.model.facts import Answered, Disconnected, Fence, Notice
from harness.reporting import sentences
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import Where, said

ANNOUNCED, ENDED = "session:announced", "session:ended"
BEFORE_THE_PAGE = (Hop.ROUTED, Hop.DELIVERED)


def begun(*labels: str) -> Story:
    return Story("auto-discovery").open(*labels).start("main")


def result(story: Story, prop: str) -> PropertyResult:
    [found] = [each for each in story.verdict().properties if each.prop == prop]
    return found


def details(story: Story, prop: str) -> list[tuple[str | None, str]]:
    """What is wrong, by dashboard."""
    return [(each.dashboard, sentences.outcome(each)) for each in result(story, prop).outcomes]


def told(name: str, label: str, session: str) -> Where:
    """The notices of a session in a dashboard."""
    return said(Notice, label, name=name, payload={"session": session})


# A1: announced before the first event


def test_each_unannounced_session_is_told_with_the_dashboard_that_was_not_told() -> None:
    story = begun("A", "B").emit("main", *TASK).end("main").start("next").emit("next", *TASK).end("next")
    story.drop(told(ANNOUNCED, "A", "next"))
    why = Finding(Aspect.UNANNOUNCED, session="next")
    assert result(story, "A1").outcomes == (Outcome(Kind.LOST, "A1", None, "A", None, BEFORE_THE_PAGE, why),)


def test_a_session_that_the_page_knew_before_it_was_loaded_again_excuses_no_other() -> None:
    story = begun("A").emit("main", *TASK[:2]).reload("A").emit("main", *TASK[2:]).start("next").emit("next", *TASK)
    story.drop(lambda r: told(ANNOUNCED, "A", "main")(r) and r.observer == "dashboard:A.2")
    assert details(story, "A1") == []
    assert details(story.drop(told(ANNOUNCED, "A", "next")), "A1") == [
        ("A", "session next was not announced, and its events came")
    ]


def test_whether_a_page_was_told_is_unknown_only_where_its_own_tap_is_in_doubt() -> None:
    def untold(doubtful: str) -> Outcome:
        story = begun("A", "B").emit("main", *TASK).end("main").drop(told(ANNOUNCED, "A", "main")).settle()
        [found] = result(story.drop(said(Fence, doubtful)), "A1").outcomes
        return found

    assert (untold("A").kind, untold("A").dashboard) == (Kind.UNDETERMINED, "A")
    assert untold("B").kind is Kind.LOST


# A2: joined in time


def test_a_session_announced_and_never_joined_is_lost_on_the_way_to_the_asking_page() -> None:
    story = begun("A", "B").emit("main", *TASK).end("main")
    story.drop(said(Answered, "A", name="subscribe"))
    why = Finding(Aspect.NEVER_JOINED, session="main")
    assert result(story, "A2").outcomes == (Outcome(Kind.LOST, "A2", None, "A", None, BEFORE_THE_PAGE, why),)


def test_a_refused_subscription_and_a_good_answer_to_something_else_are_not_joining() -> None:
    story = begun("A")
    page = story.pages["A"]
    refused = said(Answered, page.label, name="subscribe")
    story.change(refused, lambda fact: other(fact, args=[{"ok": False}]))
    story.ask(page.sid, "status", {"ok": True}, page.observer, session="main").emit("main", *TASK)
    assert details(story, "A2") == [("A", "session main was announced and never joined")]


@pytest.mark.parametrize(("took_ns", "is_late"), [(2_000_000_000, False), (2_000_000_001, True)])
def test_a_session_is_joined_within_the_bound(took_ns: int, is_late: bool) -> None:
    story = begun("A").emit("main", *TASK)
    announced = next(r.at_ns for r in story.records if told(ANNOUNCED, "A", "main")(r))
    answer = said(Answered, "A", name="subscribe")
    story.change(answer, lambda fact: replace(fact, at_ns=announced + took_ns))
    expected = [("A", "session main was announced and joined 2000 ms later")] if is_late else []
    assert details(story, "A2") == expected


def test_a_session_known_from_the_former_load_excuses_no_other_from_being_joined() -> None:
    story = begun("A").emit("main", *TASK).reload("A").start("next").emit("next", *TASK)
    fresh = [r for r in story.records if said(Answered, "A", name="subscribe")(r)][-1]
    assert isinstance(fresh, Fact)
    assert details(story.drop(lambda r: r is fresh), "A2") == [("A", "session next was announced and never joined")]


@pytest.mark.parametrize(("stayed_ms", "is_lost"), [(1_999, False), (2_001, True)])
def test_a_page_that_was_left_before_the_bound_need_not_have_joined(stayed_ms: int, is_lost: bool) -> None:
    """Its next load is told again, and asked then."""
    story = begun("A")
    left = story.drop(said(Answered, "A", name="subscribe")).wait(stayed_ms).reload("A")
    left.emit("main", *TASK).end("main")
    found = [("A", "session main was announced and never joined")] if is_lost else []
    assert details(left, "A2") == found


# A4: who comes late learns of what is active


def late(story: Story) -> Story:
    """Another dashboard comes, and is not told anything."""
    story.open("Z")
    if any(said(Notice, "Z", name=ANNOUNCED)(r) for r in story.records):
        story.drop(said(Notice, "Z", name=ANNOUNCED))
    return story


UNTOLD = [("Z", "connected while session main was active, and was not told of it")]


def test_who_comes_while_a_session_is_active_is_told_of_it_though_it_never_ends() -> None:
    assert details(late(begun("A").emit("main", *TASK[:2])), "A4") == UNTOLD


@pytest.mark.parametrize(("stayed_ms", "found"), [(1_999, []), (2_001, UNTOLD)])
def test_a_page_that_was_left_before_the_bound_need_not_have_been_told(
    stayed_ms: int, found: list[tuple[str, str]]
) -> None:
    story = late(begun("A").emit("main", *TASK[:2])).wait(stayed_ms).reload("Z").emit("main", *TASK[2:]).end("main")
    assert details(story, "A4") == found


@pytest.mark.parametrize("over", ["its terminal event", "its closing", "its producer's end"])
def test_who_comes_when_a_session_is_over_need_not_be_told(over: str) -> None:
    story = begun("A")
    if over == "its terminal event":
        story.emit("main", *TASK)
    elif over == "its closing":
        story.emit("main", *TASK[:2]).end("main").drop(said(Disconnected, "server", sid="sid-main"))
    else:
        story.emit("main", *TASK[:2]).kill("main")
    assert result(late(story), "A4").standing is Standing.NOT_EXERCISED


def test_what_ends_another_session_ends_not_this_one() -> None:
    story = begun("A").start("next").emit("next", *TASK).end("next").emit("main", *TASK[:2])
    assert details(late(story), "A4") == UNTOLD


def test_a_refused_session_need_not_be_announced() -> None:
    refusal = {"code": "bad-request", "message": "?"}
    story = begun("A").emit("main", *TASK).end("main").start("refused", ok=False, error=refusal)
    assert result(late(story), "A4").standing is Standing.NOT_EXERCISED


# A6: sessions without events


EMPTY = "empty session main did not"


def test_an_empty_session_appears_and_ends_at_every_connected_dashboard() -> None:
    story = begun("A", "B").end("main")
    assert (result(story, "A6").standing, result(story, "A6").checks) == (Standing.PROVEN, 2)
    story.drop(told(ENDED, "B", "main"))
    assert details(story, "A6") == [("B", f"{EMPTY} end")]
    story.drop(told(ANNOUNCED, "B", "main"), told(ANNOUNCED, "A", "main"))
    assert details(story, "A6") == [("A", f"{EMPTY} appear"), ("B", f"{EMPTY} appear and end")]


def test_a_dashboard_that_came_back_in_time_is_there_for_an_empty_session() -> None:
    story = Story("auto-discovery").open("A").disconnect("A").connect("A").start("main").end("main")
    assert result(story, "A6").checks == 1


@pytest.mark.parametrize(("stayed_ms", "found"), [(1_999, []), (2_001, [("A", f"{EMPTY} appear and end")])])
def test_a_page_that_was_left_before_the_bound_need_not_show_an_empty_session(
    stayed_ms: int, found: list[tuple[str, str]]
) -> None:
    story = begun("A").drop(told(ANNOUNCED, "A", "main")).wait(stayed_ms).end("main").reload("A")
    story.drop(told(ENDED, "A", "main"))
    assert details(story, "A6") == found


def test_a_session_that_goes_on_need_not_end_at_any_dashboard() -> None:
    assert details(begun("A"), "A6") == []


def test_the_closing_of_another_session_or_one_that_was_refused_ends_none() -> None:
    story = begun("A").start("next").emit("next", *TASK).end("next")
    assert details(story, "A6") == []
    story.ask("sid-main", "session:close", {"ok": False}, session="main")
    assert details(story, "A6") == []


def test_a_dashboard_owes_no_begin_or_end_of_an_empty_session_that_it_was_away_for() -> None:
    story = begun("A", "B").disconnect("A").end("main").connect("A")
    assert result(story, "A6").checks == 2
    assert details(story, "A6") == []
    story.drop(told(ENDED, "B", "main"))
    assert details(story, "A6") == [("B", f"{EMPTY} end")]
