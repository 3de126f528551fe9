"""Words agree with their number, in every sentence that a verdict on paper makes."""

from __future__ import annotations

import re
from pathlib import Path

from harness.lib.amounts import agreeing, amount

READINGS = Path(__file__).parents[1] / "readings"
NOUNS = (
    "batches|clients|connections|copies|dashboards|errors|events|handlers|items|"
    "messages|openings|promises|recipients|rows|runs|sessions|times"
)
WRONG = re.compile(rf"(?<![\d.,:/-])(?<!of )1 (?:broken )?(?:{NOUNS})\b")


def test_a_word_agrees_with_its_number() -> None:
    assert [amount(n, "event") for n in (0, 1, 2)] == ["0 events", "1 event", "2 events"]
    assert amount(2, "copy", "copies") == "2 copies"
    assert [agreeing(n, "is", "are") for n in (0, 1, 2)] == ["are", "is", "are"]


def test_no_reading_says_one_events() -> None:
    told = {file.name: WRONG.findall(file.read_text("utf-8")) for file in READINGS.glob("*.txt")}
    assert told and {name: words for name, words in told.items() if words} == {}
