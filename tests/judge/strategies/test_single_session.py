"""Single-session, to the letter: when the session is free again, and what is said of losers and of lost holders."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.judge.properties import TITLES
from harness.judge.strategies.single_session import freed_at, opened
from harness.model import Aspect, Finding, Hop, Kind, Outcome, Standing
from harness.model.facts import Answered, CliExited, Disconnected, Requested
from harness.record.evidence import END, Evidence
from harness.reporting import sentences
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import said

ACTIVE = {"code": "session-active", "message": "main is active"}


def held() -> Story:
    return Story("single-session").open("A", "B").start("main").emit("main", *TASK[:2])


def lost_race() -> Story:
    return held().start("loser", ok=False, error=ACTIVE).end("loser", status=5).emit("main", *TASK[2:]).end("main")


def found(story: Story, prop: str) -> tuple[Outcome, ...]:
    assert prop in TITLES
    [result] = [each for each in story.verdict().properties if each.prop == prop]
    return result.outcomes


def standing(story: Story, prop: str) -> Standing:
    [result] = [each for each in story.verdict().properties if each.prop == prop]
    return result.standing


def free(story: Story, session: str = "main") -> tuple[int, int]:
    evidence = Evidence(story.ledger())
    [holder] = [each for each in opened(evidence) if each.session == session]
    return freed_at(evidence, holder)


def test_a_session_is_held_until_its_end_is_observed() -> None:
    assert free(held()) == END


def test_a_session_is_free_when_its_server_ended_and_no_earlier() -> None:
    story = held().restart_server().start("next").emit("next", *TASK)
    assert free(story) == (2, 0)
    assert free(story, "next") == END
    assert standing(story, "X1") is Standing.PROVEN


def test_the_closing_of_another_session_frees_nothing() -> None:
    """`next` is opened and closed beside `main`, which both is wrong and says nothing of `main`."""
    story = held().start("next").emit("next", *TASK).end("next")
    assert free(story) == END
    assert [sentences.outcome(each) for each in found(story, "X1")] == [
        "session next was accepted while main was active"
    ]


def test_openings_that_are_answered_in_another_order_are_held_in_that_order() -> None:
    """`next` asks while `main` is active, and is let in when that has closed: a server may keep it waiting."""
    story = held().start("next").emit("main", *TASK[2:]).end("main").emit("next", *TASK)
    last = max(r.n for r in story.records if r.observer == "server")
    answer = said(Answered, "server", sid="sid-next")
    story.change(answer, lambda fact: replace(fact, n=last + 1))
    assert found(story, "X1") == ()
    assert [each.session for each in opened(Evidence(story.ledger()))] == ["main", "next"]


def test_who_asked_first_and_was_answered_last_opened_last() -> None:
    story = Story("single-session").open("A").start("slow").start("quick")
    story.change(said(Answered, "server", sid="sid-slow"), lambda fact: replace(fact, n=1_000))
    assert [each.session for each in opened(Evidence(story.ledger()))] == ["quick", "slow"]


def test_of_a_loser_whose_end_was_not_observed_nothing_is_known() -> None:
    why = Finding(Aspect.LOSER_EXIT_UNSEEN, session="loser")
    assert found(lost_race().drop(said(CliExited, "loser")), "X2") == (
        Outcome(Kind.UNDETERMINED, "X2", None, None, None, (), why),
    )


def test_a_slow_answer_to_one_loser_or_to_something_else_is_not_another_s() -> None:
    story = held().start("slow", ok=False, error=ACTIVE)
    begun = next(r.at_ns for r in story.records if said(Requested, "server", sid="sid-slow")(r))
    answer = said(Answered, "server", sid="sid-slow")
    story.change(answer, lambda fact: replace(fact, at_ns=begun + 3_000_000_000))
    story.end("slow", status=5).start("loser", ok=False, error=ACTIVE)
    story.ask("sid-loser", "status", {"ok": False}, session="loser")
    answer = said(Answered, "server", name="status")
    story.change(answer, lambda fact: replace(fact, at_ns=fact.at_ns + 3_000_000_000)).end("loser", status=5)
    assert [sentences.outcome(each) for each in found(story, "X2")] == [
        "session slow was rejected, but the answer took 3000 ms"
    ]


def test_a_loser_s_events_that_a_page_shows_are_its_failure_and_the_holder_s_are_not() -> None:
    assert found(lost_race(), "X2") == ()
    story = held().start("loser", ok=False, error=ACTIVE)
    story.journal["loser"] = []
    for page in story.pages.values():
        page.sessions["loser"] = 0
    story.emit("loser", TASK[0]).end("loser", status=5).emit("main", *TASK[2:]).end("main")
    [outcome] = found(story, "X2")
    assert (
        sentences.outcome(outcome)
        == "session loser was rejected, but its events were shown by dashboard:A.1, dashboard:B.1"
    )


@pytest.mark.parametrize(("took_ms", "is_slow"), [(2000.0, False), (2001.0, True)])
def test_a_loser_is_told_within_the_bound(took_ms: float, is_slow: bool) -> None:
    story = held()
    story.start("loser", ok=False, error=ACTIVE)
    begun = next(r.at_ns for r in story.records if said(Requested, "server", sid="sid-loser")(r))
    answer = said(Answered, "server", sid="sid-loser")
    story.change(answer, lambda fact: replace(fact, at_ns=begun + int(took_ms * 1_000_000)))
    story.end("loser", status=5).emit("main", *TASK[2:]).end("main")
    details = [sentences.outcome(each) for each in found(story, "X2")]
    assert details == (["session loser was rejected, but the answer took 2001 ms"] if is_slow else [])


def test_a_holder_without_a_successor_hides_no_later_one_that_is_stuck() -> None:
    """`main` is let go for `next` on a new server, and `next` for no other."""
    story = held().end("main").start("next").emit("next", *TASK).end("next").start("last", ok=False, error=ACTIVE)
    assert [sentences.outcome(each) for each in found(story.end("last", status=5), "X4")] == [
        "next had ended, and 1 later opening was refused: session-active"
    ]


def test_a_holder_without_a_request_after_it_hides_no_later_one_that_is_stuck() -> None:
    """`next` asked while `main` was active and was let in after it; then `main` comes again and is refused."""
    story = held().start("next").emit("main", *TASK[2:]).end("main")
    answered, closed = (
        said(Answered, "server", sid="sid-next", name="session:open"),
        said(Answered, "server", sid="sid-main", name="session:close"),
    )
    story.swap(answered, closed).emit("next", *TASK).end("next").start("main", ok=False, error=ACTIVE)
    assert [sentences.outcome(each) for each in found(story, "X4")] == [
        "next had ended, and 1 later opening was refused: session-active"
    ]


@pytest.mark.parametrize(("beyond_ns", "kind"), [(0, Kind.UNDETERMINED), (1, Kind.STUCK)])
def test_a_lease_may_last_as_long_as_the_bound_and_no_longer(beyond_ns: int, kind: Kind) -> None:
    story = killed_then_refused(500)
    gone = next(r.at_ns for r in story.records if said(Disconnected, "server", sid="sid-main")(r))
    request = said(Requested, "server", sid="sid-next")
    story.change(request, lambda fact: replace(fact, at_ns=gone + 2_000_000_000 + beyond_ns))
    assert [each.kind for each in found(story, "X4")] == [kind]


def killed_then_refused(after_ms: float) -> Story:
    story = held().kill("main").wait(after_ms).start("next", ok=False, error=ACTIVE)
    return story.end("next", status=5)


def test_a_refusal_while_the_lease_of_a_lost_holder_may_last_proves_nothing() -> None:
    why = Finding(Aspect.LEASE_UNKNOWN, session="main")
    assert found(killed_then_refused(500), "X4") == (Outcome(Kind.UNDETERMINED, "X4", None, None, None, (), why),)
    [stuck] = found(killed_then_refused(2500), "X4")
    assert (stuck.kind, stuck.hop) == (Kind.STUCK, Hop.RECEIVED)
    assert sentences.outcome(stuck) == "main had ended, and 1 later opening was refused: session-active"


def test_a_late_dashboard_is_named_with_the_property_that_owes_it_the_session() -> None:
    story = held().open("C").emit("main", *TASK[2:]).end("main").lose("main/1", Hop.ROUTED, "C")
    assert {each.prop for each in found(story, "X5")} <= {"P1", "X5"}
    assert standing(story, "X5") is Standing.VIOLATED
