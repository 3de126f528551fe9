"""What a target file says of its pages, as pydantic models: where each shows what."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, model_validator

from harness.target.file.kinds import Pattern, Selector, groups
from harness.target.file.part import Do, Name, Part, Text
from harness.target.file.values import PanelValue, StateValue

FIRST = ("A", "B", "C")
"""The dashboards of the first page."""


class Shown(Part):
    """One element of the page: its text, or an attribute of it."""

    selector: Selector = Field(description="CSS selector")
    attribute: str | None = Field(default=None, description="read this attribute instead of the text")


class Connection(Shown):
    """Where the page says that it is connected."""

    connected: Pattern = Field(default="[Cc]onnected", description="what it says then, as a whole")


class Note(Part):
    """Where the list says that it shows a part: the two numbers in its text, or two attributes."""

    selector: Selector = Field(description="CSS selector")
    shown: str | None = Field(default=None, description="attribute with the number shown; else the text's first number")
    total: str | None = Field(default=None, description="attribute with the number of all; else the text's second one")


class Items(Part):
    """The items of the event list. What an item shows is in attributes of it, or in its text by a `pattern`."""

    selector: Selector = Field(description="CSS selector of one item")
    lines: bool = Field(
        default=False,
        description="it is that of one text, as a log or a text area, and each of its lines is an item",
    )
    name: str | None = Field(default=None, description="attribute with the event's name")
    called: Text | None = Field(default=None, description="the event's name, where every item is one of the same name")
    events: list[Text] = Field(
        default=[],
        description="names of the events that it shows; without it the one that it is `called`, or all: the others are "
        "promised as far as the page has them, and seen in panels",
    )
    session: str | None = Field(default=None, description="attribute with the session")
    seq: str | None = Field(default=None, description="attribute with the number")
    index: str | None = Field(default=None, description="attribute with the place in the list")
    pattern: Pattern | None = Field(
        default=None,
        description="groups `name`, `session` and `seq` in the item's text; beside `called`, what it doesn't fit is "
        "not an event",
    )
    reads: Pattern | None = Field(
        default=None,
        description="pattern of an item's text; what its groups `name`, `session` (its beginning or end; "
        "`session_head` and `session_tail` are the one and the other), `seq` and `time` say is compared with the "
        "event, and any other group with the field of its data that is called so (`bid__amount` is `bid.amount`)",
    )
    says: list[Text] = Field(
        default=[],
        description="paths in an event's data that its item shows, as `*` for all: texts, at least how they begin, and "
        "numbers",
    )
    window: bool | Literal["newest", "oldest"] = Field(
        default=False,
        description="only a part is in the document, or shown: the last N (`newest`), the first N (`oldest`, as the "
        "first of several pages), or either, as those in sight (true); that the first ones stay for good, without room "
        "to scroll to the others, has to be said",
    )
    note: Note | None = Field(default=None, description="where the page says that it shows a part: `12 of 340`")
    order: Literal["oldest-first", "newest-first", "own"] | None = Field(
        default=None,
        description="from top to bottom, as the page took the events in; without it, either of the first two; `own` is "
        "an order of its own, by price for example, which is then not compared",
    )

    def shows(self) -> list[str]:
        """The names of the events that the list shows; none where it shows all."""
        return self.events or ([] if self.called is None else [self.called])

    @model_validator(mode="after")
    def named(self) -> Items:
        """Refuse items that could not be told apart."""
        known = (self.name, self.called, self.pattern if "name" in groups(self.pattern or "") else None)
        if not any(known):
            raise ValueError(
                "an item is known by `name` (an attribute), by a `pattern` with a group `name`, or by `called` where "
                "all are of one name."
            )
        if self.called is not None and sum(each is not None for each in known) > 1:
            raise ValueError("either `called` says the name of every item, or the item itself does.")
        said = next((each for each in ("name", "session", "seq", "index") if getattr(self, each)), None)
        if self.lines and said is not None:
            raise ValueError(f"with `lines`, `pattern` says what an item is: a line has no attribute `{said}`.")
        return self


class PanelItems(Part):
    """What a panel lists: one item for each event called `opens`."""

    opens: Text = Field(description="name of the event that an item begins with")
    key: Text = Field(description="path in the event's data: what an item is known by")
    text: Text = Field(description="path in the event's data: what is read of an item")
    states: dict[str, Text] = Field(
        default={},
        description="event name → pattern of what stands after the text of its item then; needed without `by`",
    )
    by: Text | None = Field(
        default=None,
        description="of `entities`: path in an event's data of the state of its item, where the event's name doesn't "
        'say it; `states` and `marks` are then by what is said there (`states = { wip = "In progress" }`), and what '
        "`states` leaves out is read as it is said",
    )
    only: list[Text] = Field(
        default=[],
        description="beside `by`: the states in which an item is in this panel, as in one column of a board; in others "
        "it is not",
    )
    entities: bool = Field(
        default=False, description="one item for each key: later events change it, whatever they are called"
    )
    each: Text | None = Field(
        default=None, description="path of a list in the data: each member is an item, and paths are into that"
    )
    reads: list[Text] = Field(
        default=[],
        description="paths of what else is read beside the text: texts as they are, numbers in any unit (`took_ms`)",
    )
    time: Text | None = Field(
        default=None, description="field of a message with the time of day that is read there; needs `page.zone`"
    )
    marks: dict[str, Text] = Field(
        default={},
        description="event name → words that are among the classes and data attributes of its item then: a colour or "
        "an icon says the state, too",
    )
    removes: list[Text] = Field(
        default=[], description="of `entities`: names of the events after which an item is gone"
    )
    ends: list[Text] = Field(
        default=[],
        description="of `entities`: names of the events that end one; each then begins and ends in a session that ends "
        "well, and nothing is told of it after its end",
    )
    order: Literal["oldest-first", "newest-first", "own"] = Field(
        default="oldest-first",
        description="from top to bottom, by when items began; `own` is an order of its own, as of a table sorted by "
        "price, which is then not compared",
    )

    @model_validator(mode="after")
    def _opens_with_a_state(self) -> PanelItems:
        for pattern in self.states.values():
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"`states`: {pattern!r} is not a pattern: {error}.") from None
        if self.by is not None and not self.entities:
            raise ValueError("`by` is about items that are known by their key: say `entities = true` too.")
        if self.only and self.by is None:
            raise ValueError("`only` names states that the data say: say `by` too, the field that says them.")
        if self.by is None and (strange := sorted(self.marks.keys() - self.states.keys())):
            raise ValueError(f"`marks` has {strange[0]!r}, and `states` says nothing of an item after it.")
        if self.removes and not self.entities:
            raise ValueError("`removes` takes items away that are known by their key: say `entities = true` too.")
        if self.ends and not self.entities:
            raise ValueError("`ends` is about items that are known by their key: say `entities = true` too.")
        if self.by is None and (strange := sorted({*self.ends} - {*self.states, *self.removes})):
            raise ValueError(f"`ends` has {strange[0]!r}, which neither `states` nor `removes` has.")
        if self.by is None and self.opens not in self.states:
            raise ValueError(f"`states` has no {self.opens!r}, which an item begins with.")
        return self


class PanelPart(Part):
    """A part of the page that events concern: `[[page.panels]]`."""

    name: Name = Field(description="what reports call it")
    selector: Selector = Field(description="CSS selector")
    events: list[Text] = Field(min_length=1, description="names of the events that change it; `skill:*` is a pattern")
    session: str | None = Field(default=None, description="attribute with the session that it shows")
    values: dict[str, PanelValue] = Field(default={}, description="values in it, each with what it shows")
    items: PanelItems | None = Field(default=None, description="what it lists")
    each_session: bool = Field(
        default=False, description="there is one for every session that the page knows of, as in a list of sessions"
    )

    order: Literal["oldest-first", "newest-first"] | None = Field(
        default=None, description="of `each_session`, from top to bottom: as the page heard of the sessions"
    )
    newest: bool = Field(
        default=False, description="it turns to each session that the page hears of first, or asks for; needs `session`"
    )

    @model_validator(mode="after")
    def _names_its_session(self) -> PanelPart:
        for key, said in (("each_session", self.each_session), ("newest", self.newest)):
            if said and self.session is None:
                raise ValueError(f"`{key}` needs `session`: the attribute that says which session a part shows.")
        if self.each_session and self.newest:
            raise ValueError("a part with `each_session` stays with its session: leave `newest` out.")
        return self


class Store(Part):
    """The page's state, where the page offers it: `window[object][get]()[events]` is the list of its events."""

    object: str = Field(description="property of `window`")
    get: str = Field(default="getState", description="its method that returns the state")
    subscribe: str = Field(default="subscribe", description="its method that takes a callback")
    events: str = Field(default="events", description="the list in the state")
    name: str = Field(default="type", description="field of an item with the event's name")
    session: str | None = Field(default=None, description="field with the session")
    seq: str | None = Field(default=None, description="field with the number")
    data: str | None = Field(default=None, description="field with the data")
    connection: str | None = Field(default=None, description="field of the state with its connection")
    connected: Pattern | None = Field(
        default=None, description="pattern of what stands in that field while the page is connected: compared"
    )
    fields: list[str] = Field(
        default=[], description="further fields of an item that are its message's own, as the time; they are compared"
    )
    values: dict[str, StateValue] = Field(default={}, description="what else the state holds, each with what it shows")


