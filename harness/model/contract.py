"""What was promised for one run: the first line of its ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from harness.model.record import PAGE_SIDE, Hop

OLDEST_FIRST, NEWEST_FIRST, OWN_ORDER = "oldest-first", "newest-first", "own"
NEWEST, OLDEST = "newest", "oldest"
"""How a list of events may be ordered: by when the page took them in, or in a way that only the page knows."""


@dataclass(frozen=True, slots=True)
class Shows:
    """What a value of a panel shows that is not a number of events; one of these four. Paths are into an event's data.

    `says`: event name to the text after the last such event. `lists`: event name to the path of a list in it; shown is
    the number of its items, each `by` once where that is given. `share`: the events that are done, in per cent of the
    number said last at the path in `total`; a hundred after one of `full`. `tells`: event name to the path of the text
    that is shown after the last such event.

    `adds`: event name to the path of a number; shown is the sum of those. `counts` and `less`: shown is how many more
    events there were of the names in `counts` (`*` is all) than of those in `less`, as how many are online.

    `says` may name a notice that a session began, and `statuses` is the text for each status that one says it ended
    with: a page that hears of it shows that from then on. `lasts` is the field of a message, beside its data, with its
    time: shown is how long the session took, once it has ended. `is_session`: shown is the session's id.

    In a part that is about no session `tells` may also name a notice or a message of the connection's own.
    `sessions`: shown is the number of sessions that the page knows of. `active`: shown is the id of the session that
    the page was told of last and that has not ended, or else this text.

    `only_after`: before an event or a notice of one of these names there is nothing there, or it is empty.
    `only_before`: the same after the first of those.

    `reads`: a pattern that the whole text fits, the words around what it shows with it; alone, what it shows is always
    the same. In it `{session}` stands for the session of the part, `{server}` for host and port of the server.

    `strategies`: only under these is the value on the page; under every one where none is named.
    """

    says: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    by: str | None = None
    share: tuple[str, ...] = ()
    total: Mapping[str, str] = field(default_factory=dict)
    full: tuple[str, ...] = ()
    tells: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    adds: Mapping[str, str] = field(default_factory=dict)
    counts: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    lasts: str | None = None
    is_session: bool = False
    sessions: bool = False
    active: str | None = None
    only_after: tuple[str, ...] = ()
    only_before: tuple[str, ...] = ()
    reads: str | None = None
    strategies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """The items that a panel lists, one for each event called `opens`, in the `order` in which they began.

    `key` and `text` are paths into an event's data: what an item is known by, and what is read of it. `states` maps the
    names of events to a pattern of what stands after the text once it came; an event that is not `opens` is of the last
    item with its key that is still as it was opened. Where `each` is the path of a list in the data, there is an item
    for each member of it, and paths are into that.

    Of `entities` there is one item with a key: each later event is of it, and says what is read of it from then on;
    after one of those in `removes` it is gone. `by` is the path in their data of what state it is in then: `states` and
    `marks` are by what is said there, and a state that they leave out is read as it is said. Of states in `only` alone
    are the items that the panel has, as a column of a board. Where `ends` are named,
    each begins and comes to one of those before its session ends well, and nothing is told of it after that.

    `reads` are paths of what else is read beside the text: texts as they are, numbers in any unit that people use.
    `time` is the field of a message, beside its data, with the time of day that is read there. `marks` maps the names
    of events to words that are among an item's classes and data attributes once it came.
    In an `order` of the page's own, as a table that is sorted by price, an item may stand anywhere.
    """

    opens: str
    key: str
    text: str
    states: Mapping[str, str]
    entities: bool = False
    removes: tuple[str, ...] = ()
    each: str | None = None
    reads: tuple[str, ...] = ()
    time: str | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    order: str = OLDEST_FIRST
    ends: tuple[str, ...] = ()
    by: str | None = None
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page that events concern. `events` are name patterns (fnmatch).

    `values` maps a value that the page shows to the event names it counts in the panel's session, `shows` one to what
    else it shows. `newest`: it turns to each session that the page hears of or asks for. `each_session`: the page has
    one for every session that it knows of, in this `order` if any: by
    when it heard of them first.
    """

    name: str
    events: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shows: Mapping[str, Shows] = field(default_factory=dict)
    items: Items | None = None
    each_session: bool = False
    order: str | None = None
    newest: bool = False


@dataclass(frozen=True, slots=True)
class Total:
    """What a number in an event says of those before it in its session; one of these.

    `counts`: how many there were of these names. `adds`: event name to the path of a number in its data, and the sum of
    those. `lasts`: the field of a message with its time: how long the session took so far, in ms. It is no longer than
    those times say, and what `adds` names is part of it. `tells`: event name to the path of a number; it is the same as
    that which the last such event said, where one did.

    `itself`: the event counts, too, where it is one of those.
    """

    counts: tuple[str, ...] = ()
    adds: Mapping[str, str] = field(default_factory=dict)
    lasts: str | None = None
    tells: Mapping[str, str] = field(default_factory=dict)
    itself: bool = False


@dataclass(frozen=True, slots=True)
class SessionNotice:
    """A message by which the server tells pages that a session began, or, with `ended`, that it ended.

    `session` and `status` are paths in its first argument. `ended` maps what it may say of how the session ended to the
    terminal events that go with that; to none where the session was broken off, and may yet go on. `last` is the path
    of the number of the last event that the session has by then, `time` that of when the session began, or ended.
    """

    session: str = "session"
    status: str | None = None
    ended: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    last: str | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True)
