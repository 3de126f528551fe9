"""The kinds of values in a target file: patterns, selectors, texts with placeholders. Each is checked when it is read.

Patterns are regular expressions that RE2 can search in linear time (see `lib.patterns`); a group may be written
`(?<name>…)` too. What a page evaluates is handed to it in JavaScript's way of writing. Selectors of what is observed
are CSS, since the page itself watches them; selectors of what is clicked and filled in are Playwright's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from cssselect import SelectorError, parse
from pydantic import AfterValidator

from harness.extensions import STRATEGY, TAP, Point, names, nearest
from harness.lib.patterns import compiled

PLAYWRIGHT_ONLY = re.compile(r"^(?:text|xpath|role|id|css|internal:\w+)=|^//|>>|:(?:has-text|text|text-is|visible)\b")


def _pattern(text: str) -> str:
    compiled(text)
    return text


def _selector(text: str) -> str:
    if found := PLAYWRIGHT_ONLY.search(text):
        raise ValueError(
            f"{text!r} has {found[0]!r}, which only Playwright knows; what is observed is watched by the page itself: "
            "write CSS, as #count or li[data-type]."
        )
    try:
        parse(text)
    except SelectorError as error:
        raise ValueError(f"{text!r} is not a CSS selector: {error}.") from None
    return text


def _script_text(text: str) -> str:
    if not text:
        raise ValueError("it is empty.")
    return text


@dataclass(frozen=True, slots=True)
class MemberOf:
    """The check of a name: it is a member of an extension point, here or in an installed package."""

    point: Point

    def __repr__(self) -> str:  # pydantic puts it into the path of a mistake
        return f"MemberOf({self.point.kind})"

    def __call__(self, name: str) -> str:
        known = names(self.point)
        if name not in known:
            raise ValueError(f"{name!r} is not one of {', '.join(known)}{nearest(name, known)}")
        return name


StrategyName = Annotated[str, AfterValidator(MemberOf(STRATEGY))]
"""The name of a strategy."""

TapName = Annotated[str, AfterValidator(MemberOf(TAP))]
"""The name of a tap of processes."""

Pattern = Annotated[str, AfterValidator(_pattern)]
"""A regular expression, searched for anywhere in the text unless it is anchored."""

Selector = Annotated[str, AfterValidator(_selector)]
"""A CSS selector."""

Step = Annotated[str, AfterValidator(_script_text)]
"""A selector of Playwright: CSS, `text=…`, `role=…`."""


def in_javascript(pattern: str) -> str:
    """The pattern with its groups written as JavaScript writes them."""
    return pattern.replace("(?P<", "(?<")


def groups(pattern: str) -> set[str]:
    """The names of the pattern's groups."""
    return set(compiled(pattern).groupindex)