class Page(Part):
    """The dashboard. What isn't said isn't observed, and is said to be blind."""

    url: str = Field(description="its address, as `{server}/?session={session}`")
    events: list[Text] = Field(
        default=[],
        description="names of the events that it is promised, where others are for other pages: those must not reach "
        "it; without it all are",
    )
    session: list[Do] = Field(
        default=[], description="the steps that choose the session `{session}`, where the address doesn't"
    )
    open: list[Do] = Field(default=[], description="the steps that open what has to be open before it can be watched")
    reroute: list[str] = Field(
        default=[], description="origins written into the page that are answered by the server of this run"
    )
    origins: dict[str, Text] = Field(
        default={},
        description="other origins that it asks, to what answers in their place: `block`, or a folder, from the target "
        "file's; all others are let through",
    )
    storage: str | None = Field(
        default=None, description="file with cookies and storage that it begins with, as Playwright's `storage_state`"
    )
    connection: Connection | None = Field(default=None, description="where it says that it is connected")
    count: Shown | None = Field(default=None, description="how many events it says it has")
    zone: Literal["local", "UTC"] | None = Field(
        default=None,
        description="zone of the times of day on it: of the machine, or UTC; without it, any, the same in all items",
    )
    reloads: bool = Field(default=False, description="whether it loads itself again while it is used")
    count_has_own: bool = Field(
        default=False,
        description="whether it counts the connection's `own` messages too, and the rows of `own` names that it makes "
        "by itself, as of `socket:connect`",
    )
    items: Items | None = Field(default=None, alias="list", description="its list of events")
    panels: list[PanelPart] = Field(default=[], description="parts that events concern")
    store: Store | None = Field(default=None, description="its state")


class OtherPage(Page):
    """A further page of the system, as one for administrators: it has a list, panels and promises of its own.

    What it doesn't say of `reroute`, `origins` and `zone` is as `[page]` says. Its dashboards have its name, the second
    one with a 2 after it.
    """

    dashboards: int = Field(default=1, ge=1, le=9, description="how many dashboards show it")


def labels_of(name: str, count: int) -> tuple[str, ...]:
    """What the dashboards of a further page are called."""
    return tuple(name if number == 1 else f"{name}{number}" for number in range(1, count + 1))
