"""Two monotonic clocks compared by questions and answers: what is to be added to the other's time, within which error.

Made for the processes of the clients: nothing here imports more than the standard library.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Compared:
    """The other's time + `offset_ns` is one's own, give or take `error_ns`."""

    offset_ns: int
    error_ns: int


SAME = Compared(0, 0)
"""How a clock stands that is the harness's own."""


def compared(rounds: Iterable[tuple[int, int, int]]) -> Compared | None:
    """From rounds of (asked, the other's time, answered); None where there was none.

    The other looked at its clock between question and answer: each round bounds the offset from both sides. What all
    rounds allow is what is known; where they contradict each other one of the clocks was set or ran away, and all that
    any of them allows is the error.
    """
    bounds = [(asked - other, answered - other) for asked, other, answered in rounds]
    if not bounds:
        return None
    low, high = max(low for low, _ in bounds), min(high for _, high in bounds)
    if low > high:
        low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
    return Compared((low + high) // 2, (high - low + 1) // 2)
