"""What is seen in a server: who comes and goes, what is asked, and what is routed without recipients.

`sid` is a Socket.IO id, `where` is `file:line` in the server's own code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from harness.model.facts.client import code_in
from harness.model.record import Body, Json


@dataclass(frozen=True, slots=True)
class ServerStarted(Body):
    """A server came up."""

    kind: ClassVar[str] = "server-started"
    pid: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ServerStopped(Body):
    """A server ended. Where it did by itself: its `process`, exit `status`, and how many others are `running`."""

    kind: ClassVar[str] = "server-stopped"
    why: str | None = None
    process: str | None = None
    status: int | None = None
    running: int | None = None


@dataclass(frozen=True, slots=True)
class ProcessEnded(Body):
    """A process of the system that is no server, as a bridge or a worker, ended by itself during the run."""

    kind: ClassVar[str] = "process-ended"
    process: str
    status: int


@dataclass(frozen=True, slots=True)
class Connected(Body):
    """A client was let in, by a `process` of the system: its name in the target and its number, as `east:4711`."""

    kind: ClassVar[str] = "connected"
    sid: str
    role: str | None = None
    origin: str | None = None
    transport: str | None = None
    namespace: str | None = None
    process: str | None = None


@dataclass(frozen=True, slots=True)
class Disconnected(Body):
    """A client's connection ended."""

    kind: ClassVar[str] = "disconnected"
    sid: str
    reason: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Refused(Body):
    """A client was not let in. `status` is that of the HTTP answer to `url`, `data` what the server sent besides."""

    kind: ClassVar[str] = "refused"
    reason: str | None = None
    origin: str | None = None
    sid: str | None = None
    role: str | None = None
    status: int | None = None
    url: str | None = None
    data: Json = None
    namespace: str | None = None

    @property
    def code(self) -> str:
        """The machine-readable reason where it has one, else what there is of a reason."""
        return code_in(self.data) or self.reason or ""


@dataclass(frozen=True, slots=True)
class Joined(Body):
    """A client entered a room."""

    kind: ClassVar[str] = "joined"
    sid: str
    room: str | None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Left(Body):
    """A client left a room."""

    kind: ClassVar[str] = "left"
    sid: str
    room: str | None
    where: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Requested(Body):
    """A client sent a request: a message other than an event.

    `id` is that of the acknowledgement that it waits for, None for none.

    Told by the server, by a page and by a CLI, of which only the server and the page know the `sid`.
    """

    kind: ClassVar[str] = "request"
    name: str
    args: Sequence[Json] = ()
    id: int | None = None
    sid: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Answered(Body):
    """A request was answered: the one with this `id`. `name` is None where it is not known what was asked."""

    kind: ClassVar[str] = "answer"
    name: str | None = None
    args: Sequence[Json] = ()
    id: int | None = None
    sid: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class NoHandler(Body):
    """A message came that no handler took; `why`, where it is not that the server has none.

    One that was posted over plain HTTP has the path for its name, and no `sid`. A client that a namespace's middleware
    neither let in nor refused has the name `connect`, and `where` that middleware was registered.
    """

    kind: ClassVar[str] = "no-handler"
    sid: str | None
    name: str
    why: str | None = None
    namespace: str | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True)
class LateHandler(Body):
    """A connection was given a handler after so many messages that were for it were `missed`."""

    kind: ClassVar[str] = "late-handler"
    sid: str | None
    name: str
    missed: int
    where: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class HandlerError(Body):
    """A handler raised."""

    kind: ClassVar[str] = "handler-error"
    sid: str | None
    name: str
    error: str | None = None
    where: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class BackgroundError(Body):
    """Code of the server's own raised outside of handlers, and was not caught. `inside`: a "thread" or a "task"."""

    kind: ClassVar[str] = "background-error"
    inside: str
    error: str | None = None
    where: str | None = None
    process: str | None = None


@dataclass(frozen=True, slots=True)
class NeverAwaited(Body):
    """A coroutine was made and never awaited, so that nothing of it ran: python-socketio's, or the target's own.

    `does`: what it was to do, `emit` or `enter_room`, as its name or its code says. `key` is the event that was to be
    emitted, or whose handler made it; `name` the message. `sid`: the client concerned, and `asked` its request.
    """

    kind: ClassVar[str] = "never-awaited"
    function: str
    does: tuple[str, ...] = ()
    key: str | None = None
    name: str | None = None
    room: str | tuple[str, ...] | None = None
    sid: str | None = None
    asked: str | None = None
    where: str | None = None
    process: str | None = None


@dataclass(frozen=True, slots=True)
class PostDropped(Body):
    """The server's transport failed at a client's POST, and threw away every message in it. `size` in bytes.

    `sid` is that of the transport (Engine.IO).
    """

    kind: ClassVar[str] = "post-dropped"
    sid: str
    error: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Blocked(Body):
    """Something kept a server's event loop for `ms` milliseconds, up to this moment: a handler, or a task of its own.

    `name` is the event that a handler worked on; `where` is where the handler or the task begins.
    """

    kind: ClassVar[str] = "blocked"
    ms: float
    sid: str | None = None
    name: str | None = None
    where: str | None = None
    process: str | None = None


@dataclass(frozen=True, slots=True)
class Unrouted(Body):
    """An event was emitted to a room, or several, without members.

    `rooms` and `connected`: who was where at that moment. How rooms are named says `record.rooms`.
    """

    kind: ClassVar[str] = "unrouted"
    key: str | None = None
    room: str | tuple[str, ...] | None = None
    where: str | None = None
    rooms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    connected: tuple[str, ...] = ()
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class NoticeRouted(Body):
    """A message in which no event was found was emitted, to these recipients where they are known."""

    kind: ClassVar[str] = "notice-routed"
    name: str
    payload: Json = None
    recipients: tuple[str, ...] | None = None
    where: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Published(Body):
    """A `process` of the system put an event into a message queue, for every process that listens there to emit it.

    `queue` is its address without credentials.
    """

    kind: ClassVar[str] = "published"
    key: str | None = None
    room: str | tuple[str, ...] | None = None
    where: str | None = None
    namespace: str | None = None
    process: str | None = None
    queue: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Members(Body):
    """Who is connected, and in which rooms."""

    kind: ClassVar[str] = "members"
    rooms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    connected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listens(Body):
    """A message queue that a process of the server takes events from, for the clients `connected` to that process.

    `queue` is its address without credentials.
    """

    kind: ClassVar[str] = "listens"
    queue: str | None
    channel: str | None
    connected: tuple[str, ...] = ()
