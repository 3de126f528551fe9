"""Rows that show what an earlier event said of what their event is about: joined by a key, as a page does."""

from __future__ import annotations

from typing import Any

from harness.judge.rows.related import related
from harness.model import Event, Told
from harness.record.digests import digest
from harness.record.evidence import Evidence
from tests.support.ledgers import Story

JOBS = {"J1": "brake pads", "J2": "oil change", "J3": "new clutch"}


def told(said: list[tuple[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    story = Story("broadcast").open("A")
    evidence = Evidence(story.ledger())
    events = [
        Event(f"s/{number}", name, "s", number, digest(data), Told(data)) for number, (name, data) in enumerate(said, 1)
    ]
    known = {event.digest: event.told.data for event in events if event.told is not None}
    evidence.payload = known.get  # type: ignore[method-assign, assignment]
    return {key: dict(more) for key, more in related(evidence, events, "dashboard:A.1").items()}


OPENED = [("opened", {"id": key, "title": title, "level": "low"}) for key, title in JOBS.items()]


def test_what_is_said_of_a_key_is_known_where_it_is_said_again() -> None:
    found = told([*OPENED, ("moved", {"id": "J2", "state": "running"})])
    assert found == {"s/4": {"title of opened": "oil change", "level of opened": "low"}}


def test_what_several_events_of_a_name_say_alike_is_no_key() -> None:
    assert told([*OPENED, ("moved", {"to": "low"})]) == {}
    assert told([OPENED[0], ("moved", {"id": "J1"})]) == {}, "one alone may be anything"
