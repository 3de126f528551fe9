"""Who must, may and must never receive an event, for each strategy and each way of coming and going."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.judge.strategies import strategies
from harness.judge.strategies.watch import Span, connections, gaps_told
from harness.model import LOSE, Answer, Aspect, Finding, Hop, Level, Standing
from harness.model.facts import ActionTaken, Answered, Connected, Disconnected, Notice, Requested
from harness.record.evidence import END, START, Evidence
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.promised import MAY, MUST, NEVER, begun, levels, why
from tests.support.records import at, said

FOLLOWING = ["broadcast", "auto-discovery", "single-session"]


@pytest.mark.parametrize("name", FOLLOWING)
def test_who_is_there_throughout_is_owed_everything(name: str) -> None:
    story = begun(name, "A", "B").emit("main", *TASK).end("main")
    assert levels(story, "A") == levels(story, "B") == [MUST] * 5


@pytest.mark.parametrize("name", FOLLOWING)
def test_who_comes_late_is_owed_the_whole_active_session_where_replay_is_promised(name: str) -> None:
    story = begun(name, "A").emit("main", *TASK[:2]).open("B").emit("main", *TASK[2:]).end("main")
    assert levels(story, "B") == [MUST] * 5


def test_who_comes_late_is_owed_what_follows_where_no_replay_is_promised() -> None:
    story = begun("broadcast", "A", replays=False).emit("main", *TASK[:2]).open("B").emit("main", *TASK[2:]).end("main")
    assert levels(story, "B") == [MAY] * 2 + [MUST] * 3


@pytest.mark.parametrize("name", FOLLOWING)
def test_who_comes_when_all_is_over_is_owed_nothing(name: str) -> None:
    story = begun(name, "A").emit("main", *TASK).end("main").open("B")
    assert levels(story, "B") == [MAY] * 5


def test_who_leaves_is_owed_nothing_from_then_on() -> None:
    story = begun("broadcast", "A", "B").emit("main", *TASK[:2]).disconnect("B").emit("main", *TASK[2:]).end("main")
    assert levels(story, "B") == [MUST] * 2 + [MAY] * 3


def test_who_was_away_is_owed_what_it_missed_only_where_replay_is_promised() -> None:
    def told(**contract: Any) -> Story:
        story = begun("broadcast", "A", **contract).emit("main", TASK[0])
        story.fact(ActionTaken, "harness", name=LOSE, dashboard="A").disconnect("A").emit("main", *TASK[1:3])
        return story.connect("A").emit("main", *TASK[3:]).end("main")

    assert levels(told(), "A") == [MUST] * 5
    assert levels(told(replays=False), "A") == [MUST, MAY, MAY, MUST, MUST]


@pytest.mark.parametrize(
    ("reason", "is_owed"), [("transport close", True), ("ping timeout", True), ("client disconnect", False)]
)
def test_a_page_that_was_cut_off_unintended_is_owed_what_passed_meanwhile(reason: str, is_owed: bool) -> None:
    """The line broke in the middle of the run, and a person lost events: that needs no promise of replays."""
    story = begun("broadcast", "A", replays=False).emit("main", TASK[0]).disconnect("A").emit("main", *TASK[1:3])
    story.connect("A").emit("main", *TASK[3:]).end("main")
    story.change(said(Disconnected, "server"), lambda f: other(f, reason=reason))
    assert levels(story, "A") == [MUST, *[MUST if is_owed else MAY] * 2, MUST, MUST]


def test_a_page_that_is_loaded_again_was_not_cut_off() -> None:
    story = begun("broadcast", "A", replays=False).emit("main", TASK[0]).disconnect("A").emit("main", *TASK[1:3])
    story.pages["A"].connected = True
    story.reload("A").emit("main", *TASK[3:]).end("main")
    assert levels(story, "A")[1:3] == [MAY] * 2


def test_what_a_reloaded_page_is_owed_it_is_owed_in_its_last_load() -> None:
    story = begun("broadcast", "A").emit("main", *TASK[:2]).reload("A").emit("main", *TASK[2:]).end("main")
    evidence = Evidence(story.ledger())
    expected = list(strategies()["broadcast"].expectations(evidence))
    assert {each.observer for each in expected} == {"dashboard:A.2"}
    story.drop(at(Hop.DELIVERED, "main/1", "A"), at(Hop.APPLIED, "main/1", "A"), at(Hop.RENDERED, "main/1", "A"))
    assert story.verdict().answer == "failed"


def test_what_a_first_load_showed_is_not_a_replay() -> None:
    story = begun("broadcast", "A").emit("main", *TASK[:2]).reload("A").emit("main", *TASK[2:]).end("main")
    for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
        again = [r for r in story.records if at(hop, "main/1")(r) and r.observer == "dashboard:A.2"]
        story.drop(lambda r, again=again: any(r is each for each in again))  # type: ignore[misc]
    verdict = story.verdict()
    assert ("main/1", Hop.DELIVERED) in {(o.key, o.hop) for o in verdict.outcomes if o.kind == "lost"}


def test_a_rejected_session_is_never_shown() -> None:
    refusal = {"code": "session-active", "message": "?"}
    story = begun("single-session", "A").start("loser", ok=False, error=refusal)
    story.journal["loser"] = []
    story.emit("loser", TASK[0]).end("loser", status=5).emit("main", *TASK).end("main")
    assert levels(story, "A", "loser") == [NEVER]
    assert "rejected (session-active)" in why(story, "A", "loser/1")
    assert levels(story, "A") == [MUST] * 5


# Subscription


def test_who_never_asked_must_never_see_it() -> None:
    story = begun("subscription", "A", "B").subscribe("A", "main").emit("main", *TASK).end("main")
    assert levels(story, "A") == [MUST] * 5
    assert levels(story, "B") == [NEVER] * 5
    assert why(story, "B", "main/1") == "dashboard B never asked for session main"


def test_who_asked_late_is_owed_what_was_before_where_replay_is_promised() -> None:
    def told(**contract: Any) -> Story:
        story = begun("subscription", "A", **contract).emit("main", *TASK[:2]).subscribe("A", "main")
        return story.emit("main", *TASK[2:]).end("main")

    assert levels(told(), "A") == [MUST] * 5
    assert levels(told(replays=False), "A") == [MAY] * 2 + [MUST] * 3


def test_what_lies_before_the_number_that_a_page_asked_for_is_not_owed() -> None:
    story = begun("subscription", "A").emit("main", *TASK[:3])
    story.pages["A"].sessions["main"] = 2
    for event in story.journal["main"][:2]:
        story.see(Hop.DELIVERED, event, "dashboard:A.1")
    assert levels(story.subscribe("A", "main").emit("main", *TASK[3:]).end("main"), "A") == [MAY] * 2 + [MUST] * 3


def test_what_lies_before_it_is_owed_where_the_page_had_not_got_it() -> None:
    story = begun("subscription", "A").emit("main", *TASK[:3])
    story.pages["A"].sessions["main"] = 2
    assert levels(story.subscribe("A", "main").emit("main", *TASK[3:]).end("main"), "A") == [MUST] * 5


def test_what_is_routed_between_request_and_answer_may_come() -> None:
    story = begun("subscription", "A", replays=False).subscribe("A", "main").emit("main", *TASK).end("main")
    asked = next(record for record in story.records if said(Requested, "server", name="subscribe")(record))
    answered = next(record for record in story.records if said(Answered, "server", name="subscribe")(record))
    story.swap(lambda r: r is answered, at(Hop.ROUTED, "main/1"))
    assert asked.n < answered.n
    assert levels(story, "A") == [MAY, *[MUST] * 4]


def test_who_gave_a_session_up_must_not_see_more_of_it() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK[:2]).unsubscribe("A", "main")
    story.emit("main", *TASK[2:]).end("main")
    assert levels(story, "A") == [MUST] * 2 + [NEVER] * 3
    assert "had given the session up" in why(story, "A", "main/4")


def test_who_asks_again_is_owed_what_it_missed() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK[:2]).unsubscribe("A", "main")
    story.emit("main", TASK[2]).subscribe("A", "main").emit("main", *TASK[3:]).end("main")
    assert levels(story, "A") == [MUST] * 5


def chose_another(story: Story) -> Story:
    return story.start("beside").choose("A", "beside")


def test_choosing_another_session_ends_the_former_also_without_giving_it_up() -> None:
    story = chose_another(begun("subscription", "A").choose("A", "main").emit("main", *TASK[:2]))
    assert levels(story.emit("main", *TASK[2:]).end("main"), "A") == [MUST] * 2 + [NEVER] * 3
    [switched] = [each for each in story.verdict().properties if each.prop == "S3"]
    assert [each.key for each in switched.outcomes] == ["main/3", "main/4", "main/5"]


def test_a_server_that_leaves_the_former_session_by_itself_loses_and_leaks_nothing() -> None:
    story = begun("subscription", "A", "B").choose("A", "main").choose("B", "main").emit("main", *TASK[:2])
    chose_another(story)
    del story.pages["A"].sessions["main"]
    story.emit("main", *TASK[2:]).emit("beside", *TASK).end("main").end("beside")
    assert story.verdict().answer is Answer.PASSED
    [switched] = [each for each in story.verdict().properties if each.prop == "S3"]
    assert switched.standing is Standing.PROVEN


def test_who_asks_for_two_sessions_of_its_own_accord_is_owed_both() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK[:2]).start("beside")
    story.subscribe("A", "beside").emit("main", *TASK[2:]).emit("beside", *TASK).end("main").end("beside")
    assert levels(story, "A") == levels(story, "A", "beside") == [MUST] * 5


def test_a_session_given_up_after_the_next_choice_may_be_seen_until_the_answer() -> None:
    story = chose_another(begun("subscription", "A").choose("A", "main").emit("main", *TASK[:2])).emit("main", TASK[2])
    story.unsubscribe("A", "main").emit("main", *TASK[3:]).end("main")
    assert levels(story, "A") == [MUST] * 2 + [MAY] + [NEVER] * 2


def test_a_choice_that_was_refused_leaves_everything_as_it_was() -> None:
    story = begun("subscription", "A").choose("A", "main").emit("main", *TASK[:2]).choose("A", "nobody's")
    assert levels(story.emit("main", *TASK[2:]).end("main"), "A") == [MUST] * 5


def test_a_subscription_that_was_refused_promises_nothing() -> None:
    story = begun("subscription", "A")
    story.subscribe("A", "main", ok=False, error={"code": "bad-request", "message": "?"})
    assert levels(story.emit("main", *TASK).end("main"), "A") == [NEVER] * 5


def test_a_subscription_outlives_a_reload() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK[:2]).reload("A")
    story.pages["A"].sessions.clear()  # the page forgets it
    story.emit("main", *TASK[2:]).end("main")
    assert levels(story, "A") == [MUST] * 5
    lost = {(o.key, o.hop) for o in story.verdict().outcomes if o.kind == "lost"}
    assert lost == {(f"main/{seq}", Hop.ROUTED) for seq in (3, 4, 5)}


@pytest.mark.parametrize(("keeps", "level"), [(None, MAY), (4, MAY), (5, MUST)])
def test_what_the_journal_did_not_keep_is_not_owed_when_the_page_is_told(keeps: int | None, level: Level) -> None:
    """But what it keeps can't be missing in it, whatever the page is told."""
    story = begun("subscription", "A", keeps=keeps).emit("main", *TASK[:3]).subscribe("A", "main")
    gap = {"session": "main", "missed": 2, "from_seq": 3}
    story.fact(Notice, "dashboard:A.1", name="session:gap", payload=gap).emit("main", *TASK[3:]).end("main")
    assert levels(story, "A") == [level] * 2 + [MUST] * 3


