"""The causes that lie in a CLI, each as a run on paper; and the healthy story that causes do something to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from harness.model import PAGE_SIDE, Fact, Hop
from harness.model.facts import (
    Acknowledged,
    ClientConnected,
    ClientDisconnected,
    ClientRefused,
    CliMessage,
    LateHandler,
    Listens,
    NoHandler,
    PostDropped,
    Refused,
)
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said

Causes: TypeAlias = dict[str, tuple[Hop, Callable[[], Story]]]
"""Cause to its hop, and the story of it: a healthy run, and what the cause does to it."""

EVENTS = (*TASK[:4], "skill:started", "skill:completed", TASK[4])
ALL = tuple(f"main/{seq}" for seq in range(1, len(EVENTS) + 1))
BEHIND_SENT = (Hop.RECEIVED, Hop.ROUTED, *PAGE_SIDE)


def told(strategy: str = "broadcast", **contract: Any) -> Story:
    """Two dashboards, one session, seven events, and all is well."""
    return Story(strategy, **contract).open("A", "B").start("main").emit("main", *EVENTS).end("main")


def gone(story: Story, keys: tuple[str, ...], *hops: Hop, acknowledged: bool = False) -> Story:
    """Events that are not seen at some hops, and not acknowledged either unless that is said."""
    for key in keys:
        story.drop(*(at(hop, key) for hop in hops))
        if not acknowledged:
            story.drop(said(Acknowledged, "main", key=key))
    return story


def _detail(story: Story, hop: Hop, key: str, *details: dict[str, Any]) -> Story:
    """The sightings of an event at a hop, told with more detail each."""
    more = iter(details)
    return story.change(at(hop, key), lambda s: replace(s, detail={**s.detail, **next(more)}))


def emit_unreached() -> Story:
    return gone(told(), ("main/3", "main/5"), Hop.SENT, *BEHIND_SENT)


def wrong_port() -> Story:
    story = gone(told().drop(said(ClientConnected)), ALL, Hop.SENT, *BEHIND_SENT)
    return story.fact(ClientRefused, "cli:main", error="Connection error", url="http://127.0.0.1:9")


def never_connected() -> Story:
    return gone(told().drop(said(ClientConnected)), ALL, Hop.SENT, *BEHIND_SENT)


def queue_away() -> Story:
    return not_taken(told(), *ALL[5:])


def not_taken(story: Story, *keys: str, queue: str | None = "redis://127.0.0.1:1") -> Story:
    """The library gives up writing events to its queue, and goes on."""
    gone(story, keys, Hop.SENT, *BEHIND_SENT)
    for key in keys:
        story.fact(Acknowledged, "cli:main", key=key, ok=False, error="not sent: no queue", where="a.py:3", queue=queue)
    return story


def emit_after_close() -> Story:
    story = told()
    [last] = [record for record in story.records if at(Hop.EMITTED, "main/2")(record)]
    story.change(said(ClientDisconnected, "main"), lambda fact: replace(fact, at_ns=last.at_ns + 1))
    gone(story, ALL[2:], Hop.SENT, *BEHIND_SENT)
    late = dict.fromkeys(ALL[2:], "not sent: dropped: the connection was disconnected")
    for key, error in late.items():
        story.fact(Acknowledged, "cli:main", key=key, ok=False, error=error)
    return story


def queue_mismatch() -> Story:
    story = gone(told(), ALL, Hop.RECEIVED, Hop.ROUTED, *PAGE_SIDE)
    for key in ALL:
        _detail(story, Hop.SENT, key, {"queue": "redis://user@localhost/0", "channel": "parcels"})
    connected = [page.sid for page in story.pages.values()]
    listens = {"queue": "redis://127.0.0.1:6379", "channel": "socketio", "connected": connected}
    return story.fact(Listens, "server", **listens)


def emit_while_reconnecting() -> Story:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *EVENTS[:3])
    story.fact(ClientDisconnected, "cli:main", reason="transport close").emit("main", EVENTS[3])
    gone(story, ("main/4",), Hop.SENT, *BEHIND_SENT)
    error = "not sent: dropped: the connection was disconnected"
    story.fact(Acknowledged, "cli:main", key="main/4", ok=False, error=error)
    story.fact(ClientConnected, "cli:main", url="http://127.0.0.1:1", transport="websocket")
    return story.emit("main", *EVENTS[4:]).end("main")


def cli_name() -> Story:
    """The third event is reported under one name and sent under another; only the names tell which event it is."""
    story = told()
    for key in ("main/3",):
        [sent] = [record for record in story.records if at(Hop.SENT, key)(record)]
        gone(story, (key,), Hop.SENT, *BEHIND_SENT)
        other_ = replace(sent.event, key="/skill~3", name="skill:begun", session=None, seq=None)  # type: ignore[union-attr]
        story.see(Hop.SENT, other_, "cli:main", where="report.py:12 step")
    return story


def cli_failed() -> Story:
    story = Story("broadcast", declared=()).open("A", "B").start("main").emit("main", *EVENTS[:4])
    story.fact(CliMessage, "cli:main", text="RuntimeError: disk full")
    return story.end("main", status=1)


def event_refused() -> Story:
    story = gone(cli_failed(), ("main/4",), Hop.ROUTED, *PAGE_SIDE)
    return story.fact(Acknowledged, "cli:main", key="main/4", ok=False, error="bad-request")


def emit_raised() -> Story:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *EVENTS)
    gone(story, ("main/4",), Hop.SENT, *BEHIND_SENT)
    error = "not sent: TypeError: Object of type date is not JSON serializable"
    told_ = {"key": "main/4", "ok": False, "error": error, "where": "report.py:12 step"}
    return story.fact(Acknowledged, "cli:main", **told_).end("main")


def retry_without_id() -> Story:
    """The acknowledgement comes later than any other, and after the second time."""
    story = told().double(at(Hop.SENT, "main/4"))
    second = max(r.n for r in story.records if at(Hop.SENT, "main/4")(r))
    story.change(lambda r: at(Hop.SENT, "main/4")(r) and r.n == second, lambda s: replace(s, at_ns=s.at_ns + 40_000))
    story.change(said(Acknowledged, "main", key="main/4"), lambda fact: replace(fact, at_ns=fact.at_ns + 30_000))
    return _detail(story, Hop.SENT, "main/4", {"where": "publisher.py:9 send"}, {"where": "publisher.py:9 send"})


def two_emit_paths() -> Story:
    story = told().double(at(Hop.SENT, "main/4"))
    return _detail(story, Hop.SENT, "main/4", {"where": "publisher.py:9 send"}, {"where": "legacy.py:3 notify"})


def killed_mid_run() -> Story:
    story = Story("broadcast", declared=()).open("A", "B").start("main").emit("main", *EVENTS[:4])
    return story.end("main", status=-9)


def oversize_payload() -> Story:
    story = gone(told(), ("main/4", "main/5", "main/6", "main/7"), *BEHIND_SENT)
    for key in ALL:
        _detail(story, Hop.SENT, key, {"bytes": 100_000 if key == "main/4" else 200})
    return story


def post_dropped() -> Story:
    story = gone(told(), ("main/4", "main/5", "main/6"), *BEHIND_SENT)
    [last] = [record for record in story.records if at(Hop.SENT, "main/6")(record)]
    story.fact(PostDropped, "server", sid="eio-main", error="ValueError: Too many packets in payload", size=900)
    return story.change(said(PostDropped), lambda fact: replace(fact, at_ns=last.at_ns + 1))


def unhandled(story: Story, *keys: str, name: str = "publish") -> Story:
    """The server gets the messages of these events, and has no handler for their name."""
    for key in keys:
        story.change(
            at(Hop.RECEIVED, key),
            lambda r: Fact(r.observer, r.n, r.at_ns, NoHandler("sid-main", name)),
        )
    return gone(story, keys, *BEHIND_SENT[1:])


def ingress_name() -> Story:
    return unhandled(told(), *ALL)


def not_served() -> Story:
    """Posted over plain HTTP, to a path that is not served."""
    story = gone(told(), ALL, Hop.RECEIVED, Hop.ROUTED, *PAGE_SIDE)
    for key in ALL:
        story.fact(Acknowledged, "cli:main", key=key, ok=False, error="HTTP 404", status=404)
    return story


def middleware_stops() -> Story:
    story = gone(told(), ("main/3", "main/5"), Hop.ROUTED, *PAGE_SIDE)
    for _ in range(2):
        kept = {"name": "publish", "why": "a middleware did not pass it on"}
        story.fact(NoHandler, "server", sid="sid-main", **kept)
    return story


def handler_too_late() -> Story:
    story = unhandled(told(), "main/1", "main/2").wait(60)
    late = {"name": "publish", "missed": 2, "where": "server.js:10 listen"}
    return story.fact(LateHandler, "server", sid="sid-main", **late)


def cli_namespace() -> Story:
    story = gone(told().drop(said(ClientConnected)), ALL, Hop.SENT, *BEHIND_SENT)
    space = {"namespace": "/producers"}
    story.fact(Refused, "server", sid=None, role="producer", reason="Unable to connect", **space)
    return story.fact(ClientRefused, "cli:main", error="Unable to connect", **space)


def terminal_twice() -> Story:
    story = Story("broadcast").open("A").start("main")
    return story.emit("main", *EVENTS, "execution:completed").end("main")


def status_disagrees() -> Story:
    return Story("broadcast").open("A").start("main").emit("main", *EVENTS).end("main", status=1)


def changed_after_emit() -> Story:
    """Three events in one object, which has the data of the last when it leaves."""
    story = told()
    for hop in (Hop.SENT, *BEHIND_SENT):
        last = next(r for r in story.records if at(hop, "main/5")(r))
        for key in ("main/3", "main/4"):
            story.change(at(hop, key), partial(_with_data_of, last))
    return story


def _with_data_of(last: Any, mine: Any) -> Any:
    return replace(mine, event=replace(last.event, name=mine.event.name))


CAUSES: Causes = {
    "changed-after-emit": (Hop.SENT, changed_after_emit),
    "terminal-twice": (Hop.EMITTED, terminal_twice),
    "status-disagrees": (Hop.EMITTED, status_disagrees),
    "emit-unreached": (Hop.SENT, emit_unreached),
    "wrong-port": (Hop.SENT, wrong_port),
    "queue-away": (Hop.SENT, queue_away),
    "never-connected": (Hop.SENT, never_connected),
    "emit-after-close": (Hop.SENT, emit_after_close),
    "queue-mismatch": (Hop.RECEIVED, queue_mismatch),
    "emit-raised": (Hop.SENT, emit_raised),
    "cli-name": (Hop.SENT, cli_name),
    "cli-failed": (Hop.EMITTED, cli_failed),
    "event-refused": (Hop.ROUTED, event_refused),
    "emit-while-reconnecting": (Hop.SENT, emit_while_reconnecting),
    "retry-without-id": (Hop.SENT, retry_without_id),
    "two-emit-paths": (Hop.SENT, two_emit_paths),
    "killed-mid-run": (Hop.EMITTED, killed_mid_run),
    "oversize-payload": (Hop.RECEIVED, oversize_payload),
    "post-dropped": (Hop.RECEIVED, post_dropped),
    "ingress-name": (Hop.RECEIVED, ingress_name),
    "handler-gone": (Hop.RECEIVED, lambda: unhandled(told(), "main/5", name="skill:started")),
    "not-served": (Hop.RECEIVED, not_served),
    "middleware-stops": (Hop.RECEIVED, middleware_stops),
    "handler-too-late": (Hop.RECEIVED, handler_too_late),
    "cli-namespace": (Hop.RECEIVED, cli_namespace),
}
