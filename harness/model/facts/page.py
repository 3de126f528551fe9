"""What is seen of a page: its connection, what it shows as it changes, and what it shows in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from harness.model.record import Body, Json


@dataclass(frozen=True, slots=True)
class PageLoaded(Body):
    """A document was loaded."""

    kind: ClassVar[str] = "page-loaded"
    dashboard: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PageConnected(Body):
    """The page's connection is open, under this Socket.IO id."""

    kind: ClassVar[str] = "page-connected"
    sid: str | None
    transport: str | None = None


@dataclass(frozen=True, slots=True)
class PageClosed(Body):
    """The page's connection ended; `code` is that of the WebSocket (1000 and up), or the HTTP status of a poll."""

    kind: ClassVar[str] = "page-closed"
    sid: str | None = None
    transport: str | None = None
    code: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PageListens(Body):
    """So many listeners the page has from now on for a name, on one of its sockets (numbered); `*`: for every name.

    Told when it changes, and of each name before its first message. `where` is the line of the page's code. `is_once`:
    a listener took itself away that was added there by `once`.
    """

    kind: ClassVar[str] = "page-listens"
    socket: int
    name: str
    count: int
    namespace: str = "/"
    where: str | None = None
    is_once: bool = False


@dataclass(frozen=True, slots=True)
class FrameUnread(Body):
    """A message reached the page that its client can't read: why it is not JSON. The client closes the connection.

    `name` and `digest` are those of the event that it would have been, where that can be told, and `key` is its key
    where the message is numbered.
    """

    kind: ClassVar[str] = "frame-unread"
    why: str
    sid: str | None = None
    name: str | None = None
    digest: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class PageRefused(Body):
    """The page could not connect. `text` is for people: what the server, or the transport, said.

    `status` is that of an HTTP answer that was no success. `is_foreign`: what answered with success is no Engine.IO.
    `namespace`: the one that a server refused, where it refused that and not the whole connection.
    """

    kind: ClassVar[str] = "page-refused"
    text: str
    status: int | None = None
    is_foreign: bool = False
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class PageError(Body):
    """A script error, an unhandled rejection, or an error on the console.

    With `waited_s` it is not the page's own: so long the harness waited for the page to say that it is connected.
    """

    kind: ClassVar[str] = "page-error"
    text: str
    waited_s: float | None = None


@dataclass(frozen=True, slots=True)
class PageIntrusion(Body):
    """A dialog, a request or a script that a payload brought about."""

    kind: ClassVar[str] = "page-intrusion"
    what: str


@dataclass(frozen=True, slots=True)
class PageOwn(Body):
    """The same of the page's own accord; the harness dismisses dialogs and closes popups."""

    kind: ClassVar[str] = "page-own"
    what: str


@dataclass(frozen=True, slots=True)
class Notice(Body):
    """A message was delivered that is not an event.

    `called`: the event that the target knows messages of this name as, "*" where the name carries every event.
    """

    kind: ClassVar[str] = "notice"
    name: str
    payload: Json = None
    called: str | None = None


@dataclass(frozen=True, slots=True)
class StatusShown(Body):
    """What the page says of its connection: its words, and whether they mean that it is connected."""

    kind: ClassVar[str] = "status"
    text: str
    connected: bool


@dataclass(frozen=True, slots=True)
class CounterShown(Body):
    """The page's counter changed to this; `value` is None where it is not a number."""

    kind: ClassVar[str] = "counter"
    value: int | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class PanelPart:
    """What a panel shows: the session that it is about, its text, and its values by their names.

    Read at the end alone: `items`, the text of each item that it lists with its marks (classes, data attributes), and
    `nothing`, a text in it that says that there is none yet.
    """

    session: str | None = None
    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    items: tuple[tuple[str, str], ...] = ()
    nothing: str | None = None


@dataclass(frozen=True, slots=True)
class RowAgain(Body):
    """A row that was not there before shows an event that a row had shown, and that the page was given again.

    `key` is as rows say it, without the session where they say none. It may be that the page draws anew what it has;
    or, where a session's id is used again, the event of that name and number since then.
    """

    kind: ClassVar[str] = "row-again"
    key: str
    name: str
    seq: int
    session: str | None = None


@dataclass(frozen=True, slots=True)
class PanelShown(Body):
    """A panel changed to this."""

    kind: ClassVar[str] = "panel"
    panel: str
    session: str | None = None
    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WindowShown(Body):
    """The list's note that it is shown in part: `shown` of `total`, None where it says no number."""

    kind: ClassVar[str] = "window"
    text: str = ""
    shown: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class View(Body):
    """What a page shows at quiescence, read freshly; None for what it doesn't have.

    `rows` and `state_events` are keys in the order of the page; what has no key (the connection's own events) is
    listed by its name. `texts` are those of the rows, None for those in the middle of a very long list, `hidden` the
    places of rows that a person can't see; `rows_numbered`: rows say which event they show; `lists`: the number of the
    list that each row is in, None where all are in one. `panels` are by name; a second one of a name has its session
    after the name. `unseen`: `counter`, `status`, and panels and their values (`panel: value`) that have a text, and
    stand where no person can see them. `state` is what the page's state holds beside its events: of no session under
    `""`, else by session, each value by its name. `labels` are the titles and labels of rows, `marks` their classes
    and data attributes, without those that all have, `places` which place of how many each says that it has (1 and up;
    None for what it does not say); None where there are none. `nothing` is a text among the rows or
    beside them that says that there is none yet. `state_connection` is what the state says of the connection, and
    `state_connected` whether that means connected; None where the target does not say which states do. `unread` is
    what stands in each row and can't be read by a person, as it has no colour or size: it is not in `texts`; None where
    there is nothing of the kind. `room`: for how many rows more there is room before or after them, in what a person
    scrolls them in; None where there is none.
    """

    kind: ClassVar[str] = "view"
    counter: int | None = None
    counter_text: str | None = None
    status: StatusShown | None = None
    rows: tuple[str, ...] | None = None
    texts: tuple[str | None, ...] | None = None
    hidden: tuple[int, ...] | None = None
    rows_numbered: bool = True
    lists: tuple[int, ...] | None = None
    panels: Mapping[str, PanelPart] | None = None
    window: WindowShown | None = None
    state_events: tuple[str, ...] | None = None
    state_connection: str | None = None
    unseen: tuple[str, ...] = ()
    state: Mapping[str, Mapping[str, str]] | None = None
    labels: tuple[str, ...] | None = None
    marks: tuple[str, ...] | None = None
    places: tuple[tuple[int | None, int | None] | None, ...] | None = None
    nothing: str | None = None
    state_connected: bool | None = None
    unread: tuple[str, ...] | None = None
    room: float | None = None
