"""What a target file says of the producer and of events on the wire: its keys, checked and described."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from harness.target.file.kinds import Pattern, TapName, groups
from harness.target.file.part import Do, Part, Text
from harness.target.file.processes import Work


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


class Output(Part):
    """What the CLI's lines look like, without colour codes. Either `event` or `json`."""

    event: Pattern | None = Field(
        default=None,
        description="a line that reports an event: groups `name`, and `session`, `seq`, `payload` where it has them",
    )
    called: Text | None = Field(
        default=None, description="the event's name, where every such line is one of the same name, as of a log"
    )
    json_lines: bool = Field(
        default=False, alias="json", description="each line that is a JSON object reports an event"
    )
    fields: Fields = Field(
        default=Fields(), description="where the JSON line, or the JSON text in `payload`, keeps what"
    )
    session: Pattern | None = Field(default=None, description="the line that tells the session, in its group `session`")
    begin: Pattern | None = Field(default=None, description="lines up to this one are no events")
    end: Pattern | None = Field(default=None, description="lines from this one on are no events")
    continuation: Pattern | None = Field(
        default=None, description="how a line begins that goes on with the one before; what matches is left out"
    )
    stream: Literal["stdout", "stderr"] = Field(default="stdout", description="where the lines are")

    @model_validator(mode="after")
    def readable(self) -> Output:
        """Refuse lines that could never be read."""
        if (self.event is None) == (not self.json_lines):
            raise ValueError('either `event = "pattern"` or `json = true` says how an event is reported.')
        if self.json_lines and self.fields.name is None:
            raise ValueError('with `json = true`, `fields = { name = "…" }` says which field of a line is the name.')
        if self.called is not None and (self.event is None or "name" in groups(self.event)):
            raise ValueError("`called` is for an `event` without the group `name`.")
        if self.event is not None and self.called is None and not groups(self.event) & {"name", "payload"}:
            raise ValueError("`event` has no group `name`, as in '^Event: (?P<name>\\S+)', so nobody knows what came.")
        if self.session is not None and "session" not in groups(self.session):
            raise ValueError("`session` has no group `session`, as in '^Session: (?P<session>\\S+)'.")
        return self


class Request(Part):
    """An HTTP request that the producer consists of; the next one is sent when it is answered."""

    url: Text = Field(description="where to, as `{server}/orders`")
    method: str = Field(default="POST", pattern="^[A-Z]+$", description="the method")
    headers: dict[str, str] = Field(default={}, description="its headers")
    json_body: Any = Field(default=None, alias="json", description="what it says, sent as JSON")
    body: str | None = Field(default=None, description="what it says, as it is")
    event: Text | None = Field(
        default=None, description="name of the event that it reports once it is answered, with what it says as its data"
    )

    @model_validator(mode="after")
    def one(self) -> Request:
        """Refuse two bodies."""
        if self.json_body is not None and self.body is not None:
            raise ValueError("a request says `json` or `body`, not both.")
        return self


class Append(Part):
    """Lines that the producer appends to a file, one by one; `output` says what events they report."""

    file: Text = Field(description="the file, as `{shared}/events.log`")
    lines: list[str] = Field(min_length=1, description="the lines")


class Acting(Part):
    """A page that the producer is: a person at it brings the events about, and other dashboards watch."""

    url: Text = Field(description="its address, as `{server}/admin`")
    steps: list[Do] = Field(min_length=1, description="what is done on it; `wait` for what says that it is done")


ACTS = ("command", "shell", "requests", "append", "page")
"""The ways in which a producer may be said."""


class Cli(Part):
    """The producer, which reports its events on its output, or is only seen to send them.

    One of `command`, `shell`, `requests`, `append` and `page` is what it does.
    """

    command: list[str] = Field(default=[], description="does one task and ends; placeholders are filled in")
    shell: Text | None = Field(default=None, description="the same as a line for the shell")
    requests: list[Request] = Field(default=[], description="or HTTP requests: hop sent is blind, unless they are seen")
    append: Append | None = Field(default=None, description="or lines for a file that the system reads")
    page: Acting | None = Field(default=None, description="or steps on a page, in a browser of its own")
    pipe: list[str] | None = Field(
        default=None,
        description="takes events on standard input, a JSON object `{type, data}` a line; opens the full workloads",
    )
    task: str = Field(default="", description="the text for `{task}`")
    folder: str = Field(
        default=".", description="where it starts, from the target file's folder; `{work}` for a fresh one"
    )
    env: dict[str, str] = Field(
        default={}, description="environment beside the harness's own; placeholders are filled in"
    )
    work: Work = Field(default=Work(), description="what is in its fresh folder `{work}`")
    seen_by: TapName = Field(
        default="agent",
        description="who sees what it sends: `agent`, by itself in every process of Python or Node.js that the command "
        "starts; wire `proxy`; `nobody`; or a tap of an installed package",
    )
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="port of the server that is written into the producer: the wire proxy answers there",
    )
    output: Output | None = Field(
        default=None,
        description="what its lines look like; without it nobody sees hop emitted, and the next one seen stands "
        "for it; `requests` print a JSON line `{event, data}` each",
    )

    @model_validator(mode="before")
    @classmethod
    def seen_as_it_acts(cls, said: Any) -> Any:
        """No agent sees an HTTP request or a line for a file; a page is seen by the proxy."""
        if not isinstance(said, dict):
            return said
        seen_by = "proxy" if "page" in said else "nobody" if {"requests", "append"} & {*said} else None
        return said if seen_by is None else {"seen_by": seen_by, **said}

    @model_validator(mode="after")
    def does_one_thing(self) -> Cli:
        """Refuse a producer that does nothing, and one that does two things."""
        said = self._said()
        if len(said) != 1:
            told = f"it says {' and '.join(f'`{name}`' for name in said)}" if said else "it says none"
            raise ValueError(f"a producer is one of {', '.join(f'`{name}`' for name in ACTS)}, and {told}.")
        if self.append is not None and self.output is None:
            raise ValueError("`append` needs `output`: what events the lines report, as `event = '^(?P<name>\\S+)'`.")
        return self

    def _said(self) -> list[str]:
        return [name for name in ACTS if getattr(self, name)]

    @property
    def said_by(self) -> str:
        """The key that says what it does."""
        return self._said()[0]


class MessageKind(Part):
    """Messages that are one event by what they say, whatever they are called: the first that fits names the event."""

    name: Text = Field(description="the event's name; in `own` where such messages are no events")
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
        """Refuse statuses that nobody could find."""
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
        description="data fields that the server puts in, as an id: what was sent is not compared with them; what "
        "pages are told of them is compared with what was routed, and with what panels, items and named rows show",
    )
    include: list[Text] = Field(
        default=[],
        description="names of the messages that are events, as `order:*`; without it all but `own` ones, if no ids",
    )
    own: list[str] = Field(
        default=[], description="messages of the connection itself, which are no events of a session"
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
