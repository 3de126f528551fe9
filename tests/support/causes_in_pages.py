"""The causes that lie in a page, each as a run on paper."""

from __future__ import annotations

from dataclasses import replace

from harness.model import PAGE_SIDE, Hop, Sighting
from harness.model.facts import (
    Connected,
    Disconnected,
    FrameUnread,
    Joined,
    PageConnected,
    PageError,
    PageIntrusion,
    PageListens,
    PageRefused,
    PanelShown,
    Refused,
    TapTried,
)
from tests.support.causes_in_clis import ALL, EVENTS, Causes, gone, told
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import OWN, TASK
from tests.support.records import at, said
from tests.support.saying import saying

HELD = (Hop.APPLIED, Hop.RENDERED)


def name_style() -> Story:
    names = [name.replace("skill:", "skill_") for name in EVENTS]
    story = Story("broadcast").open("A", "B").start("main").emit("main", *names).end("main")
    return gone(story, ("main/3", "main/4", "main/5", "main/6"), *HELD, acknowledged=True)


UNSEEN = tuple(hop for hop in Hop if hop is not Hop.APPLIED)


def listens(story: Story, name: str, count: int, label: str, before: str | None = None, where: str = "") -> Story:
    """What the tap tells of the page's listeners, right before an event comes, or at the end."""
    party = f"dashboard:{label}.1"
    story.fact(PageListens, party, socket=1, name=name, count=count, where=where or None)
    told = story.records.pop()
    places = [i for i, r in enumerate(story.records) if before is not None and at(Hop.DELIVERED, before, label)(r)]
    story.records.insert(places[0] if places else len(story.records), told)
    mine = [(i, r) for i, r in enumerate(story.records) if r.observer == party]
    for n, (i, record) in enumerate(mine, 1):  # the observer's own order is that of the list
        story.records[i] = replace(record, n=n)
    return story


def no_listener() -> Story:
    story = told(taps=UNSEEN).drop(at(Hop.APPLIED))
    for label in ("A", "B"):
        listens(story, "skill_started", 1, label, "main/1")
        for key in ("main/3", "main/5"):
            listens(story, "skill:started", 0, label, key)
    return _unshown(story, "skill:started")


def listener_gone() -> Story:
    story = told(taps=UNSEEN).drop(at(Hop.APPLIED))
    for label in ("A", "B"):
        listens(story, "skill:started", 2, label, "main/1", "/app.js:3")
        listens(story, "skill:started", 0, label, "main/3", "/hint.js:9 leave")
    return _unshown(story, "skill:started")


def listener_late() -> Story:
    story = told(taps=UNSEEN).drop(at(Hop.APPLIED))
    for label in ("A", "B"):
        listens(story, "skill:started", 0, label, "main/3")
        listens(story, "skill:started", 1, label, None, "/app.js:12")
    return _unshown(story, "skill:started")


def _unshown(story: Story, name: str) -> Story:
    return story.drop(lambda r: isinstance(r, Sighting) and r.hop in HELD and r.event.name == name)


def frame_unread() -> Story:
    story = told()
    event = next(r.event for r in story.records if isinstance(r, Sighting) and r.event.key == "main/3")
    for label in ("A", "B"):
        story.drop(*(at(hop, "main/3", label) for hop in PAGE_SIDE))
        page = f"dashboard:{label}.1"
        story.fact(FrameUnread, page, why="NaN is not JSON", sid="x", name=event.name, digest=event.digest)
    return story


def one_argument() -> Story:
    story, move = told(), ["pawn", {"at": "e4"}]
    rest = {hop: {"arguments": 2} for hop in (Hop.SENT, Hop.RECEIVED)}
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED):
        story.change(at(hop), lambda s: saying(s, {s.hop: move}, rest))
    story.change(at(Hop.EMITTED), lambda s: saying(s, {Hop.EMITTED: move}))
    return gone(story, ALL, *HELD, acknowledged=True)


