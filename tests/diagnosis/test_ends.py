"""What ended before its time: a server's process, a dashboard's connection, an answer, a script of the page."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatch
from typing import Any

import pytest

from harness.diagnosis import rules
from harness.diagnosis.engine import claims
from harness.diagnosis.repacked import DEEPEST
from harness.model import PAGE_SIDE, Answer, Aspect, Fact, Finding, Hop, Kind, Outcome, Sighting, Strength
from harness.model.facts import (
    Acknowledged,
    Answered,
    CliExited,
    CliMessage,
    Disconnected,
    Fence,
    HandlerError,
    InFlight,
    Notice,
    PageClosed,
    PageError,
    PageLoaded,
    Requested,
    ServerStopped,
    TapTried,
)
from harness.record.evidence import Evidence
from harness.record.identity import digest
from harness.reporting import sentences
from tests.support.causes import told
from tests.support.causes_in_clis import EVENTS
from tests.support.explained import evidence, explained, outcome, paper
from tests.support.facts import other
from tests.support.ledgers import TASK, Story
from tests.support.records import Where, at, said

ENDED = {"why": "ended by itself", "process": "api", "status": 70, "running": 0}
INCOMPLETE = Outcome(
    Kind.INCOMPLETE, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), Finding(Aspect.SERVER_ENDED, party="api")
)


def unfenced_by(why: str) -> Finding:
    """What is said of a fence that did not come back to dashboard A."""
    return Finding(Aspect.FENCE_LOST, party="dashboard:A", text=why)


def with_data(story: Story, where: Where, **data: Any) -> Story:
    return story.change(where, lambda fact: other(fact, **data))


def unfenced(story: Story, label: str, why: str = "no connection") -> Story:
    return with_data(story.settle(), said(Fence, label), back=False, why=why)


def found(story: Story, prop: str = "P14") -> list[tuple[Kind, str | None, Hop | None, str]]:
    [result] = [each for each in story.verdict().properties if each.prop == prop]
    return [(each.kind, each.dashboard, each.hop, sentences.outcome(each)) for each in result.outcomes]


# The server's process


def test_a_server_that_failed_in_the_middle_is_a_failure_and_one_that_ended_well_is_none() -> None:
    why = "the server's process 'api' ended by itself with status 70"
    assert found(told().fact(ServerStopped, "server", **ENDED)) == [(Kind.INCOMPLETE, None, Hop.RECEIVED, why)]
    assert found(told().fact(ServerStopped, "server", **{**ENDED, "status": 0})) == []
    assert found(told().fact(ServerStopped, "harness", why="restarted by the run")) == []


def test_a_page_that_no_server_is_there_for_any_more_gets_nothing_more() -> None:
    gone = unfenced(told(), "A")
    assert evidence(gone).why_unfenced("A") == unfenced_by("no connection")
    assert evidence(gone.fact(ServerStopped, "server", **ENDED)).why_unfenced("A") is None
    another = unfenced(told(), "A").fact(ServerStopped, "server", **{**ENDED, "running": 1})
    assert evidence(another).why_unfenced("A") is not None
    replaced = unfenced(told(), "A").fact(ServerStopped, "server", **{**ENDED, "status": 0})
    assert evidence(replaced).why_unfenced("A") is not None
    silent = unfenced(told(), "A", "timeout").fact(ServerStopped, "server", **ENDED)
    assert evidence(silent).why_unfenced("A") is not None
    behind = at(Hop.DELIVERED, "main/5", "A")
    more = gone.change(behind, lambda s: replace(s, n=1 << 20))
    assert evidence(more).why_unfenced("A") == Finding(Aspect.AFTER_FENCE, party="dashboard:A")


def test_what_a_server_had_not_routed_to_anybody_when_it_ended_went_with_it() -> None:
    verdict = paper("server-ended").verdict()
    [blame] = verdict.blame
    assert (blame.cause, blame.hop, blame.strength) == ("server-ended", Hop.RECEIVED, Strength.GONE)
    assert blame.evidence == (
        "server: the server's process 'server' ended with status 70",
        "the last event that the server had: main/4",
    )
    kinds = {(each.kind, each.prop) for each in blame.explains}
    assert {(Kind.LOST, "P1"), (Kind.INCOMPLETE, "P13"), (Kind.INCOMPLETE, "P14")} <= kinds
    expected = "3 of 7 events lost at received: the server's process 'server' ended with status 70 in the middle of"
    assert verdict.answer is Answer.FAILED and sentences.verdict(verdict).startswith(expected)


def test_a_signal_is_told_as_one_and_every_server_that_ended() -> None:
    story = told().fact(ServerStopped, "server", **{**ENDED, "status": -11, "running": 1})
    story.fact(ServerStopped, "server", **{**ENDED, "process": "worker"})
    story.fact(ServerStopped, "server", **{**ENDED, "process": "third", "status": 0})
    [blame] = explained("server-ended", story, INCOMPLETE)
    assert blame.sentence == (
        "the server's process 'api' was ended by signal 11 and the server's process 'worker' ended with status 70 "
        "in the middle of the run."
    )
    assert len(blame.evidence) == 3


def test_a_server_that_ended_is_no_reason_for_what_was_lost_before_or_in_a_page() -> None:
    story = told().lose("main/2", Hop.ROUTED, "A").fact(ServerStopped, "server", **ENDED)
    story.drop(at(Hop.ROUTED, "main/7"), at(Hop.RECEIVED, "main/7"))
    before, last, never = (outcome(Kind.LOST, Hop.ROUTED, key) for key in ("main/2", "main/6", "main/7"))
    in_page = outcome(Kind.LOST, Hop.APPLIED, "main/7")
    [blame] = explained("server-ended", story, INCOMPLETE, before, last, never, in_page)
    assert set(blame.explains) == {INCOMPLETE, last, never}
    healthy = told().fact(ServerStopped, "server", **{**ENDED, "status": 0})
    assert explained("server-ended", healthy, INCOMPLETE, never) == []
    assert explained("server-ended", story, never) == []


def test_what_pages_show_wrongly_after_a_server_ended_and_an_event_alone_are_its_doing() -> None:
    story = paper("server-ended")
    lost = outcome(Kind.LOST, Hop.RECEIVED, "main/6")
    wrong, outside = outcome(Kind.MISRENDERED, Hop.RENDERED, None), outcome(Kind.REFUSED, Hop.SENT, None)
    [blame] = explained("server-ended", story, lost, wrong, outside)
    assert (set(blame.explains), blame.hop) == ({lost, wrong, outside}, Hop.RECEIVED)


def test_a_server_that_ended_before_it_had_anything_says_so() -> None:
    story = Story("broadcast").open("A").fact(ServerStopped, "server", **ENDED)
    [blame] = explained("server-ended", story, INCOMPLETE)
    assert blame.evidence[1] == "the last event that the server had: none"


# A dashboard's connection


def test_a_dashboard_that_the_server_disconnects_while_events_come_is_a_failure() -> None:
    story = paper("thrown-out")
    why = "dashboard A was disconnected by the server, and never came back"
    assert found(story) == [(Kind.REFUSED, "A", Hop.ROUTED, why)]
    verdict = story.verdict()
    [blame] = verdict.blame
    assert blame.evidence == (
        f"server: {story.pages['A'].sid} (dashboard A) ended: server disconnect",
        "server: 5 events came after that, and the dashboard is no recipient of them",
    )
    assert (verdict.unknowns, blame.hop) == ((), Hop.ROUTED)


def test_a_dashboard_that_left_by_itself_or_came_back_or_was_dismissed_at_the_end_was_not_thrown_out() -> None:
    by_itself = with_data(paper("thrown-out"), said(Disconnected), reason="transport close")
    assert evidence(by_itself).thrown_out("A") is None and found(by_itself) == []
    assert evidence(by_itself).why_unfenced("A") == unfenced_by("no connection")
    assert evidence(paper("thrown-out")).thrown_out("B") is None
    back = Story("broadcast").open("A").start("main").emit("main", *TASK[:2]).disconnect("A")
    with_data(back, said(Disconnected), reason="server disconnect").connect("A").emit("main", *TASK[2:])
    assert evidence(back.end("main")).thrown_out("A") is None
    dismissed = told().disconnect("A")
    with_data(dismissed, said(Disconnected, sid=dismissed.pages["A"].sid), reason="server disconnect")
    assert evidence(dismissed).thrown_out("A") is not None and found(dismissed) == []
    assert evidence(unfenced(dismissed, "A")).why_unfenced("A") is None


def closed(story: Story, by: str) -> Story:
    """The ends of pages' connections have that reason in the page's words."""
    return with_data(story, said(PageClosed), reason=by)


def test_a_page_that_closes_its_own_connection_while_events_come_is_a_failure() -> None:
    story = paper("page-hangs-up")
    why = "dashboard A closed its own connection, and never came back"
    assert found(story) == [(Kind.REFUSED, "A", Hop.DELIVERED, why)]
    verdict = story.verdict()
    [blame] = verdict.blame
    assert (blame.cause, blame.hop, verdict.unknowns) == ("page-hangs-up", Hop.DELIVERED, ())
    assert blame.evidence == (
        f"server: {story.pages['A'].sid} (dashboard A) ended: client disconnect",
        "dashboard:A.1: closed the connection itself; the last that it had been delivered: main/2 checkpoint:created",
        "server: 5 events came after that, and the dashboard is no recipient of them",
    )


def test_what_was_on_its_way_when_a_page_closed_its_connection_is_lost_with_it() -> None:
    story = told().disconnect("A")
    with_data(story, said(Disconnected, sid=story.pages["A"].sid), reason="client disconnect")
    with_data(closed(story, "io client disconnect"), said(PageClosed), sid=story.pages["A"].sid)
    for key in ("main/6", "main/7"):
        story.drop(*(at(hop, key, "A") for hop in PAGE_SIDE))
    story = unfenced(story, "A")
    [blame] = story.verdict().blame
    assert (blame.cause, blame.hop) == ("page-hangs-up", Hop.DELIVERED)
    assert {o.key for o in blame.explains} >= {"main/6", "main/7"}
    assert "server: 2 events were on their way to it then" in blame.evidence
    before = story.drop(*(at(hop, "main/2", "A") for hop in PAGE_SIDE)).verdict().blame
    [other_bug] = [each for each in before if each.cause == "unexplained"]
    assert {o.key for o in other_bug.explains} == {"main/2"}


def test_a_page_whose_line_broke_or_that_came_back_or_whose_session_was_over_did_not_hang_up() -> None:
    assert evidence(closed(paper("page-hangs-up"), "transport close")).hung_up("A") is None
    by_server = with_data(paper("page-hangs-up"), said(Disconnected), reason="server disconnect")
    assert evidence(by_server).hung_up("A") is None
    back = Story("broadcast").open("A").start("main").emit("main", *TASK[:2]).disconnect("A")
    with_data(back, said(Disconnected), reason="client disconnect")
    with_data(closed(back, "io client disconnect"), said(PageClosed), sid=back.pages["A"].sid)
    assert evidence(back.connect("A").emit("main", *TASK[2:]).end("main")).hung_up("A") is None
    over = told().disconnect("A")
    with_data(over, said(Disconnected, sid=over.pages["A"].sid), reason="client disconnect")
    with_data(closed(over, "io client disconnect"), said(PageClosed), sid=over.pages["A"].sid)
    assert evidence(over).hung_up("A") is not None and found(over) == []
    over.start("next").emit("next", *TASK).end("next")
    assert evidence(over).hung_up("A") is not None and found(over) == []


SYNTAX = "Uncaught SyntaxError: Unexpected token ';' (page.js:4)"


def never_there(*errors: PageError, label: str = "A") -> Story:
    """A run whose page A never opened a connection, with what its scripts said."""
    story = Story("broadcast").open("B").start("main")
    story.fact(PageLoaded, f"dashboard:{label}.1", dashboard=label)
    for error in errors:
        story.fact(PageError, f"dashboard:{label}.1", text=error.text, waited_s=error.waited_s)
    story.emit("main", *TASK).end("main").settle()
    story.contract = replace(story.contract, dashboards=(*story.contract.dashboards, label))
    return story.fact(Fence, f"dashboard:{label}.1", dashboard=label, back=False, why="no connection")


def test_a_page_whose_script_fails_never_connects_for_that_reason() -> None:
    [blame] = never_there(PageError(SYNTAX), PageError("did not show", waited_s=20)).verdict().blame
    assert (blame.cause, blame.hop) == ("page-error", Hop.DELIVERED)
    assert blame.sentence == f"a script of the page fails before it connects: {SYNTAX}."


def test_a_page_that_never_connects_and_says_nothing_is_unknown() -> None:
    for told_ in ((), (PageError("did not show", waited_s=20),), (PageError("Failed to load resource: 404"),)):
        assert never_there(*told_).verdict().answer is Answer.UNKNOWN


def test_what_a_dashboard_shows_wrongly_after_it_was_thrown_out_follows_from_that() -> None:
    story = paper("thrown-out")
    dismissed = Finding(Aspect.DASHBOARD_DISMISSED, party="dashboard:A")
    outside = outcome(Kind.REFUSED, Hop.ROUTED, None, "A", dismissed)
    mine, other = (outcome(Kind.MISRENDERED, Hop.RENDERED, None, label) for label in ("A", "B"))
    [blame] = explained("thrown-out", story, outside, mine, other)
    assert (blame.explains, blame.hop) == ((outside, mine), Hop.ROUTED)
    others = replace(outside, dashboard="B"), replace(outside, dashboard=None)
    assert explained("thrown-out", story, *others) == []
    assert len(explained("thrown-out", story, *others, outside)) == 1


# An answer


def open_end(session: str) -> Finding:
    """A session that has no end."""
    return Finding(Aspect.TERMINAL_COUNT, session=session, count=0)


UNENDED = Outcome(Kind.INCOMPLETE, "P13", None, None, Hop.EMITTED, (Hop.EMITTED,), open_end("main"))


def test_an_event_without_an_answer_is_why_its_cli_gave_up() -> None:
    story = paper("never-acknowledged").settle()
    [blame] = explained("never-acknowledged", with_data(story, said(InFlight), count=1), UNENDED)
    assert blame.evidence == (
        "server: main/4 received and routed, and not acknowledged",
        "server: 1 handlers run",
        "cli:main: exited with status 3: shannon: the server acknowledged nothing for 10 s",
    )
    assert blame.explains == (UNENDED,)
    story.drop(at(Hop.ROUTED, "main/4"), said(CliMessage), said(InFlight))
    [blame] = explained("never-acknowledged", story, UNENDED)
    assert blame.evidence == (
        "server: main/4 received and not routed, and not acknowledged",
        "server: 0 handlers run",
        "cli:main: exited with status 3",
    )


@pytest.mark.parametrize("settled", [0, 1])
def test_each_session_is_looked_at_and_each_cli_is_quoted_for_itself(settled: int) -> None:
    story = Story("broadcast", declared=()).open("A")
    for session in ("beside", "main"):
        story.start(session).emit(session, "step")
    story.wait(1000).end("beside", status=settled).end("main", status=1)
    story.fact(CliMessage, "cli:main", text="mine").fact(CliMessage, "cli:other", text="its")
    story.drop(said(Acknowledged, "main"))
    other = replace(UNENDED, finding=open_end("beside"))
    [blame] = explained("never-acknowledged", story, *([other] if settled else []), UNENDED)
    assert blame.explains == (UNENDED,)
    assert blame.evidence[-1] == "cli:main: exited with status 1: mine"


@pytest.mark.parametrize(("waited_ms", "blames"), [(900, 0), (1001, 1)])
def test_a_cli_that_is_acknowledged_nothing_and_leaves_at_once_did_not_wait(waited_ms: int, blames: int) -> None:
    story = Story("broadcast", declared=()).open("A").start("main").emit("main", "step", "step").wait(waited_ms)
    story.end("main", status=1).drop(said(Acknowledged, "main"))
    assert len(explained("never-acknowledged", story, UNENDED)) == blames


def test_nobody_waited_in_vain_for_what_was_answered_or_never_came_or_by_a_cli_that_did_not_give_up() -> None:
    cases = [
        paper("never-acknowledged").drop(at(Hop.RECEIVED, "main/4")),
        paper("never-acknowledged").fact(Acknowledged, "cli:main", key="main/4", ok=False, error="no"),
        paper("never-acknowledged").drop(said(CliExited)),
        paper("never-acknowledged").fact(HandlerError, "server", sid="sid-main", name="x", error="E", where=""),
        *(with_data(paper("never-acknowledged"), said(CliExited), status=each) for each in (0, -9)),
    ]
    for story in cases:
        assert explained("never-acknowledged", story, UNENDED) == []
    other = replace(UNENDED, finding=open_end("other"))
    assert explained("never-acknowledged", paper("never-acknowledged"), other) == []


def asking(*labels: str, **request: Any) -> Story:
    """Dashboards that ask for a session, and the server says nothing."""
    story = Story("subscription", declared=()).open("A", "B")
    for number, label in enumerate(labels):
        told = {"sid": story.pages[label].sid, "name": "subscribe", "id": number, "args": [{"session": "main"}]}
        story.fact(Requested, "server", **{**told, **request})
    return story


def test_a_dashboard_that_is_never_answered_is_a_failure() -> None:
    story = asking("A", "B")
    whys = [f"dashboard {label} asked to subscribe main, and was never answered" for label in "AB"]
    assert found(story) == [
        (Kind.REFUSED, "A", Hop.RECEIVED, whys[0]),
        (Kind.REFUSED, "B", Hop.RECEIVED, whys[1]),
    ]
    [blame] = with_data(story, said(InFlight), count=2).verdict().blame
    one, other = (page.sid for page in story.pages.values())
    assert (blame.cause, blame.hop) == ("never-acknowledged", Hop.RECEIVED)
    assert blame.sentence == "the server has what dashboard A and B asked of it, and never answers."
    assert blame.evidence == (
        f"server: {one} asked to subscribe main, no answer",
        f"server: {other} asked to subscribe main, no answer",
        "server: 2 handlers run",
    )
    assert {each.prop for each in blame.explains} == {"P14", "S5"}


def test_who_wanted_no_answer_or_had_one_or_left_or_is_no_dashboard_was_not_kept_waiting() -> None:
    assert found(asking("A", id=None)) == []
    assert found(asking("A", args=[{"room": "x"}])) == []
    assert found(asking("A", sid="sid-main")) == []
    assert found(asking("A").disconnect("A")) == []
    story = asking("A")
    told = {"sid": story.pages["A"].sid, "name": "subscribe", "id": 0, "args": [{"ok": False}]}
    assert found(story.fact(Answered, "server", **told)) == []
    assert found(asking("A").restart_server()) == []
    restarted = asking("A").fact(TapTried, "server.2", tap="received", hops=[2], phase="after", alive=True, why=None)
    assert evidence(restarted).unheard == []


def test_a_handler_that_raised_is_why_a_dashboard_was_never_answered() -> None:
    story = asking("A", "B")
    error = {"name": "subscribe", "error": "KeyError: 'x'", "where": "app.py:4 subscribe"}
    story.fact(HandlerError, "server", sid=story.pages["B"].sid, **error)
    asked = Finding(Aspect.REQUEST_UNANSWERED, request="subscribe", session="main")
    mine = [outcome(Kind.REFUSED, Hop.RECEIVED, None, label, asked) for label in "AB"]
    [blame] = explained("handler-raises", story, *mine)
    assert blame.explains == (mine[1],)
    assert explained("never-acknowledged", story, *mine) == []
    other = replace(mine[1], finding=replace(asked, session="other"))
    assert explained("handler-raises", story, other, replace(mine[1], hop=Hop.ROUTED)) == []


# A parcel


@pytest.mark.parametrize("deep", [0, 1, 2, 3, 4, 5])
def test_a_parcel_is_one_that_holds_the_data_of_the_event_down_to_four_levels(deep: int) -> None:
    story, payload = told(), {"number": 3}
    inside: Any = payload
    for level in range(deep):
        inside = [inside] if level % 2 else {"data": inside, "n": 1}
    lost = outcome(Kind.LOST, Hop.ROUTED)
    story.change(
        lambda r: isinstance(r, Sighting) and r.event.key == "main/3",
        lambda s: replace(s, event=replace(s.event, digest=digest(payload))),
    ).drop(at(Hop.ROUTED, "main/3"))
    assert explained("repacked", story, lost) == []
    story.fact(Notice, "dashboard:A.1", name="batch", payload=inside)
    story.fact(Notice, "dashboard:A.1", name="batch", payload=[{"number": 4}, {}, None, "text"])
    if deep > DEEPEST:
        assert explained("repacked", story, lost) == []
        return
    [blame] = explained("repacked", story, lost, outcome(Kind.LOST, Hop.ROUTED, "main/4"))
    assert blame.evidence == (
        "pages: 2 messages 'batch' delivered, the events' data inside",
        "server: 1 events received, 0 emitted under their own names",
    )
    assert blame.explains == (lost,)


@pytest.mark.parametrize(("price", "named"), [(4.5, ["main/3"]), (5.5, [])])
def test_a_parcel_may_hold_more_than_an_event_s_data(price: float, named: list[str]) -> None:
    """Ids and a stamp stand beside it where messages are flat; where a field differs it is another event's."""
    story, lost = told().drop(at(Hop.ROUTED, "main/3")), outcome(Kind.LOST, Hop.ROUTED)
    flat = {"shift": "s", "n": 3, "item": "tea", "price": price, "at": 17}
    story.fact(Notice, "dashboard:A.1", name="batch", payload=[["placed", [flat]]])
    known = Evidence(replace(story.ledger(), payloads={"digest-3": {"item": "tea", "price": 4.5}}))
    assert [o.key for each in claims(rules()["repacked"], known, [lost]) for o in each.explains] == named


