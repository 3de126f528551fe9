"""A page that loads itself again in the middle of a run is never passed, unless something called for that."""

from __future__ import annotations

import pytest

from harness.model import Answer, Aspect
from harness.model.facts import ActionTaken, ServerStopped
from tests.support.ledgers import Story


def answer(why: str = "", reloads: bool = False, first: bool = False) -> tuple[Answer, bool]:
    """What is said of a page that is loaded a second time, for this reason, before or after it is given an event."""
    story = Story("broadcast", declared=(), replays=True, reloads=reloads).open("A", "B").start("one")
    if not first:
        story.emit("one", "execution:started")
    if why in ("A", "B"):
        story.fact(ActionTaken, story.pages["A"].observer, name="reload", dashboard=why)
    if why == "server":
        story.fact(ServerStopped, "server")
    story.reload("A", by_itself=True)
    verdict = story.emit("one", "execution:completed").end("one").verdict()
    return verdict.answer, any(each.finding.aspect is Aspect.LOADED_AGAIN for each in verdict.outcomes)


def test_a_page_that_loads_itself_again_is_not_passed() -> None:
    assert answer() == (Answer.UNKNOWN, True)


@pytest.mark.parametrize("why", ["A", "server"])
def test_what_was_called_for_is_the_runs_own(why: str) -> None:
    assert answer(why)[1] is False
    assert answer("B") == (Answer.UNKNOWN, True)  # it was done to another page


def test_a_page_given_its_first_event_while_it_was_leaving_was_still_called() -> None:
    story = Story("broadcast", declared=(), replays=True).open("A").start("one")
    story.fact(ActionTaken, story.pages["A"].observer, name="reload", dashboard="A").emit("one", "execution:started")
    verdict = story.reload("A", by_itself=True).emit("one", "execution:completed").end("one").verdict()
    assert verdict.answer is Answer.PASSED


def test_a_page_without_events_and_one_that_says_so_may() -> None:
    assert answer(first=True) == (Answer.PASSED, False)
    assert answer(reloads=True) == (Answer.PASSED, False)
