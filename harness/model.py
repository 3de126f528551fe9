"""The words of the harness as data. Standard library only; everything else may import this, it imports nothing.

An *event* passes seven *hops*. A *tap* observes one hop and writes *sightings*, and *facts* about what is no event.
From the record a strategy derives *expectations*, the judge turns them into *outcomes* and a *verdict*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
class Event:
    """One thing the CLI reports. `key` is its identity at every hop: `<session>/<seq>` (see identity)."""

    key: str
    name: str
    session: str | None
    seq: int | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One event seen at one hop by one observer.

    `observer` is `cli:<label>`, `server` or `dashboard:<label>.<load>`, where `load` counts the loads of that page.
    `n` is the position in that observer's own record: a total order within one observer.
    `at_ns` is monotonic nanoseconds, comparable between observers only by a `clock` fact.
    `recipients` (routed only) are the Socket.IO ids resolved by the server; empty means nobody.
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
    NO_HANDLER = "no-handler"  # sid, name
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
    NOTICE = "notice"  # name, payload: delivered, but no event
    STATUS = "status"  # text, connected
    COUNTER = "counter"  # value, text
    PANEL = "panel"  # panel, session, text, values
    WINDOW = "window"  # text, shown, total: the list says that it is shown in part
    VIEW = "view"  # at quiescence: counter, status, rows (keys shown), panels, state_events (keys in state order)

    IN_FLIGHT = "in-flight"  # count: handlers that still run in the server; means (agent|quiet)
    FENCE = "fence"  # dashboard, channel (websocket|polling), back, waited_ms, means (wire|quiet)
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


class Level(StrEnum):
    """What a strategy promises for one event and one dashboard."""

    MUST = "must"
    MAY = "may"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Expectation:
    """Whether one dashboard is owed some events of one session, all for the same reason.

    `keys` are the events'. `why` is the sentence that a reader of the report sees. `observer` is the load of the page
    that is owed them (`dashboard:A.2` after a reload), None for any.
    """

    keys: Sequence[str]
    dashboard: str
    level: Level
    why: str
    observer: str | None = None


class Kind(StrEnum):
    """What became of an expectation, or of a promise about the run. One sentence defines each."""

    DELIVERED = "delivered"  # owed, and seen at every hop that has a tap
    LOST = "lost"  # owed, and at no hop from one on
    DUPLICATED = "duplicated"  # more than once at one hop for one observer
    REORDERED = "reordered"  # behind a later event of its session
    CORRUPTED = "corrupted"  # with another payload than it was sent with
    LEAKED = "leaked"  # at a dashboard that is not entitled to it
    PHANTOM = "phantom"  # seen, and never emitted
    LATE = "late"  # rendered after the bound
    UNHANDLED = "unhandled"  # delivered to a page that doesn't take it into its state
    MISRENDERED = "misrendered"  # in the state, and the page shows something else
    TRUNCATED = "truncated"  # not shown, and the page doesn't say that it shows a part
    NOT_INERT = "not-inert"  # a payload ran, asked or changed something
    INCOMPLETE = "incomplete"  # the run has no single terminal event that agrees with the exit status
    REFUSED = "refused"  # a connection or a request was refused that should not have been
    EXCLUSIVITY = "exclusivity"  # two active sessions where one is promised, or a loser that was not rejected
    STUCK = "stuck"  # the one session was not released
    UNDETERMINED = "undetermined"  # the evidence that would decide is missing


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event that was expected. `hop` is where it went wrong (for DELIVERED: the last hop seen).

    What several events of one expectation have in common, that they arrived, is one outcome without a key.

    `hops` is the range that is to blame where blind hops keep the judge from naming one; usually just `(hop,)`.
    """

    kind: Kind
    prop: str
    key: str | None
    dashboard: str | None
    hop: Hop | None
    hops: tuple[Hop, ...] = ()
    detail: str = ""

    @property
    def event_key(self) -> str:
        """The event's key; empty, which is nobody's, where no single event is meant."""
        return self.key or ""

    @property
    def label(self) -> str:
        """The dashboard; empty, which is nobody's, where no single dashboard is meant."""
        return self.dashboard or ""


