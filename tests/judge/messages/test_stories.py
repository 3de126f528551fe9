"""A session that ended well has nothing in it that was begun and not ended, or that failed and was not done again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.model import Answer, Aspect, Items, Panel
from tests.support.ledgers import Story
from tests.support.paper_pages import PANELS

ASPECTS = (Aspect.NOT_ENDED_WELL, Aspect.NOT_BEGUN, Aspect.BEGUN_AGAIN)
STATES = {"step:started": "", "step:done": "", "step:failed": ""}
STEPS = Panel("overview", ("*",), {"events": ("*",)}, items=Items("step:started", "step", "title", STATES))


def answer(*told: tuple[str, Any], status: int = 0) -> tuple[Answer, list[str]]:
    """The answer to a session of these events between its start and its end, and what is said of what is not well."""
    events = (("run:started", {}), *told, ("run:completed" if status == 0 else "run:failed", {}))
    story = Story(
        "broadcast",
        panels=(STEPS, *PANELS[1:]),
        declared=(),
        initial=("run:started",),
        terminal=("run:completed", "run:failed"),
        terminal_ok=("run:completed",),
    )
    story.open("A").start("main").emit("main", *(name for name, _ in events)).end("main", status=status)
    payloads = {f"digest-{seq}": data for seq, (_, data) in enumerate(events, 1)}
    verdict = verdict_of(replace(story.ledger(), payloads=payloads))
    found = [o.finding.items[0] for o in verdict.outcomes if o.finding.aspect in ASPECTS]
    return verdict.answer, found


BEGAN, DONE, FAILED = (("step:started", {"step": 0}), ("step:done", {"step": 0}), ("step:failed", {"step": 0}))


@pytest.mark.parametrize(
    "told",
    [
        (BEGAN, DONE),
        (BEGAN, FAILED, BEGAN, DONE),  # tried again
        (BEGAN, ("step:started", {"step": 1}), ("step:done", {"step": 1}), DONE),
        (BEGAN, ("step:done", {})),  # it does not say which
        (BEGAN, BEGAN, DONE, DONE),  # two of one key
        (DONE, DONE),  # it tells of ends alone
        (BEGAN, ("step:started", "a text")),  # which thing is about is not known
    ],
)
def test_a_story_that_holds_together_passes(told: tuple[tuple[str, Any], ...]) -> None:
    assert answer(*told) == (Answer.PASSED, [])


@pytest.mark.parametrize(
    ("told", "last"),
    [
        ((BEGAN,), "main/2"),
        ((BEGAN, FAILED), "main/3"),
        ((BEGAN, ("step:failed", {})), "main/3"),
        ((BEGAN, DONE, ("step:started", {"step": 1})), "main/4"),
        ((BEGAN, DONE, DONE), "main/4"),
        ((BEGAN, DONE, ("step:done", {"step": 1})), "main/4"),
        ((BEGAN, DONE, ("run:started", {})), "main/4"),
    ],
)
def test_a_good_end_that_its_session_contradicts_is_a_failure(told: tuple[tuple[str, Any], ...], last: str) -> None:
    assert answer(*told) == (Answer.FAILED, [last])


def test_what_ended_badly_may_leave_things_open() -> None:
    assert answer(BEGAN, status=1) == (Answer.PASSED, [])


def test_a_session_begins_with_what_begins_one() -> None:
    ends = ("run:completed",)
    story = Story("broadcast", panels=PANELS, declared=(), initial=("run:started",), terminal=ends, terminal_ok=ends)
    story.open("A").start("main").emit("main", "step:done", "run:completed").end("main")
    assert Aspect.FIRST_EVENT in {o.finding.aspect for o in verdict_of(story.ledger()).outcomes}


JOBS = {"job:queued": "", "job:running": "", "job:done": "", "job:failed": ""}
BOARD = Items("job:queued", "id", "id", JOBS, entities=True, removes=("job:removed",))
ENDING = replace(BOARD, ends=("job:done", "job:failed", "job:removed"))


def entities(items: Items, *told: tuple[str, Any], status: int = 0) -> list[str]:
    """What is said of a session in which these are told of jobs, each as `name` and id."""
    events = [*((f"job:{name}", {"id": key}) for name, key in told), ("over" if status == 0 else "broken", {})]
    panel = Panel("jobs", ("job:*",), items=items)
    terminal = ("over", "broken")
    story = Story("broadcast", panels=(panel,), declared=(), terminal=terminal, terminal_ok=("over",))
    story.open("A").start("main").emit("main", *(name for name, _ in events)).end("main", status=status)
    payloads = {f"digest-{seq}": data for seq, (_, data) in enumerate(events, 1)}
    verdict = verdict_of(replace(story.ledger(), payloads=payloads))
    return [o.finding.items[0] for o in verdict.outcomes if o.finding.aspect in ASPECTS]


QUEUED, RUNNING, FINISHED, REMOVED = (("queued", 1), ("running", 1), ("done", 1), ("removed", 1))


@pytest.mark.parametrize(
    ("told", "plain", "ending"),
    [
        ((QUEUED, RUNNING, FINISHED), [], []),
        ((QUEUED, RUNNING, ("queued", 2), ("removed", 2), FINISHED), [], []),
        ((QUEUED, ("failed", 1), QUEUED, FINISHED), [], []),  # again
        ((QUEUED, RUNNING), [], ["main/2"]),  # it never ended
        ((RUNNING, FINISHED), [], ["main/1"]),  # it may have begun before
        ((QUEUED, ("failed", 1), FINISHED), [], ["main/3"]),
        ((QUEUED, REMOVED, RUNNING), ["main/3"], ["main/3"]),
        ((QUEUED, REMOVED, REMOVED), ["main/3"], ["main/3"]),
        ((REMOVED, QUEUED, FINISHED), [], ["main/1"]),
        ((QUEUED, QUEUED, REMOVED, RUNNING, REMOVED), [], []),  # two of one key, as a person who is there twice
    ],
)
def test_what_is_told_of_an_entity_after_its_end(told: Any, plain: list[str], ending: list[str]) -> None:
    assert entities(BOARD, *told) == plain
    assert entities(ENDING, *told) == ending


def test_an_entity_need_not_end_in_a_session_that_ended_badly() -> None:
    assert entities(ENDING, QUEUED, RUNNING, status=1) == []


def test_of_entities_that_are_not_known_nothing_is_said() -> None:
    assert entities(ENDING, QUEUED, ("running", None), FINISHED) == []
