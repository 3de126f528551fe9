"""The causes that lie in a server, but for whom it sends to, each as a run on paper."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import product

from harness.model import PAGE_SIDE, Event, Hop, Record, Sighting
from harness.model.facts import (
    Acknowledged,
    BackgroundError,
    Blocked,
    ClientConnected,
    ClientRefused,
    CliMessage,
    Connected,
    Disconnected,
    Fence,
    HandlerError,
    HandlerRuns,
    InFlight,
    NeverAwaited,
    Notice,
    PageClosed,
    PageConnected,
    PageRefused,
    Refused,
    ServerStopped,
)
from harness.record.digests import digest
from tests.support.causes_in_clis import ALL, BEHIND_SENT, EVENTS, Causes, gone, told
from tests.support.causes_in_routing import routed
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import Where, at, said


def at_any(key: str) -> Where:
    """The sightings of an event at whatever hop."""

    def is_of(record: Record) -> bool:
        return isinstance(record, Sighting) and record.event.key == key

    return is_of


def rejected(**error: str) -> Story:
    """Two sessions, of which the second is turned away."""
    story = Story("single-session").open("A").start("main").start("other", ok=False, error=error)
    return story.end("other", status=5).emit("main", *EVENTS).end("main")


def two_active() -> Story:
    story = Story("single-session").open("A").start("main").start("other").emit("main", *EVENTS)
    return story.emit("other", *TASK).end("main").end("other")


def lease_stuck() -> Story:
    story = Story("single-session", declared=()).open("A").start("main").emit("main", *EVENTS[:2]).kill("main")
    story.wait(5000).start("heir", ok=False, error={"code": "session-active"})
    return story.end("heir", status=5)


def concurrent_handlers() -> Story:
    """The producer sends without waiting for its answers."""
    story = told().drop(said(Acknowledged)).swap(at(Hop.ROUTED, "main/3"), at(Hop.ROUTED, "main/4"))
    for label in ("A", "B"):
        for hop in PAGE_SIDE:
            story.swap(at(hop, "main/3", label), at(hop, "main/4", label))
    return story


def cors_refused() -> Story:
    story = told().drop(said(PageConnected, "B"))
    story.drop(said(Connected, sid=story.pages["B"].sid), *(at(hop, None, "B") for hop in PAGE_SIDE))
    story.shows("B", status={"text": "Disconnected", "connected": False})
    story.fact(PageRefused, "dashboard:B.1", text="xhr poll error")
    return story.fact(Refused, "server", reason="bad-origin", origin="http://127.0.0.1:9", sid=None, status=400)


def connect_raises() -> Story:
    story = told().drop(said(PageConnected, "B"))
    story.drop(said(Connected, sid=story.pages["B"].sid), *(at(hop, None, "B") for hop in PAGE_SIDE))
    story.shows("B", status={"text": "Disconnected", "connected": False})
    return story.fact(HandlerError, "server", sid="sid-new", name="connect", error="NameError: greet", where="a.py:3")


def bad_token() -> Story:
    story = gone(told().drop(said(ClientConnected)), ALL, Hop.SENT, *BEHIND_SENT)
    story.fact(Refused, "server", sid="sid-main", role="producer", reason="bad-token")
    return story.fact(ClientRefused, "cli:main", error="bad-token")


def _late(story: Story, key: str, first: Hop) -> Story:
    """An event that is late: from a hop on everything of it is seen 2.4 s later."""
    for hop in (each for each in Hop if each >= first):
        story.change(at(hop, key), lambda s: replace(s, at_ns=s.at_ns + 2_400_000_000))
    return story


def loop_blocked() -> Story:
    story = _late(told(), "main/4", Hop.RECEIVED)
    story.fact(Blocked, "server", ms=2390.0, name="skill:started", where="server.py:9 take")
    until = next(s.at_ns for s in story.ledger().sightings if s.hop is Hop.RECEIVED and s.event.key == "main/4")
    return story.change(said(Blocked), lambda f: replace(f, at_ns=until))


def foreign_thread() -> Story:
    return routed(_late(told(), "main/4", Hop.DELIVERED), ("main/4",), foreign="Thread-1 (weigh)")


def reserved_name() -> Story:
    story = told()
    for key in ("main/3", "main/5"):
        story.change(at_any(key), lambda s: replace(s, event=replace(s.event, name="connect")))
    return gone(story, ("main/3", "main/5"), Hop.ROUTED, *PAGE_SIDE, acknowledged=True)


def rejection_swallowed() -> Story:
    story = Story("single-session").open("A").start("main").start("other", ok=False, error={"code": "session-active"})
    return story.end("other", status=0).emit("main", *EVENTS).end("main")


def announced_late() -> Story:
    story = told("auto-discovery")
    return story.swap(said(Notice, "A", name="session:announced"), at(Hop.DELIVERED, "main/1", "A"))


def made_up() -> Story:
    story = told()
    all_pages = tuple(page.sid for page in story.pages.values())
    return story.see(Hop.ROUTED, Event("main/99", "progress", "main", 99, "d"), "server", all_pages)


def slow_consumer_drop() -> Story:
    story = told().lose("main/6", Hop.DELIVERED, "B").lose("main/7", Hop.DELIVERED, "B")
    return story.change(at(Hop.DELIVERED, None, "B"), lambda s: replace(s, at_ns=s.at_ns + 1_000_000_000))


def volatile_dropped() -> Story:
    story = told().lose("main/3", Hop.DELIVERED, "B").lose("main/4", Hop.DELIVERED, "B")
    return routed(story, ("main/3", "main/4"), dropped=(story.pages["B"].sid,), flags=("volatile",))


def upgrade_drop() -> Story:
    story = told().lose("main/3", Hop.DELIVERED, "B").lose("main/4", Hop.DELIVERED, "B")
    for key in ("main/1", "main/2"):
        story.change(at(Hop.DELIVERED, key, "B"), lambda s: replace(s, detail={"transport": "polling"}))
    by_polling = said(Connected, sid=story.pages["B"].sid)
    return story.change(by_polling, lambda f: other(f, transport="polling"))


def poll_failed() -> Story:
    story = told()
    for key in ("main/5", "main/6", "main/7"):
        story.lose(key, Hop.DELIVERED, "B")
    page = story.pages["B"]
    reason = "HTTP 500 Internal Server Error"
    return story.fact(PageClosed, page.observer, sid=page.sid, transport="polling", code=500, reason=reason)


def payload_changed() -> Story:
    return told().change(at(Hop.RECEIVED, "main/4"), lambda s: replace(s, event=replace(s.event, digest="cut")))


def number_rounded() -> Story:
    return with_data(told(), "main/4", {"id": 2**53 + 1}, {"id": 2**53})


def values_swapped() -> Story:
    return with_data(told(), "main/4", {"from": "a", "to": "b"}, {"from": "b", "to": "a"})


def with_data(story: Story, key: str, before: object, after: object) -> Story:
    """The data of an event as it was reported and sent, and what the server has of it."""
    story.payloads |= {"before": before, "after": after}
    for hop in Hop:
        story.change(at(hop, key), partial(_with_digest, "before" if hop < Hop.RECEIVED else "after"))
    return story


def _with_digest(known: str, seen: Sighting) -> Sighting:
    return replace(seen, event=replace(seen.event, digest=None if seen.event.digest is None else known))


def name_changed() -> Story:
    return told().change(_from_routed_on("main/4"), lambda s: replace(s, event=replace(s.event, name="skill:over")))


def identity_changed() -> Story:
    return told().change(
        _from_routed_on("main/4"), lambda s: replace(s, event=replace(s.event, key="mainx/4", session="mainx"))
    )


def _from_routed_on(key: str) -> Where:
    """The sightings of an event from the server's routing on."""
    return lambda record: isinstance(record, Sighting) and record.event.key == key and record.hop >= Hop.ROUTED


