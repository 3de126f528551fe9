"""Times that people read: when messages say that their events were reported, and the times of day on a page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.judge.messages.stopped_clock import standing
from harness.judge.panels.items import wrong_item
from harness.judge.values.page_times import with_times
from harness.judge.values.quantities import time_of_day
from harness.model import Answer, Aspect, Event, Hop, Items, Sighting
from harness.model.facts import RunBegun
from harness.record.evidence import Evidence
from harness.record.ledger import Ledger
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at as seen

ZONE = "2026-01-01T12:00:00+02:00"


def run(at: str, **contract: Any) -> Ledger:
    """A run that begins at ten by UTC, and whose messages say this of their time."""
    story = Story("broadcast", declared=(), time="at", **contract).open("A").start("main").emit("main", *TASK)
    story.fact(RunBegun, "harness", at=ZONE).end("main")
    begun = next(r for r in story.records if isinstance(getattr(r, "body", None), RunBegun))
    start_ns = min(r.at_ns for r in story.records)
    story.records = [
        replace(r, detail={**r.detail, "rest": "rest"})
        if isinstance(r, Sighting) and r.hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED)
        else replace(r, at_ns=start_ns)
        if r is begun
        else r
        for r in story.records
    ]
    return replace(
        story.ledger(), payloads={"rest": {"fields": {"at": at}}, **{f"digest-{n}": {} for n in range(1, 10)}}
    )


@pytest.mark.parametrize(
    ("at", "is_right"),
    [
        ("2026-01-01T10:00:00.100+00:00", True),
        ("2026-01-01T12:00:00.100+02:00", True),
        ("2026-01-01T09:59:59+00:00", True),
        ("2026-01-01T08:00:00.100+00:00", False),
        ("2026-01-01T11:00:00.100+00:00", False),
        ("2026-01-01T10:00:00.100", False),  # without a zone
        ("yesterday", False),
    ],
)
def test_a_message_says_when_its_event_was_reported(at: str, is_right: bool) -> None:
    verdict = verdict_of(run(at))
    found = [o for o in verdict.outcomes if o.finding.aspect is Aspect.TIME_WRONG]
    assert verdict.answer is (Answer.PASSED if is_right else Answer.FAILED)
    assert {o.hop for o in found} == (set() if is_right else {Hop.SENT})


@pytest.mark.parametrize(
    ("zone", "shown", "is_right"),
    [
        ("local", "Save 12:00:05", True),
        ("local", "Save 10:00:05", False),
        ("UTC", "Save 10:00:05", True),
        ("UTC", "Save 12:00", False),
        (None, "Save 03:00", True),
    ],
)
def test_an_item_shows_the_time_of_its_event(zone: str | None, shown: str, is_right: bool) -> None:
    evidence = Evidence(run("2026-01-01T10:00:05+00:00", zone=zone))
    items = Items("save", "id", "title", {"save": r"\d$"}, time="at")
    event = Event("main/1", "save", "main", 1, None)
    said = with_times(evidence, "at", [event], [("save", {"id": 1, "title": "Save"})], "dashboard:A.1")
    assert (wrong_item(items, said, shown) is None) is is_right


def standing_still(at: str, apart_s: float) -> set[str]:
    """Events with the time of an earlier one, where each is reported so long after the one before."""
    story = Story("broadcast").open("A").start("main").emit("main", *TASK).end("main")
    for place in range(1, len(TASK) + 1):
        at_ns = round(place * apart_s * 1e9)
        story.change(seen(Hop.EMITTED, f"main/{place}"), lambda r, at_ns=at_ns: replace(r, at_ns=at_ns))  # type: ignore[misc]
    told = {f"main/{place}": at for place in range(1, len(TASK) + 1)}
    return {*standing(Evidence(story.ledger()), told)}


@pytest.mark.parametrize(
    ("at", "apart_s", "wrong"),
    [
        ("2026-01-01T10:00:00.100+00:00", 2.0, {"main/2", "main/3", "main/4", "main/5"}),
        ("2026-01-01T10:00:00.100+00:00", 0.2, set()),  # reported at once
        ("2026-01-01T10:00:01+00:00", 0.45, set()),  # to the second
        ("2026-01-01T10:00:01+00:00", 0.6, {"main/5"}),
        ("2026-01-01T10:01+00:00", 14.0, set()),  # to the minute
        ("some time", 2.0, set()),
    ],
)
def test_a_time_that_is_taken_once_for_all_events_of_a_session_stands_still(
    at: str, apart_s: float, wrong: set[str]
) -> None:
    assert standing_still(at, apart_s) == wrong


@pytest.mark.parametrize(
    ("reported_s", "wrong"),
    [
        ((1.0, 1.0, 3.7, 3.7, 3.8), set()),  # held up once between the stamp and the report
        ((1.0, 2.7, 4.4, 6.1, 6.2), {"main/3", "main/4"}),
    ],
)
def test_who_is_held_up_once_before_it_reports_has_no_clock_that_stands_still(
    reported_s: tuple[float, ...], wrong: set[str]
) -> None:
    """Four of the events were stamped in one millisecond, and the last one later."""
    story = Story("broadcast").open("A").start("main").emit("main", *TASK).end("main")
    for place, at_s in enumerate(reported_s, start=1):
        at_ns = round(at_s * 1e9)
        story.change(seen(Hop.EMITTED, f"main/{place}"), lambda r, at_ns=at_ns: replace(r, at_ns=at_ns))  # type: ignore[misc]
    told = {f"main/{place}": "2026-01-01T10:00:00.100+00:00" for place in range(1, 5)}
    told["main/5"] = "2026-01-01T10:00:03.800+00:00"
    assert {*standing(Evidence(story.ledger()), told)} == wrong


@pytest.mark.parametrize(
    ("shown", "exact"),
    [("12:00:01.005", 1), ("12:00:01.05", 10), ("12:00:01.5", 100), ("12:00:01", 1000), ("12:00", 60_000)],
)
def test_a_time_of_day_is_as_exact_as_it_is_written(shown: str, exact: int) -> None:
    told = time_of_day(shown)
    assert told is not None and told[1] == exact
