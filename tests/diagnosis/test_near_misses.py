"""Runs that look like a cause and are not: of what a rule needs before it may name it, one thing is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.model import Hop
from harness.model.facts import (
    Answered,
    Connected,
    Disconnected,
    FrameUnread,
    HandlerError,
    PageClosed,
    PageListens,
    PageRefused,
    PostDropped,
    Requested,
    Still,
    Unrouted,
)
from harness.reporting import sentences
from tests.support.causes import CAUSES, gone, told
from tests.support.causes_in_clis import EVENTS
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.records import Where, at, said

PAGE = (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED)


def paper(cause: str) -> Story:
    return CAUSES[cause][1]()


def blamed(story: Story) -> dict[str, str]:
    """Each cause that is named, with its evidence."""
    return {blame.cause: "\n".join(sentences.evidence(blame)) for blame in story.verdict().blame}


def with_data(story: Story, where: Where, **data: Any) -> Story:
    return story.change(where, lambda fact: other(fact, **data))


def upgraded(*lost: str, before: str = "polling") -> Story:
    """The gap of a page that was let in by polling; what came before it came by `before`."""
    story = told()
    for key in lost:
        story.lose(key, Hop.DELIVERED, "B")
    for key in (f"main/{number}" for number in range(1, int(min(lost)[-1]))):
        story.change(at(Hop.DELIVERED, key, "B"), lambda s: replace(s, detail={"transport": before}))
    return with_data(story, said(Connected, sid=story.pages["B"].sid), transport="polling")


def by_polling(key: str) -> Story:
    """The gap ends with an event that came by polling: the upgrade was not at its end."""
    return upgraded("main/3", "main/4").change(
        at(Hop.DELIVERED, key, "B"), lambda s: replace(s, detail={"transport": "polling"})
    )


def emitted_by(story: Story, who: str) -> Story:
    return story.change(at(Hop.ROUTED, "main/3"), lambda s: replace(s, detail={**s.detail, "emitted_by": who}))


def held_up(key: str, for_ms: int) -> Story:
    """The page takes an event in so long after it came that others are before it."""
    return paper("apply-reordered").change(
        at(Hop.APPLIED, key, "A"), lambda s: replace(s, at_ns=s.at_ns + for_ms * 1_000_000)
    )


def twice_among_others() -> Story:
    return paper("apply-reordered").double(at(Hop.DELIVERED, "main/3", "A")).double(at(Hop.DELIVERED, "main/4", "A"))


def fuller() -> Story:
    """`main/5` is lost with four on their way, and those that were sent after twenty came."""
    names = [EVENTS[0], *(EVENTS[1] for _ in range(20)), EVENTS[-1]]
    story = Story("broadcast", declared=()).open("A", "B").start("main").emit("main", *names).end("main")
    story.lose("main/5", Hop.DELIVERED, "B")
    return story.change(at(Hop.DELIVERED, None, "B"), lambda s: replace(s, at_ns=s.at_ns + 1_000_000_000))


def taken_in(apart_ms: float) -> Story:
    """A batch of which the last alone is applied, so long after the one before it."""
    story = paper("last-of-batch").change(
        lambda r: at(Hop.DELIVERED)(r) and r.event.key in {"main/5", "main/6", "main/7"},  # type: ignore[union-attr]
        lambda s: replace(s, at_ns=s.at_ns + 1_000_000_000),
    )
    [before] = {r.at_ns for r in story.records if at(Hop.DELIVERED, "main/4", "A")(r)}
    return story.change(
        at(Hop.DELIVERED, "main/5", "A"), lambda s: replace(s, at_ns=before + int(apart_ms * 1_000_000))
    ).change(at(Hop.DELIVERED, "main/5", "B"), lambda s: replace(s, at_ns=before + int(apart_ms * 1_000_000)))


def slow(*labels: str) -> Story:
    """Dashboards to which much is on its way, and B lacks two events of it."""
    story = told().lose("main/5", Hop.DELIVERED, "B").lose("main/6", Hop.DELIVERED, "B")
    for label in labels:
        story.change(at(Hop.DELIVERED, None, label), lambda s: replace(s, at_ns=s.at_ns + 1_000_000_000))
    return story


def unasked(cause: str) -> Story:
    """The same in a system whose CLIs open no session."""
    return paper(cause).drop(said(Requested, name="session:open"), said(Answered, name="session:open"))


NEAR_MISSES: dict[str, tuple[str, Callable[[], Story]]] = {
    "the sender left by itself": (
        "oversize-payload",
        lambda: with_data(paper("oversize-payload"), said(Disconnected, sid="sid-main"), reason="client disconnect"),
    ),
    "the sender was not disconnected": (
        "oversize-payload",
        lambda: paper("oversize-payload").drop(said(Disconnected, sid="sid-main")),
    ),
    "the server disconnected another client": (
        "oversize-payload",
        lambda: with_data(paper("oversize-payload"), said(Disconnected, sid="sid-main"), sid="sid-other"),
    ),
    "the POST was dropped before the events were sent": (
        "post-dropped",
        lambda: paper("post-dropped").change(said(PostDropped), lambda fact: replace(fact, at_ns=0)),
    ),
    "a later event had arrived before the POST was dropped": (
        "post-dropped",
        lambda: paper("post-dropped").change(said(PostDropped), lambda fact: replace(fact, at_ns=fact.at_ns + 10**12)),
    ),
    "the poll that failed was of no HTTP error": (
        "poll-failed",
        lambda: with_data(paper("poll-failed"), said(PageClosed), code=None),
    ),
    "another connection's poll failed": (
        "poll-failed",
        lambda: with_data(paper("poll-failed"), said(PageClosed), sid="sid-other"),
    ),
    "something that was routed later came by it": (
        "poll-failed",
        lambda: (
            told()
            .lose("main/4", Hop.DELIVERED, "B")
            .fact(
                PageClosed, "dashboard:B.1", sid=told().pages["B"].sid, transport="polling", code=500, reason="HTTP 500"
            )
        ),
    ),
    "two gaps are not one upgrade": ("upgrade-drop", lambda: upgraded("main/2", "main/4")),
    "a gap that never ends is not an upgrade": ("upgrade-drop", lambda: upgraded("main/5", "main/6", "main/7")),
    "the gap is after the upgrade": ("upgrade-drop", lambda: upgraded("main/3", "main/4", before="websocket")),
    "the gap begins with a message that no browser reads": (
        "upgrade-drop",
        lambda: upgraded("main/3", "main/4").fact(FrameUnread, "dashboard:B.1", why="NaN is not JSON"),
    ),
    "the gap ends by polling": ("upgrade-drop", lambda: by_polling("main/5")),
    "the other event came late enough to be a batch of its own": ("last-of-batch", lambda: taken_in(101)),
    "the later event came in first": (
        "concurrent-handlers",
        lambda: paper("concurrent-handlers").swap(at(Hop.RECEIVED, "main/3"), at(Hop.RECEIVED, "main/4")),
    ),
    "the server never received the later event": (
        "concurrent-handlers",
        lambda: paper("concurrent-handlers").drop(at(Hop.RECEIVED, "main/4")),
    ),
    "the first was answered before the second was sent": (
        "concurrent-handlers",
        lambda: told().swap(at(Hop.ROUTED, "main/3"), at(Hop.ROUTED, "main/4")),
    ),
    "it was kept back, and emitted by the other one's handler": (
        "concurrent-handlers",
        lambda: emitted_by(paper("concurrent-handlers"), "main/4"),
    ),
    "a worker emits it": ("concurrent-handlers", lambda: emitted_by(paper("concurrent-handlers"), "no handler")),
    "the page held one up": ("apply-reordered", lambda: held_up("main/3", 3_000)),
    "one that came twice was taken in between": ("apply-reordered", twice_among_others),
    "one came that was sent when the queue was fuller": ("slow-consumer-drop", fuller),
    "others came that were sent when it was fuller than at the first loss": (
        "slow-consumer-drop",
        lambda: fuller().lose("main/21", Hop.DELIVERED, "B"),
    ),
    "the queue lost what came with a message that no browser reads": (
        "slow-consumer-drop",
        lambda: paper("slow-consumer-drop").fact(FrameUnread, "dashboard:B.1", why="NaN is not JSON"),
    ),
    "another dashboard took what came when more were on their way": (
        "slow-consumer-drop",
        lambda: slow("A", "B"),
    ),
    "what hands events on stood still in the server": (
        "slow-consumer-drop",
        lambda: paper("slow-consumer-drop").lose("main/7", Hop.ROUTED, "A", "B").drop(at(Hop.ROUTED, "main/7")),
    ),
    "a handler of new connections failed, which may have been this page's": (
        "never-opened",
        lambda: paper("never-opened").fact(HandlerError, "server", sid="x", name="connect", error="no", where=None),
    ),
    "the page was refused": (
        "never-opened",
        lambda: paper("never-opened").fact(PageRefused, "dashboard:B.1", text="no"),
    ),
    "the page's client is not observed": (
        "never-opened",
        lambda: paper("never-opened").drop(said(PageListens, "B")),
    ),
    "the page never came to rest": (
        "never-opened",
        lambda: paper("never-opened").change(said(Still, "B"), lambda fact: other(fact, still=False, why="timers")),
    ),
    "the page had closed its first connection": (
        "two-connections",
        lambda: told().disconnect("A").connect("A").double(at(Hop.DELIVERED, "main/5", "A")),
    ),
    "a frame came twice over one connection": (
        "two-connections",
        lambda: told().double(at(Hop.DELIVERED, "main/5", "A")),
    ),
    "the page was connected once": (
        "listener-twice",
        lambda: told().double(at(Hop.APPLIED, "main/5", "A")),
    ),
}


@pytest.mark.parametrize("what", NEAR_MISSES)
def test_a_near_miss_is_not_named(what: str) -> None:
    cause, story = NEAR_MISSES[what]
    assert cause in blamed(paper(cause))
    assert cause not in blamed(story())


def test_without_openings_the_sender_of_a_too_large_event_is_known_by_what_arrived() -> None:
    assert "server: disconnected sid-main" in blamed(unasked("oversize-payload"))["oversize-payload"]


def test_a_queue_that_was_no_shorter_elsewhere_is_full() -> None:
    assert "slow-consumer-drop" in blamed(slow("B"))


def test_events_that_are_as_far_apart_as_a_batch_may_be_are_one() -> None:
    assert "last-of-batch" in blamed(taken_in(100))


def test_who_is_where_is_told_of_every_client() -> None:
    """Members of the room other than dashboards, clients in several rooms, and unknown clients."""
    story = told()
    a, b = story.pages["A"].sid, story.pages["B"].sid
    rooms = {"main": ["sid-x", "sid-y"], "dashboards": [a, b], "lobby": [a], a: [a]}
    gone(story, ("main/3",), *PAGE, acknowledged=True).change(
        at(Hop.ROUTED, "main/3"), lambda s: replace(s, recipients=())
    )
    story.fact(Unrouted, "server", key="main/3", room="main", connected=[a, "sid-x"], rooms=rooms, where=None)
    assert blamed(story)["room-mismatch"].splitlines() == [
        "server: 1 event emitted to room 'main', recipients: none (an unknown place)",
        "members of room 'main': sid-x, sid-y",
        f"connected: {a} (dashboard:A.1), in rooms: 'dashboards', 'lobby'",
        "connected: sid-x (a client other than this run's dashboards), in rooms: 'main'",
    ]
