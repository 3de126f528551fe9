"""Numbers in a session's last event that sum it up are those of the events before it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.model import Answer, Aspect, Hop, Sighting, Total
from tests.support.ledgers import Story

NAMES = ("execution:started", "skill:completed", "skill:completed", "execution:completed")
TOTALS = {
    "execution:completed": {
        "steps": Total(counts=("skill:completed",)),
        "size": Total(adds={"skill:completed": "size"}),
        "took_ms": Total(adds={"skill:completed": "took_ms"}, lasts="at"),
    }
}
GOOD = {"steps": 2, "size": 30, "took_ms": 900}
STEP = {"size": 15, "took_ms": 300}


def answer(last: dict[str, Any], step: dict[str, Any] | None = None) -> tuple[Answer, list[str | None]]:
    """The verdict of a session of a second whose last event says this, and the fields that are wrong."""
    story = Story("broadcast", declared=(), totals=TOTALS).open("A").start("main").emit("main", *NAMES).end("main")
    payloads: dict[str, Any] = {"digest-1": {}, "digest-4": last}
    payloads |= {f"digest-{n}": STEP if step is None else step for n in (2, 3)}
    payloads |= {f"rest-{n}": {"fields": {"at": f"2026-01-01T00:00:00.{n - 1}00+00:00"}} for n in (1, 2, 3)}
    payloads["rest-4"] = {"fields": {"at": "2026-01-01T00:00:01.000+00:00"}}
    story.records = [
        replace(r, detail={**r.detail, "rest": f"rest-{r.event.seq}"})
        if isinstance(r, Sighting) and r.hop is Hop.SENT
        else r
        for r in story.records
    ]
    verdict = verdict_of(replace(story.ledger(), payloads=payloads))
    found = [o for o in verdict.outcomes if o.finding.aspect is Aspect.TOTAL]
    assert all(o.hop is Hop.EMITTED for o in found)
    return verdict.answer, [o.finding.field for o in found]


@pytest.mark.parametrize("said", [GOOD, {**GOOD, "took_ms": 600}, {**GOOD, "took_ms": 1050}, {"steps": 2}, {}])
def test_totals_that_hold_and_those_that_are_not_told_pass(said: dict[str, Any]) -> None:
    assert answer(said) == (Answer.PASSED, [])


@pytest.mark.parametrize(
    ("field", "told"), [("steps", 3), ("steps", 0), ("size", 29), ("took_ms", 599), ("took_ms", 1200), ("took_ms", 0.9)]
)
def test_a_total_that_its_events_do_not_make_is_failed(field: str, told: float) -> None:
    assert answer({**GOOD, field: told}) == (Answer.FAILED, [field])


def test_what_its_parts_do_not_say_is_not_compared() -> None:
    assert answer({**GOOD, "size": 1}, {"took_ms": 300}) == (Answer.PASSED, [])


TOLD = {
    "skill:completed": {
        "index": Total(counts=("skill:completed",), itself=True),
        "of": Total(tells={"execution:started": "steps"}),
    }
}


@pytest.mark.parametrize(
    ("second", "begun", "wrong"),
    [
        ({"index": 2, "of": 2}, {"steps": 2}, []),
        ({"index": 2, "of": 7}, {}, []),  # how many is not said
        ({"index": 2}, {"steps": 2}, []),
        ({"index": 1, "of": 2}, {"steps": 2}, ["index"]),
        ({"index": 2, "of": 3}, {"steps": 2}, ["of"]),
    ],
)
def test_an_index_and_a_number_that_was_told_before(
    second: dict[str, Any], begun: dict[str, Any], wrong: list[str]
) -> None:
    story = Story("broadcast", declared=(), totals=TOLD).open("A").start("main").emit("main", *NAMES).end("main")
    payloads: dict[str, Any] = {"digest-1": begun, "digest-2": {"index": 1}, "digest-3": second, "digest-4": {}}
    verdict = verdict_of(replace(story.ledger(), payloads=payloads))
    assert [o.finding.field for o in verdict.outcomes if o.finding.aspect is Aspect.TOTAL] == wrong
    assert verdict.answer is (Answer.FAILED if wrong else Answer.PASSED)
