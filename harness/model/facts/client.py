"""What is seen of the Socket.IO client in a CLI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from harness.model.record import Body, Json


def code_in(told: Json) -> str:
    """The `code` in what a server says of a refusal, or in the `data` of that; empty where there is none."""
    if isinstance(told, Mapping):
        for each in (told, told.get("data")):
            if isinstance(each, Mapping) and isinstance(code := each.get("code"), str):
                return code
    return ""


@dataclass(frozen=True, slots=True)
class ClientConnected(Body):
    """The server let it in."""

    kind: ClassVar[str] = "client-connected"
    url: str | None = None
    transport: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class ClientDisconnected(Body):
    """Its connection to a namespace ended."""

    kind: ClassVar[str] = "client-disconnected"
    reason: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class ClientRefused(Body):
    """It could not connect. `error` is what the server or the library said: a text, or an object with `message`."""

    kind: ClassVar[str] = "client-refused"
    error: Json = None
    url: str | None = None
    namespace: str | None = None

    @property
    def code(self) -> str:
        """The machine-readable reason of a refusal where it has one, else what there is of a reason."""
        return code_in(self.error) or str(self.error or "")


@dataclass(frozen=True, slots=True)
class UnservedEmit(Body):
    """Something was emitted on a server object without clients in this process. `where` is `file:line`.

    `process` where that is one of the system, and not a CLI: its name in the target and its number.
    """

    kind: ClassVar[str] = "unserved-emit"
    event: str
    key: str | None = None
    where: str | None = None
    room: str | tuple[str, ...] | None = None
    namespace: str | None = None
    process: str | None = None
