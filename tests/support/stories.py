"""A healthy run of each strategy on paper, which exercises every property of it."""

from __future__ import annotations

from tests.support.ledgers import Story
from tests.support.paper_pages import TASK


def broadcast() -> Story:
    story = Story("broadcast").open("A", "B").start("main").start("beside")
    story.emit("main", *TASK[:2]).emit("beside", TASK[0]).open("C").emit("beside", TASK[-1]).emit("main", *TASK[2:])
    return story.end("main").end("beside")


def subscription() -> Story:
    story = Story("subscription").open("A", "B", "C").start("main").start("beside")
    story.subscribe("A", "main").subscribe("A", "main").subscribe("B", "beside").subscribe("C", "unheard-of")
    story.emit("main", *TASK[:2]).emit("beside", *TASK[:1]).reload("B").subscribe("C", "beside")
    story.emit("beside", "skill:started").unsubscribe("C", "beside").subscribe("C", "main")
    return story.emit("beside", TASK[-1]).emit("main", *TASK[2:]).end("main").end("beside")


def auto_discovery() -> Story:
    story = Story("auto-discovery").open("A", "B").start("main").start("beside").start("empty").end("empty")
    story.emit("main", *TASK[:2]).emit("beside", TASK[0]).open("C").emit("beside", TASK[-1]).emit("main", *TASK[2:])
    return story.end("main").end("beside")


def single_session() -> Story:
    story = Story("single-session").open("A", "B").start("main").emit("main", *TASK[:2])
    story.start("loser", ok=False, error={"code": "session-active", "message": "main is active"}).end("loser", status=5)
    story.open("C").emit("main", *TASK[2:]).end("main").start("heir").emit("heir", TASK[0])
    story.kill("heir").wait(500).start("next").emit("next", *TASK)
    return story.end("next")


STORIES = {
    "broadcast": (broadcast, {"B1", "B2", "B3", "B4"}),
    "subscription": (subscription, {"P6", "P7", "S1", "S2", "S3", "S4", "S5", "S6"}),
    "auto-discovery": (auto_discovery, {"A1", "A2", "A3", "A4", "A5", "A6"}),
    "single-session": (single_session, {"X1", "X2", "X3", "X4", "X5"}),
}
