"""A handler of new connections that raises: what it took, and what only looks like it. Two systems of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import (
    Acknowledged,
    ClientConnected,
    ClientDisconnected,
    ClientRefused,
    HandlerError,
    Joined,
    NoHandler,
    PageRefused,
    Unrouted,
)
from harness.reporting import sentences
from tests.support.explained import explained
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, lost, warehouse
from tests.support.records import at, said

RAISES = "connect-raises"


def raising(story: Story, *sids: str, where: str = "a.py:3", name: str = "connect") -> Story:
    for sid in sids:
        story.fact(HandlerError, "server", sid=sid, name=name, error="NameError: greet", where=where)
    return story


def outside(label: str, text: str | None = None) -> Outcome:
    why = Finding(Aspect.DASHBOARD_OUTSIDE, party=f"dashboard:{label}", text=text)
    return Outcome(Kind.REFUSED, "P14", None, label, Hop.DELIVERED, (Hop.DELIVERED,), why)


def told_of(story: Story, *outcomes: Outcome) -> list[list[Any]]:
    return [[*blame.explains] for blame in explained(RAISES, story, *outcomes)]


@EACH
def test_a_client_that_was_never_let_in_is_outside_because_of_its_own_exception(system: Callable[[], Story]) -> None:
    out, follows = [outside("A"), outside("B")], lost(system(), Hop.APPLIED, 1)
    [blame] = explained(RAISES, raising(system(), "new-1", "new-2"), *out, *follows)
    assert [*blame.explains] == [*out, *follows]
    assert sentences.line(blame.sentence) == "the server's handler of a new connection raised: NameError: greet."
    assert blame.places == ("a.py:3",)
    assert sentences.evidence(blame)[-1] == "after that, the server never let dashboard A and B in"


@EACH
def test_too_few_exceptions_or_those_of_others_or_a_refusal_say_nothing(
    system: Callable[[], Story],
) -> None:
    assert told_of(raising(system(), "new-1"), outside("A"), outside("B")) == []
    story = system()
    assert told_of(raising(story, story.pages["A"].sid), outside("A")) == []
    assert told_of(raising(system(), "new-1", name="watch"), outside("A")) == []
    story = raising(system(), "new-1").fact(PageRefused, "dashboard:A.1", text="bad token")
    assert told_of(story, outside("A", "bad token")) == []


def in_an_empty_room(story: Story) -> Story:
    for number in (3, 4):
        story.lose(f"main/{number}", Hop.ROUTED).fact(
            Unrouted, "server", key=f"main/{number}", room="hall", rooms={}, connected=[story.pages["A"].sid]
        )
    return story


@EACH
def test_a_room_is_empty_where_the_handler_failed_that_would_have_filled_it(system: Callable[[], Story]) -> None:
    story = system()
    mine = lost(story, Hop.ROUTED, 3, 4)
    sid = story.pages["A"].sid
    assert told_of(raising(in_an_empty_room(story), sid), *mine) == [mine]
    assert told_of(story.fact(Joined, "server", sid=sid, room="other"), *mine) == [], "it came to its rooms"
    assert told_of(raising(in_an_empty_room(system()), story.pages["B"].sid), *mine) == [], "another's"
    for_all = raising(system(), sid).change(at(Hop.ROUTED), lambda s: replace(s, detail={}))
    assert told_of(for_all, *mine) == [], "emitted to all clients"


@EACH
def test_events_without_a_handler_are_lost_with_the_connection_whose_handler_failed(
    system: Callable[[], Story],
) -> None:
    story = system()
    name = "goods:in" if system is warehouse else "cycle"
    gone = {f"main/{number}" for number in range(1, 8)}
    for key in gone:
        for hop in (Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
            story.drop(at(hop, key))
    story.fact(NoHandler, "server", sid="sid-main", name=name)
    [mine] = [lost(story, Hop.RECEIVED, 1)]
    assert told_of(raising(story, "sid-main"), *mine) == [mine]
    assert told_of(raising(system(), "sid-main"), *mine) == [], "its handlers are there"
    assert story.drop(said(NoHandler)) and told_of(story, *mine) == []


def unheard_cli(system: Callable[[], Story]) -> Story:
    """A CLI that reports its events, and was neither let in nor refused."""
    story = system().drop(said(ClientConnected, "main"), said(ClientDisconnected, "main"), said(Acknowledged, "main"))
    return story.drop(*(at(hop) for hop in Hop if hop is not Hop.EMITTED))


@EACH
def test_a_cli_that_was_never_let_in_is_silent_and_its_session_has_no_end(
    system: Callable[[], Story],
) -> None:
    endless = Finding(Aspect.TERMINAL_COUNT, session="main", count=0, found=1)
    owed = [*lost(system(), Hop.SENT, 1, 2), Outcome(Kind.INCOMPLETE, "P13", None, None, Hop.EMITTED, (), endless)]
    owed[-1] = replace(owed[-1], hops=(Hop.EMITTED,))
    [blame] = explained(RAISES, raising(unheard_cli(system), "new-1"), *owed)
    assert [*blame.explains] == owed and blame.hops == (Hop.SENT,)
    assert sentences.evidence(blame)[-1] == "after that, the server never let cli:main in"


@EACH
def test_a_cli_let_in_or_refused_or_beside_as_many_pages_has_another_reason(
    system: Callable[[], Story],
) -> None:
    owed = lost(system(), Hop.SENT, 1)
    assert told_of(raising(unheard_cli(system), "new-1"), *owed)
    assert told_of(unheard_cli(system), *owed) == []
    assert told_of(raising(unheard_cli(system), "new-1"), outside("B"), *owed) == [], "of two, one exception has which?"
    where = {"url": "http://127.0.0.1:1", "namespace": "/"}
    let_in = unheard_cli(system).fact(ClientConnected, "cli:main", transport="websocket", **where)
    refused = unheard_cli(system).fact(ClientRefused, "cli:main", error="no", **where)
    posts = unheard_cli(system).fact(Acknowledged, "cli:main", key="main/1", ok=True, error=None)
    for story in (let_in, refused, posts):
        assert told_of(raising(story, "new-1"), *owed) == []
