"""What pages send to their server is not an event of a run; what they send in an event's name is."""

from __future__ import annotations

import pytest

from harness.judge.panels.numbers import number
from harness.model import Answer, Event, Hop, Kind
from tests.support.causes_in_clis import told as story
from tests.support.ledgers import Story


def sent_by_page(name: str, sid: str | None = None) -> Story:
    run = story()
    event = Event(f"main/{name}~", name, "main", None, "abc")
    return run.see(Hop.RECEIVED, event, "server", sid=sid or run.pages["A"].sid)


def test_messages_of_a_page_in_names_of_its_own_are_not_events() -> None:
    assert sent_by_page("watch").verdict().answer is Answer.PASSED


@pytest.mark.parametrize(("name", "sid"), [("skill:started", None), ("watch", "another")])
def test_an_event_s_name_or_another_client_makes_it_one(name: str, sid: str | None) -> None:
    verdict = sent_by_page(name, sid).verdict()
    assert verdict.answer is not Answer.PASSED
    assert {each.kind for each in verdict.outcomes} & {Kind.PHANTOM, Kind.CORRUPTED}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("7", 7), ("1,204 events", 1204), ("-1", -1), ("(2 events)", 2), ("so far: 12 of them", 12),
        ("Total: 1,204.", 1204),
        ("3 of 10", 3), ("step 3 of 10", None), ("none", None), ("v2", None), ("v2: 5", 5), ("room-7", 7),
    ],
)  # fmt: skip
def test_a_number_is_read_where_it_is_clear_which(text: str, count: int | None) -> None:
    assert number(text) == count
