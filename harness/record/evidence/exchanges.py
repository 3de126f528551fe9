"""Clients' requests to the server, events aside, with the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.model import Fact, Json
from harness.model.facts import Answered, Requested
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
    request: Mapping[str, Any]
    result: Mapping[str, Any]
    asked_ns: int = 0
    took_ms: float | None = None
    wants_answer: bool = True
    args: Sequence[Json] = ()
    """All that was said in the request; `request` is the first object of it."""

    @property
    def ok(self) -> bool | None:
        return None if self.answered is None else self.result.get("ok") is True

    @property
    def is_refused(self) -> bool:
        """Whether the answer itself says no; one that says neither is not a refusal."""
        return self.answered is not None and self.result.get("ok") is False

    @property
    def code(self) -> str:
        """The machine-readable code of a refusal; empty when the answer carries none."""
        error = self.result.get("error")
        return str(error.get("code") or "") if isinstance(error, Mapping) else ""


def pair(requests: Iterable[Fact[Requested]], answers: Iterable[Fact[Answered]]) -> list[Exchange]:
    """Requests with their answers, in the server's order: the same server, client and acknowledgement id."""
    answered = {_ids(answer): answer for answer in answers if answer.body.id is not None}
    return sorted((_exchange(asked, answered.get(_ids(asked))) for asked in requests), key=lambda each: each.asked)


def _ids(fact: Fact[Requested] | Fact[Answered]) -> tuple[str, str | None, int | None]:
    return (fact.observer, fact.body.sid, fact.body.id)


def _exchange(asked: Fact[Requested], answer: Fact[Answered] | None) -> Exchange:
    request = first_object(asked.body.args)
    session = request.get("session")
    return Exchange(
        name=asked.body.name,
        sid=str(asked.body.sid),
        session=session if isinstance(session, str) else None,
        asked=position(asked),
        answered=None if answer is None else position(answer),
        request=request,
        result={} if answer is None else first_object(answer.body.args),
        asked_ns=asked.at_ns,
        took_ms=None if answer is None else (answer.at_ns - asked.at_ns) / 1e6,
        wants_answer=asked.body.id is not None,
        args=asked.body.args,
    )


def first_object(args: Sequence[Json]) -> Mapping[str, Any]:
    """The first argument of a message where it is an object, else an empty one: what clients send is hostile."""
    return args[0] if args and isinstance(args[0], Mapping) else {}
