"""Whether rows say rightly, to who hears them read aloud, which place of how many they have. Pure.

Places count from 1, in the order in which the rows are read; a list that is shown in part begins where it does.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.model import Aspect, Finding
from harness.model.facts import View


def troubles(view: View) -> Iterator[tuple[str, Finding]]:
    """Key and finding of the first row at a place that it can't have, and of the first with another number of rows."""
    places, keys = view.places, view.rows or ()
    if places is None or len(places) != len(keys) or view.lists is not None:
        return  # each of several lists counts for itself
    said = [(key, place[0], place[1]) for key, place in zip(keys, places, strict=True) if place is not None]
    is_whole = view.window is None and len(said) == len(keys)
    first = said[0][1] if said and said[0][1] is not None else 1
    for at, (key, place, size) in enumerate(said):
        expected = at + 1 if is_whole else first + at
        most = size if size is not None and size > 0 else None
        if place != expected or expected < 1 or (most is not None and expected > most):
            right = max(1, expected if most is None else min(expected, most))
            yield key, Finding(Aspect.ROW_POSITION, expected=right, found=place, other="aria-posinset")
            break
    total = len(said) if is_whole else None if view.window is None else view.window.total
    for key, _, size in said:
        if size is not None and size > 0 and total is not None and size != total:
            yield key, Finding(Aspect.ROW_POSITION, expected=total, found=size, other="aria-setsize")
            break
