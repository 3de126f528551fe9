"""Digits that are not numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.lib.numbers import hex_number, whole_number
from harness.record.evidence.observers import family, incarnation


@pytest.mark.parametrize("text", ["²", "٣", "-6", "+6", "1_0", " 7", "7 ", "", "9" * 19, "0x1"])
def test_what_looks_like_a_number_and_is_not_one(text: str) -> None:
    assert whole_number(text) is None
    assert incarnation(f"server.{text}") == 1 and family(f"server.{text}") == f"server.{text}"


@pytest.mark.parametrize("text", ["-6", "0x6", "1_0", " 6", "", "f" * 16, "²"])
def test_what_is_not_a_number_of_base_16(text: str) -> None:
    assert hex_number(text) is None


@given(st.text(max_size=20))
def test_it_never_raises_and_reads_back_what_was_written(text: str) -> None:
    number, in_hex = whole_number(text), hex_number(text)
    assert number is None or (number >= 0 and text.lstrip("0") in (str(number), "" if number == 0 else "?"))
    assert in_hex is None or in_hex >= 0


@given(st.integers(0, 10**18 - 1))
def test_numbers_are_read(number: int) -> None:
    assert whole_number(str(number)) == number and hex_number(f"{number:x}") == number
