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
        ("12 C", 12.5, "value"),
        ("13 C", 12.5, "value"),
        ("-3.25 C", -3.25, "value"),
        ("\u22123,25 °C", -3.25, "value"),
        ("-$5", -5, "paid"),
        ("(5.00)", -5, "paid"),
        ("gone \u22121,033", 1033, "left"),  # a page may say by a sign what a number means
        ("1.204 Fahrgäste", 1204, "aboard"),
        ("1.204,5", 1204.5, "seats"),
        ("0,5 °C", 0.5, "value"),
        ("1 204", 1204, "aboard"),
        ("1\u202f204\u202f567", 1_204_567, "aboard"),
        ("1'204", 1204, "aboard"),
        ("12,34,567", 1_234_567, "aboard"),
        ("1 min 5,25 s", 65_250, "delay_ms"),
        ("1:05", 65_250, "delay_ms"),
        ("2:01:05.2", 7_265_250, "delay_ms"),
        ("1.2K", 1204, "aboard"),
        ("1,2 Mio.", 1_234_567, "aboard"),
        ("99.6 %", 0.996, "share"),
        ("45%", 0.45, "share"),
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
        ("3.25 C", -3.25, "value"),
        ("14 C", 12.5, "value"),
        ("2,5", 0.5, "value"),
        ("1.204", 1304, "aboard"),
        ("1:05", 65, "delay_ms"),
        ("1:06", 90_000, "delay_ms"),
        ("1.2K", 12_040, "aboard"),
        ("45 %", 0.54, "share"),
        ("2", 0.6, "value"),
    ],
)
def test_a_text_that_says_another_number_does_not(text: str, number: float, path: str) -> None:
    assert not says(text, number, path)


def test_a_time_of_day_is_as_exact_as_it_is_written() -> None:
    assert time_of_day("at 01:02:03.004") == (3_723_004, 1)
    assert time_of_day("1:02") == (3_720_000, 60_000)
    assert time_of_day("--:--:--") is None


def test_half_a_day_is_said_beside_the_hour() -> None:
    assert time_of_day("4:05:06\u202fPM") == ((16 * 60 + 5) * 60_000 + 6_000, 1000)
    assert time_of_day("12:05 a.m.") == time_of_day("00:05")
    assert time_of_day("12:05 PM") == time_of_day("12:05 pm") == time_of_day("12:05")
    assert time_of_day("4:05 past") == time_of_day("4:05")
