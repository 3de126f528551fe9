"""What one key of a target file found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 4
"""How many of a kind are shown."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one key of the file found. `ok` None: nothing is wrong, and nothing was found either."""

    key: tuple[str | int, ...]
    ok: bool | None
    text: str


def counted(names: Iterable[str]) -> str:
    """Names with how often each is there, those of which there are most first."""
    counts = Counter(names)
    listed = [f"{name} ×{count}" if count > 1 else name for name, count in counts.most_common(SHOWN)]
    return ", ".join(listed) + (f" and {len(counts) - SHOWN} more names" if len(counts) > SHOWN else "")
