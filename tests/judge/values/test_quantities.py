"""Numbers and times as pages write them."""

from __future__ import annotations

import pytest

from harness.judge.values.quantities import says, time_of_day


@pytest.mark.parametrize(
    ("text", "number", "path"),
    [
        ("took 40 ms", 40, "duration_ms"),
        ("3.2 s", 3249, "a.duration_ms"),
        ("3 s", 3200, "took_ms"),
        ("2 min 05 s", 125_300, "took_ms"),
        ("1 h 02 min", 3_720_000, "took_ms"),
        ("5 min", 300, "age_seconds"),
        ("1,234 items", 1234, "count"),
        ("18 kB", 18_300, "bytes"),
        ("18 KiB", 18_432, "size"),
        ("1.5 MB", 1_500_000, "size"),
        ("12.5 C", 12.5, "value"),
    ],
)
def test_a_text_says_a_number_in_a_unit_for_people(text: str, number: float, path: str) -> None:
    assert says(text, number, path)


@pytest.mark.parametrize(
    ("text", "number", "path"),
    [
        ("took 40 ms", 41_000, "duration_ms"),
        ("180 ms", 3, "duration_ms"),
        ("", 3, "duration_ms"),
        ("3 s", 3200, "count"),
        ("18 kB", 180_000, "bytes"),
        ("9", 8, "count"),
        ("1.5 MB", 1_500, "size"),
        ("95 kB", 95, "bytes"),
        ("40 s", 40, "duration_ms"),
    ],
)
def test_a_text_that_says_another_number_does_not(text: str, number: float, path: str) -> None:
    assert not says(text, number, path)


def test_a_time_of_day_is_as_exact_as_it_is_written() -> None:
    assert time_of_day("at 01:02:03.004") == (3_723_004, 1)
    assert time_of_day("1:02") == (3_720_000, 60_000)
    assert time_of_day("--:--:--") is None
