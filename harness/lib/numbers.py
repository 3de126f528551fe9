"""Whole numbers in texts that others wrote.

`str.isdigit` says yes to `²`, which `int` refuses; `int` takes `-6`, `1_000`, ` 7 ` and `٣`, which are not numbers of a
protocol, and needs quadratic time for a long one. Here a number is ASCII digits, and not too many.
"""

from __future__ import annotations

import string

MOST_DIGITS = 18
"""What a 64-bit number has room for."""

_HEX = frozenset(string.hexdigits)


def whole_number(text: str, most_digits: int = MOST_DIGITS) -> int | None:
    """The number that a text of ASCII digits is; None for any other text, and for one with more digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most_digits else None


def hex_number(text: str, most_digits: int = 15) -> int | None:
    """The same in the digits of base 16, without sign, prefix or underscore."""
    return int(text, 16) if 0 < len(text) <= most_digits and _HEX.issuperset(text) else None