def test_what_the_journal_did_not_keep_is_not_owed_to_who_was_there_all_the_time() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK).end("main")
    gap = {"session": "main", "missed": 2, "from_seq": 3}
    story.fact(Notice, "dashboard:A.1", name="session:gap", payload=gap)
    assert levels(story, "A") == [MAY] * 2 + [MUST] * 3


def test_a_gap_with_an_unknown_end_leaves_nothing_out() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK).end("main")
    gap = {"session": "main", "from_seq": "many"}
    story.fact(Notice, "dashboard:A.1", name="session:gap", payload=gap)
    assert gaps_told(Evidence(story.ledger())) == {("dashboard:A.1", "main"): 0}


def test_a_gap_notice_with_nonsense_in_it_promises_nothing_less() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK).end("main")
    nonsense: list[Any] = [None, [], {"session": "main", "from_seq": "many"}, {"session": None}]
    for payload in nonsense:
        story.fact(Notice, "dashboard:A.1", name="session:gap", payload=payload)
    assert levels(story, "A") == [MUST] * 5


def test_of_two_watches_that_owe_the_same_the_first_one_says_why_and_where() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK[:2]).unsubscribe("A", "main")
    story.reload("A").subscribe("A", "main").emit("main", *TASK[2:]).end("main")
    evidence = Evidence(story.ledger())
    found = {key: each for each in strategies()["subscription"].expectations(evidence) for key in each.keys}
    assert [found[f"main/{seq}"].observer for seq in (1, 2, 3)] == ["dashboard:A.1", "dashboard:A.1", "dashboard:A.2"]
    assert found["main/1"].why == Finding(Aspect.WATCHED)


