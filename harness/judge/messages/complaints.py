"""What a CLI that ended well said on standard error in the form in which interpreters tell of errors. Pure.

Such a CLI may have caught the error, and its events say that all went well: a person has to see both. Warnings of what
will be taken away some day are no errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.model.facts import CliExited, CliMessage
from harness.record.evidence import Evidence

TRACEBACK = re.compile(r"^\s*(?:\+ )?Traceback \(most recent call last\):$")
"""How Python begins to tell of an exception; its last line names it, and is indented no further."""

WARNED = re.compile(r":\d+: (RuntimeWarning: .*)$")
"""How Python tells of what went wrong while it ran, as of a coroutine that nothing awaited."""

FRAME = re.compile(r"^\s+at .*:\d+:\d+\)?,?$")
"""A frame of JavaScript's stack, which stands after the error."""

ERROR = re.compile(r"\w*(?:Error|Exception|Rejection)\b")


@dataclass(frozen=True, slots=True)
class Complaint:
    """A CLI that ended with status 0, and the errors that it told of, each by the line that names it."""

    cli: str
    errors: tuple[str, ...]


def complaints(evidence: Evidence) -> list[Complaint]:
    """Each CLI that ended well and told of errors."""
    found = []
    for fact in evidence.facts(CliExited):
        if fact.body.status == 0 and not fact.body.killed:
            said = [each.body.text for each in evidence.facts(CliMessage, fact.observer)]
            if errors := tuple(dict.fromkeys(_errors(said))):
                found.append(Complaint(fact.observer, errors))
    return found


def _errors(lines: Sequence[str]) -> Iterator[str]:
    yield from _raised(lines)
    for line, following in pairwise((*lines, "")):
        if (warned := WARNED.search(line)) is not None:
            yield warned[1]
        elif FRAME.match(following) and not FRAME.match(line) and ERROR.search(line):
            yield line.strip()


def _raised(lines: Sequence[str]) -> Iterator[str]:
    """The last line of each traceback."""
    indent: int | None = None
    for line in lines:
        depth = len(line) - len(line.lstrip(" |"))
        if TRACEBACK.match(line):
            indent = depth
        elif indent is not None and line.strip() and depth <= indent:
            yield line.strip(" |")
            indent = None