class SessionList:
    """A message that lists the sessions which are active: the path of the list in its first argument, and that of the
    session in each of its items.
    """

    list: str
    session: str = "session"


@dataclass(frozen=True, slots=True)
class PageContract:
    """What is promised of one page of a system that has several: the fields of `Contract` that are of a page.

    `name` is what the target calls it, `taps` are the hops that are observed at it. `promised` names the events that
    it is promised, and no others may reach it; all are where none is named.
    """

    name: str
    taps: tuple[Hop, ...]
    promised: tuple[str, ...] = ()
    panels: tuple[Panel, ...] = ()
    state: tuple[Panel, ...] = ()
    listed: tuple[str, ...] = ()
    windowed: bool = False
    window: str | None = None
    list_order: str | None = None
    row_reads: str | None = None
    row_says: tuple[str, ...] = ()
    zone: str | None = None
    own_events: tuple[str, ...] = ()
    reloads: bool = False
    ends: Hop = Hop.RENDERED
    by_panels: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """What was promised for this run: the first line of its ledger, and all that the judge knows besides sightings."""

    target: str
    strategy: str
    session: str | None  # the run's session, the one that the hops are counted for
    replays: bool  # missed events are promised to be replayed
    bound_ms: float  # P11: emitted to rendered
    terminal: tuple[str, ...]  # names of the events that end a session
    terminal_ok: tuple[str, ...]  # those of them that go with exit status 0
    declared: tuple[str, ...]  # event names that the main session must show, else P16
    own_events: tuple[str, ...]  # the connection's own events
    panels: tuple[Panel, ...]
    taps: tuple[Hop, ...]  # hops that this run has a tap for; the others are blind
    properties: tuple[str, ...]  # properties that the run exercises and must prove
    dashboards: tuple[str, ...]
    windowed: bool = False  # the list is a window that says so
    window: str | None = None  # what that keeps: NEWEST or OLDEST rows; None: either, or those in sight
    row_reads: str | None = None  # pattern of a row's text: its groups name, session, seq and time are compared
    row_says: tuple[str, ...] = ()  # patterns of paths: what of an event's data a row shows, texts and numbers
    zone: str | None = (
        None  # of times of day on a page: "local" (of the machine) or "UTC"; None: any, the same in all rows
    )
    time: str | None = None  # field of a message with the time at which its event was reported, with its zone
    list_order: str | None = None  # one of the three above; None: oldest or newest first, as the list itself shows
    identity: str = "session and seq"
    asks: bool = True  # pages and CLIs ask for sessions in requests that the strategies know
    unrouted_declared: bool = False  # R2: events that no dashboard is owed are declared
    ends: Hop = Hop.RENDERED  # P1: how far each event must be seen to come
    described: bool = False  # P5: payloads are compared with the system's own description of its messages
    by_panels: bool = False  # panels alone show what a page makes of events: rendered is judged by them
    initial: tuple[str, ...] = ()  # names of the events one of which begins a session; none where that is not known
    notices: Mapping[str, SessionNotice] = field(default_factory=dict)  # message name to what it tells of sessions
    made: tuple[str, ...] = ()  # names of the events that the server makes by itself: they begin at routed
    listed: tuple[str, ...] = ()  # names of the events that the page's list shows; all of them where none is named
    totals: Mapping[str, Mapping[str, Total]] = field(default_factory=dict)  # event name to path to what that says
    state: tuple[Panel, ...] = ()  # what a page's state holds beside its events, for each session or for itself
    drawn_ms: float | None = None  # so long after it took an event in a page has to have drawn it; None: bound_ms
    lists: Mapping[str, SessionList] = field(default_factory=dict)  # message name to the active sessions that it lists
    ids: Mapping[str, str] = field(default_factory=dict)  # message name to the path of its receiver's Socket.IO id
    arguments: tuple[int | None, int | None] = (None, None)  # of a message to the server, and of one from it
    reloads: bool = False  # pages load themselves again while they are used
    shared: bool = False  # others use the system too: what no CLI of the run reported may be theirs
    clients: tuple[str, ...] = ()  # dashboards that are a connection without a page: delivered is their last hop
    added: tuple[str, ...] = ()  # data fields that the server puts in
    replaced: tuple[str, ...] = ()  # those of them in which it puts its own in the place of what was sent
    keeps: int | None = None  # of so many events of a session at most none is missing in the journal; None: not known
    promised: tuple[str, ...] = ()  # names of the events that dashboards are promised, no others; all where none is
    pages: Mapping[str, PageContract] = field(default_factory=dict)  # dashboard to its page, where there are several

    def of(self, dashboard: str | None) -> Contract:
        """The same as it is for one dashboard: of its page, where a system has several, and with the taps there."""
        page = self.pages.get(dashboard or "")
        if page is None:
            return self
        mine = {name: getattr(page, name) for name in PageContract.__slots__ if name not in ("name", "taps")}
        taps = tuple(hop for hop in self.taps if hop in page.taps or hop not in PAGE_SIDE)
        return replace(self, pages={}, taps=taps, **mine)

    @property
    def draws_within_ms(self) -> float:
        """How long after it took an event in a page has to have drawn it."""
        return self.bound_ms if self.drawn_ms is None else self.drawn_ms

    @property
    def every_panel(self) -> tuple[Panel, ...]:
        """The panels of all its pages."""
        by_page = {page.name: page.panels for page in self.pages.values()}
        return tuple(panel for panels in by_page.values() for panel in panels) if by_page else self.panels