def _unconnected(story: Story, *labels: str) -> Story:
    """Pages without a connection at the end: no fence can go anywhere."""
    story.settle()
    for label in labels:
        story.change(said(Fence, label), lambda f: other(f, back=False, why="no connection"))
    return story


def thrown_out() -> Story:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *EVENTS[:2]).disconnect("A")
    by_server = said(Disconnected, sid=story.pages["A"].sid)
    story.change(by_server, lambda f: other(f, reason="server disconnect"))
    return _unconnected(story.emit("main", *EVENTS[2:]).end("main"), "A")


def page_hangs_up() -> Story:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *EVENTS[:2]).disconnect("A")
    sid = story.pages["A"].sid
    story.change(said(Disconnected, sid=sid), lambda f: other(f, reason="client disconnect"))
    story.change(said(PageClosed), lambda f: other(f, reason="io client disconnect", sid=sid))
    return _unconnected(story.emit("main", *EVENTS[2:]).end("main"), "A")


def connection_lost() -> Story:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *EVENTS[:2]).disconnect("A")
    return _unconnected(story.emit("main", *EVENTS[2:]).end("main"), "A")


def server_ended() -> Story:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *EVENTS).end("main", status=3)
    gone(story, ALL[3:4], Hop.ROUTED, *PAGE_SIDE)
    gone(story, ALL[4:], *BEHIND_SENT)
    ended = {"why": "ended by itself", "process": "server", "status": 70, "running": 0}
    for label in story.pages:
        story.disconnect(label).drop(said(Disconnected, sid=story.pages[label].sid))
    return _unconnected(story.fact(ServerStopped, "server", **ended), *story.pages)


