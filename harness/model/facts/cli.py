"""What is seen of a CLI: its process, what it prints, and the acknowledgements that it gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.model.record import Body

UNSERVED = (404, 405, 408, 413, 415)
"""HTTP statuses of what no handler of the application has taken."""
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class CliStarted(Body):
    """The process was started. `argv` has no secrets in it."""

    kind: ClassVar[str] = "cli-started"
    argv: tuple[str, ...]
    cwd: str


@dataclass(frozen=True, slots=True)
class CliSession(Body):
    """It says which session it begins."""

    kind: ClassVar[str] = "cli-session"
    session: str


@dataclass(frozen=True, slots=True)
class CliExited(Body):
    """It ended; a negative `status` is the signal that ended it. `killed`: by the harness."""

    kind: ClassVar[str] = "cli-exited"
    status: int
    killed: bool = False

    @property
    def has_died(self) -> bool:
        """Whether it did not end by itself: killed by the harness, or ended by a signal."""
        return self.killed or self.status < 0


@dataclass(frozen=True, slots=True)
class CliMessage(Body):
    """A line on standard error."""

    kind: ClassVar[str] = "cli-message"
    text: str


NOT_SENT = "not sent"
"""How the error begins of an event that did not leave its producer."""


@dataclass(frozen=True, slots=True)
class Acknowledged(Body):
    """What a producer was answered about one event, or why it could not be sent."""

    kind: ClassVar[str] = "acknowledged"
    key: str
    ok: bool
    error: str | None = None
    namespace: str | None = None
    where: str | None = None
    status: int | None = None
    """That of an answer over plain HTTP, where it is an error."""
    says: str | None = None
    """The words of an answer that is a text alone: a yes, unless they say no."""
    queue: str | None = None
    """The message queue that did not take it, and whose library went on without a word."""

    @property
    def is_refusal(self) -> bool:
        """Whether the application itself refused. An unserved path or a failed handler is no refusal."""
        return not self.ok and (self.status is None or (self.status < SERVER_ERROR and self.status not in UNSERVED))

    @property
    def failed_on_connection(self) -> bool:
        """Whether it failed, and was to go over a connection: a message queue needs none."""
        return not self.ok and self.queue is None

    @property
    def never_left(self) -> bool:
        """Whether it could not be sent, so that no server could answer."""
        return not self.ok and (self.error or "").startswith(NOT_SENT)
