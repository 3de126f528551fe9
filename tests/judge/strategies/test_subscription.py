"""Subscription, to the letter: which subscriptions count, from where to where, and what each property asks of them."""

from __future__ import annotations

from typing import Any

import pytest

from harness.judge.strategies import strategies
from harness.judge.strategies.subscription import _over, subscriptions
from harness.judge.strategies.watch import Watch, held_before
from harness.model import Hop, Kind, Level, PropertyResult, Standing
from harness.model.facts import ActionTaken, Answered, Notice, ServerStopped
from harness.record.evidence import END, Evidence
from harness.reporting import sentences
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said

MUST, MAY, NEVER = Level.MUST, Level.MAY, Level.NEVER
UNKNOWN = {"code": "unknown-session", "message": "?"}


def begun(*labels: str, **contract: Any) -> Story:
    return Story("subscription", **contract).open(*labels).start("main")


def watches(story: Story) -> list[Watch]:
    return subscriptions(Evidence(story.ledger()))


def result(story: Story, prop: str) -> PropertyResult:
    [found] = [each for each in story.verdict().properties if each.prop == prop]
    return found


def promises(story: Story, label: str) -> list[tuple[Level, str | None]]:
    """What a dashboard is promised of the session, event by event, and in which page load."""
    evidence = Evidence(story.ledger())
    expected = strategies()["subscription"].expectations(evidence)
    mine = {key: each for each in expected if each.dashboard == label for key in each.keys}
    return [(mine[event.key].level, mine[event.key].observer) for event in evidence.sessions["main"]]


def levels(story: Story, label: str) -> list[Level]:
    return [level for level, _ in promises(story, label)]


# Which subscriptions count


def test_who_subscribes_to_what_it_has_is_watching_once() -> None:
    story = begun("A").subscribe("A", "main").subscribe("A", "main").emit("main", *TASK)
    assert [(each.dashboard, each.session) for each in watches(story)] == [("A", "main")]


def test_a_page_loaded_again_after_its_subscription_is_owed_nothing_in_the_new_load() -> None:
    story = begun("A").subscribe("A", "main").emit("main", *TASK).unsubscribe("A", "main").reload("A").end("main")
    assert promises(story, "A") == [(MUST, "dashboard:A.1")] * 5


def test_a_subscription_after_the_end_of_its_connection_watches_nothing() -> None:
    story = begun("A").disconnect("A").emit("main", *TASK).subscribe("A", "main")
    assert watches(story) == []


def test_who_subscribes_when_all_is_over_is_owed_the_journal() -> None:
    story = begun("A").emit("main", *TASK).end("main").subscribe("A", "main")
    assert levels(story, "A") == [MUST] * 5


@pytest.mark.parametrize("after", [None, "2", [2]])
def test_an_invalid_number_asks_for_the_whole_journal(after: Any) -> None:
    story = begun("A").emit("main", *TASK)
    page = story.pages["A"]
    story.ask(page.sid, "subscribe", {"ok": True, "missed": 0}, page.observer, session="main", after=after)
    assert levels(story, "A") == [MUST] * 5


def test_what_is_routed_while_a_subscription_is_on_its_way_is_owed_from_the_journal() -> None:
    story = begun("A").subscribe("A", "main").emit("main", *TASK).end("main")
    story.swap(said(Answered, "server", name="subscribe"), at(Hop.ROUTED, "main/1"))
    assert levels(story, "A") == [MUST] * 5


# Where they end


@pytest.mark.parametrize(
    ("given_up", "switched", "over"),
    [
        ((END, END), (END, END), (END, END)),
        (((1, 3), (1, 5)), (END, END), ((1, 3), (1, 5))),
        ((END, END), ((1, 3), (1, 5)), ((1, 3), (1, 5))),
        (((1, 3), END), (END, END), ((1, 3), END)),
        (((1, 3), END), ((1, 6), (1, 7)), ((1, 3), END)),
        (((1, 8), (1, 9)), ((1, 3), (1, 5)), ((1, 3), (1, 9))),
        (((1, 3), (1, 9)), ((1, 5), (1, 6)), ((1, 3), (1, 9))),
    ],
)
def test_a_watch_ends_where_it_is_given_up_first_and_may_last_until_the_answer(
    given_up: tuple[Any, Any], switched: tuple[Any, Any], over: tuple[Any, Any]
) -> None:
    assert _over(given_up, switched) == over


def test_what_others_choose_and_what_a_page_does_beside_choosing_gives_nothing_up() -> None:
    story = begun("A", "B").start("beside").subscribe("A", "main").subscribe("B", "main").choose("B", "beside")
    action = {"name": "scroll", "dashboard": "A", "detail": "beside"}
    story.fact(ActionTaken, "dashboard:A.1", **action).subscribe("A", "beside").emit("main", *TASK)
    assert levels(story, "A") == [MUST] * 5
    assert levels(story, "B") == [NEVER] * 5


# S2: who subscribes twice


def test_copies_for_who_subscribed_twice_are_told_and_those_of_others_are_not() -> None:
    story = begun("A", "B").subscribe("A", "main").subscribe("A", "main").subscribe("B", "main").emit("main", *TASK)
    assert (result(story, "S2").standing, result(story, "S2").checks) == (Standing.PROVEN, 5)
    story.double(at(Hop.DELIVERED, "main/2", "A")).double(at(Hop.DELIVERED, "main/3", "B"))
    [copied] = result(story, "S2").outcomes
    assert (copied.key, copied.dashboard, sentences.outcome(copied)) == (
        "main/2",
        "A",
        "2 copies after subscribing twice",
    )