def test_what_was_routed_as_an_event_was_not_repacked() -> None:
    story = paper("repacked")
    lost = outcome(Kind.LOST, Hop.ROUTED)
    assert len(explained("repacked", story, lost)) == 1
    story.see(Hop.ROUTED, story.journal["main"][2], "server", ())
    assert explained("repacked", story, lost) == []


# A script


UNHANDLED = outcome(Kind.UNHANDLED, Hop.APPLIED, "main/3", "B")


def failing(*behind: str, text: str = "Error: no.\n  at on (app.js:1)", load: str = "dashboard:B.1") -> Story:
    """All is well but for the errors after the deliveries of these events to dashboard B."""
    story = Story("broadcast").open("A", "B").start("main")
    for number, name in enumerate(EVENTS, start=1):
        story.emit("main", name)
        if f"main/{number}" in behind:
            story.fact(PageError, load, text=text)
    return story.end("main")


def test_a_script_error_right_behind_an_event_names_it_and_one_before_only_stands_around() -> None:
    behind = replace(UNHANDLED, kind=Kind.LOST, key="main/7")
    before = replace(UNHANDLED, key="main/2")
    named, around = explained("page-error", failing("main/3"), before, UNHANDLED, behind)
    assert (named.explains, named.strength) == ((UNHANDLED,), Strength.NAMED)
    assert (around.explains, around.strength) == ((behind,), Strength.AROUND)
    assert named.sentence == around.sentence == "a script of the page fails: Error: no."
    assert named.evidence == ("dashboard B: the error came after the delivery of main/3",)


