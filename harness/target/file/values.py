"""Values that a page shows in its panels, or holds in its state, and what they show, as pydantic models."""

from __future__ import annotations

from pydantic import Field, model_validator

from harness.target.file.kinds import Pattern, Selector, StrategyName
from harness.target.file.part import Part, Text


class Value(Part):
    """What a value shows: `counts`, `says`, `tells`, `lists`, `share` and so on."""

    counts: list[Text] = Field(default=[], description="names of the events that it counts; `*` is all")
    less: list[Text] = Field(
        default=[], description="beside `counts`: names of the events that it counts down by, as of who is online"
    )
    says: dict[str, Text] = Field(
        default={}, description="name of an event, or of a notice that a session began → the text after the last such"
    )
    statuses: dict[str, Text] = Field(
        default={}, description="beside `says`: status that a notice of a session's end has → the text after that"
    )
    tells: dict[str, Text] = Field(
        default={},
        description="event name → path of the text or number in its data that is shown after the last such event; in a "
        "part without `session` also a notice's name, or that of one of the connection's `own` messages",
    )
    lists: dict[str, Text] = Field(
        default={}, description="event name → path of a list in its data; the value is the number of the items"
    )
    adds: dict[str, Text] = Field(
        default={}, description="event name → path of a number in its data; the value is the sum, in any unit"
    )
    by: Text | None = Field(default=None, description="path in an item of `lists`: each counts once")
    share: list[Text] = Field(default=[], description="events that are done, in per cent of `total`")
    total: dict[str, Text] = Field(default={}, description="event name → path of the number that `share` is of")
    full: list[Text] = Field(default=[], description="events after which `share` is a hundred")

    lasts: Text | None = Field(
        default=None, description="field with the time of a message: the value is how long the session took"
    )
    is_session: bool = Field(default=False, description="the value is the session's id")
    sessions: bool = Field(default=False, description="the value is the number of sessions that the page knows of")
    active: str | None = Field(
        default=None,
        description="the value is the id of the session that the page was told of last and that has not ended; this "
        "text where there is none",
    )
    only_after: list[Text] = Field(
        default=[],
        description="there is nothing there, or it is empty, before an event or a notice of one of these names",
    )
    only_before: list[Text] = Field(
        default=[],
        description="the same after the first event or notice of one of these names, as of `No messages yet`",
    )
    reads: Pattern | None = Field(
        default=None,
        description="pattern that the whole text fits, the words around what it shows with it; alone for a heading, a "
        "label or a `title` that stays as it is; `{session}` and `{server}` (its host and port) stand for themselves",
    )
    strategies: list[StrategyName] = Field(
        default=[], description="it is on the page under these strategies alone; without it, under each one"
    )

    @model_validator(mode="after")
    def _shows_one(self) -> Value:
        counted = (self.counts, self.lists, self.share, self.sessions, self.adds)
        kinds = (*counted, self.says, self.tells, self.lasts, self.is_session, self.active is not None)
        is_other = self.only_after or self.only_before or self.reads is not None
        if sum(map(bool, kinds)) != 1 and not (is_other and not any(kinds)):
            raise ValueError(
                "a value shows one of `counts`, `says`, `tells`, `lists`, `adds`, `share` (with `total`), `lasts`, "
                "`is_session`, `sessions` and `active`, or is there `only_after` or `only_before` some event, or "
                "`reads` one text."
            )
        if self.statuses and not self.says:
            raise ValueError("`statuses` stands beside `says`: what the value says before the session has ended.")
        if self.less and not self.counts:
            raise ValueError("`less` stands beside `counts`: what the value counts up by.")
        if bool(self.share) != bool(self.total):
            raise ValueError("`share` needs `total`: where the number is that it is of.")
        return self


class PanelValue(Value):
    """A value in a panel, and what it shows."""

    selector: Selector = Field(description="CSS selector, inside the panel; `:scope` is the panel")
    attribute: str | None = Field(default=None, description="read this attribute instead of the text, as of a bar")


class StateValue(Value):
    """A value in the page's state beside its events, and what it holds."""

    path: Text = Field(
        description="where it is in the state: `sessions.{session}.files.length`; `{session}` stands for each session "
        "that there is at that place"
    )
