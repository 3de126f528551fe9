"""What taps write: events, the hops that they pass, sightings, and facts about what is no event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, TypeAlias

SCHEMA = 1


class Hop(IntEnum):
    """The places an event passes, in order."""

    EMITTED = 0
    SENT = 1
    RECEIVED = 2
    ROUTED = 3
    DELIVERED = 4
    APPLIED = 5
    RENDERED = 6

    @property
    def label(self) -> str:
        return self.name.lower()


SERVER_SIDE = (Hop.EMITTED, Hop.SENT, Hop.RECEIVED, Hop.ROUTED)
"""Hops that an event passes once, whoever watches."""

PAGE_SIDE = (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED)
"""Hops that an event passes once for each dashboard."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a message said, as it is compared: `data` is the event's own; `rest` is what else the message held.

    That is its further arguments and the other fields of its envelope; None where there are none.
    """

    data: Any
    rest: Mapping[str, Any] | None = None
    rest_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing the CLI reports. `key` is its identity at every hop: `<session>/<seq>` (see identity).

    `told` is there until it is written: a ledger keeps each payload once, by its digest.
    """

    key: str
    name: str
    session: str | None
    seq: int | None
    digest: str | None
    told: Told | None = field(default=None, compare=False, repr=False)

    @property
    def rest(self) -> dict[str, str]:
        """The part of a sighting's detail that says what else its message held; empty where that was nothing."""
        return {} if self.told is None or self.told.rest_digest is None else {"rest": self.told.rest_digest}


@dataclass(frozen=True, slots=True)
class Payload:
    """What has a digest: JSON data without its secrets, a text that says so where it is too long to be kept."""

    digest: str
    data: Any


@dataclass(frozen=True, slots=True)
class Sighting:
    """One event seen at one hop by one observer.

    `observer` is `cli:<label>`, `server` or `dashboard:<label>.<load>`, where `load` counts the loads of that page.
    `n` is the position in that observer's own record: a total order within one observer.
    `at_ns` is monotonic nanoseconds, comparable between observers only by a `clock` fact.
    `recipients` (routed only) are the Socket.IO ids resolved by the server; empty means nobody. Of those, the ids in
    `detail["dropped"]` got nothing written: the emit was volatile, and their connections were busy at that moment.
    """

    hop: Hop
    event: Event
    observer: str
    n: int
    at_ns: int
    recipients: tuple[str, ...] | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


class FactKind(StrEnum):
    """What else a tap may write. The comment gives the keys of `data`."""

    RUN = "run"  # the contract of the run: first line of a ledger
    TAP = "tap"  # tap, hops, phase (before|after), alive, why; one_sided: why its silence proves nothing, where so
    CLOCK = "clock"  # offset_ns (observer's clock + offset = the harness's), error_ns
    STEP = "act"  # name: what the harness does next, in a tester's words; properties it exercises
    ACTION = "action"  # name, dashboard or cli, detail

    CLI_STARTED = "cli-started"  # argv (without secrets), cwd
    CLI_SESSION = "cli-session"  # session
    CLI_EXITED = "cli-exited"  # status, killed (by the harness)
    CLI_MESSAGE = "cli-message"  # text: a line that is no event line, on stderr
    ACKNOWLEDGED = "acknowledged"  # key, ok, error
    CLIENT_CONNECTED = "client-connected"  # url, transport
    CLIENT_DISCONNECTED = "client-disconnected"  # reason
    CLIENT_REFUSED = "client-refused"  # error
    UNSERVED_EMIT = "unserved-emit"  # event, where: emit on a server object that serves nobody in this process

    CONNECTED = "connected"  # sid, role, origin, transport
    DISCONNECTED = "disconnected"  # sid, reason
    REFUSED = "refused"  # reason, origin, sid
    JOINED = "joined"  # sid, room
    LEFT = "left"  # sid, room, where (file:line)
    REQUEST = "request"  # sid, name, args, id: what a client asked for that is no event
    ANSWER = "answer"  # sid, name, id, args
    NO_HANDLER = "no-handler"  # sid, name; why, where it is not that there is none
    LATE_HANDLER = "late-handler"  # sid, name, missed (how many came before), where: registered too late
    HANDLER_ERROR = "handler-error"  # sid, name, error, where
    UNROUTED = "unrouted"  # key, room, connected (sids), rooms ({room: [sids]}), where (file:line)
    MEMBERS = "members"  # rooms ({room: [sids]}), connected (sids)
    LISTENS = "listens"  # queue, channel, connected: a message queue that a process of the server takes events from
    SERVER_STARTED = "server-started"  # pid, url
    SERVER_STOPPED = "server-stopped"  # why; where it ended by itself: process, status, running (how many others are)

    PAGE_LOADED = "page-loaded"  # dashboard, url
    PAGE_CONNECTED = "page-connected"  # sid, transport
    PAGE_CLOSED = "page-closed"  # transport, reason
    PAGE_REFUSED = "page-refused"  # text
    PAGE_ERROR = "page-error"  # text: script error, rejection, console error
    PAGE_INTRUSION = "page-intrusion"  # what: dialog, request or script that a payload brought about
    PAGE_OWN = "page-own"  # what: the same of the page's own accord; the harness dismisses dialogs and closes popups
    NOTICE = "notice"  # name, payload: delivered, but no event
    STATUS = "status"  # text, connected
    COUNTER = "counter"  # value, text
    PANEL = "panel"  # panel, session, text, values
    WINDOW = "window"  # text, shown, total: the list says that it is shown in part
    VIEW = "view"  # at quiescence: counter, status, rows (keys shown), panels, state_events (keys in state order)

    IN_FLIGHT = "in-flight"  # count: handlers that still run in the server; means (agent|quiet); background: at work
    FENCE = "fence"  # dashboard, channel (websocket|polling), back, waited_ms, means (wire|quiet), why, let_in
    STILL = "still"  # dashboard, still, waited_ms, why
    SCREENSHOT = "screenshot"  # path, caption, dashboard


CHOOSE = "choose"
"""The action of telling a dashboard which session to show."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something seen that is no event."""

    kind: FactKind
    observer: str
    n: int
    at_ns: int
    data: Mapping[str, Any]


Record: TypeAlias = Sighting | Fact
Write: TypeAlias = Callable[[Record], None]
"""What a tap is given to write with. Thread-safe, never blocks on the reader."""
