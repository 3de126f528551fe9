"""Rows that show what an earlier event said of what their event is about: joined by a key, as a page does."""

from __future__ import annotations

from typing import Any

from harness.judge.rows.another import compare
from harness.judge.rows.related import related
from harness.judge.rows.row import Looked, Row
from harness.model import Event, Told
from harness.record.digests import digest
from harness.record.evidence import Evidence
from tests.support.ledgers import Story

JOBS = {"J1": "brake pads", "J2": "oil change", "J3": "new clutch"}


def known(said: list[tuple[str, dict[str, Any]]]) -> tuple[Evidence, list[Event]]:
    story = Story("broadcast").open("A")
    evidence = Evidence(story.ledger())
    events = [
        Event(f"s/{number}", name, "s", number, digest(data), Told(data)) for number, (name, data) in enumerate(said, 1)
    ]
    payloads = {event.digest: event.told.data for event in events if event.told is not None}
    evidence.payload = payloads.get  # type: ignore[method-assign, assignment]
    return evidence, events


def told(said: list[tuple[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    evidence, events = known(said)
    return {key: dict(more) for key, more in related(evidence, events, "dashboard:A.1").items()}


OPENED = [("opened", {"id": key, "title": title, "level": "low"}) for key, title in JOBS.items()]


def test_what_is_said_of_a_key_is_known_where_it_is_said_again() -> None:
    found = told([*OPENED, ("moved", {"id": "J2", "state": "running"})])
    assert found == {"s/4": {"title of opened": "oil change", "level of opened": "low"}}


def test_what_several_events_of_a_name_say_alike_is_no_key() -> None:
    assert told([*OPENED, ("moved", {"to": "low"})]) == {}
    assert told([OPENED[0], ("moved", {"id": "J1"})]) == {}, "one alone may be anything"


MOVED = [("moved", {"id": key, "state": "running"}) for key in JOBS]


def test_rows_that_all_show_what_was_said_of_another_key_are_wrong() -> None:
    evidence, events = known([*OPENED, *MOVED])
    about = related(evidence, events, "dashboard:A.1")

    def wrong(*moved: str) -> list[str | None]:
        texts = [*(f"opened {title}" for title in JOBS.values()), *(f"moved {title}" for title in moved)]
        looked = Looked()
        compare(looked, evidence, [(e, Row(e.key, text, False)) for e, text in zip(events, texts, strict=True)], about)
        return [key for _, key, _ in looked.wrong]

    assert wrong(*JOBS.values()) == []
    assert wrong("", "", "") == []
    assert wrong("new clutch", "new clutch", "oil change") == ["s/4", "s/5", "s/6"]
    assert wrong("new clutch", "", "") == [], "one is there by chance"
