"""How numbers are written in the countries of the world, read in one way: `1.234,5` and `1 234,5` are `1234.5`. Pure.

A text says nothing of its country, so that each way of reading it is tried: `1.204` is more than a thousand, or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto

CONTINENTAL = re.compile(r"(?<![\w.,])(\d{1,3}(?:\.\d{3})+|\d{1,15})(?:,(\d{1,9}))?(?![\d]|[.,]\d)")
"""Points between the thousands, a comma before the decimals."""

APART = re.compile(r"(?<=\d)[ '_\u00a0\u2009\u2019\u202f](?=\d{3}(?!\d))")
"""What else stands between thousands."""

POINTS = re.compile(r"(?<![\w.,])\d{1,3}(?:\.\d{3})+(?![.,]?\d)")
"""A whole number with points between its thousands."""

BY_HUNDREDS = re.compile(r"(?<![\w.,])\d{1,2}(?:,\d{2})+,\d{3}(?!\d)")
"""Thousands in three digits, and from there on in two, as in India."""

MINUS = ("-", "\u2212")
"""How pages write that a number is less than nothing."""

LESS = re.compile(r"(?:[-\u2212\u2013]\s?[^\w\s]?|\([^\w\s]?)\s?$")
"""What stands before a number that is less than nothing: a sign, or the bracket of an account; and a currency."""


def is_negative(before: str) -> bool:
    """Whether what stands before a number makes it less than nothing."""
    return LESS.search(before) is not None


class Writing(Enum):
    """A way of writing numbers."""

    AS_IS = auto()
    APART = auto()
    CONTINENTAL = auto()
    BY_HUNDREDS = auto()


def writings(text: str) -> Iterator[tuple[Writing, str]]:
    """The text as it is, and as it would be written in English if it were written otherwise."""
    yield Writing.AS_IS, text
    joined = APART.sub("", text)
    if joined != text:
        yield Writing.APART, joined
    for each in (text, joined):
        if (other := CONTINENTAL.sub(_in_english, each)) != each:
            yield Writing.CONTINENTAL, other
    if (other := BY_HUNDREDS.sub(_digits, text)) != text:
        yield Writing.BY_HUNDREDS, other


def whole_writings(text: str) -> Iterator[str]:
    """The same of a text that says whole numbers: a point, or a comma, stands between their thousands alone."""
    yield text
    for each in dict.fromkeys((APART.sub("", text), POINTS.sub(_digits, text), BY_HUNDREDS.sub(_digits, text))):
        if each != text:
            yield each


def _in_english(found: re.Match[str]) -> str:
    whole, decimals = found[1].replace(".", ""), found[2]
    return whole if decimals is None else f"{whole}.{decimals}"


def _digits(found: re.Match[str]) -> str:
    return re.sub(r"\D", "", found[0])
