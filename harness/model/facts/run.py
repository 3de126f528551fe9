"""What the harness itself did in a run, in a tester's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar

from harness.model.record import Body


@dataclass(frozen=True, slots=True)
class RunBegun(Body):
    """When a run began, and of which state of the system.

    `at` is the wall clock's time with its zone, as in `2025-11-16T15:31:37.250-05:00`; `commit` that of the system's
    repository, empty where it has none or git is not there; `changed` whether its files differ from that commit.
    """

    kind: ClassVar[str] = "begun"
    at: str
    commit: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class StepBegun(Body):
    """What the harness does next, and the properties that it exercises."""

    kind: ClassVar[str] = "act"
    name: str
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionTaken(Body):
    """Something was done to a dashboard, or to the system where `dashboard` is None."""

    kind: ClassVar[str] = "action"
    name: str
    detail: str = ""
    dashboard: str | None = None


@dataclass(frozen=True, slots=True)
class Entitled(Body):
    """A dashboard was given a pass, and may see these sessions alone. The pass itself is in no record."""

    kind: ClassVar[str] = "entitled"
    dashboard: str
    sessions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stranger(Body):
    """A dashboard asked for an unknown session, so that it can be seen to get none.

    With `turned_away` page or server did not let it: it is not a dashboard of the run, and this says why.
    """

    kind: ClassVar[str] = "stranger"
    dashboard: str
    session: str
    turned_away: str | None = None


@dataclass(frozen=True, slots=True)
class Overheard(Body):
    """What came to a page that was connected and watched nothing: the keys of events.

    `asked`: it asked for an unknown session, and was turned away; else it asked for none. `is_there`: its
    connection carried to the end, so that what did not come was not sent to it. `sids` are those of its connections,
    `requests` the names of the messages by which it asked the server for anything else, of its own accord.
    """

    kind: ClassVar[str] = "overheard"
    dashboard: str
    asked: bool
    is_there: bool
    events: tuple[str, ...] = ()
    sids: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Screenshot(Body):
    """A picture of a dashboard; `path` is relative to the run's folder."""

    kind: ClassVar[str] = "screenshot"
    path: str
    caption: str
    dashboard: str


@dataclass(frozen=True, slots=True)
class StepBlocked(Body):
    """What a workload does next could not be done, and it went no further: the last `step` that it began, and `why`."""

    kind: ClassVar[str] = "step-blocked"
    step: str
    why: str


@dataclass(frozen=True, slots=True)
class Starved(Body):
    """The machine kept the run waiting between `since_ns` (harness clock) and the time of the fact.

    `waited_ms`: how long the parties that an event passes could run and had no processor, each one's longest wait;
    `load`: how many processes wanted one (the average of a minute).
    """

    kind: ClassVar[str] = "starved"
    since_ns: int
    waited_ms: float
    load: float | None = None


@dataclass(frozen=True, slots=True)
class BrokenOff(Body):
    """The run could not go on, for a part of it had ended that the harness had not ended.

    `part` is who: `server`, `cli:main`, `the browser`. `status` is its exit status, negative for a signal, None where
    it is not known. What is not `of_system` is the harness's own: how it ends says nothing of the system.
    """

    kind: ClassVar[str] = "broken-off"
    part: str
    status: int | None = None
    of_system: bool = True


class Phase(IntEnum):
    """Where a fault stands."""

    BEGAN = 0
    HEALED = 1
    RECOVERED = 2


@dataclass(frozen=True, slots=True)
class Faulted(Body):
    """A fault that the harness brought about in the middle of a run.

    `parties` are whom it strikes: `dashboard:A`, `cli:main`, `server`. `after` is the place in the record: observer to
    the number of the last event that it had seen before (`cli:main/sent` for what the agent in a CLI saw leave).
    `RECOVERED` is when traffic was seen to pass again, both ways.
    """

    kind: ClassVar[str] = "fault"
    fault: str
    phase: Phase = Phase.BEGAN
    does: str = ""
    parties: tuple[str, ...] = ()
    after: Mapping[str, int] = field(default_factory=dict)
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Spent(Body):
    """What a party took of the machine, with all that descends from it: `system` (its servers), `harness`, `clients`.

    Seconds of processor since it began, and the memory that it had to itself and with others at its end.
    """

    kind: ClassVar[str] = "spent"
    party: str
    cpu_s: float
    memory_bytes: int
