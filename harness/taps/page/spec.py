"""Where a page shows what: selectors, attributes and the names of its store. Data only, from a target.

Selectors are CSS. An attribute that is None means: read the element's text instead. Patterns are JavaScript regular
expressions, because the page evaluates them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RowSpec:
    """The rows of the event list: attributes for type, session, sequence number and place in the list.

    Or, where rows have no such attributes, `pattern` with the named groups `type`, `session` and `seq` over their text.
    Rows without numbers are told apart by their place: what is after the rows that were there, or before them.
    `order` is that of the contract's `list_order`.
    """

    selector: str
    type: str | None = None
    session: str | None = None
    seq: str | None = None
    index: str | None = None
    pattern: str | None = None
    constant: str | None = None
    """The type of every row, where rows don't say it."""
    order: str | None = None
    reads: str | None = None
    """That of the contract's `row_reads`, a Python pattern."""
    lines: bool = False
    """The selector is that of a text, as a log or a text area, whose lines are the rows."""

    @property
    def is_numbered(self) -> bool:
        """Whether a row says which event it shows."""
        return self.seq is not None or "(?<seq>" in (self.pattern or "")


@dataclass(frozen=True, slots=True)
class CounterSpec:
    """The number of events that the page says it has."""

    selector: str
    attribute: str | None = None


@dataclass(frozen=True, slots=True)
class StatusSpec:
    """What the page says about its connection; `connected` is a pattern for the whole attribute or text."""

    selector: str
    attribute: str | None = None
    connected: str = "[Cc]onnected"


@dataclass(frozen=True, slots=True)
class NamedPanel:
    """One panel that is known by its selector; `values` are the names of its values and their selectors in it.

    A value with a third part is an attribute of that name, else the element's text.
    """

    name: str
    selector: str
    values: tuple[tuple[str, ...], ...] = ()
    session: str | None = None


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """Parts of the page that events concern. The next three are attributes; `value` names the single values in a panel.

    Or, where panels have no such attributes, `named`: what each is called, by the order of preference.
    """

    selector: str
    name: str | None = None
    session: str | None = None
    value: str | None = None
    named: tuple[NamedPanel, ...] = ()


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """The note of a list that is shown in part: how many of how many."""

    selector: str
    shown: str | None = None
    total: str | None = None


@dataclass(frozen=True, slots=True)
class StoreSpec:
    """The page's state: `window[global_name][get]()[events]` is its list of events, `subscribe` takes a callback.

    `type`, `session`, `seq` and `data` are the fields of an item; `connection` is the state's own connection field, and
    `connected` a pattern for what the whole of it says of a page that is connected.
    `fields` are those that an item has from its message, beside the data. `values` are names and paths of what the
    state holds beside the events: `{session}` in a path stands for each session that there is at that place.
    """

    global_name: str
    get: str = "getState"
    subscribe: str = "subscribe"
    events: str = "events"
    type: str = "type"
    session: str = "session"
    seq: str = "seq"
    data: str | None = "data"
    connection: str | None = None
    connected: str | None = None
    fields: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PageSpec:
    """What of a page the tap observes; a part that is None is not observed.

    `windowed`: the list shows a window of its rows. A row outside of it counts as rendered when the list says that it
    is shown in part and the counter has reached the event. `counter_shows`: the counter alone is enough, in a page
    that has no rows, or whose target says for it that they are a window.
    """

    row: RowSpec | None = None
    counter: CounterSpec | None = None
    status: StatusSpec | None = None
    panel: PanelSpec | None = None
    window: WindowSpec | None = None
    store: StoreSpec | None = None
    windowed: bool = False
    window_of: str | None = None
    counter_shows: bool = False

    def to_script(self) -> dict[str, Any]:
        """The form that the script in the page reads."""
        parts = asdict(self)
        if parts["store"] is not None:
            parts["store"]["global"] = parts["store"].pop("global_name")
        if self.row is not None:
            parts["row"]["numbered"] = self.row.is_numbered
        return parts
