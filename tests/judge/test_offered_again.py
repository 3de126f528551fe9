"""A producer that was refused may offer the same event again: that is not a duplicate, and excuses nothing else."""

from __future__ import annotations

import pytest

from harness.model import Answer, Event, Hop, Verdict
from harness.model.facts import Acknowledged, Answered
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at

KEY = "main/3"


def offered(*answers: bool, sent: bool = True, again: int | None = None) -> Verdict:
    """The third event is answered so, and comes once more for each no (or `again` times more), before all goes well."""
    taps = {} if sent else {"taps": tuple(hop for hop in Hop if hop is not Hop.SENT)}
    story = Story("broadcast", **taps).open("A", "B").start("main").emit("main", *TASK[:2])
    event = Event(KEY, TASK[2], "main", 3, "digest-3")
    for ok in [False] * again if again is not None else [*answers]:
        story.see(Hop.SENT, event, "cli:main").see(Hop.RECEIVED, event, story.server, sid="sid-main")
        if ok or again is not None:
            continue
        if sent:
            story.fact(Acknowledged, "cli:main", key=KEY, ok=False, error="busy")
        else:
            no = [{"ok": False, "error": {"code": "busy"}}]
            story.fact(Answered, story.server, name="publish", args=no, id=3, sid="sid-main")
    story.emit("main", *TASK[2:]).end("main")
    return (story if sent else story.drop(at(Hop.SENT))).verdict()


def duplicated(verdict: Verdict) -> set[tuple[str | None, Hop | None]]:
    return {(each.key, each.hop) for each in verdict.outcomes if each.kind.value == "duplicated"}


@pytest.mark.parametrize("count", [1, 3])
def test_what_was_refused_is_offered_again(count: int) -> None:
    verdict = offered(*[False] * count)
    assert (verdict.answer, duplicated(verdict)) == (Answer.PASSED, set())


def test_what_was_not_refused_is_sent_twice() -> None:
    assert duplicated(offered(again=1)) == {(KEY, Hop.SENT)}


def test_one_refusal_excuses_one_repetition() -> None:
    assert duplicated(offered(False, True)) == {(KEY, Hop.SENT)}


def test_the_server_s_own_answers_are_enough_where_the_client_is_not_observed() -> None:
    assert duplicated(offered(False, sent=False)) == set()
    assert duplicated(offered(again=1, sent=False)) == {(KEY, None)}, "somewhere up to received"
