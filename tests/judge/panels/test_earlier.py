"""What a panel showed last of a session that had ended, before it turned to another one, is compared as well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.diagnosis import verdict_of
from harness.model import Answer, Aspect, Hop, Panel, SessionNotice, Shows
from harness.model.facts import Notice, PanelShown
from tests.support.ledgers import Story

PANEL = Panel("overview", ("*",), {"events": ("*",)})
NAMES = ("execution:started", "skill:completed", "execution:completed")


def answer(last: str, pause_ms: int = 400, names: tuple[str, ...] = NAMES) -> Answer:
    """A page whose panel shows so many events of its first session last, and turns to a second one after a pause."""
    story = Story("broadcast", declared=(), panels=(PANEL,)).open("A").start("one").emit("one", *names)
    observer = story.pages["A"].observer

    def shows(session: str, number: str) -> None:
        story.fact(PanelShown, observer, panel="overview", session=session, text=number, values={"events": number})

    shows("one", "1")
    shows("one", last)
    status = 0 if names[-1] == "execution:completed" else 1
    story.end("one", status=status) if not status else story.kill("one")
    story.wait(pause_ms).start("two").emit("two", *NAMES).end("two")
    shows("two", "3")
    verdict = verdict_of(replace(story.ledger()))
    found = [o for o in verdict.outcomes if o.finding.aspect is Aspect.PANEL_VALUE]
    assert all(o.hop is Hop.RENDERED and o.finding.expected in (0, 1, len(names)) for o in found)
    return verdict.answer


@pytest.mark.parametrize(
    ("last", "pause_ms", "found"),
    [("3", 400, Answer.PASSED), ("2", 400, Answer.FAILED), ("2", 100, Answer.PASSED)],
)
def test_what_was_shown_last_is_compared_where_there_was_time_to_draw_it(
    last: str, pause_ms: int, found: Answer
) -> None:
    assert answer(last, pause_ms) is found


def test_what_was_told_of_a_session_may_not_have_been_drawn() -> None:
    says = Shows(
        says={"execution:started": "on", "execution:completed": "done"}, statuses={"completed": "done", "gone": "away"}
    )
    panel = Panel("overview", ("*",), {"events": ("*",)}, {"status": says})
    notice = SessionNotice(status="status", ended={"completed": ("execution:completed",), "gone": ()})

    def verdict(status: str, number: str, pause_ms: int) -> Answer:
        promised = {"panels": (panel,), "notices": {"session:ended": notice}, "asks": False}
        story = Story("broadcast", declared=(), **promised).open("A")
        story.start("one").emit("one", *NAMES)
        observer = story.pages["A"].observer
        story.fact(Notice, observer, name="session:ended", payload={"session": "one", "status": "completed"})
        values = {"events": number, "status": status}
        story.fact(PanelShown, observer, panel="overview", session="one", text="", values=values)
        story.end("one").wait(pause_ms).start("two").emit("two", *NAMES).end("two")
        values = {"events": "3", "status": "done"}
        story.fact(PanelShown, observer, panel="overview", session="two", text="", values=values)
        story.shows("A", panels={"overview": {"session": "two", "text": "", "values": values}})
        return story.verdict().answer

    assert verdict("on", "2", 100) is Answer.PASSED
    assert verdict("done", "3", 400) is Answer.PASSED
    assert verdict("on", "3", 400) is Answer.FAILED
    assert verdict("on", "2", 400) is Answer.FAILED


@pytest.mark.parametrize(("status", "found"), [("on", True), ("away", True), ("done", False)])
def test_a_message_after_the_last_event_may_be_drawn_or_not(status: str, found: bool) -> None:
    says = Shows(says={"execution:started": "on", "execution:completed": "done"}, statuses={"gone": "away"})
    panel = Panel("overview", ("*",), {"events": ("*",)}, {"status": says})
    notice = SessionNotice(status="status", ended={"gone": ()})
    promised = {"panels": (panel,), "notices": {"session:ended": notice}, "asks": False}
    story = Story("broadcast", declared=(), **promised).open("A").start("one").emit("one", *NAMES[:2])
    observer = story.pages["A"].observer
    story.fact(Notice, observer, name="session:ended", payload={"session": "one", "status": "gone"})
    values = {"events": "2", "status": status}
    story.fact(PanelShown, observer, panel="overview", session="one", text="", values=values)
    story.kill("one").wait(400).start("two").emit("two", *NAMES).end("two")
    values = {"events": "3", "status": "done"}
    story.fact(PanelShown, observer, panel="overview", session="two", text="", values=values)
    story.shows("A", panels={"overview": {"session": "two", "text": "", "values": values}})
    wrong = [o for o in story.verdict().outcomes if o.finding.aspect is Aspect.PANEL_VALUE]
    assert (not wrong) is found, wrong


@pytest.mark.parametrize(
    ("last", "pause_ms", "found"),
    [
        ("2", 400, Answer.PASSED),
        ("1", 400, Answer.FAILED),
        ("1", 100, Answer.PASSED),
        ("3", 400, Answer.FAILED),
    ],
)
def test_a_session_that_goes_on_is_compared_as_far_as_it_was(last: str, pause_ms: int, found: Answer) -> None:
    assert answer(last, pause_ms, NAMES[:2]) is found
