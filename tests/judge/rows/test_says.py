"""Rows show what the target says they do: texts, at least how they begin, and numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.diagnosis import verdict_of
from harness.model import Answer, Aspect
from tests.support.ledgers import Story

DATA = {"step": 1, "of": 3, "title": "Wash the car", "tiny": "x"}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("step 1 of 3 Wash the car", None),
        ("step 1 of 3 Wash", "title"),
        ("step 2 of 3 Wash the car", "step"),
        ("of 3 Wash the car", "step"),
        ("step 2 …", None),
        ("step 2 " + "x" * 200, None),
    ],
)
def test_what_a_row_lacks_is_told(text: str, field: str | None) -> None:
    story = Story("broadcast", declared=(), panels=(), terminal=(), row_says=("*",)).open("A").start("main")
    story.emit("main", "step:done").end("main").shows("A", rows=("main/1",), texts=(text,), counter=1)
    story.shows("A", state_events=("main/1",))
    verdict = verdict_of(replace(story.ledger(), payloads={"digest-1": DATA}))
    found = [o.finding.field for o in verdict.outcomes if o.finding.aspect is Aspect.ROW_TEXT]
    assert (verdict.answer, found) == ((Answer.PASSED, []) if field is None else (Answer.FAILED, [field]))


COUNTED = ({"took_ms": 1500}, {"took_ms": 65_250}, {"took_ms": 240}, {"took_ms": 2_000})


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        (("1,5 s", "1 min 5,25 s", "240 ms", "2 s"), []),
        (("1,50 s", "65.250 ms", "240 ms", "2.000 ms"), []),
        (("1.5 s", "1 min 5.25 s", "240 ms", "2.000 s"), []),
        (("1.5 s", "1 min 5,25 s", "240 ms", "2 s"), []),  # a page may be careless, as long as all can be read
        (("1.500 s", "1 min 5,25 s", "240 ms", "2 s"), ["main/1"]),
        (("1,5 s", "65.250 ms", "240 ms", "2.000 s"), ["main/4"]),
    ],
)
def test_the_numbers_of_a_field_are_written_in_one_way(texts: tuple[str, ...], wrong: list[str]) -> None:
    """What is a comma in one row is not a point in the next one: `1.500 s` are more than a thousand then."""
    story = Story("broadcast", declared=(), panels=(), terminal=(), row_says=("*",)).open("A").start("main")
    story.emit("main", *["step:done"] * 4)
    rows = tuple(f"main/{number}" for number in range(1, 5))
    story.end("main").shows("A", rows=rows, texts=texts, counter=4, state_events=rows)
    payloads = {f"digest-{number}": data for number, data in enumerate(COUNTED, 1)}
    verdict = verdict_of(replace(story.ledger(), payloads=payloads))
    assert [o.key for o in verdict.outcomes if o.finding.aspect is Aspect.ROW_TEXT] == wrong
