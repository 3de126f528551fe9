"""Whether a panel lists an item more often than its events make it: a copy that stands beside it, as it was, say. Pure.

A copy reads as the item does, up to its text and in all that is read of it; what only mentions an item is no copy.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.judge.panels.items import Listed
from harness.judge.values.paths import at
from harness.judge.values.quantities import says
from harness.model import Items

LEAST = 3
"""Characters of a text that does not stand in others by chance."""


def listed_again(items: Items, made: Sequence[Listed], shown: Sequence[tuple[str, str]]) -> tuple[str, int, int] | None:
    """The first item that stands there too often: its text, how often it is listed, and how often it may be."""
    texts = [" ".join(text.split()) for text, _ in shown]
    for item in made:
        words = item.texts[0]
        if len(words) < LEAST:
            continue
        mine = [text for text in texts if words in text and _is_read(items, item, text)]
        alike = [text for text in mine if text.partition(words)[0] == mine[0].partition(words)[0]]
        others = sum(1 for each in made if any(words in text for text in each.texts))
        if len(alike) > others:
            return words, len(alike), others
    return None


def _is_read(items: Items, item: Listed, text: str) -> bool:
    """Whether a text says what is read of an item beside its own text."""
    for path in items.reads:
        told = next((value for data in reversed(item.said) if (value := at(data, path)) is not None), None)
        if isinstance(told, str) and " ".join(told.split()) not in text:
            return False
        if isinstance(told, int | float) and not isinstance(told, bool) and not says(text, told, path):
            return False
    return True