def repacked() -> Story:
    story = told()
    for key in ALL:
        data = {"number": key}
        story.change(at_any(key), lambda s, d=data: replace(s, event=replace(s.event, digest=digest(d))))  # type: ignore[misc]
        for label in story.pages:
            parcel = [{"session": "main", "data": data}]
            story.fact(Notice, f"dashboard:{label}.1", name="events", payload=parcel)
    return gone(story, ALL, *BEHIND_SENT[1:], acknowledged=True)


def shape_changed() -> Story:
    story = told()
    for key in ALL:
        for label in story.pages:
            name = EVENTS[int(key.partition("/")[2]) - 1]
            story.fact(Notice, f"dashboard:{label}.1", name=name, payload="{}", called=name)
    return gone(story, ALL, *BEHIND_SENT[1:], acknowledged=True)


def never_acknowledged() -> Story:
    story = Story("broadcast", declared=()).open("A", "B").start("main").emit("main", *EVENTS[:4])
    story.fact(CliMessage, "cli:main", text="shannon: the server acknowledged nothing for 10 s")
    return story.end("main", status=3).drop(said(Acknowledged, "main", key="main/4"))


def handler_never_ends(*keys: str) -> Story:
    """A handler waits, and nobody for it."""
    story = gone(told(), keys or ("main/4",), Hop.ROUTED, *PAGE_SIDE).settle()
    story.drop(said(Acknowledged, "main")).change(said(InFlight), lambda fact: other(fact, count=len(keys) or 1))
    story.change(at(Hop.RECEIVED), lambda s: replace(s, detail={**s.detail, "unasked": True}))
    for each in [s for s in story.records if isinstance(s, Sighting) and s.hop is Hop.RECEIVED]:
        if each.event.key in (keys or ("main/4",)):
            runs = {"name": each.event.name, "sid": "sid-main", "began_ns": each.at_ns + 1000, "ms": 3100.0}
            story.fact(HandlerRuns, "server", **runs, where="api.py:31 publish")
    return story


def background_raises(*lost: str) -> Story:
    """The handler starts a thread for each event, and two of them fail."""
    story = gone(told(), lost or ("main/3", "main/5"), Hop.ROUTED, *PAGE_SIDE, acknowledged=True)
    for _ in lost or ("main/3", "main/5"):
        error = {"error": "RuntimeError: no context", "where": "jobs.py:9 work"}
        story.fact(BackgroundError, "server", inside="thread", **error)
    return story


