"""Regular expressions that a target file brings, searched in what a system prints: both are others' texts.

The engine is RE2, whose time is linear in the text: with Python's own, `(a+)+$` and one line of forty letters keep the
harness busy for years. What RE2 has no linear way for, a look around and a reference back, is refused when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Protocol, cast

GROUP = re.compile(r"\(\?<(?=[A-Za-z_])")
WORD, DIGIT, SPACE = r"\p{L}\p{M}\p{N}_", r"\p{Nd}", r"\t-\r\x1c-\x20\x85\p{Z}"
r"""`\w`, `\d` and `\s` as Python means them, of every script: RE2's own are those of ASCII."""
_CLASSES = {"w": WORD, "d": DIGIT, "s": SPACE}
_NOT_LINEAR = {r"(?=": "looking ahead", r"(?!": "looking ahead", r"(?<=": "looking back", r"(?<!": "looking back"}
_REFERENCE = re.compile(r"(?<!\\)(?:\\\\)*(?:\\[1-9]|\(\?P=)")


class WrongPattern(ValueError):
    """A text that is not a regular expression, or not one that is searched in linear time; the message says which."""


class Found(Protocol):
    """Where a pattern was found."""

    def __getitem__(self, group: int | str) -> str: ...
    def groupdict(self) -> dict[str, str | None]: ...
    def end(self) -> int: ...
    def span(self, group: int, /) -> tuple[int, int]: ...


class Pattern(Protocol):
    """A compiled pattern."""

    @property
    def groups(self) -> int: ...
    @property
    def groupindex(self) -> Mapping[str, int]: ...
    def search(self, text: str) -> Found | None: ...
    def match(self, text: str) -> Found | None: ...


@cache
def compiled(text: str) -> Pattern:
    """The pattern, with groups written `(?P<name>…)` or `(?<name>…)`. Raises WrongPattern."""
    import re2  # ten milliseconds to import, which a judge doesn't need

    text = in_python(text)
    try:
        re.compile(text)  # its messages say where; RE2's don't
    except re.error as error:
        shown = "" if error.pos is None else f" at its character {error.pos + 1}"
        raise WrongPattern(f"{text!r} is not a regular expression: {error.msg}{shown}.") from None
    except (RecursionError, OverflowError):
        raise WrongPattern(f"{text[:60]!r}… is nested too deeply, or repeats too often, for any search.") from None
    options = re2.Options()
    options.log_errors = False
    try:
        return cast("Pattern", re2.compile(_of_every_script(text), options))
    except re2.error as error:
        raise WrongPattern(_refused(text, error)) from None


def literal(text: str) -> str:
    """A text as a pattern of itself, in Python and in JavaScript: `re.escape` escapes what JavaScript refuses."""
    return re.sub(r"([.+*?()\[\]{}|\\^$])", r"\\\1", text)


def in_python(pattern: str) -> str:
    """The pattern with its groups written as Python writes them."""
    return GROUP.sub("(?P<", pattern)


def _of_every_script(pattern: str) -> str:
    """The pattern with its classes spelled out."""
    parts, at, is_in_class = list[str](), 0, False
    while at < len(pattern):
        each = pattern[at : at + 2] if pattern[at] == "\\" else pattern[at]
        known = _CLASSES.get(each[1:].lower())
        if known is None:
            parts.append(each)
            is_in_class = each == "[" or (is_in_class and each != "]")
            if each == "[" and pattern[at + 1 : at + 2] == "]":  # it stands for itself there
                each += "]"
                parts[-1] = r"[\]"
        elif not is_in_class:
            parts.append(f"[{'' if each[1].islower() else '^'}{known}]")
        else:
            parts.append(known if each[1].islower() else each)
        at += len(each)
    return "".join(parts)


def _refused(text: str, error: Exception) -> str:
    what = next((f"{name} ({sign}…)" for sign, name in _NOT_LINEAR.items() if sign in text), None)
    if what is None and _REFERENCE.search(text):
        what = "a reference back to a group"
    reason = what or (error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0]))
    return (
        f"{text!r} has {reason}, which has no search in linear time, and a line of the CLI could stop the harness: "
        "write it without (the syntax is RE2's)."
        if what
        else f"{text!r} is not a regular expression of RE2, which searches in linear time: {reason}."
    )
