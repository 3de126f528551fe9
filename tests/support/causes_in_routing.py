"""The causes that lie in whom a server sends an event to, each as a run on paper."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.model import PAGE_SIDE, Hop, Sighting
from harness.model.facts import Answered, Connected, Entitled, Joined, Left, Notice, Published, Requested, Unrouted
from tests.support.causes_in_clis import ALL, BEHIND_SENT, EVENTS, Causes, gone, told
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said


def routed(story: Story, keys: tuple[str, ...], recipients: tuple[str, ...] | None = None, **detail: Any) -> Story:
    """The routing of some events, told with other recipients or more detail."""
    for key in keys:
        story.change(
            at(Hop.ROUTED, key),
            lambda s: replace(
                s, recipients=s.recipients if recipients is None else recipients, detail={**s.detail, **detail}
            ),
        )
    return story


def in_rooms(story: Story, room: str) -> Story:
    return story.change(said(Joined), lambda f: other(f, room=room))


def subscribed(*labels: str) -> Story:
    """Dashboards that watch a session which has begun."""
    story = Story("subscription", declared=()).open("A", "B").start("main")
    for label in labels:
        story.subscribe(label, "main")
    return story


def sent_to_nobody() -> Story:
    story = told(taps=tuple(hop for hop in Hop if hop is not Hop.ROUTED)).drop(at(Hop.ROUTED))
    return gone(story, ("main/3", "main/5"), *PAGE_SIDE, acknowledged=True)


def ack_before_join() -> Story:
    story = subscribed("A").emit("main", *EVENTS[:2]).drop(said(Joined))
    story.fact(Joined, "server", sid=story.pages["A"].sid, room="main").emit("main", *EVENTS[2:]).end("main")
    return story.lose("main/1", Hop.ROUTED, "A").lose("main/2", Hop.ROUTED, "A")


def no_resubscribe() -> Story:
    story = in_rooms(subscribed("A").emit("main", *EVENTS[:2]), "main").disconnect("A").connect("A")
    story.emit("main", *EVENTS[2:]).end("main")
    for key in ALL[2:]:
        story.lose(key, Hop.ROUTED, "A")
    return story


def gap_no_replay() -> Story:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *EVENTS[:2]).disconnect("A")
    story.emit("main", *EVENTS[2:4]).connect("A").emit("main", *EVENTS[4:]).end("main")
    return story.lose("main/3", Hop.ROUTED, "A").lose("main/4", Hop.ROUTED, "A")


def deaf(story: Story, *labels: str) -> Story:
    """Dashboards that were told of nothing, and asked for nothing."""
    for label in labels:
        sid = story.pages[label].sid
        story.drop(said(Notice, label, name="session:announced"), said(Joined, sid=sid))
        story.drop(said(Requested, sid=sid), said(Answered, sid=sid))
        for key in ALL:
            story.lose(key, Hop.ROUTED, label)
    return story


def late_join_stale() -> Story:
    story = Story("auto-discovery").open("A").start("main").emit("main", *EVENTS[:2]).open("B")
    return deaf(story.emit("main", *EVENTS[2:]).end("main"), "B")


def egress_namespace() -> Story:
    story = routed(told(), ALL, (), namespace="/dashboards", where="exchange.py:8 route")
    story.change(said(Connected), lambda f: other(f, namespace="/"))
    return gone(story, ALL, *PAGE_SIDE, acknowledged=True)


def broadcast_leak() -> Story:
    story = subscribed("A").emit("main", *EVENTS).end("main")
    return routed(story, ALL, tuple(page.sid for page in story.pages.values()), room=None)


def room_not_left() -> Story:
    story = subscribed("A", "B").emit("main", *EVENTS[:2]).unsubscribe("A", "main").drop(said(Left))
    story.emit("main", *EVENTS[2:]).end("main")
    return routed(story, ALL[2:], tuple(page.sid for page in story.pages.values()))


def switching() -> Story:
    """A dashboard that chooses a second session, and is not seen to give the first one up."""
    story = Story("subscription").open("A").start("main").start("beside").choose("A", "main").emit("main", *EVENTS[:2])
    return story.choose("A", "beside").emit("beside", *TASK).emit("main", *EVENTS[2:]).end("main").end("beside")


def never_routed() -> Story:
    return gone(told(), ("main/4", "main/6"), *BEHIND_SENT[1:], acknowledged=True)


def left_out() -> Story:
    return routed(told(), ALL, room="dashboards").lose("main/4", Hop.ROUTED, "B").lose("main/5", Hop.ROUTED, "B")


def not_in_room() -> Story:
    """All but two events go to all clients; those go to a room that A alone has joined."""
    story = told().lose("main/4", Hop.ROUTED, "B").lose("main/5", Hop.ROUTED, "B")
    routed(routed(story, ALL, room="dashboards"), ALL[3:5], room="first", where="server.py:12 pass_on")
    return story.fact(Joined, "server", sid=story.pages["A"].sid, room="first")


def connected_to(story: Story, **processes: str) -> Story:
    """Dashboards by label, each with the process of the system that holds its connection."""
    homes = {story.pages[label].sid: process for label, process in processes.items()}
    return story.change(said(Connected), lambda f: other(f, process=homes.get(f.body.sid, f.body.process)))


def emitted_by(story: Story, process: str, **detail: Any) -> Story:
    """All events emitted by one process of the system."""
    return story.change(
        at(Hop.ROUTED), lambda s: replace(s, detail={**s.detail, "process": process, "publishes": False, **detail})
    )


def no_shared_queue() -> Story:
    story = connected_to(emitted_by(told(), "two:12", room=None), A="one:11", B="two:12")
    for key in ALL:
        story.lose(key, Hop.ROUTED, "A")
    return story


def relayed_twice() -> Story:
    story = told().double(at(Hop.ROUTED, "main/4"))
    for process in ("east:1", "west:2"):
        story.fact(Published, "server", key="main/4", where="bus.py:4 pass_on", process=process)
    return story


def only_sender_told() -> Story:
    story = told().lose("main/3", Hop.ROUTED, "A", "B")
    story.change(at(Hop.RECEIVED, "main/3"), lambda s: replace(s, detail={**s.detail, "sid": "sid-cli"}))
    return routed(story, ("main/3",), ("sid-cli",), room="sid-cli", where="app.py:8 echo")


def stale_sid() -> Story:
    story = Story("broadcast", declared=()).open("A", "B").start("main").emit("main", *EVENTS[:2])
    kept = story.pages["A"].sid
    story.disconnect("A").connect("A").emit("main", *EVENTS[2:]).end("main").lose("main/5", Hop.ROUTED, "A", "B")
    routed(story, ("main/5",), (), room=kept)
    return story.fact(Unrouted, "server", key="main/5", room=kept, where="app.py:5 tell", rooms={}, connected=())


def room_left() -> Story:
    story = in_rooms(subscribed("A", "B").emit("main", *EVENTS[:2]), "main")
    story.fact(Left, "server", sid=story.pages["A"].sid, room="main", where="exchange.py:9 clean_up")
    story.emit("main", *EVENTS[2:]).end("main")
    for key in ALL[2:]:
        story.lose(key, Hop.ROUTED, "A")
    return story


def no_replay() -> Story:
    story = in_rooms(subscribed("A").emit("main", *EVENTS[:2]).subscribe("B", "main"), "main")
    story.emit("main", *EVENTS[2:]).end("main")
    return story.lose("main/1", Hop.ROUTED, "B").lose("main/2", Hop.ROUTED, "B")


def sent_again(story: Story, asked: int, copies: int, to: str = "A") -> Story:
    """Dashboard A asks so often, and event 4 is sent so often to it and to another, beside the emit to all."""
    sid = story.pages["A"].sid
    [emit] = [r for r in story.records if at(Hop.ROUTED, "main/4")(r)]
    assert isinstance(emit, Sighting)
    for _ in range(asked):
        story.fact(Requested, "server", name="join", args=[{"session": "main"}], sid=sid)
    n, own = max(r.n for r in story.records if r.observer == emit.observer), (sid, story.pages[to].sid)
    story.records += [
        replace(emit, n=n + i, recipients=(*dict.fromkeys(own),), detail={**emit.detail, "room": sid})
        for i in range(1, copies + 1)
    ]
    return story


def comes_back(story: Story, is_over: bool = True, asks: bool = False, **how: Any) -> Story:
    """A has another connection, and is sent over it the two events that it had over the former one.

    Where it `asks`, the server does that while it answers.
    """
    if is_over:
        story.disconnect("A")
    story.connect("A")
    page = story.pages["A"]
    if asks:
        story.fact(Requested, story.server, name="join", args=["main"], id=77, sid=page.sid)
    for key in ("main/1", "main/2"):
        event = next(r.event for r in story.records if isinstance(r, Sighting) and r.event.key == key)
        story.see(Hop.ROUTED, event, story.server, (page.sid,), room=page.sid, where="app.py:4 history", **how)
        story.see(Hop.DELIVERED, event, page.observer, transport="websocket")
    if asks:
        story.fact(Answered, story.server, name="join", args=[{"joined": "main"}], id=77, sid=page.sid)
    return story


def handed_over_again() -> Story:
    story = Story("broadcast", declared=()).open("A", "B").start("main").emit("main", *EVENTS[:2])
    return comes_back(story).emit("main", *EVENTS[2:]).end("main")


def history_to_all(story: Story, to: tuple[str, ...] = ("A", "B"), where: str = "app.py:4 history") -> Story:
    """C comes, and the two events that had passed are emitted again: to those who have them, unless `to` others."""
    story.open("C")
    own = story.pages["C"]
    story.drop(lambda r: isinstance(r, Sighting) and (r.recipients == (own.sid,) or r.observer == own.observer))
    sids = tuple(story.pages[label].sid for label in to)
    for key in ("main/1", "main/2"):
        event = next(r.event for r in story.records if isinstance(r, Sighting) and r.event.key == key)
        story.see(Hop.ROUTED, event, story.server, sids, room="dashboards", where=where)
        for label in to:
            story.see(Hop.DELIVERED, event, story.pages[label].observer, transport="websocket")
    return story


def replayed_to_all() -> Story:
    story = Story("broadcast", declared=()).open("A", "B").start("main").emit("main", *EVENTS[:2])
    return history_to_all(story).emit("main", *EVENTS[2:]).end("main")


def joins_late() -> Story:
    """B is let in before the session, and put into the room after its second event."""
    story = Story("broadcast").open("A", "B")
    sid = story.pages["B"].sid
    story.drop(said(Joined, sid=sid)).start("main").emit("main", *EVENTS[:2])
    story.fact(Joined, "server", sid=sid, room="dashboards").emit("main", *EVENTS[2:]).end("main")
    routed(story, ALL, room="dashboards")
    return story.lose("main/1", Hop.ROUTED, "B").lose("main/2", Hop.ROUTED, "B")


def handed(story: Story, label: str) -> Story:
    """What was sent to one dashboard alone was sent to the room of its own that it has."""
    sid = story.pages[label].sid
    return story.change(
        lambda r: isinstance(r, Sighting) and r.hop is Hop.ROUTED and r.recipients == (sid,) and "room" not in r.detail,
        lambda s: replace(s, detail={**s.detail, "room": sid}),
    )


def replay_incomplete() -> Story:
    """What a late dashboard is handed over lacks one event."""
    story = in_rooms(subscribed("A").emit("main", *EVENTS[:3]).subscribe("B", "main"), "main")
    return handed(story, "B").emit("main", *EVENTS[3:]).end("main").lose("main/2", Hop.ROUTED, "B")


def pass_ignored() -> Story:
    """All dashboards are sent a session, and the pass of one dashboard is for another."""
    story = Story("broadcast", declared=()).open("A", "B").start("main").emit("main", *EVENTS).end("main")
    routed(story, ALL, room="dashboards", where="exchange.py:131 route")
    return story.fact(Entitled, "harness", dashboard="B", sessions=("beside",))


CAUSES: Causes = {
    "sent-to-nobody": (Hop.ROUTED, sent_to_nobody),
    "ack-before-join": (Hop.ROUTED, ack_before_join),
    "no-resubscribe": (Hop.ROUTED, no_resubscribe),
    "gap-no-replay": (Hop.DELIVERED, gap_no_replay),
    "no-announcement": (Hop.ROUTED, lambda: deaf(told("auto-discovery"), "A", "B")),
    "late-join-stale": (Hop.ROUTED, late_join_stale),
    "egress-namespace": (Hop.ROUTED, egress_namespace),
    "broadcast-leak": (Hop.ROUTED, broadcast_leak),
    "room-not-left": (Hop.ROUTED, room_not_left),
    "never-unsubscribed": (Hop.ROUTED, switching),
    "never-routed": (Hop.ROUTED, never_routed),
    "left-out": (Hop.ROUTED, left_out),
    "not-in-room": (Hop.ROUTED, not_in_room),
    "asked-again": (Hop.ROUTED, lambda: sent_again(told(asks=False), asked=3, copies=3)),
    "replayed-to-all": (Hop.ROUTED, replayed_to_all),
    "sent-again": (Hop.ROUTED, handed_over_again),
    "routed-twice": (Hop.ROUTED, lambda: told().double(at(Hop.ROUTED, "main/4"))),
    "no-shared-queue": (Hop.ROUTED, no_shared_queue),
    "relayed-twice": (Hop.ROUTED, relayed_twice),
    "only-sender-told": (Hop.ROUTED, only_sender_told),
    "stale-sid": (Hop.ROUTED, stale_sid),
    "room-left": (Hop.ROUTED, room_left),
    "no-replay": (Hop.ROUTED, no_replay),
    "joins-late": (Hop.ROUTED, joins_late),
    "replay-incomplete": (Hop.ROUTED, replay_incomplete),
    "pass-ignored": (Hop.ROUTED, pass_ignored),
}
