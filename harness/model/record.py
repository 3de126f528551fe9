"""What taps write: events, the hops that they pass, sightings, and facts about everything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

SCHEMA = 2


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
"""Hops that an event passes once, however many dashboards watch."""

PAGE_SIDE = (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED)
"""Hops that an event passes once for each dashboard."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a message said, as it is compared: `data` is the event's own; `rest` is what else the message held.

    That is its further arguments and the other fields of its envelope; None where there are none. Where the data are
    several arguments, it says how many: one list that holds the same is another message.
    """

    data: Any
    rest: Mapping[str, Any] | None = None
    rest_digest: str | None = None
    invalid: str | None = None
    """Where its payload is not what the system's description says of such messages, and what it had to be."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing the CLI reports. `key` is its identity at every hop: `<session>/<seq>` (see identity).

    `told` is there until it is written: a ledger keeps each payload once, by its digest.
    """

    key: str
    name: str
    session: str | None
    seq: int | None
    digest: str | None
    told: Told | None = field(default=None, compare=False, repr=False)

    @property
    def rest(self) -> dict[str, str]:
        """The part of a sighting's detail that says what else its message held, and where it is not as described."""
        if self.told is None or (self.told.rest_digest is None and self.told.invalid is None):
            return {}
        said = {"rest": self.told.rest_digest, "invalid": self.told.invalid}
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Payload:
    """What has a digest: JSON data without its secrets, a text that says so where it is too long to be kept."""

    digest: str
    data: Any


@dataclass(frozen=True, slots=True)
class Sighting:
    """One event seen at one hop by one observer.

    `observer` is `cli:<label>`, `server` or `dashboard:<label>.<load>`, where `load` counts the loads of that page.
    `n` is the position in that observer's own record: a total order within one observer.
    `at_ns` is monotonic nanoseconds, comparable between observers only by a `clock` fact.
    `recipients` (routed only) are the Socket.IO ids resolved by the server; empty means no client. Of those, the ids in
    `detail["dropped"]` got nothing written: the emit was volatile, and their connections were busy at that moment.
    """

    hop: Hop
    event: Event
    observer: str
    n: int
    at_ns: int
    recipients: tuple[str, ...] | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


RELOAD = "reload"
"""The action of a person who loads a dashboard again."""

LOSE = "lose the connection"
"""The action by which the harness takes a page's network away."""

CHOOSE = "choose"
"""The action of telling a dashboard which session to show."""


Json: TypeAlias = Any
"""What came out of a message or a page, as JSON has it: anything at all, and hostile."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a fact says. Each kind of fact has a class of its own, in `facts`; `kind` is its name in a ledger."""

    kind: ClassVar[str]


B = TypeVar("B", bound=Body)
B_co = TypeVar("B_co", bound=Body, covariant=True)


@dataclass(frozen=True, slots=True)
class Fact(Generic[B_co]):
    """Something seen that is not an event. `observer`, `n` and `at_ns` are as in a sighting."""

    observer: str
    n: int
    at_ns: int
    body: B_co

    @property
    def kind(self) -> str:
        """The kind's name in a ledger."""
        return self.body.kind


AnyFact: TypeAlias = Fact[Body]
Record: TypeAlias = Sighting | AnyFact
Write: TypeAlias = Callable[[Record], None]
"""What a tap is given to write with. Thread-safe, never blocks on the reader."""
