"""Messages that list the active sessions list those, and what says when a session began says the truth."""

from __future__ import annotations

import pytest

from harness.model import Answer, Aspect, SessionList, SessionNotice
from harness.model.facts import Notice, RunBegun
from tests.support.ledgers import Story

LISTS = {"sessions": SessionList("data.active")}
ZERO = "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("listed", "wrong"),
    [
        (["one"], None),
        ([], True),  # it is left out
        (["one", "other"], None),  # which the record does not know: of a run before this one
        (["one", "gone"], False),
        (["gone"], True),
    ],
)
def test_a_list_of_sessions_has_those_that_are_active(listed: list[str], wrong: bool | None) -> None:
    story = Story("broadcast", declared=(), lists=LISTS).open("A").start("gone")
    story.emit("gone", "execution:started", "execution:completed").end("gone")
    story.start("one").emit("one", "execution:started").open("B")
    payload = {"data": {"active": [{"session": each} for each in listed]}}
    story.fact(Notice, story.pages["B"].observer, name="sessions", payload=payload)
    verdict = story.emit("one", "execution:completed").end("one").verdict()
    found = [o.finding for o in verdict.outcomes if o.finding.aspect is Aspect.NOTICE_LIST]
    assert [each.expected for each in found] == ([] if wrong is None else [wrong])
    assert (verdict.answer is Answer.FAILED) == (wrong is not None)


@pytest.mark.parametrize(
    ("told", "is_right"),
    [
        ("2026-01-01T00:00:00.010+00:00", True),
        ("2026-01-01T01:00:00.010+01:00", True),
        ("2020-01-01T00:00:00+00:00", False),
        ("2026-01-01T00:00:30+00:00", False),
        ("2026-01-01T00:00:00", False),  # its zone is not known
        (None, False),
    ],
)
def test_when_a_session_began(told: str | None, is_right: bool) -> None:
    notices = {"session:announced": SessionNotice(time="at")}
    story = Story("broadcast", declared=(), notices=notices, asks=False)
    story.fact(RunBegun, "run", at=ZERO)
    story.open("A").start("one")
    payload = {"session": "one", "at": told}
    story.fact(Notice, story.pages["A"].observer, name="session:announced", payload=payload)
    story.emit("one", "execution:started", "execution:completed").end("one")
    found = [o for o in story.verdict().outcomes if o.finding.aspect is Aspect.NOTICE_TIME]
    assert (found == []) is is_right


@pytest.mark.parametrize("is_told", [True, False])
def test_a_session_that_pages_were_told_to_have_ended_is_not_missed(is_told: bool) -> None:
    """How it ended is another promise: a server that ends it by itself rightly leaves it out from then on."""
    ended = {"session:over": SessionNotice(ended={"completed": ("execution:completed",)})}
    story = Story("broadcast", declared=(), lists=LISTS, notices=ended).open("A").start("one")
    story.emit("one", "execution:started", "execution:completed")
    if is_told:
        story.fact(Notice, story.pages["A"].observer, name="session:over", payload={"session": "one"})
    story.open("B").fact(Notice, story.pages["B"].observer, name="sessions", payload={"data": {"active": []}})
    found = [o for o in story.end("one").verdict().outcomes if o.finding.aspect is Aspect.NOTICE_LIST]
    assert (found == []) is is_told