def test_a_panel_is_wrong_by_an_error_after_an_event_that_concerns_it() -> None:
    wrong = outcome(Kind.MISRENDERED, Hop.RENDERED, None, "B")
    panel = next(each for each in failing().contract.panels if any(fnmatch(EVENTS[2], each) for each in each.events))
    mine = replace(wrong, finding=Finding(Aspect.PANEL_VALUE, panel=panel.name))
    [blame] = explained("page-error", failing("main/3"), mine)
    assert (blame.explains, blame.strength) == ((mine,), Strength.NAMED)
    other = replace(mine, finding=Finding(Aspect.PANEL_VALUE, panel="another"))
    assert explained("page-error", failing("main/3"), other) == []
    assert explained("page-error", failing(), mine) == []


def test_each_event_with_an_error_of_its_own_is_named() -> None:
    both = [UNHANDLED, replace(UNHANDLED, key="main/6")]
    [blame] = explained("page-error", failing("main/3", "main/6"), *both)
    assert (blame.explains, blame.strength) == (tuple(both), Strength.NAMED)
    assert blame.evidence == ("dashboard B: the error came after the delivery of main/3",)


def test_no_script_failed_where_a_request_did_or_on_another_page_or_for_what_never_came_to_the_page() -> None:
    request = failing("main/3", text="console: Failed to load resource: 404")
    assert explained("page-error", request, UNHANDLED) == []
    assert explained("page-error", failing("main/3", load="dashboard:A.1"), UNHANDLED) == []
    assert explained("page-error", failing(), UNHANDLED) == []
    story = failing("main/3")
    for wrong in (replace(UNHANDLED, kind=Kind.CORRUPTED), outcome(Kind.LOST, Hop.DELIVERED, "main/3", "B")):
        assert explained("page-error", story, wrong) == []
    early = Story("broadcast").open("B").fact(PageError, "dashboard:B.1", text="Error: early")
    assert explained("page-error", early.start("main").emit("main", *TASK).end("main"), UNHANDLED) == []


