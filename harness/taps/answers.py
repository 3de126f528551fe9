"""Whether the answer to an event says no.

It does by a flag (`{ok: false}`), by an error (`{error: "not allowed"}`), or by a first argument where null comes first
when all is well: `cb(null, result)`, and `cb("not allowed")` or `cb(new Error(…))` when not. Null came first for the
same message then, or for whatever was answered before. A text alone (`cb("saved")`) may be a yes as well as a no, and
is taken for a yes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FLAGS = ("ok", "success")
"""Fields of an answer that say by true and false what became of the message."""

ERRORS = ("error", "err")
"""Fields of an answer that say what was wrong with it."""

ENOUGH = 2
"""So many answers with null first, and none without, say how a server answers all of its messages."""

SHOWN = 80
"""So much of a text is kept."""

UNSAID = "refused without a reason"


@dataclass(slots=True)
class Answers:
    """What one party is answered. It keeps what began with null: the names of such messages, and whether all did."""

    _errors_first: set[str] = field(default_factory=set)
    _nulls: int = 0
    _has_others: bool = False

    def refusal(self, name: str | None, answer: Any, asked: Sequence[Any]) -> str | None:
        """The reason or code where an answer is a refusal of what was asked by this name, None where it is none."""
        if not isinstance(answer, list) or not answer or name is None:
            return None
        first, *further = answer
        if first is None:
            self._errors_first.add(name)
            self._nulls += 1
            return None
        comes_first = name in self._errors_first or (self._nulls >= ENOUGH and not self._has_others)
        if comes_first and _may_be_error(first) and not any(further):
            return _reason(first)
        said = _said(first, asked) if isinstance(first, Mapping) else None
        self._has_others |= said is None
        return said


def words(answer: Any) -> str | None:
    """What an answer says that is a text alone, shortened: nobody but a person knows whether it says yes."""
    return answer[0][:SHOWN] if isinstance(answer, list) and answer and isinstance(answer[0], str) else None


def _said(answer: Mapping[str, Any], asked: Sequence[Any]) -> str | None:
    """What an answer's own fields say. What it repeats of the message (`{...event}`) is no answer to it."""
    flags = [answer[name] for name in FLAGS if isinstance(answer.get(name), bool)]
    given = [each for each in asked if isinstance(each, Mapping)]
    errors = [answer[name] for name in ERRORS if answer.get(name) not in (None, False, "", 0)]
    own = [each for each in errors if not any(each in told.values() for told in given)]
    if False in flags:
        return _reason(errors[0]) if errors else UNSAID
    return _reason(own[0]) if own and not flags and (own[0] != {} or len(answer) == 1) else None


def _may_be_error(first: Any) -> bool:
    """Whether it may be an error: a text, or an object without a flag that says otherwise; `Error` itself is `{}`."""
    if isinstance(first, Mapping):
        return not any(first.get(name) is True for name in FLAGS)
    return isinstance(first, str) and first != ""


def _reason(error: Any) -> str:
    """The code or the words of an error."""
    told = (error.get("code") or error.get("message") or error.get("error")) if isinstance(error, Mapping) else error
    return str(told) if told and told is not True else UNSAID
