"""The first causes as runs on paper, each at whichever events are named; every cause with a story."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.model import Blame, Hop, Verdict
from harness.model.facts import (
    Acknowledged,
    Connected,
    HandlerError,
    PageConnected,
    PageRefused,
    Unrouted,
    UnservedEmit,
)
from tests.support.causes import CAUSES
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said

EVENTS = (*TASK[:4], "skill:started", "skill:completed", TASK[4])


PAGE = (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED)


def told(**contract: Any) -> Story:
    return Story("broadcast", **contract).open("A", "B").start("main").emit("main", *EVENTS).end("main")


def causes(verdict: Verdict) -> list[tuple[str, Hop | None]]:
    return [(blame.cause, blame.hop) for blame in verdict.blame]


def named(verdict: Verdict, cause: str) -> Blame:
    [found] = [blame for blame in verdict.blame if blame.cause == cause]
    return found


def keys(blame: Blame) -> set[str | None]:
    return {outcome.key for outcome in blame.explains}


def without_state() -> Story:
    """A page whose state is not observed."""
    story = told(taps=tuple(hop for hop in Hop if hop is not Hop.APPLIED))
    return story.drop(at(Hop.APPLIED))


def gone(story: Story, key: str, *hops: Hop) -> Story:
    return story.drop(*(at(hop, key) for hop in hops))


def mismatched(*lost: str) -> Story:
    """The server emits some events to a room that no dashboard is in."""
    story = told()
    connected = [story.pages["A"].sid, story.pages["B"].sid, "sid-main"]
    for key in lost:
        story.change(at(Hop.ROUTED, key), lambda r: replace(r, recipients=()))
        gone(story, key, *PAGE)
        rooms = {"dashboards": connected[:2]}
        told_by = {"room": "main", "connected": connected, "rooms": rooms, "where": "exchange.py:82 route"}
        story.fact(Unrouted, "server", key=key, **told_by)
    return story


def wrong_process(story: Story, *lost: str) -> Story:
    for key in lost:
        gone(story, key, Hop.SENT, Hop.RECEIVED, Hop.ROUTED, *PAGE)
        story.drop(said(Acknowledged, "main", key=key))
        where = {"where": "orchestrator.py:40 emit", "room": None}
        story.fact(UnservedEmit, "cli:main", event="skill:started", key=key, **where)
    return story


def unacknowledged(story: Story, *lost: str) -> Story:
    for key in lost:
        gone(story, key, Hop.RECEIVED, Hop.ROUTED, *PAGE).drop(said(Acknowledged, "main", key=key))
    return story


def raising(story: Story, *lost: str, name: str = "publish", sid: str = "sid-main") -> Story:
    for key in lost:
        gone(story, key, Hop.ROUTED, *PAGE).drop(said(Acknowledged, "main", key=key))
        error = {"error": "KeyError: 'task'", "where": "exchange.py:70 publish"}
        story.fact(HandlerError, "server", sid=sid, name=name, **error)
    return story


def refused(story: Story) -> Story:
    story.drop(said(PageConnected, "B"), said(Connected, sid=story.pages["B"].sid))
    return story.drop(*(at(hop, None, "B") for hop in PAGE))


STORIES = {
    "room-mismatch": lambda: mismatched("main/3"),
    "wrong-process": lambda: wrong_process(told(), "main/3"),
    "exit-before-ack": lambda: unacknowledged(told(), "main/7"),
    "handler-raises": lambda: raising(told(), "main/3"),
    "no-reducer-case": lambda: gone(gone(told(), "main/3", *PAGE[1:]), "main/5", *PAGE[1:]),
    "refused": lambda: refused(told()).fact(PageRefused, "dashboard:B.1", text="no"),
    **{cause: story for cause, (_, story) in CAUSES.items()},
}