def test_of_an_error_the_first_line_is_told_and_of_that_the_beginning() -> None:
    [blame] = explained("page-error", failing("main/3", text="Error: axis X\nat on"), UNHANDLED)
    assert blame.sentence == "a script of the page fails: Error: axis X."
    twice = Story("broadcast").open("B").start("main").emit("main", *EVENTS[:3])
    for text in ("Error: first", "Error: second"):
        twice.fact(PageError, "dashboard:B.1", text=text)
    [blame] = explained("page-error", twice, UNHANDLED)
    assert blame.sentence == "a script of the page fails: Error: first."
    [blame] = explained("page-error", failing("main/3", text=f" {'y' * 300}"), UNHANDLED)
    assert blame.sentence == f"a script of the page fails: {'y' * 200}."


def test_the_errors_of_the_page_that_is_open_in_the_end_count() -> None:
    story = Story("broadcast").open("B").start("main").emit("main", *TASK[:3])
    story.fact(PageError, "dashboard:B.1", text="Error: before").reload("B").emit("main", *TASK[3:])
    assert explained("page-error", story.end("main"), UNHANDLED) == []


def test_pages_with_the_same_error_share_a_line() -> None:
    story = failing("main/3")
    record = next(r for r in story.records if isinstance(r, Fact) and isinstance(r.body, PageError))
    [same] = [r.n for r in story.records if at(Hop.DELIVERED, "main/4", "A")(r)]
    story.records.append(replace(record, observer="dashboard:A.1", n=same - 1))
    [blame] = explained("page-error", story, UNHANDLED, replace(UNHANDLED, dashboard="A"))
    assert len(blame.evidence) == 2 and len(blame.explains) == 2


def test_a_text_that_is_shown_without_its_tags_was_taken_for_markup() -> None:
    def row(expected: str, found: str) -> Outcome:
        why = Finding(Aspect.ROW_TEXT, field="text", expected=expected, found=found)
        return replace(outcome(Kind.MISRENDERED, Hop.RENDERED, "main/3", "B"), finding=why)

    bare = [row("<b>third</b> one", "zoe : third one"), row("salt &amp; pepper", "salt & pepper")]
    [blame] = explained("html-unescaped", failing(), *bare)
    assert (blame.explains, blame.strength) == ((*bare,), Strength.AROUND)
    others = [row("<b>third</b>", "zoe : second"), row("third", "zoe"), row("a < b", "a"), row("<br>", "zoe")]
    assert explained("html-unescaped", failing(), *others) == []
