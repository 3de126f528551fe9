"""What a target file says of the producer: what it does, and how it reports its events. Checked and described."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from harness.target.file.events import Fields
from harness.target.file.kinds import Pattern, TapName, groups
from harness.target.file.part import Do, Part, Text
from harness.target.file.processes import Work


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
    begin: Pattern | None = Field(default=None, description="lines up to this one are not events")
    end: Pattern | None = Field(default=None, description="lines from this one on are not events")
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
            raise ValueError("`event` has no group `name`, as in '^Event: (?P<name>\\S+)', so its name is unknown.")
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
        description="how what it sends is observed: `agent`, by itself in every process of Python or Node.js that the "
        "command starts; wire `proxy`; `nobody`; or a tap of an installed package",
    )
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="port of the server that is written into the producer: the wire proxy answers there",
    )
    output: Output | None = Field(
        default=None,
        description="what its lines look like; without it hop emitted is not observed, and the next one seen stands "
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
