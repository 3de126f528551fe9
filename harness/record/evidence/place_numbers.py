"""Places in the server's record as one number each, which columns hold, and back. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from harness.record.evidence.observers import Position

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BITS = 56
"""A place in a record as one number: the incarnation above so many bits of the number, which may be nanoseconds."""

MOST_INCARNATIONS = 1 << 63 - BITS


def to_column(place: Position) -> int:
    """The number that stands for a place."""
    return (place[0] << BITS) + place[1]


def from_column(place: Any) -> Position:
    """The place that a number stands for."""
    return int(place) >> BITS, int(place) & ((1 << BITS) - 1)


def from_columns(places: NDArray[np.int64]) -> Iterator[Position]:
    """The places that numbers stand for."""
    return zip((places >> BITS).tolist(), (places & ((1 << BITS) - 1)).tolist(), strict=True)
