"""Each of the first causes explains what its evidence bears out, and nothing more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model import Answer, Hop, Kind
from harness.model.facts import (
    Acknowledged,
    ClientConnected,
    ClientDisconnected,
    ClientRefused,
    CliExited,
    HandlerError,
    Joined,
    PageRefused,
    Refused,
    Unrouted,
)
from harness.reporting import sentences
from tests.support.causes import CAUSES
from tests.support.facts import other
from tests.support.first_causes import (
    EVENTS,
    PAGE,
    causes,
    gone,
    keys,
    mismatched,
    named,
    raising,
    refused,
    told,
    unacknowledged,
    without_state,
    wrong_process,
)
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said


def test_an_empty_room_is_named_with_the_members_of_others() -> None:
    verdict = mismatched(*(f"main/{seq}" for seq in range(1, 8))).verdict()
    blame = named(verdict, "room-mismatch")
    assert causes(verdict)[0] == ("room-mismatch", Hop.ROUTED)
    assert len(keys(blame)) == 7
    text = "\n".join(sentences.evidence(blame))
    assert "7 events emitted to room 'main', recipients: none (exchange.py:82 route)" in text
    assert "members of room 'main': none" in text
    assert "(dashboard:A.1), in rooms: 'dashboards'" in text
    assert "sid-main (cli:main), in rooms: none but its own" in text
    assert "7 of 7 events lost at routed: the server emits to room 'main'" in sentences.verdict(verdict)


def test_an_empty_room_without_a_connected_dashboard_is_not_a_mismatch() -> None:
    story = mismatched("main/3")
    story.change(said(Unrouted), lambda f: other(f, connected=["sid-main"]))
    assert "room-mismatch" not in dict(causes(story.verdict()))


def test_a_room_that_a_dashboard_joined_later_is_not_a_mismatch() -> None:
    story = mismatched("main/3")
    story.fact(Joined, "server", sid=story.pages["A"].sid, room="main")
    verdict = story.verdict()
    assert {cause for cause, _ in causes(verdict)} == {"joins-late", "unexplained"}
    assert {(o.key, o.dashboard) for o in named(verdict, "joins-late").explains} == {("main/3", "A")}


def test_a_mismatch_tells_which_dashboards_asked_for_the_session_and_were_refused() -> None:
    story = mismatched("main/3")
    sids = [page.sid for page in story.pages.values()]
    story.ask(sids[0], "subscribe", {"ok": False, "error": {"code": "forbidden"}}, session="main")
    story.ask(sids[1], "subscribe", {"ok": True}, session="main")
    story.ask("sid-main", "subscribe", {"ok": False}, session="main")
    story.ask(sids[1], "subscribe", {"ok": False}, session="other")
    lines = [line for line in sentences.evidence(named(story.verdict(), "room-mismatch")) if "refused" in line]
    assert lines == [
        f"server: refused {sids[0]} to subscribe main: forbidden",
        f"server: refused {sids[1]} to subscribe other: without a code",
    ]


def test_a_mismatch_explains_nothing_that_had_a_recipient() -> None:
    verdict = mismatched("main/3").lose("main/4", Hop.ROUTED, "B").verdict()
    assert keys(named(verdict, "room-mismatch")) == {"main/3"}
    assert keys(named(verdict, "unexplained")) == {"main/4"}


def test_an_emit_on_a_server_object_in_the_cli_is_named() -> None:
    verdict = wrong_process(told(), *(f"main/{seq}" for seq in range(1, 8))).verdict()
    assert causes(verdict)[0] == ("wrong-process", Hop.SENT)
    text = "\n".join(sentences.evidence(verdict.blame[0]))
    assert "cli:main: 7 emits on a server object without clients (orchestrator.py:40 emit)" in text
    assert "server: received 0 events" in text


def test_an_unserved_emit_explains_no_other_event_and_no_other_cli() -> None:
    story = Story("broadcast").open("A").start("main").start("beside").emit("main", *EVENTS).emit("beside", *TASK)
    story.end("main").end("beside").lose("beside/2", Hop.SENT)
    verdict = wrong_process(story, "main/3").lose("main/5", Hop.SENT).verdict()
    assert keys(named(verdict, "wrong-process")) == {"main/3"}
    assert keys(named(verdict, "unexplained")) == {"main/5", "beside/2"}


def test_a_tail_that_was_not_waited_for_is_named() -> None:
    verdict = unacknowledged(told(), "main/6", "main/7").verdict()
    assert causes(verdict)[0] == ("exit-before-ack", Hop.RECEIVED)
    assert keys(verdict.blame[0]) == {"main/6", "main/7"}
    assert "main/6, main/7" in sentences.evidence(verdict.blame[0])[0]


def test_a_hole_in_the_middle_is_not_the_exit_s_doing() -> None:
    verdict = unacknowledged(told(), "main/3").verdict()
    assert causes(verdict)[0] == ("unexplained", Hop.RECEIVED)


def test_a_cli_that_waited_for_the_answer_and_told_of_an_error_did_not_exit_early() -> None:
    story = told().change(said(CliExited), lambda f: other(f, status=3))
    assert ("exit-before-ack", Hop.RECEIVED) in causes(unacknowledged(story, "main/7").verdict())
    late_ns = int(story.contract.bound_ms * 1e6) + 1
    story.change(said(ClientDisconnected, "main"), lambda f: replace(f, at_ns=f.at_ns + late_ns))
    assert "exit-before-ack" not in dict(causes(story.verdict()))


def test_a_handler_that_raises_is_named_with_its_place() -> None:
    verdict = raising(told(), "main/3", "main/5").verdict()
    assert causes(verdict)[0] == ("handler-raises", Hop.ROUTED)
    assert keys(verdict.blame[0]) == {"main/3", "main/5"}
    assert "KeyError: 'task' (exchange.py:70 publish)" in sentences.evidence(verdict.blame[0])[0]


def test_one_exception_explains_one_event() -> None:
    verdict = raising(told().lose("main/5", Hop.ROUTED).drop(at(Hop.ROUTED, "main/5")), "main/3").verdict()
    assert keys(named(verdict, "handler-raises")) == {"main/3"}
    assert keys(named(verdict, "never-routed")) == {"main/5"}


@pytest.mark.parametrize("how", [{"sid": "sid-A"}, {"name": "skill:completed"}])
def test_an_exception_of_another_client_or_handler_explains_nothing(how: dict[str, str]) -> None:
    assert causes(raising(told(), "main/3", **how).verdict())[0] == ("unexplained", Hop.ROUTED)


def test_an_exception_before_the_event_explains_nothing() -> None:
    story = Story("broadcast").open("A").start("main")
    error = {"sid": "sid-main", "name": "publish", "error": "KeyError", "where": "?"}
    story.fact(HandlerError, "server", **error).emit("main", *EVENTS).end("main")
    assert causes(story.lose("main/3", Hop.ROUTED).drop(at(Hop.ROUTED, "main/3")).verdict())[0][0] == "never-routed"


def test_a_name_that_no_page_takes_in_is_named() -> None:
    verdict = gone(gone(told(), "main/3", Hop.APPLIED, Hop.RENDERED), "main/5", Hop.APPLIED, Hop.RENDERED).verdict()
    assert causes(verdict)[0] == ("no-reducer-case", Hop.APPLIED)
    assert "'skill:started'" in sentences.line(verdict.blame[0].sentence)
    assert "2 events named 'skill:started' delivered, 0 applied" in verdict.blame[0].evidence


def test_a_name_that_no_page_shows_is_named_where_the_state_is_not_observed() -> None:
    verdict = gone(gone(without_state(), "main/3", Hop.RENDERED), "main/5", Hop.RENDERED).verdict()
    found = verdict.blame[0]
    assert (found.cause, found.hops) == ("no-reducer-case", (Hop.APPLIED, Hop.RENDERED))
    assert found.evidence == ("2 events named 'skill:started' delivered, 0 shown",)


def test_one_of_a_shown_name_and_a_page_that_shows_nothing_have_other_causes() -> None:
    one = gone(without_state(), "main/3", Hop.RENDERED).verdict()
    nothing = without_state()
    for number in range(1, len(EVENTS) + 1):
        nothing = gone(nothing, f"main/{number}", Hop.RENDERED)
    for verdict in (one, nothing.verdict()):
        assert verdict.answer is Answer.FAILED
        assert "no-reducer-case" not in {found.cause for found in verdict.blame}


def test_a_name_that_is_taken_in_elsewhere_is_lost_for_another_reason() -> None:
    verdict = gone(told(), "main/3", Hop.APPLIED, Hop.RENDERED).verdict()
    assert causes(verdict)[0] == ("unexplained", Hop.APPLIED)


def test_a_single_event_proves_no_missing_case_where_known_ones_are_dropped_too() -> None:
    story = told()
    for key in ("main/2", "main/3"):  # checkpoint:created comes once, skill:started twice
        gone(story, key, Hop.APPLIED, Hop.RENDERED)
    verdict = story.verdict()
    assert {o.kind for o in verdict.outcomes if o.key in {"main/2", "main/3"}} == {Kind.LOST}


def test_a_dashboard_that_was_refused_is_named_with_the_reason() -> None:
    story = refused(told()).fact(PageRefused, "dashboard:B.1", text="xhr poll error")
    origin = {"reason": "bad-role", "origin": "http://127.0.0.1:9", "sid": None, "role": "dashboard"}
    verdict = story.fact(Refused, "server", **origin).verdict()
    assert causes(verdict)[0] == ("refused", Hop.DELIVERED)
    assert "dashboard B never connected: xhr poll error" in sentences.line(verdict.blame[0].sentence)
    assert "server: refused bad-role (origin http://127.0.0.1:9)" in verdict.blame[0].evidence


def test_a_dashboard_without_a_refusal_stays_unexplained() -> None:
    assert causes(refused(told()).verdict())[0] == ("unexplained", Hop.DELIVERED)


def test_the_refusal_of_another_client_explains_nothing() -> None:
    story = refused(told()).fact(ClientRefused, "cli:main", error="bad-token")
    verdict = story.fact(ClientConnected, "cli:main", url="u", transport="websocket").verdict()
    assert causes(verdict)[0] == ("unexplained", Hop.DELIVERED)


def test_a_refused_cli_explains_what_it_could_not_send() -> None:
    story = told().drop(said(ClientConnected)).drop(said(Acknowledged))
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED, *PAGE):
        story.drop(at(hop))
    story.fact(Refused, "server", reason="bad-role", sid="sid-main", role="producer")
    verdict = story.fact(ClientRefused, "cli:main", error="bad-role").verdict()
    assert causes(verdict) == [("refused", Hop.RECEIVED)]
    assert keys(verdict.blame[0]) == {None, *(f"main/{seq}" for seq in range(1, 8))}


def test_what_one_dashboard_got_was_sent_to_a_dashboard() -> None:
    story = told(taps=tuple(hop for hop in Hop if hop is not Hop.ROUTED)).lose("main/3", Hop.ROUTED, "A")
    assert causes(story.drop(at(Hop.ROUTED)).verdict()) == [("unexplained", None)]


def test_a_server_on_the_same_queue_under_another_name_listens_to_no_other() -> None:
    queue, channel = "redis://localhost/0", "socketio"
    story = CAUSES["queue-mismatch"][1]()
    assert causes(story.verdict())[0][0] == "queue-mismatch"
    story.change(at(Hop.SENT), lambda s: replace(s, detail={**s.detail, "queue": queue, "channel": channel}))
    assert "queue-mismatch" not in {cause for cause, _ in causes(story.verdict())}


def test_only_what_was_reported_after_the_closing_was_emitted_after_it() -> None:
    story = CAUSES["emit-after-close"][1]()
    assert keys(named(story.verdict(), "emit-after-close")) == {f"main/{seq}" for seq in range(3, 8)}
    story.change(said(ClientDisconnected, "main"), lambda fact: replace(fact, n=1 << 40, at_ns=1 << 62))
    assert "emit-after-close" not in {cause for cause, _ in causes(story.verdict())}
