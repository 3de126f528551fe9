"""What a server answers to a subscription is what its own record says: the session's state, and how much came again."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model import Answer, Aspect, Hop
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK


def verdict(when: str, **answer: Any) -> tuple[Answer, list[tuple[str | None, object]]]:
    """A page subscribes before a session, within it or after it, and is answered this: what of that is wrong."""
    story = Story("subscription", declared=()).open("A")
    told = {"ok": True, "session": "main", "missed": 0, **answer}
    if when == "before":
        story.subscribe("A", "main", **told)
    story.start("main").emit("main", *TASK[:3])
    if when == "within":
        story.subscribe("A", "main", **told)
    story.emit("main", *TASK[3:]).end("main")
    if when == "after":
        story.subscribe("A", "main", **told)
    found = story.verdict()
    wrong = [o for o in found.outcomes if o.finding.aspect is Aspect.ANSWER_DATA]
    assert all(o.hop is Hop.ROUTED and o.dashboard == "A" for o in wrong)
    return found.answer, [(o.finding.field, o.finding.expected) for o in wrong]


@pytest.mark.parametrize(("when", "state"), [("before", "waiting"), ("within", "active"), ("after", "ended")])
def test_a_state_that_is_so_passes(when: str, state: str) -> None:
    assert verdict(when, state=state) == (Answer.PASSED, [])
    assert verdict(when) == (Answer.PASSED, [])
    assert verdict(when, state="a word of its own") == (Answer.PASSED, [])


@pytest.mark.parametrize(
    ("when", "said", "state"),
    [
        ("before", "active", "waiting"),
        ("before", "ended", "waiting"),
        ("within", "waiting", "active"),
        ("within", "ended", "active"),
        ("after", "active", "ended"),
        ("after", "waiting", "ended"),
    ],
)
def test_another_state_is_failed(when: str, said: str, state: str) -> None:
    assert verdict(when, state=said) == (Answer.FAILED, [("state", state)])


@pytest.mark.parametrize(("replayed", "expected"), [(0, len(TASK)), (len(TASK), None), (len(TASK) + 1, len(TASK))])
def test_as_much_is_said_to_be_sent_again_as_there_was(replayed: int, expected: int | None) -> None:
    found = [] if expected is None else [("replayed", expected)]
    assert verdict("after", replayed=replayed)[1] == found


@pytest.mark.parametrize(("is_first", "wrong"), [(False, {0: 3, 1: 3, 2: 3, 4: 3}), (True, {1: 0, 2: 0, 3: 0, 4: 0})])
def test_what_is_sent_again_only_after_the_answer_was_not_by_then(is_first: bool, wrong: dict[int, int]) -> None:
    """A page that is told that it has everything draws what it has: live events may come before the rest."""
    for replayed in range(5):
        story = Story("subscription", declared=()).open("A", "B").start("main").subscribe("B", "main")
        story.answers_first = is_first
        story.emit("main", *TASK[:3]).subscribe("A", "main", ok=True, session="main", missed=0, replayed=replayed)
        found = story.emit("main", *TASK[3:]).end("main").verdict()
        expected = [("replayed", wrong[replayed])] if replayed in wrong else []
        lies = [o.finding for o in found.outcomes if o.finding.aspect is Aspect.ANSWER_DATA]
        assert [(lie.field, lie.expected) for lie in lies] == expected


def test_the_answer_names_the_session_that_was_asked_for() -> None:
    assert verdict("within", session="main") == (Answer.PASSED, [])
    assert verdict("within", session="other") == (Answer.FAILED, [("session", "main")])