# A restarted server


def test_connections_of_a_server_that_ended_are_over() -> None:
    story = begun("broadcast", "A", "B").emit("main", *TASK[:2]).disconnect("B").restart_server()
    story.active.append("main")
    assert levels(story.emit("main", *TASK[2:]).end("main"), "B") == [MUST] * 2 + [MAY] * 3
    assert levels(story, "A") == [MUST] * 5


def test_a_connection_whose_end_is_not_observed_lasts_as_long_as_its_server() -> None:
    story = begun("broadcast", "A").emit("main", *TASK[:2])
    first = story.pages["A"].sid
    story.restart_server().drop(said(Disconnected, sid=first))
    spans = connections(Evidence(story.ledger()))["A"]
    assert [span.end for span in spans] == [(1, END[0]), END]


def test_connections_are_the_server_s_or_where_it_is_not_observed_the_pages_own() -> None:
    """Also those of a page that the contract does not name."""
    story = begun("broadcast", "A", "B").emit("main", *TASK)
    story.contract = replace(story.contract, dashboards=("A",))
    found = connections(Evidence(story.ledger()))
    assert {label: [span.sid for span in spans] for label, spans in found.items()} == {
        label: [page.sid] for label, page in story.pages.items()
    }
    story.drop(said(Connected))
    assert connections(Evidence(story.ledger())) == {"A": []}
    story.contract = replace(story.contract, taps=tuple(hop for hop in Hop if hop is not Hop.ROUTED))
    assert connections(Evidence(story.ledger())) == {
        label: [Span(page.sid, page.observer, START, END)] for label, page in story.pages.items()
    }


def test_a_page_that_stays_away_from_the_new_server_is_owed_nothing_of_it() -> None:
    story = begun("broadcast", "A", "B").emit("main", *TASK[:2]).restart_server().disconnect("B")
    story.active.append("main")
    story.emit("main", *TASK[2:]).end("main")
    assert levels(story, "B") == [MUST] * 2 + [MAY] * 3


# Who never came, and who came twice


@pytest.mark.parametrize("name", FOLLOWING)
def test_a_dashboard_that_never_connected_is_owed_nothing(name: str) -> None:
    story = begun(name, "A", dashboards=("Z",)).emit("main", *TASK).end("main")
    assert levels(story, "Z") == [MAY] * 5


def test_a_page_with_two_connections_counts_as_one_dashboard() -> None:
    """React's StrictMode mounts twice: the first connection is closed at once."""
    story = Story("broadcast").open("A")
    first = story.pages["A"].sid
    story.connect("A").fact(Disconnected, "server", sid=first, reason="transport close")
    story.start("main").emit("main", *TASK).end("main")
    assert levels(story, "A") == [MUST] * 5
    assert story.verdict().answer == "passed"
