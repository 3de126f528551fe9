"""Markdown pieces that all sections use. What they are given is harmless already, unless they say otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from harness.model import Answer
from harness.reporting.escape import code, prose

MARK = {Answer.PASSED: "✅", Answer.FAILED: "❌", Answer.UNKNOWN: "❔"}
_PLAIN_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*", re.ASCII)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table. A bar in a cell would end it, so cells come from `cell` or from words of the harness."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def bullets(lines: Iterable[str], limit: int = 20, otherwise: str = "None.") -> str:
    """A list of at most `limit` points that says how many more there are."""
    every = iter(lines)
    shown = [f"- {line}" for line in islice(every, limit)]
    more = sum(1 for _ in every)
    return "\n".join([*shown, *([f"- … and {more} more"] if more else [])]) or otherwise


def paragraph(text: str, limit: int = 1500) -> str:
    """Hostile text of several lines as one paragraph."""
    return " ".join(prose(line, limit) for line in text.splitlines() if line.strip())


def image(path: object, alternative: str) -> str:
    """A picture of the run folder. A path that could lead out of it or out of the markup is only shown."""
    text = str(path)
    if _PLAIN_PATH.fullmatch(text) is None or ".." in text.split("/"):
        return f"{alternative}: {code(text)}"
    return f"![{prose(alternative)}]({text})"


def number(count: int | None) -> str:
    """A count, or that nothing says."""
    return "?" if count is None else f"{count:,}"


def some(count: int, word: str) -> str:
    """`1 event`, `2 events`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
