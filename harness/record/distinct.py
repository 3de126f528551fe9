"""The values that occur in a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    from harness.record import arrays as np

Number = TypeVar("Number", bound="np.integer[Any]")


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """Each value once, in ascending order.

    `numpy.unique` of the values alone imports numpy.ma at its first call (numpy 2.4): a tenth of the start of
    `harness judge`.
    """
    ordered = np.sort(values, axis=None)
    if not len(ordered):
        return ordered
    is_first = np.concatenate([np.ones(1, dtype=bool), ordered[1:] != ordered[:-1]])
    found: NDArray[Number] = ordered[is_first]
    return found
