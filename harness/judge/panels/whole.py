"""What a panel says as a whole, where the text that is kept of it is cut off and its items are on record. Pure."""

from __future__ import annotations

from harness.judge.panels.items import READ, SHORT
from harness.model.facts import PanelPart

MOST_ITEMS = 60
"""So many items of a panel are on record at most, the last ones."""

ITEM_READ = 200
"""How much of an item's text is on record, in characters."""


def is_cut(seen: PanelPart) -> bool:
    """Whether the text that is kept of a panel may lack its end."""
    return len(seen.text) > READ - SHORT


def whole_text(seen: PanelPart) -> str | None:
    """The text of all items of a panel, one after the other; None where not all of it is on record."""
    texts = [text for text, _ in seen.items]
    if not texts or len(texts) >= MOST_ITEMS or max(map(len, texts)) >= ITEM_READ:
        return None
    tail = _joined(seen.text)[-READ // 2 :]
    return " ".join(texts) if tail in _joined("".join(texts)) else None


def _joined(text: str) -> str:
    return "".join(text.split())
