"""What clients asked the server for that is no event, with the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.model import Fact
from harness.record.evidence.observers import Position, position

OPEN = "session:open"
"""The request by which a producer opens a session, where the system has one."""

CLOSE = "session:close"
"""The request by which it ends it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. `answered` is None, and `ok` and `took_ms` too, when no answer was seen.

    `wants_answer`: whether who asked said that it waits for one.
    """

    name: str
    sid: str
    session: str | None
    asked: Position
    answered: Position | None
    body: Mapping[str, Any]
    result: Mapping[str, Any]
    asked_ns: int = 0
    took_ms: float | None = None
    wants_answer: bool = True

    @property
    def ok(self) -> bool | None:
        return None if self.answered is None else self.result.get("ok") is True

    @property
    def code(self) -> str:
        """The machine-readable code of a refusal; empty when the answer carries none."""
        error = self.result.get("error")
        return str(error.get("code") or "") if isinstance(error, Mapping) else ""


def pair(requests: Iterable[Fact], answers: Iterable[Fact]) -> list[Exchange]:
    """Requests with their answers, in the server's order: the same server, client and acknowledgement id."""
    answered = {_ids(answer): answer for answer in answers if answer.data.get("id") is not None}
    return sorted((_exchange(asked, answered.get(_ids(asked))) for asked in requests), key=lambda each: each.asked)


def _ids(fact: Fact) -> tuple[str, str, str]:
    return (fact.observer, str(fact.data.get("sid")), str(fact.data.get("id")))


def _exchange(asked: Fact, answer: Fact | None) -> Exchange:
    body = first_object(asked.data.get("args"))
    session = body.get("session")
    return Exchange(
        name=str(asked.data.get("name")),
        sid=str(asked.data.get("sid")),
        session=session if isinstance(session, str) else None,
        asked=position(asked),
        answered=None if answer is None else position(answer),
        body=body,
        result={} if answer is None else first_object(answer.data.get("args")),
        asked_ns=asked.at_ns,
        took_ms=None if answer is None else (answer.at_ns - asked.at_ns) / 1e6,
        wants_answer=asked.data.get("id") is not None,
    )


def first_object(args: Any) -> Mapping[str, Any]:
    """The first argument of a message where it is an object, else an empty one: what clients send is hostile."""
    first = args[0] if isinstance(args, list | tuple) and args else None
    return first if isinstance(first, Mapping) else {}
