"""What is made of a record: expectations, outcomes, where properties stand, blames and the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TypeAlias

from harness.model.findings import Finding
from harness.model.record import Hop


class Level(StrEnum):
    """What a strategy promises for one event and one dashboard."""

    MUST = "must"
    MAY = "may"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Expectation:
    """Whether one dashboard is owed some events of one session, all for the same reason.

    `keys` are the events'. `why` is the reason, as a reader is told it. `observer` is the load of the page that is owed
    them (`dashboard:A.2` after a reload), None for any.
    """

    keys: Sequence[str]
    dashboard: str
    level: Level
    why: Finding
    observer: str | None = None


class Kind(StrEnum):
    """What became of an expectation, or of a promise about the run. One sentence defines each."""

    DELIVERED = "delivered"  # owed, and seen at every hop that has a tap
    LOST = "lost"  # owed, and at no hop from one on
    DUPLICATED = "duplicated"  # more than once at one hop for one observer
    REORDERED = "reordered"  # after a later event of its session
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

    `finding` is what exactly was compared, promised or doubted. `hops` is the range that is to blame where blind hops
    keep the judge from naming one; usually just `(hop,)`.
    """

    kind: Kind
    prop: str
    key: str | None
    dashboard: str | None
    hop: Hop | None
    hops: tuple[Hop, ...]
    finding: Finding

    @property
    def event_key(self) -> str:
        """The event's key; empty, which is no event's, where no single event is meant."""
        return self.key or ""

    @property
    def label(self) -> str:
        """The dashboard; empty, which is no dashboard's, where no single one is meant."""
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
class Cited:
    """A sentence that repeats a finding of the judge, between words of a rule; it is put together where it is read."""

    finding: Finding
    before: str = ""
    after: str = ""


Line: TypeAlias = str | Cited


@dataclass(frozen=True, slots=True)
class Blame:
    """One named explanation of a failed verdict; evidence and what it explains rank it.

    `remedy` says what to do, and `places` where in the code.
    """

    hop: Hop | None
    hops: tuple[Hop, ...]
    cause: str
    sentence: Line
    evidence: tuple[Line, ...]
    remedy: str
    explains: tuple[Outcome, ...] = ()
    strength: Strength = Strength.NAMED
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """What is missing for the verdict "passed": of which property, None where it is the record as a whole."""

    prop: str | None
    finding: Finding


class Part(StrEnum):
    """What may break by itself, without the verdict breaking with it."""

    RULE = "rule"
    REPORTER = "reporter"
    PROPERTY = "property"
    STRATEGY = "strategy"


@dataclass(frozen=True, slots=True)
class Broken:
    """A part that raised an exception: what it would have said is missing."""

    part: Part
    name: str
    error: str


@dataclass(frozen=True, slots=True)
class NotRuledOut:
    """A cause that may be it, and that nothing is known of because hops are blind."""

    cause: str
    hops: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one run.

    `hops` counts the distinct events of the run's session, None where the hop is blind; `events` counts those of all
    sessions.
    """

    answer: Answer
    events: int
    dashboards: int
    hops: Mapping[Hop, int | None]
    properties: tuple[PropertyResult, ...]
    identity: str  # how events were matched: "session and seq", "id", "name, occurrence and digest"
    confidence: str  # "fence" where absence was proven, "quiet" where it was waited for
    unknowns: tuple[Unknown, ...] = ()
    blame: tuple[Blame, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    not_ruled_out: tuple[NotRuledOut, ...] = ()
    broken: tuple[Broken, ...] = ()
    sessions: int = 1  # how many have events
    counted: str | None = None  # the session that `hops` counts, where others have events, too
