"""What panels show while a session goes on is compared, though they are right in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.model import Answer, Aspect, Event, Hop, Panel, SessionNotice, Shows
from harness.model.facts import Notice, PanelShown
from harness.reporting import sentences
from tests.support.ledgers import Story
from tests.support.paper_pages import Page

NAMES = ("execution:started", "skill:completed", "skill:completed", "execution:completed")
STATUS = Shows(says={"execution:started": "going", "execution:completed": "done"})
PANEL = Panel("overview", ("*",), {"events": ("*",), "skills": ("skill:completed",)}, {"status": STATUS})


def answer(shown: Sequence[tuple[int, str, str, str]], pause_ms: int, drawn_ms: float | None = 250) -> Answer:
    """A page that shows this of its session, each after so many events, and what is right in the end."""
    story = Story("broadcast", declared=(), panels=(PANEL,), drawn_ms=drawn_ms).open("A").start("one")
    observer = story.pages["A"].observer

    def show(events: str, skills: str, status: str) -> None:
        values = {"events": events, "skills": skills, "status": status}
        story.fact(PanelShown, observer, panel="overview", session="one", text=status, values=values)
        story.shows("A", panels={"overview": {"session": "one", "text": status, "values": values}})

    show("0", "0", "idle")
    for place, name in enumerate(NAMES, start=1):
        story.emit("one", name)
        for after, *values in shown:
            if after == place:
                show(*values)
        if place == 3:
            story.wait(pause_ms)
    show("4", "2", "done")
    verdict = story.end("one").verdict()
    found = [o for o in verdict.outcomes if o.finding.aspect is Aspect.PANEL_VALUE]
    assert all(o.hop is Hop.RENDERED and o.finding.measured_ms is not None for o in found)
    return verdict.answer


@pytest.mark.parametrize("ticks", [False, True], ids=["at rest", "with a clock in it"])
@pytest.mark.parametrize(("beside", "found"), [("late too", Answer.PASSED), ("at once", Answer.FAILED)])
def test_a_page_that_is_late_as_a_whole_is_not_blamed_for_one_panel(beside: str, found: Answer, ticks: bool) -> None:
    """What a page is kept from drawing, and what is read of it, comes late of all panels alike."""
    counted = {"events": ("*",)}
    panels = (Panel("one", ("*",), counted), Panel("other", ("*",), counted))
    story = Story("broadcast", declared=(), panels=panels, drawn_ms=250).open("A").start("main")

    def show(panel: str, events: str) -> None:
        values = {"events": events}
        story.fact(PanelShown, story.pages["A"].observer, panel=panel, session="main", text=events, values=values)

    for count in range(3):
        show("one", str(count))
        show("other", str(count))
        story.emit("main", [NAMES[0], NAMES[1], NAMES[-1]][count])
    if beside == "at once":
        show("other", "3")
    if ticks:
        show("one", "2")
    story.wait(600)
    show("one", "3")
    show("other", "3")
    parts = {name: {"session": "main", "text": "3", "values": {"events": "3"}} for name in ("one", "other")}
    verdict = story.shows("A", panels=parts).end("main").verdict()
    assert verdict.answer is found, sentences.headline(verdict)


GOOD = [(1, "1", "0", "going"), (2, "2", "1", "going"), (3, "3", "2", "going")]


@pytest.mark.parametrize(
    ("third", "pause_ms", "drawn_ms", "found"),
    [
        (("3", "2", "going"), 600, 250, Answer.PASSED),
        (("2", "1", "going"), 600, 250, Answer.FAILED),  # it lags
        (("2", "1", "going"), 100, 250, Answer.PASSED),  # it had no time to draw
        (("2", "1", "going"), 600, None, Answer.PASSED),  # drawing as fast is not promised
        (("2", "1", "going"), 3000, None, Answer.FAILED),  # but for the bound of latency
        (("3", "1", "going"), 100, 250, Answer.PASSED),  # values may be drawn one by one
        (("3", "2", "done"), 100, 250, Answer.FAILED),  # no event of those says so
        (("3", "7", "going"), 100, 250, Answer.FAILED),
        (("0", "0", "idle"), 100, 250, Answer.PASSED),  # as it was before
    ],
)
def test_what_stood_there_is_what_some_of_the_events_before_it_make(
    third: tuple[str, str, str], pause_ms: int, drawn_ms: float | None, found: Answer
) -> None:
    assert answer([*GOOD[:2], (3, *third)], pause_ms, drawn_ms) is found


def test_a_wrong_value_that_stood_there_for_a_moment_is_told() -> None:
    assert answer([*GOOD, (3, "3", "2", "failed"), (3, "3", "2", "going")], 100) is Answer.FAILED


@pytest.mark.parametrize(
    ("first", "found"),
    [
        (("0", "0", "idle"), Answer.PASSED),
        (("–", "–", ""), Answer.PASSED),
        (("0", "0", "done"), Answer.FAILED),  # a status that only an event makes
        (("7", "0", "idle"), Answer.FAILED),
    ],
)
def test_a_page_that_is_late_as_a_whole_shows_nothing_of_its_own_in_place_of_events(
    first: tuple[str, str, str], found: Answer
) -> None:
    """What it showed before its first event is not on record: that excuses no status, and no number."""
    story = Story("broadcast", declared=(), panels=(PANEL,), drawn_ms=250).open("A").start("one")
    observer = story.pages["A"].observer

    def show(events: str, skills: str, status: str) -> None:
        values = {"events": events, "skills": skills, "status": status}
        story.fact(PanelShown, observer, panel="overview", session="one", text=status, values=values)
        story.shows("A", panels={"overview": {"session": "one", "text": status, "values": values}})

    story.emit("one", NAMES[0], NAMES[1])
    show(*first)
    show("2", "1", "going")
    story.emit("one", NAMES[2], NAMES[3])
    show("4", "2", "done")
    verdict = story.end("one").verdict()
    assert verdict.answer is found, sentences.headline(verdict)


class Late(Story):
    """A page that is given events, and draws them when it is told to."""

    def _arrive(self, page: Page, event: Event) -> None:
        page.sessions[event.session or ""] = event.seq or 0
        self.see(Hop.DELIVERED, event, page.observer, transport="websocket")

    def draw(self, label: str, *events: Event) -> None:
        for event in events:
            self.see(Hop.APPLIED, event, self.pages[label].observer)
            self.see(Hop.RENDERED, replace(event, digest=None), self.pages[label].observer, via="row")


@pytest.mark.parametrize(("shown", "found"), [("going", Answer.PASSED), ("away", Answer.FAILED)])
def test_what_waits_to_be_drawn_waits_with_the_end_of_its_session(shown: str, found: Answer) -> None:
    """A page whose frames are late was told that the session is over, too, before it drew the first event."""
    panel = Panel(
        "overview",
        ("*",),
        {"events": ("*",)},
        {"status": replace(STATUS, statuses={"completed": "done", "gone": "away"})},
    )
    notice = SessionNotice(status="status", ended={"completed": ("execution:completed",), "gone": ()})
    promised = {"panels": (panel,), "notices": {"session:ended": notice}, "asks": False}
    story = Late("broadcast", declared=(), drawn_ms=250, **promised)
    story.open("A").start("one").emit("one", *NAMES)
    observer, events = story.pages["A"].observer, story.journal["one"]
    story.fact(Notice, observer, name="session:ended", payload={"session": "one", "status": "completed"})
    for drawn, number, said in ((events[:2], "2", shown), (events[2:], "4", "done")):
        story.draw("A", *drawn)
        values = {"events": number, "status": said}
        story.fact(PanelShown, observer, panel="overview", session="one", text=said, values=values)
        story.shows("A", panels={"overview": {"session": "one", "text": said, "values": values}})
    verdict = story.end("one").verdict()
    assert verdict.answer is found, sentences.headline(verdict)


@pytest.mark.parametrize(
    ("at_first", "then", "found"),
    [
        ("0", "1", Answer.FAILED),  # it counts what is another panel's
        ("0", "0", Answer.PASSED),
        ("–", "0", Answer.PASSED),
        ("5", "5", Answer.PASSED),  # it began so, before there was any event
        ("0", "5 of none", Answer.FAILED),
    ],
)
def test_a_number_of_events_that_were_not_there_is_made_of_others(at_first: str, then: str, found: Answer) -> None:
    """What is right in the end was read wrongly before: two panels that show each other's number, say."""
    panels = (Panel("made", ("made",), {"number": ("made",)}),)
    story = Story("broadcast", declared=(), panels=panels, drawn_ms=250).open("A").start("main")

    def show(number: str) -> None:
        told = {"panel": "made", "session": None, "text": number, "values": {"number": number}}
        story.fact(PanelShown, story.pages["A"].observer, **told)

    show(at_first)
    story.emit("main", "sold")
    if then != at_first:
        show(then)
    story.emit("main", "sold")
    show("–")
    story.emit("main", "made")
    show("1")
    story.emit("main", NAMES[-1])
    parts = {"made": {"session": None, "text": "1", "values": {"number": "1"}}}
    verdict = story.shows("A", panels=parts).end("main").verdict()
    assert verdict.answer is found, sentences.headline(verdict)
