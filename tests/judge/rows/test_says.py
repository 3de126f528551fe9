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
