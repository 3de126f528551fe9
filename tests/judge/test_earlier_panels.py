"""What a panel showed last of a session that had ended, before it turned to another one, is compared as well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.diagnosis import verdict_of
from harness.model import Answer, Aspect, Hop, Panel
from harness.model.facts import PanelShown
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
