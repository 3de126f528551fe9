"""One row of a page's list, and what was found in a list."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.model import Finding, Kind


@dataclass(frozen=True, slots=True)
class Row:
    """One row at the end: the key of its event, or the type of what is not an event; its text; whether it can be seen.

    `listed` is the number of the list that it is in, `label` what its titles and labels say, `marks` its classes and
    data attributes, `unread` what stands in it and can't be read by a person.
    """

    key: str
    text: str | None
    is_hidden: bool
    listed: int = 0
    label: str = ""
    marks: str = ""
    unread: str = ""


@dataclass(slots=True)
class Looked:
    """What was found in a list, what could not be decided, and how many comparisons were made."""

    checks: int = 0
    wrong: list[tuple[Kind, str | None, Finding]] = field(default_factory=list)
    doubts: list[Finding] = field(default_factory=list)
