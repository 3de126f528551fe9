"""The causes that lie in a page, each as a run on paper."""

from __future__ import annotations

from dataclasses import replace

from harness.model import PAGE_SIDE, Hop
from harness.model.facts import Connected, PageConnected, PageError, PageIntrusion, PageRefused, PanelShown, Refused
from tests.support.causes_in_clis import ALL, EVENTS, Causes, gone, told
from tests.support.facts import other
from tests.support.ledgers import OWN, TASK, Story
from tests.support.records import at, said
from tests.support.saying import saying

HELD = (Hop.APPLIED, Hop.RENDERED)


def name_style() -> Story:
    names = [name.replace("skill:", "skill_") for name in EVENTS]
    story = Story("broadcast").open("A", "B").start("main").emit("main", *names).end("main")
    return gone(story, ("main/3", "main/4", "main/5", "main/6"), *HELD, acknowledged=True)


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


def refused() -> Story:
    """A dashboard that was never let in, and another that was."""
    story = told().drop(*(at(hop, None, "B") for hop in PAGE_SIDE)).drop(said(PageConnected, "B"))
    story.drop(said(Connected, sid=story.pages["B"].sid))
    story.shows("B", status={"text": "Disconnected", "connected": False})
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


CAUSES: Causes = {
    "page-error": (Hop.APPLIED, page_error),
    "refused": (Hop.DELIVERED, refused),
    "one-argument": (Hop.APPLIED, one_argument),
    "name-style": (Hop.APPLIED, name_style),
    "envelope-nesting": (Hop.APPLIED, envelope_nesting),
    "last-of-batch": (Hop.APPLIED, lambda: gone(told(), ALL[1:4], *HELD, acknowledged=True)),
    "listener-twice": (Hop.APPLIED, listener_twice),
    "apply-reordered": (
        Hop.APPLIED,
        lambda: told().swap(at(Hop.APPLIED, "main/3", "A"), at(Hop.APPLIED, "main/4", "A")),
    ),
    "field-rename": (Hop.APPLIED, field_rename),
    "row-twice": (Hop.RENDERED, lambda: told().double(at(Hop.RENDERED, "main/4", "A"))),
    "list-sliced": (Hop.RENDERED, lambda: told().shows("A", rows=["main/7", "main/6"])),
    "counter-off": (Hop.RENDERED, lambda: told().shows("A", counter=len(OWN) + len(EVENTS) - 1, rows=["main/7"] * 8)),
    "panel-stale": (Hop.RENDERED, panel_stale),
    "sessions-mixed": (Hop.RENDERED, sessions_mixed),
    "html-unescaped": (
        Hop.RENDERED,
        lambda: told().fact(PageIntrusion, "dashboard:A.1", what="markup that runs, in row"),
    ),
    "says-connected": (Hop.RENDERED, says_connected),
    "render-delayed": (Hop.RENDERED, render_delayed),
}
