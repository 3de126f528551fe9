"""What was asked and never answered: an event of a CLI, a request of a dashboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import (
    Acknowledged,
    Answered,
    CliExited,
    CliMessage,
    HandlerError,
    InFlight,
    Requested,
    ServerStopped,
    TapTried,
)
from tests.support.ends import found, with_data
from tests.support.explained import evidence, explained, outcome, paper
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, PAGE
from tests.support.records import at, said


def open_end(session: str) -> Finding:
    """A session that has no end."""
    return Finding(Aspect.TERMINAL_COUNT, session=session, count=0)


UNENDED = Outcome(Kind.INCOMPLETE, "P13", None, None, Hop.EMITTED, (Hop.EMITTED,), open_end("main"))


def test_an_event_without_an_answer_is_why_its_cli_gave_up() -> None:
    story = paper("never-acknowledged").settle()
    [blame] = explained("never-acknowledged", with_data(story, said(InFlight), count=1), UNENDED)
    assert blame.evidence == (
        "server: main/4 received and routed, and not acknowledged",
        "server: 1 handler running",
        "cli:main: exited with status 3: shannon: the server acknowledged nothing for 10 s",
    )
    assert blame.explains == (UNENDED,)
    story.drop(at(Hop.ROUTED, "main/4"), said(CliMessage), said(InFlight))
    [blame] = explained("never-acknowledged", story, UNENDED)
    assert blame.evidence == (
        "server: main/4 received and not routed, and not acknowledged",
        "server: 0 handlers running",
        "cli:main: exited with status 3",
    )


def test_who_asked_for_no_answer_waits_for_something_else() -> None:
    """A producer's page that waits for what it said to come back, say."""
    story = paper("never-acknowledged").settle()
    assert explained("never-acknowledged", story, UNENDED)
    story.change(at(Hop.RECEIVED), lambda s: replace(s, detail={**s.detail, "unasked": True}))
    assert explained("never-acknowledged", story, UNENDED) == []


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


def test_an_answered_or_absent_event_or_a_patient_cli_is_not_never_acknowledged() -> None:
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
    assert blame.sentence == "the server has the request of dashboard A and B, and never answers it."
    assert blame.evidence == (
        f"server: {one} asked to subscribe main, no answer",
        f"server: {other} asked to subscribe main, no answer",
        "server: 2 handlers running",
    )
    assert {each.prop for each in blame.explains} == {"P14", "S5"}


def test_a_client_without_a_request_or_with_an_answer_or_gone_was_not_kept_waiting() -> None:
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


def unanswered(system: Callable[[], Story], key: str = "main/5") -> Story:
    """A handler that took an event neither emitted nor answered it."""
    return system().drop(at(Hop.ROUTED, key), said(Acknowledged, key=key), *(at(hop, key) for hop in PAGE))


@EACH
@pytest.mark.parametrize(("running", "says"), [(1, "give it a limit"), (0, "returns without an answer")])
def test_an_event_that_is_lost_after_a_handler_without_an_answer_is_that_one_cause(
    system: Callable[[], Story], running: int, says: str
) -> None:
    story = with_data(unanswered(system).settle(), said(InFlight), count=running)
    owed = [outcome(Kind.LOST, Hop.ROUTED, "main/5", label) for label in ("A", "B")]
    [blame] = explained("never-acknowledged", story, *owed)
    assert blame.explains == tuple(owed) and blame.hops == (Hop.ROUTED,)
    assert blame.sentence == "the server has main/5 and never answers it."
    assert says in blame.remedy


@EACH
def test_a_cli_that_asks_for_no_answer_gets_none(system: Callable[[], Story]) -> None:
    story = unanswered(system)
    mine, owed = evidence(system()).events["main/5"].name, outcome(Kind.LOST, Hop.ROUTED, "main/5")
    alike = [key for key, event in evidence(system()).events.items() if event.name == mine and key != "main/5"]
    other = next(key for key, event in evidence(system()).events.items() if event.name != mine)
    assert explained("never-acknowledged", story, owed)
    story.drop(*(said(Acknowledged, key=key) for key in alike)) if alike else story.drop(said(Acknowledged, key=other))
    assert explained("never-acknowledged", story, owed) == [], "others of its name were routed without an answer"


@EACH
def test_an_answered_or_routed_event_or_one_of_an_ended_server_has_another_cause(
    system: Callable[[], Story],
) -> None:
    owed = outcome(Kind.LOST, Hop.ROUTED, "main/5")
    for story in (
        unanswered(system).fact(Acknowledged, "cli:main", key="main/5", ok=True, error=None),
        system().drop(said(Acknowledged, key="main/5"), *(at(hop, "main/5") for hop in PAGE)),
        unanswered(system).fact(ServerStopped, "server", process="server", status=1),
        unanswered(system).fact(HandlerError, "server", sid="sid-main", name="x", error="E", where=""),
    ):
        assert explained("never-acknowledged", story, owed) == []
