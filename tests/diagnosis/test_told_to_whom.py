"""Emits that raise, that go to the sender alone or to a connection that has ended; losers and announcements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import (
    Acknowledged,
    ClientConnected,
    ClientDisconnected,
    CliMessage,
    Connected,
    Disconnected,
    PageConnected,
    Unrouted,
)
from harness.reporting import sentences
from tests.support.explained import explained
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, floor, lost, warehouse
from tests.support.records import at, said

RAISED = "not sent: TypeError: Object of type Decimal is not JSON serializable"


def failed(story: Story, key: str, error: str = RAISED) -> Story:
    story.drop(at(Hop.SENT, key))
    told: dict[str, Any] = {"key": key, "ok": False, "error": error, "where": "stock.py:7 book"}
    story.fact(Acknowledged, "cli:main", **told)
    return story


def unended(system: Callable[[], Story]) -> Story:
    """One whose CLI has not hung up."""
    return system().drop(lambda each: isinstance(getattr(each, "body", None), ClientDisconnected))


@EACH
def test_an_emit_that_raised_is_named_with_its_exception_and_place(system: Callable[[], Story]) -> None:
    story = failed(unended(system), "main/3")
    [blame] = explained("emit-raised", story, *lost(story, Hop.SENT, 3, 5))
    assert [each.key for each in blame.explains] == ["main/3"] and blame.places == ("stock.py:7 book",)
    assert "TypeError: Object of type Decimal is not JSON" in sentences.line(blame.sentence)
    assert explained("emit-while-reconnecting", story, *lost(story, Hop.SENT, 3)) == []


@EACH
@pytest.mark.parametrize(
    "error",
    ["not sent: dropped: the connection was disconnected", "rejected: session-active"],
    ids=["no connection", "refused by the server"],
)
def test_an_emit_that_failed_for_want_of_a_connection_did_not_raise(system: Callable[[], Story], error: str) -> None:
    story = failed(unended(system), "main/3", error)
    assert explained("emit-raised", story, *lost(story, Hop.SENT, 3)) == []


@EACH
def test_an_emit_that_failed_before_the_first_connection_is_not_emit_raised(
    system: Callable[[], Story],
) -> None:
    """Nor was a connection away that never was: who was not let in, or never tried, is told so."""
    story = failed(unended(system), "main/3", RAISED).drop(said(ClientConnected, "main"))
    for cause in ("emit-raised", "emit-while-reconnecting"):
        assert explained(cause, story, *lost(story, Hop.SENT, 3)) == []


@EACH
def test_what_left_after_all_was_not_lost_by_the_emit_that_raised(system: Callable[[], Story]) -> None:
    story = unended(system).fact(Acknowledged, "cli:main", key="main/3", ok=False, error=RAISED)
    assert explained("emit-raised", story, *lost(story, Hop.SENT, 3)) == []


def echoed(story: Story, key: str, recipients: tuple[str, ...] = ("cli",), room: str | None = "cli") -> Story:
    story.change(at(Hop.RECEIVED, key), lambda s: replace(s, detail={**s.detail, "sid": "cli"}))
    return story.change(
        at(Hop.ROUTED, key), lambda s: replace(s, recipients=recipients, detail={**s.detail, "room": room})
    )


@EACH
def test_who_answers_the_sender_alone_tells_no_dashboard(system: Callable[[], Story]) -> None:
    story = echoed(system(), "main/3")
    [blame] = explained("only-sender-told", story, *lost(story, Hop.ROUTED, 3, 4))
    assert [each.key for each in blame.explains] == ["main/3"]
    assert explained("left-out", story, *lost(story, Hop.ROUTED, 3)) == []


@EACH
def test_a_sender_that_is_gone_when_it_is_answered_alone_is_not_a_stale_sid(
    system: Callable[[], Story],
) -> None:
    story = echoed(system(), "main/3", recipients=())
    story.fact(Connected, "server", sid="cli").fact(Disconnected, "server", sid="cli", reason="client disconnect")
    story.fact(Unrouted, "server", key="main/3", room="cli", where="app.py:5 tell")
    assert len(explained("only-sender-told", story, *lost(story, Hop.ROUTED, 3))) == 1
    assert explained("stale-sid", story, *lost(story, Hop.ROUTED, 3)) == []


@EACH
@pytest.mark.parametrize(
    ("recipients", "room"),
    [(("cli", "other"), "r"), ((), "cli"), (("cli",), None), (("other",), "other")],
    ids=["another too", "no client", "all, which is the sender", "another client"],
)
def test_an_audience_in_which_the_sender_is_by_chance_is_another_cause(
    system: Callable[[], Story], recipients: tuple[str, ...], room: str | None
) -> None:
    story = echoed(system(), "main/3", recipients, room)
    assert explained("only-sender-told", story, *lost(story, Hop.ROUTED, 3)) == []


def to_kept_id(story: Story, has_ended: bool = True, room: str = "kept") -> Story:
    story.fact(Connected, "server", sid="kept")
    if has_ended:
        story.fact(Disconnected, "server", sid="kept", reason="transport close")
    return story.fact(Unrouted, "server", key="main/3", room=room, where="app.py:5 tell")


@EACH
def test_an_id_of_a_connection_that_has_ended_is_stale(system: Callable[[], Story]) -> None:
    story = to_kept_id(system())
    [blame] = explained("stale-sid", story, *lost(story, Hop.ROUTED, 3, 4))
    assert [each.key for each in blame.explains] == ["main/3"]
    assert explained("room-mismatch", story, *lost(story, Hop.ROUTED, 3)) == []


@EACH
@pytest.mark.parametrize(
    ("emitted_in", "is_gone", "is_named"), [("/desk", False, True), ("/", False, False), ("/desk", True, False)]
)
def test_the_id_of_a_client_in_another_namespace_is_an_empty_room(
    system: Callable[[], Story], emitted_in: str, is_gone: bool, is_named: bool
) -> None:
    """Each namespace has its own ids. One of a connection that has ended is stale, wherever it was."""
    story = system().fact(Connected, "server", sid="other", namespace="/")
    if is_gone:
        story.fact(Disconnected, "server", sid="other", reason="transport close")
    present = (story.pages["A"].sid,)
    story.fact(Unrouted, "server", key="main/3", room="other", where="a.js:5", namespace=emitted_in, connected=present)
    blames = explained("room-mismatch", story, *lost(story, Hop.ROUTED, 3))
    assert len(blames) == is_named
    for blame in blames:
        assert "in namespace '/'" in str(blame.evidence[0]) and "another namespace" in blame.remedy


@EACH
def test_a_connection_that_is_still_there_or_a_room_is_not_stale(system: Callable[[], Story]) -> None:
    assert explained("stale-sid", to_kept_id(system(), has_ended=False), *lost(system(), Hop.ROUTED, 3)) == []
    assert explained("stale-sid", to_kept_id(system(), room="stock"), *lost(system(), Hop.ROUTED, 3)) == []
    later = to_kept_id(system(), has_ended=False).fact(Disconnected, "server", sid="kept")
    assert explained("stale-sid", later, *lost(system(), Hop.ROUTED, 3)) == []


@EACH
@pytest.mark.parametrize("emits_later", [False, True])
def test_an_id_is_kept_where_it_is_emitted_to_after_its_page_was_back(
    system: Callable[[], Story], emits_later: bool
) -> None:
    story = system().fact(PageConnected, "dashboard:A.1", sid="kept", transport="websocket")
    to_kept_id(story).fact(Connected, "server", sid="again")
    story.fact(PageConnected, "dashboard:A.1", sid="again", transport="websocket")
    if emits_later:
        story.fact(Unrouted, "server", key="main/4", room="kept", where="app.py:5 tell")
    blames = explained("stale-sid", story, *lost(story, Hop.ROUTED, 3, 4))
    assert [[o.key for o in each.explains] for each in blames] == ([["main/3", "main/4"]] if emits_later else [])


def rejection(*because: Aspect) -> Outcome:
    why = Finding(Aspect.REJECTION, session="main", because=tuple(map(Finding, because)))
    return Outcome(Kind.EXCLUSIVITY, "X2", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why)


@EACH
def test_a_loser_that_ends_well_swallows_its_rejection_unless_it_had_no_code(
    system: Callable[[], Story],
) -> None:
    assert len(explained("rejection-swallowed", system(), rejection(Aspect.EXIT_ZERO))) == 1
    assert explained("rejection-swallowed", system(), rejection(Aspect.NO_CODE, Aspect.EXIT_ZERO)) == []
    assert explained("rejection-swallowed", system(), rejection(Aspect.ANSWER_SLOW)) == []


@EACH
def test_an_announcement_that_never_came_is_not_late(system: Callable[[], Story]) -> None:
    def outcome(kind: Kind, aspect: Aspect) -> Outcome:
        return Outcome(kind, "A1", None, "A", Hop.DELIVERED, (Hop.DELIVERED,), Finding(aspect, session="main"))

    assert len(explained("announced-late", system(), outcome(Kind.REORDERED, Aspect.ANNOUNCED_LATE))) == 1
    assert explained("announced-late", system(), outcome(Kind.LOST, Aspect.UNANNOUNCED)) == []
    assert explained("announced-late", system(), outcome(Kind.REORDERED, Aspect.ORDER)) == []


def test_a_client_that_never_connected_says_itself_what_it_lacks() -> None:
    for system in (warehouse, floor):
        story = system().drop(at(Hop.SENT))
        story.drop(lambda each: type(getattr(each, "body", None)).__name__ in ("ClientConnected", "Acknowledged"))
        for line in (
            "Traceback (most recent call last):",
            "  File x",
            "  y",
            "ModuleNotFoundError: No module named 'w'",
        ):
            story.fact(CliMessage, "cli:main", text=line)
        [blame] = explained("never-connected", story, *lost(story, Hop.SENT, 1))
        assert sentences.evidence(blame)[-1].endswith("ModuleNotFoundError: No module named 'w'")