class Answer(StrEnum):
    """The three verdicts."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Standing(StrEnum):
    """Where one property of the run stands."""

    PROVEN = "proven"
    VIOLATED = "violated"
    UNPROVEN = "unproven"  # evidence that would decide is missing
    NOT_EXERCISED = "not exercised"


@dataclass(frozen=True, slots=True)
class PropertyResult:
    """One property (P1…R2): where it stands, how many checks it is based on, and what was found."""

    prop: str
    standing: Standing
    checks: int
    outcomes: tuple[Outcome, ...] = ()
    note: str = ""

    @classmethod
    def of(cls, prop: str, checks: int, outcomes: Iterable[Outcome] = (), note: str = "") -> PropertyResult:
        """Where a property stands after `checks` checks that found `outcomes` (delivered ones don't count as finds)."""
        found = tuple(each for each in outcomes if each.kind is not Kind.DELIVERED)
        if any(each.kind is not Kind.UNDETERMINED for each in found):
            return cls(prop, Standing.VIOLATED, checks, found, note)
        if found:
            return cls(prop, Standing.UNPROVEN, checks, found, note)
        return cls(prop, Standing.PROVEN if checks else Standing.NOT_EXERCISED, checks, (), note)

    @classmethod
    def of_settled(cls, prop: str, settled: Iterable[Settled], note: str = "") -> PropertyResult:
        """Where a property stands that is about what became of some expectations: a check for each of their events."""
        mine = list(settled)
        outcomes = (outcome for each in mine for outcome in each.outcomes)
        return cls.of(prop, sum(each.checks for each in mine), outcomes, note)


@dataclass(frozen=True, slots=True)
class Settled:
    """An expectation and what became of its events: those that went wrong by themselves, the others together."""

    expectation: Expectation
    outcomes: tuple[Outcome, ...]

    @property
    def checks(self) -> int:
        """How many events it is about."""
        return len(self.expectation.keys)

    def each(self) -> Iterator[tuple[str, Outcome]]:
        """What became of each event, by its key."""
        alone = {outcome.key: outcome for outcome in self.outcomes}
        for key in self.expectation.keys:
            yield key, alone.get(key) or alone[None]


class Strength(IntEnum):
    """How good the evidence of a cause is. Of two causes for one outcome, the one with the better evidence has it."""

    NONE = 0  # no rule explains it
    ABSENT = 1  # only what is missing speaks for it
    AROUND = 2  # what happened around it does, in the order that the cause has
    NAMED = 3  # a record names the very event or party
    GONE = 4  # who would have had to act had ended: nothing else needs a cause


@dataclass(frozen=True, slots=True)
class Blame:
    """One named explanation of a failed verdict; evidence and what it explains rank it, `remedy` says what to do."""

    hop: Hop | None
    hops: tuple[Hop, ...]
    cause: str
    sentence: str
    evidence: tuple[str, ...]
    remedy: str
    explains: tuple[Outcome, ...] = ()
    strength: Strength = Strength.NAMED


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one run. `hops` counts the distinct events of the run's session; None where the hop is blind."""

    answer: Answer
    sentence: str
    hops: Mapping[Hop, int | None]
    properties: tuple[PropertyResult, ...]
    identity: str  # how events were matched: "session and seq", "id", "name, occurrence and digest"
    confidence: str  # "fence" where absence was proven, "quiet" where it was waited for
    unknowns: tuple[str, ...] = ()
    blame: tuple[Blame, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page that events concern. `events` are name patterns (fnmatch).

    `values` maps a value that the page shows to the event names it counts in the panel's session.
    """

    name: str
    events: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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
    identity: str = "session and seq"
    asks: bool = True  # pages and CLIs ask for sessions in requests that the strategies know
    unrouted_declared: bool = False  # R2: events that nobody expects are declared
