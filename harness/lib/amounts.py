"""How many of what, in words that agree with the number."""

from __future__ import annotations


def amount(count: float, one: str, several: str | None = None) -> str:
    """`1 event`, `2,000 events`; `several` where an s at the end is not the plural."""
    return f"{count:,} {agreeing(count, one, several or f'{one}s')}"


def agreeing(count: float, one: str, several: str) -> str:
    """The word that goes with a number, as a verb: `is` or `are`."""
    return one if count == 1 else several