def envelope_nesting() -> Story:
    story = gone(told(), ALL, *HELD, acknowledged=True)
    for label in ("A", "B"):
        held = [*OWN, *EVENTS]
        story.shows(label, state_events=held, rows=held[::-1], counter=len(held))
    return story


def two_connections() -> Story:
    story = Story("broadcast").open("A", "B").fact(PageConnected, "dashboard:A.1", sid="another", transport="polling")
    story.start("main").emit("main", *EVENTS).end("main")
    return story.double(at(Hop.DELIVERED, "main/5", "A"))


def listener_twice() -> Story:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *EVENTS[:2]).disconnect("A").connect("A")
    return story.emit("main", *EVENTS[2:]).end("main").double(at(Hop.APPLIED, "main/5", "A"))


def sessions_mixed() -> Story:
    story = Story("broadcast").open("A").start("main").start("beside").emit("main", *EVENTS).emit("beside", *TASK)
    story.end("main").end("beside")
    skills = {"session": "beside", "text": "busy", "values": {"started": "1", "completed": "1"}}
    both = {"session": "beside", "text": "busy", "values": {"events": str(len(EVENTS) + len(TASK))}}
    return story.shows("A", panels={"overview": both, "skills": skills})


def panel_stale() -> Story:
    every = {"session": "main", "text": "busy", "values": {"events": str(len(EVENTS))}}
    idle = {"session": "main", "text": "idle", "values": {"started": "0", "completed": "0"}}
    story = told().change(said(PanelShown, "A", panel="skills"), lambda f: other(f, **idle))
    return story.shows("A", panels={"overview": every, "skills": idle})


def says_connected() -> Story:
    return told().disconnect("B").shows("B", status={"text": "Connected", "connected": True})


def render_delayed() -> Story:
    return told().change(at(Hop.RENDERED, "main/7", "A"), lambda s: replace(s, at_ns=s.at_ns + 3_000_000_000))


def outside() -> Story:
    """A dashboard that was never let in, and another that was."""
    story = told().drop(*(at(hop, None, "B") for hop in PAGE_SIDE)).drop(said(PageConnected, "B"))
    story.drop(said(Connected, sid=story.pages["B"].sid))
    return story.shows("B", status={"text": "Disconnected", "connected": False})


def never_opened() -> Story:
    """A page that makes a client and never connects it: its tap finds no connection to prove itself with."""
    story, page = outside().settle(), "dashboard:B.1"
    story.change(said(TapTried, "B", tap="wire"), lambda fact: other(fact, alive=False, why="no canary"))
    return story.fact(PageListens, page, socket=1, name="connect", count=1, where="/app.js:7")


def not_sticky() -> Story:
    """The polls of a dashboard go to a process that does not know its session, as often as it tries."""
    said_no = 'polling connection to http://127.0.0.1:1/socket.io/: HTTP 400 "Invalid session x"'
    return outside().fact(PageRefused, "dashboard:B.1", text=said_no).fact(PageRefused, "dashboard:B.1", text=said_no)


def refused() -> Story:
    """A dashboard that was turned away."""
    story = outside()
    refusal = {"reason": "bad-role", "origin": "http://127.0.0.1:9", "sid": None, "role": "dashboard"}
    return story.fact(PageRefused, "dashboard:B.1", text="no").fact(Refused, "server", **refusal)


def field_rename() -> Story:
    differs = {"differs": {"missing": ["task_name"], "added": ["task"]}}
    return told().change(
        at(Hop.APPLIED, "main/4", "A"), lambda s: replace(s, event=replace(s.event, digest="other"), detail=differs)
    )


def page_error() -> Story:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *EVENTS[:3])
    story.fact(PageError, "dashboard:B.1", text="Uncaught TypeError: x is undefined\n    at on (app.js:3)")
    return story.emit("main", *EVENTS[3:]).end("main").lose("main/3", Hop.APPLIED, "B")


