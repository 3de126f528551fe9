"""How a sentence names one party, or several, and what a program said of its end."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from harness.lib import amounts
from harness.model.facts import CliMessage
from harness.record.evidence import Evidence


def dashboards(labels: Collection[str]) -> str:
    """`dashboard A`, or `dashboards A, B and C`."""
    return f"{agreeing(labels, 'dashboard', 'dashboards')} {listed(labels)}"


def listed(names: Collection[str]) -> str:
    """`A`, or `A, B and C`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def agreeing(labels: Collection[str], one: str, several: str) -> str:
    """The word that fits their number."""
    return amounts.agreeing(len(labels), one, several)


ERROR = re.compile(
    r"^(?:Uncaught )?(?:[A-Z][\w.]*)?(?:Error|Exception|Exit|Interrupt|Timeout)\b|^(?:[a-z_]\w*\.)+[A-Z]\w*:"
)
"""How a line begins in which a runtime names the error that ended a program."""

FRAME = re.compile(r"^\s*(?:at |File \")")
"""How a line begins that tells a place of a stack."""


def at(where: str | None) -> str:
    """Where something stands in the code, to follow a noun; empty where the record doesn't say."""
    return f" at {where}" if where else ""


def in_brackets(where: str | None) -> str:
    """The same, to follow a sentence."""
    return f" ({where})" if where else ""


def first_line(error: str | None) -> str:
    """What an error says in a sentence: some messages are pages."""
    return (error or "an error").partition("\n")[0].rstrip(" .:") or "an error"


def said_by(evidence: Evidence, cli: str) -> list[str]:
    """What a CLI said on standard error, line by line, without what is empty."""
    return [text for fact in evidence.facts(CliMessage, cli) if (text := fact.body.text.strip())]


def last_words(said: Sequence[str]) -> str:
    """What a program said of its end: the last line that names an error, for some runtimes say more after it."""
    words = [text for text in said if not FRAME.match(text)] or said
    return next((text for text in reversed(words) if ERROR.match(text)), words[-1])