def test_giving_up_in_between_or_another_request_twice_is_not_subscribing_twice() -> None:
    story = begun("A").subscribe("A", "main").unsubscribe("A", "main").subscribe("A", "main").emit("main", *TASK)
    page = story.pages["A"]
    for _ in range(2):
        story.ask(page.sid, "status", {"ok": True}, page.observer, session="main")
    assert result(story, "S2").standing is Standing.NOT_EXERCISED


def test_a_client_other_than_the_run_s_pages_may_subscribe_twice() -> None:
    story = begun("A").subscribe("A", "main").emit("main", *TASK)
    for _ in range(2):
        story.ask("sid-foreign", "subscribe", {"ok": True, "missed": 0}, session="main")
    assert result(story, "S2").standing is Standing.NOT_EXERCISED


# S3: who chose another session


def test_every_dashboard_that_chose_another_session_is_looked_at() -> None:
    story = begun("A", "B").start("beside").choose("A", "main").choose("B", "main").emit("main", *TASK[:2])
    story.choose("A", "beside").choose("B", "beside").emit("main", *TASK[2:])
    found = result(story, "S3")
    assert found.checks == 2
    assert {(each.dashboard, each.key) for each in found.outcomes} == {
        (label, f"main/{seq}") for label in "AB" for seq in (3, 4, 5)
    }


# S5: unknown sessions


def test_every_unknown_session_is_looked_at_and_a_plain_refusal_is_right() -> None:
    story = begun("A").subscribe("A", "nobody's").subscribe("A", "no one's").emit("main", *TASK)
    assert (result(story, "S5").checks, result(story, "S5").outcomes) == (2, ())


def test_a_session_without_events_is_known_and_one_that_is_waited_for_may_be_unknown() -> None:
    story = begun("A").subscribe("A", "main")
    page = story.pages["A"]
    story.ask(page.sid, "subscribe", {"ok": True, "missed": 0}, page.observer, session="to come", wait=True)
    assert result(story, "S5").checks == 0


def test_an_unknown_session_that_is_accepted_and_one_that_is_never_answered_are_told() -> None:
    story = begun("A").subscribe("A", "nobody's", ok=True)
    story.subscribe("A", "no one's").drop(lambda r: said(Answered, name="subscribe")(r) and "unknown-session" in str(r))
    assert [sentences.outcome(each) for each in result(story, "S5").outcomes] == [
        "subscribing to unknown session \"nobody's\" was answered {'ok': True}",
        'subscribing to unknown session "no one\'s" was answered not at all',
    ]


def refused(**contract: Any) -> Story:
    story = begun("A", **contract).emit("main", *TASK).end("main")
    page = story.pages["A"]
    no = {"ok": False, "error": {"code": "unknown-session"}}
    return story.ask(page.sid, "subscribe", no, page.observer, session="main")


def test_a_session_that_the_server_has_and_says_not_to_know_is_told() -> None:
    [found] = result(refused(), "S5").outcomes
    assert (found.kind, found.dashboard, found.hop) == (Kind.REFUSED, "A", Hop.RECEIVED)
    assert sentences.outcome(found) == "session main was refused: unknown-session"


def test_a_restarted_server_or_one_that_keeps_nothing_may_have_forgotten_a_session() -> None:
    assert result(refused(replays=False), "S5").outcomes == ()
    assert result(refused().fact(ServerStopped, "harness", why="restarted"), "S5").outcomes == ()


# What a page says to have


@pytest.mark.parametrize(
    ("after", "held"),
    [(0, 0), (1, 0), (3, 0), (2**53 - 1, 2**53 - 1)],
    ids=["nothing", "one that it has not", "three of them", "all: it is in the room already"],
)
def test_a_page_that_has_nothing_is_owed_what_lies_before_what_it_asks_for(after: int, held: int) -> None:
    evidence = Evidence(begun("A").emit("main", *TASK).ledger())
    assert held_before(evidence, "A", "main", after) == held


def test_a_page_that_had_events_before_it_asked_again_has_those() -> None:
    story = begun("A").subscribe("A", "main").emit("main", *TASK)
    page = story.pages["A"]
    story.ask(page.sid, "subscribe", {"ok": True, "missed": 0}, page.observer, session="main", after=3)
    assert held_before(Evidence(story.ledger()), "A", "main", 3) == 3
    told = begun("B").emit("main", *TASK)
    told.fact(Notice, "dashboard:B.1", name="session:gap", payload={"session": "main", "missed": 2, "from_seq": 3})
    assert held_before(Evidence(told.ledger()), "B", "main", 4) == 2, "it knows a gap that it was told of"


# S6: who subscribes late


def short(label: str = "A") -> Story:
    return begun(label).emit("main", *TASK[:3]).subscribe(label, "main", ok=True, session="main", missed=2)


def test_a_page_that_is_not_told_what_the_journal_lacks_is_owed_that_word() -> None:
    [untold] = result(short(), "S6").outcomes[-1:]
    assert (untold.kind, untold.dashboard) == (Kind.TRUNCATED, "A")
    assert sentences.outcome(untold) == "2 events of session main were not kept, and the page was not told"


def test_a_page_that_is_told_has_what_it_is_owed() -> None:
    gap = {"session": "main", "missed": 2, "from_seq": 3}
    story = short().fact(Notice, "dashboard:A.1", name="session:gap", payload=gap)
    assert Kind.TRUNCATED not in {each.kind for each in result(story, "S6").outcomes}


def test_a_client_other_than_the_run_s_pages_need_not_be_told() -> None:
    story = begun("A").subscribe("A", "main").emit("main", *TASK)
    story.ask("sid-foreign", "subscribe", {"ok": True, "missed": 2}, session="main")
    assert result(story, "S6").outcomes == ()