def mixed_up() -> Story:
    """Two events of one name in a shared variable: both handlers emit the second."""
    story = gone(told(), ("main/3",), Hop.ROUTED, *PAGE_SIDE, acknowledged=True)
    story.double(at(Hop.ROUTED, "main/5"))
    for hop, label in product(PAGE_SIDE, ("A", "B")):
        story.double(at(hop, "main/5", label))
    by = iter(({"emitted_by": "main/3"}, {}))
    return story.change(at(Hop.ROUTED, "main/5"), lambda s: replace(s, detail={**s.detail, **next(by)}))


def not_awaited() -> Story:
    story = gone(told(), ("main/3", "main/5"), Hop.ROUTED, *PAGE_SIDE, acknowledged=True)
    for key in ("main/3", "main/5"):
        how = {"function": "AsyncServer.emit", "does": ("emit",), "where": "server.py:9 take"}
        story.fact(NeverAwaited, "server", key=key, name="skill:started", **how)
    return story


def emitted_late() -> Story:
    """The producer has its answer to one event before it sends the next, which overtakes it."""
    story = told().swap(at(Hop.ROUTED, "main/3"), at(Hop.ROUTED, "main/4"))
    for label, hop in product(("A", "B"), PAGE_SIDE):
        story.swap(at(hop, "main/3", label), at(hop, "main/4", label))
    return story


CAUSES: Causes = {
    "not-awaited": (Hop.ROUTED, not_awaited),
    "emitted-late": (Hop.ROUTED, emitted_late),
    "mixed-up": (Hop.ROUTED, mixed_up),
    "background-raises": (Hop.ROUTED, background_raises),
    "two-active": (Hop.RECEIVED, two_active),
    "rejected-without-code": (Hop.RECEIVED, lambda: rejected(message="no")),
    "lease-stuck": (Hop.RECEIVED, lease_stuck),
    "concurrent-handlers": (Hop.ROUTED, concurrent_handlers),
    "cors-refused": (Hop.DELIVERED, cors_refused),
    "connect-raises": (Hop.DELIVERED, connect_raises),
    "bad-token": (Hop.RECEIVED, bad_token),
    "loop-blocked": (Hop.RECEIVED, loop_blocked),
    "foreign-thread": (Hop.DELIVERED, foreign_thread),
    "reserved-name": (Hop.ROUTED, reserved_name),
    "rejection-swallowed": (Hop.RECEIVED, rejection_swallowed),
    "announced-late": (Hop.DELIVERED, announced_late),
    "made-up": (Hop.ROUTED, made_up),
    "volatile-dropped": (Hop.DELIVERED, volatile_dropped),
    "slow-consumer-drop": (Hop.DELIVERED, slow_consumer_drop),
    "upgrade-drop": (Hop.DELIVERED, upgrade_drop),
    "poll-failed": (Hop.DELIVERED, poll_failed),
    "number-rounded": (Hop.RECEIVED, number_rounded),
    "values-swapped": (Hop.RECEIVED, values_swapped),
    "payload-changed": (Hop.RECEIVED, payload_changed),
    "name-changed": (Hop.ROUTED, name_changed),
    "identity-changed": (Hop.ROUTED, identity_changed),
    "thrown-out": (Hop.ROUTED, thrown_out),
    "page-hangs-up": (Hop.DELIVERED, page_hangs_up),
    "connection-lost": (Hop.DELIVERED, connection_lost),
    "server-ended": (Hop.RECEIVED, server_ended),
    "repacked": (Hop.ROUTED, repacked),
    "shape-changed": (Hop.ROUTED, shape_changed),
    "handler-never-ends": (Hop.ROUTED, handler_never_ends),
    "never-acknowledged": (Hop.EMITTED, never_acknowledged),
}
