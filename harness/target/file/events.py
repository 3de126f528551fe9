"""What a target file says of events on the wire: its keys, checked and described."""

from __future__ import annotations

from pydantic import Field, model_validator

from harness.target.file.kinds import Pattern
from harness.target.file.part import Part, Text


class Fields(Part):
    """Where a message, a line or an item keeps what. Paths go into objects by dots; `""` is the whole payload.

    The payload of a message is its first argument; `args.1.value` is a field of the second.
    """

    name: str | None = Field(default=None, description="the event's name; without it, that of the Socket.IO message")
    session: str | None = Field(default=None, description="the session; without it, the run has one session")
    seq: str | None = Field(
        default=None, description="the number in its session, from 1 on; without it, events are counted"
    )
    data: str | dict[str, Text] = Field(
        default="",
        description='the data that must arrive unchanged; a table where they are several: `{ item = "args.1.item" }`',
    )
    text: Pattern | None = Field(
        default=None, description="pattern of a payload, or of `data`, that is a text: its groups are the fields there"
    )


class MessageKind(Part):
    """Messages that are one event by what they say, whatever they are called: the first that fits names the event."""

    name: Text = Field(description="the event's name; in `own` where such messages are not events")
    message: Text = Field(default="*", description="name of the Socket.IO message, as `my_*`")
    where: dict[str, Pattern] = Field(
        default={}, description='path → pattern of the text or JSON there; `""` is the payload'
    )


class Message(Fields):
    """How an event is wrapped in a Socket.IO message on one side of the server."""

    carrier: str | None = Field(
        default=None, description="the one Socket.IO message that carries every event, if there is one"
    )
    each: str | None = Field(
        default=None,
        description="path of a list, where one message has several events, as those of the last 50 ms: each member is "
        'one, and paths are into it and into what stands around the list; `""` is the payload',
    )
    arguments: int | None = Field(
        default=None, ge=0, description="how many arguments each message has; without it, what is added is not compared"
    )
    kinds: list[MessageKind] = Field(default=[], description="messages that are told apart by what they say")
    names: dict[str, str] = Field(
        default={}, description="names on this side alone to those on the CLI's lines, beside `events.names`"
    )


class SessionNotice(Part):
    """A message by which the server tells pages that a session began, or, with `ended`, that it ended."""

    session: Text = Field(default="session", description="path of the session in its first argument")
    status: Text | None = Field(default=None, description="path of what it says of how the session ended")
    ended: dict[str, list[Text]] = Field(
        default={},
        description="status → the terminal events that go with it; none where the session was broken off, and may yet "
        "go on",
    )

    last: Text | None = Field(
        default=None, description="path of the number of the last event that the session has by then"
    )

    time: Text | None = Field(default=None, description="path of the time at which the session began, or ended")

    @model_validator(mode="after")
    def says_how(self) -> SessionNotice:
        """Refuse statuses without a place to find them."""
        if self.ended and self.status is None:
            raise ValueError("`ended` needs `status`: where the message says how the session ended.")
        return self


class SessionList(Part):
    """A message that lists the sessions which are active."""

    list: Text = Field(description="path of the list in its first argument")
    session: Text = Field(default="session", description="path of the session in an item of the list")


class Total(Part):
    """What a number in an event says of those before it in its session."""

    counts: list[Text] = Field(default=[], description="how many events there were of these names")
    adds: dict[str, Text] = Field(
        default={}, description="the sum of numbers: event name → path in its data; beside `lasts` parts of the time"
    )
    lasts: Text | None = Field(
        default=None,
        description="field with the time of a message: how many ms the session took, which is no longer than those "
        "times say",
    )

    tells: dict[str, Text] = Field(
        default={}, description="the number that an event before it said last: event name → path in its data"
    )
    itself: bool = Field(default=False, description="beside `counts`: the event counts itself, as an index does")

    @model_validator(mode="after")
    def says_one(self) -> Total:
        """Refuse a total of nothing, and one of two things."""
        if sum(map(bool, (self.counts, self.adds or self.lasts, self.tells))) != 1:
            raise ValueError("a total is one of `counts`, `tells`, `adds` and `lasts` (with the parts that it `adds`).")
        return self


class Events(Part):
    """The events and how they look on the wire."""

    sent: Message = Field(default=Message(), description="from the producer to the server")
    received: Message = Field(default=Message(), description="from the server to the dashboards")
    names: dict[str, str] = Field(default={}, description="names on the wire or the page to those on the CLI's lines")
    renamed: dict[str, str] = Field(default={}, description="data fields on the wire to those on the CLI's lines")
    added: list[str] = Field(
        default=[],
        description="data fields that the server puts in, as an id: what was sent is not compared with them, unless as "
        "a rule the server leaves those as they were that were sent already; what pages are told of them is "
        "compared with what was routed, and with what panels, items and named rows show",
    )
    replaced: list[str] = Field(
        default=[],
        description="data fields that are sent, and in whose place the server puts its own, as a level that it says: "
        "as `added`, of which one that is overwritten was not compared, unless by times, or by another one each time, "
        "as an id",
    )
    include: list[Text] = Field(
        default=[],
        description="names of the messages that are events, as `order:*`; without it all but `own` ones, if no ids",
    )
    own: list[str] = Field(
        default=[], description="messages of the connection itself, which are not events of a session"
    )
    made: list[Text] = Field(
        default=[],
        description="names of the events that the server makes by itself, as an alarm over readings: they begin "
        "at routed, and no producer has to report them",
    )
    described: str | None = Field(
        default=None,
        description="AsyncAPI document, from the target file's folder: what messages say is compared with it wherever "
        "they are seen",
    )
    declared: list[str] = Field(default=[], description="event names that a run must show, else it proves nothing")
    initial: list[str] = Field(default=[], description="the events one of which begins a session")
    time: Text | None = Field(
        default=None,
        description="field of a message with the time at which its event was reported: with a zone, and within the run",
    )
    totals: dict[str, dict[Text, Total]] = Field(
        default={},
        description="event name → path of a number in its data → what that says of the session so far, as the number "
        "of steps in its last event",
    )
    notices: dict[str, SessionNotice] = Field(
        default={}, description="messages by which the server tells pages of sessions, by their names"
    )
    lists: dict[str, SessionList] = Field(
        default={}, description="messages that list the sessions which are active, by their names"
    )
    ids: dict[str, Text] = Field(
        default={}, description="message name → path in it of the Socket.IO id of the page that gets it"
    )
    terminal: list[str] = Field(default=[], description="the events that end a session")
    terminal_ok: list[str] = Field(default=[], description="those of them that go with exit status 0")

    def put_in(self) -> tuple[str, ...]:
        """The data fields that are the server's, whatever was sent in them."""
        return tuple(dict.fromkeys([*self.added, *self.replaced]))
