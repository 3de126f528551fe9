"""A dashboard's connection that the server ended, that the page ended, or that it never opened."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model import LOSE, PAGE_SIDE, Answer, Aspect, Finding, Hop, Kind
from harness.model.facts import (
    ActionTaken,
    Connected,
    Disconnected,
    Faulted,
    Fence,
    FrameUnread,
    PageClosed,
    PageError,
    PageLoaded,
    PageRefused,
    Refused,
    ServerStopped,
)
from harness.reporting import sentences
from tests.support.causes import told
from tests.support.ends import ENDED, found, unfenced, unfenced_by, with_data
from tests.support.explained import evidence, explained, outcome, paper
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said


def test_a_dashboard_that_the_server_disconnects_while_events_come_is_a_failure() -> None:
    story = paper("thrown-out")
    why = "dashboard A was disconnected by the server, and never came back"
    assert found(story) == [(Kind.REFUSED, "A", Hop.ROUTED, why)]
    verdict = story.verdict()
    [blame] = verdict.blame
    assert blame.evidence == (
        f"server: {story.pages['A'].sid} (dashboard A) ended: server disconnect",
        "server: 5 events came after that, and the dashboard is not among their recipients",
    )
    assert (verdict.unknowns, blame.hop) == ((), Hop.ROUTED)


def test_a_dashboard_that_left_or_came_back_or_was_dismissed_late_was_not_thrown_out() -> None:
    by_itself = with_data(paper("thrown-out"), said(Disconnected), reason="transport close")
    assert evidence(by_itself).thrown_out("A") is None and found(by_itself) != found(paper("thrown-out"))
    assert evidence(by_itself).why_unfenced("A") == unfenced_by("no connection")
    assert evidence(paper("thrown-out")).thrown_out("B") is None
    back = Story("broadcast").open("A").start("main").emit("main", *TASK[:2]).disconnect("A")
    with_data(back, said(Disconnected), reason="server disconnect").connect("A").emit("main", *TASK[2:])
    assert evidence(back.end("main")).thrown_out("A") is None
    dismissed = told().disconnect("A")
    with_data(dismissed, said(Disconnected, sid=dismissed.pages["A"].sid), reason="server disconnect")
    assert evidence(dismissed).thrown_out("A") is not None and found(dismissed) == []
    assert evidence(unfenced(dismissed, "A")).why_unfenced("A") is None


@pytest.mark.parametrize("cause", ["thrown-out", "page-hangs-up", "connection-lost"])
def test_a_dashboard_that_is_gone_fails_also_where_the_server_is_not_observed(cause: str) -> None:
    """There it is not known when the server had which event (world 71065 passed)."""
    story = paper(cause)
    story.contract = replace(story.contract, taps=(Hop.EMITTED, *PAGE_SIDE))
    story.drop(at(Hop.SENT)).drop(at(Hop.RECEIVED)).drop(at(Hop.ROUTED))
    verdict = story.verdict()
    assert verdict.answer is Answer.FAILED and [each.cause for each in verdict.blame] == [cause]
    story.drop(*(at(hop, f"main/{n}") for n in range(3, 8) for hop in (Hop.EMITTED, *PAGE_SIDE)))
    assert found(story) == [], "it had all that there was"


def test_a_connection_that_is_lost_for_good_while_events_come_is_a_failure() -> None:
    story = paper("connection-lost")
    why = "dashboard A lost its connection (transport close), and had none in the end"
    assert found(story) == [(Kind.REFUSED, "A", Hop.DELIVERED, why)]
    [blame] = story.verdict().blame
    assert blame.evidence == (
        f"server: {story.pages['A'].sid} (dashboard A) ended: transport close",
        "dashboard:A.1: its connection ended: transport close",
        "server: 5 events came after that, and the dashboard is not among their recipients",
    )


def test_a_connection_that_was_struck_or_came_back_or_ended_last_was_not_lost() -> None:
    over = told().disconnect("A")
    assert evidence(over).lost_connection("A") is not None and found(over) == []
    back = Story("broadcast").open("A").start("main").emit("main", *TASK[:2]).disconnect("A").connect("A")
    assert evidence(back.emit("main", *TASK[2:]).end("main")).lost_connection("A") is None
    unread = paper("connection-lost").fact(FrameUnread, "dashboard:A.1", why="NaN is not JSON", sid="x", name="n")
    lost = Finding(Aspect.CONNECTION_LOST, party="dashboard:A", text="transport close")
    outside = outcome(Kind.REFUSED, Hop.DELIVERED, None, "A", lost)
    assert explained("connection-lost", unread, outside) == []
    assert len(explained("connection-lost", paper("connection-lost"), outside)) == 1
    ended = paper("connection-lost").fact(ServerStopped, "server", **ENDED)
    assert evidence(ended).lost_connection("A") is None
    cut = paper("connection-lost").fact(ActionTaken, "dashboard:A.1", name=LOSE, dashboard="A")
    assert evidence(cut).lost_connection("A") is None
    struck = paper("connection-lost")
    body = {"fault": "cut", "does": "cuts", "parties": ["dashboard:A"], "phase": 0, "after": {}}
    assert evidence(struck.fact(Faulted, "harness", **body)).lost_connection("A") is None


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
        "server: 5 events came after that, and the dashboard is not among their recipients",
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


def test_a_broken_line_or_a_return_or_the_end_of_the_session_is_not_hanging_up() -> None:
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


def stranger(story: Story, role: str | None) -> Story:
    connected = {"sid": "sid-strange", "role": role, "origin": None, "transport": "websocket"}
    return story.fact(Connected, "server", **connected)


def test_a_page_that_may_have_connected_is_unknown_whatever_its_script_says() -> None:
    failed = never_there(PageError(SYNTAX))
    assert stranger(never_there(PageError(SYNTAX)), "producer").verdict().answer is Answer.FAILED
    assert failed.change(said(Connected, sid="sid-main"), lambda f: other(f, role=None)).verdict().blame[0].cause == (
        "page-error"
    )
    assert stranger(failed, None).verdict().answer is Answer.UNKNOWN
    blind = never_there(PageError(SYNTAX))
    blind.contract = replace(blind.contract, taps=tuple(hop for hop in Hop if hop is not Hop.ROUTED))
    assert blind.drop(at(Hop.ROUTED)).verdict().answer is Answer.UNKNOWN


def test_a_script_that_failed_before_the_page_was_loaded_again_says_nothing_of_it() -> None:
    story = never_there(PageError(SYNTAX)).fact(PageLoaded, "dashboard:A.2", dashboard="A")
    assert story.verdict().answer is Answer.UNKNOWN


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


@pytest.mark.parametrize(
    ("told_by_page", "told_by_server", "is_refused"),
    [(True, True, True), (False, True, False), (True, False, False)],
    ids=["refused", "the refusal is another's", "no server was there to refuse it"],
)
def test_a_page_that_came_back_and_was_not_let_in_is_refused(
    told_by_page: bool, told_by_server: bool, is_refused: bool
) -> None:
    """One bug, one blame: a connection may end at any time, and what it is let in with was good only once."""
    story = paper("connection-lost")
    if told_by_page:
        story.fact(PageRefused, "dashboard:A.1", text='{"message":"ticket is used up"}')
    if told_by_server:
        story.fact(Refused, "server", reason="ticket is used up", namespace="/")
    blame, *others = story.verdict().blame
    assert blame.cause == ("refused" if is_refused else "connection-lost")
    if is_refused:
        assert not others and sentences.line(blame.sentence) == "dashboard A came back, and was not let in again."
        assert any("ticket is used up" in line for line in map(str, blame.evidence)) and "auth" in blame.remedy