def request_failed() -> Story:
    """A page asks for what belongs to an event, is refused, and leaves the event out."""
    refused = "console: Failed to load resource: the server responded with a status of 404 (http://x/details/3)"
    story = Story("broadcast").open("A", "B").start("main").emit("main", *EVENTS[:3])
    story.fact(PageError, "dashboard:B.1", text=refused)
    return story.emit("main", *EVENTS[3:]).end("main").lose("main/3", Hop.APPLIED, "B")


def connect_missed() -> Story:
    """A page that is connected before it listens to that, and never joins anything."""
    story, page = told(), "dashboard:B.1"
    story.drop(said(Joined, sid=story.pages["B"].sid))
    for key in ALL:
        story.lose(key, Hop.ROUTED, "B")
    story.fact(PageListens, page, socket=1, name="connect", count=1, where="/app.js:7")
    return story.shows("B", status={"text": "Disconnected", "connected": False})


def ping_timeout() -> Story:
    story = told()
    for key in ("main/4", "main/5"):
        story.lose(key, Hop.DELIVERED, "B")
    return story.fact(Disconnected, "server", sid=story.pages["B"].sid, reason="ping timeout")


def rows_replaced() -> Story:
    """Each row takes the place of the one before, in what the page holds and in what it draws."""
    return told().shows("A", rows=["main/7"], counter=1, state_events=["main/7"])


def rows_left_out() -> Story:
    shown = [*OWN, *(key for key in ALL if key != "main/4")]
    return told().drop(at(Hop.RENDERED, "main/4", "A")).shows("A", rows=shown, counter=len(OWN) + len(ALL))


CAUSES: Causes = {
    "connect-missed": (Hop.ROUTED, connect_missed),
    "never-opened": (Hop.DELIVERED, never_opened),
    "ping-timeout": (Hop.DELIVERED, ping_timeout),
    "rows-replaced": (Hop.RENDERED, rows_replaced),
    "rows-left-out": (Hop.RENDERED, rows_left_out),
    "page-error": (Hop.APPLIED, page_error),
    "request-failed": (Hop.APPLIED, request_failed),
    "refused": (Hop.DELIVERED, refused),
    "not-sticky": (Hop.DELIVERED, not_sticky),
    "frame-unread": (Hop.DELIVERED, frame_unread),
    "no-listener": (Hop.APPLIED, no_listener),
    "listener-gone": (Hop.APPLIED, listener_gone),
    "listener-late": (Hop.APPLIED, listener_late),
    "one-argument": (Hop.APPLIED, one_argument),
    "name-style": (Hop.APPLIED, name_style),
    "envelope-nesting": (Hop.APPLIED, envelope_nesting),
    "last-of-batch": (Hop.APPLIED, lambda: gone(told(), ALL[1:4], *HELD, acknowledged=True)),
    "two-connections": (Hop.DELIVERED, two_connections),
    "listener-twice": (Hop.APPLIED, listener_twice),
    "apply-reordered": (
        Hop.APPLIED,
        lambda: told().swap(at(Hop.APPLIED, "main/3", "A"), at(Hop.APPLIED, "main/4", "A")),
    ),
    "field-rename": (Hop.APPLIED, field_rename),
    "row-twice": (Hop.RENDERED, lambda: told().double(at(Hop.RENDERED, "main/4", "A"))),
    "list-sliced": (Hop.RENDERED, lambda: told().shows("A", rows=["main/7", "main/6"])),
    "counter-off": (Hop.RENDERED, lambda: told().shows("A", counter=len(OWN) + len(EVENTS) - 1, rows=[*OWN, *ALL])),
    "panel-stale": (Hop.RENDERED, panel_stale),
    "sessions-mixed": (Hop.RENDERED, sessions_mixed),
    "html-unescaped": (
        Hop.RENDERED,
        lambda: told().fact(PageIntrusion, "dashboard:A.1", what="markup that runs, in row"),
    ),
    "says-connected": (Hop.RENDERED, says_connected),
    "render-delayed": (Hop.RENDERED, render_delayed),
}
