"""What a page's state holds beside its events, and what a page says of all its sessions, as its events make it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.model import NEWEST_FIRST, Answer, Aspect, Hop, Panel, SessionNotice, Shows, Sighting, Verdict
from harness.model.facts import Notice
from harness.record.ledger import Ledger
from tests.support.ledgers import Story

STATE = (
    Panel("state", ("*",), {"events": ("*",)}, {"task": Shows(tells={"execution:started": "task"})}, each_session=True),
    Panel("state", ("*",), {}, {"sessions": Shows(sessions=True), "active": Shows(active="")}),
)
PAGE = Panel(
    "page",
    ("*",),
    {},
    {
        "sessions": Shows(sessions=True),
        "active": Shows(active="none"),
        "way": Shows(tells={"connection:routing": "data.way"}),
        "failure": Shows(tells={"execution:failed": "error"}, only_after=("execution:failed",)),
        "gap": Shows(only_after=("session:gap",)),
    },
)
LISTED = Panel("list", ("*",), {"events": ("*",)}, each_session=True, order=NEWEST_FIRST)
NOTICES = {
    "session:announced": SessionNotice(),
    "session:ended": SessionNotice(status="status", ended={"completed": ("execution:completed",)}),
}
GOOD_STATE = {
    "": {"sessions": "2", "active": "two"},
    "one": {"events": "2", "task": "wash"},
    "two": {"events": "1", "task": "dry"},
}
GOOD_PAGE = {"sessions": "2 sessions", "active": "active: two", "way": "to all"}


def told(
    state: dict[str, dict[str, str]] | None = None,
    page: dict[str, str] | None = None,
    count: str = "2",
    unread: bool = False,
    order: tuple[str, ...] = ("two", "one"),
) -> Verdict:
    """A page that was told of a session that ended and of one that goes on, and holds and shows this."""
    story = Story("single-session", declared=(), notices=NOTICES, panels=(PAGE, LISTED), state=STATE).open("A")
    observer = story.pages["A"].observer
    story.fact(Notice, observer, name="connection:routing", payload={"data": {"way": "to all"}})
    story.start("one").emit("one", "execution:started", "execution:completed", data="wash").end("one")
    story.change(lambda r: _is_end(r), lambda r: replace(r, body=replace(r.body, payload=_ended("one"))))
    story.start("two").emit("two", "execution:started", data="dry").kill("two")
    panels: dict[str, Any] = {"page": {"session": None, "text": "", "values": GOOD_PAGE if page is None else page}}
    for place, session in enumerate(order):
        shown = {"session": session, "text": "", "values": {"events": count if session == "one" else "1"}}
        panels[f"list {session}" if place else "list"] = shown
    story.shows("A", panels=panels, state=None if unread else GOOD_STATE if state is None else state)
    payloads = {"wash-1": {"task": "wash"}, "wash-2": {}, "dry-1": {"task": "dry"}}
    return verdict_of(replace(story.ledger(), payloads=payloads))


def _is_end(record: Any) -> bool:
    return getattr(getattr(record, "body", None), "name", "") == "session:ended"


def _ended(session: str) -> dict[str, str]:
    return {"session": session, "status": "completed"}


def test_a_state_that_is_what_its_events_make_passes() -> None:
    assert told().answer is Answer.PASSED


def test_a_state_that_could_not_be_read_is_not_known() -> None:
    assert told(unread=True).answer is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("session", "field", "held"),
    [
        ("one", "events", "3"),
        ("two", "task", "wash"),
        ("two", "events", None),
        ("", "sessions", "3"),
        ("", "active", ""),
        ("", "active", "one"),
    ],
)
def test_what_a_state_holds_otherwise_went_wrong_at_applied(session: str, field: str, held: str | None) -> None:
    values = {name: value for name, value in GOOD_STATE[session].items() if name != field}
    verdict = told({**GOOD_STATE, session: values if held is None else {**values, field: held}})
    assert {o.finding.aspect for o in verdict.outcomes if o.prop == "P8" and o.dashboard} == {Aspect.STATE_VALUE}
    assert [blame.hops for blame in verdict.blame] == [(Hop.APPLIED,)]


def test_a_panel_that_shows_what_the_state_holds_wrongly_is_not_a_second_failure() -> None:
    wrong = {**GOOD_STATE, "one": {**GOOD_STATE["one"], "events": "3"}}
    assert [blame.hops for blame in told(wrong, count="3").blame] == [(Hop.APPLIED,)]
    assert [blame.hops for blame in told(count="3").blame] == [(Hop.RENDERED,)]


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        *(("sessions", shown) for shown in ("3", "1", "")),
        *(("active", shown) for shown in ("none", "one")),
        ("way", "to one"),
        ("failure", "disk full"),
        ("gap", "0 events are missing"),
    ],
)
def test_what_a_page_says_of_all_sessions_is_compared(field: str, shown: str) -> None:
    verdict = told(page={**GOOD_PAGE, field: shown})
    assert [(o.finding.field, o.hop) for o in verdict.outcomes if o.finding.aspect is Aspect.PANEL_VALUE] == [
        (field, Hop.RENDERED)
    ]


def test_a_page_may_count_a_session_that_it_asked_for_or_leave_it_out() -> None:
    def asked(number: str) -> Ledger:
        story = Story("broadcast", declared=(), panels=(Panel("page", ("*",), {}, {"n": Shows(sessions=True)}),))
        story.open("A").start("main").emit("main", "execution:started", "execution:completed")
        story.subscribe("A", "later", ok=True).end("main")
        return story.shows("A", panels={"page": {"session": None, "text": "", "values": {"n": number}}}).ledger()

    answers = [verdict_of(asked(number)).answer for number in ("0", "1", "2", "3")]
    assert answers == [Answer.FAILED, Answer.PASSED, Answer.PASSED, Answer.FAILED]


def test_parts_of_sessions_stand_in_their_order() -> None:
    verdict = told(order=("one", "two"))
    assert [blame.hops for blame in verdict.blame] == [(Hop.RENDERED,)]
    assert {o.finding.aspect for o in verdict.outcomes if o.prop == "P9" and o.dashboard} == {Aspect.PANEL_ORDER}


@pytest.mark.parametrize(("count", "is_told"), [("2", False), ("3", False), ("4", True), ("1", True)])
def test_a_page_that_missed_an_event_may_count_what_others_tell_of_it(count: str, is_told: bool) -> None:
    """An end without its beginning, say; that the event is missing is told once."""
    panel = Panel("state", ("*",), {"events": ("*",)}, each_session=True)
    story = Story("broadcast", declared=(), state=(panel,)).open("A").start("one")
    story.emit("one", "execution:started", "step:done", "execution:completed").end("one")
    story.drop(lambda r: isinstance(r, Sighting) and r.event.key == "one/2" and r.hop >= Hop.APPLIED)
    story.shows(
        "A", state={"one": {"events": count}}, state_events=("one/1", "one/3"), rows=("one/1", "one/3"), counter=2
    )
    found = [o for o in story.verdict().outcomes if o.finding.aspect is Aspect.STATE_VALUE]
    assert bool(found) is is_told


@pytest.mark.parametrize(
    ("shown", "answer"),
    [("one", Answer.FAILED), ("two", Answer.PASSED)],
)
def test_a_panel_turns_to_the_session_that_the_page_heard_of_last(shown: str, answer: Answer) -> None:
    panel = Panel("overview", ("*",), {"events": ("*",)}, newest=True)
    story = Story("broadcast", declared=(), panels=(panel,)).open("A")
    for session in ("one", "two"):
        story.start(session).emit(session, "execution:started", "execution:completed").end(session)
    count = "2"
    story.shows("A", panels={"overview": {"session": shown, "text": count, "values": {"events": count}}})
    verdict = story.verdict()
    assert verdict.answer is answer
    assert (answer is Answer.FAILED) is any(o.finding.aspect is Aspect.PANEL_SESSION for o in verdict.outcomes)


def test_a_panel_turns_to_the_session_that_the_page_asked_for_last() -> None:
    panel = Panel("overview", ("*",), {"events": ("*",)}, newest=True)

    def answer(shown: str) -> Answer:
        story = Story("broadcast", declared=(), panels=(panel,)).open("A")
        for session in ("one", "two"):
            story.start(session).emit(session, "execution:started", "execution:completed").end(session)
        story.subscribe("A", "one", ok=True)
        story.shows("A", panels={"overview": {"session": shown, "text": "2", "values": {"events": "2"}}})
        return story.verdict().answer

    assert (answer("one"), answer("two")) == (Answer.PASSED, Answer.FAILED)
