"""Who observed: the parts of an observer's name, and the order within the server's own record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from operator import attrgetter
from typing import TypeAlias, TypeVar

from harness.lib.numbers import whole_number
from harness.model import AnyFact, Fact, Json, Record, Sighting
from harness.model.facts import (
    Acknowledged,
    ClientDisconnected,
    ClientRefused,
    Disconnected,
    PageClosed,
    PageError,
    PageRefused,
    Refused,
)
from harness.model.facts.client import code_in

Position: TypeAlias = tuple[int, int]
"""A place in the server's record: incarnation of the server, and the record's number there."""

START: Position = (0, 0)
END: Position = (1 << 60, 0)

SERVER = "server"

BY_CLIENT = "client disconnect"
"""The reason of a connection's end that the client itself brought about, as python-socketio names it."""

BY_PAGE = "io client disconnect"
"""The same, as socket.io-client tells a page of it."""

BY_SERVER = "server disconnect"
"""The reason of a connection's end that the server itself brought about, as python-socketio names it."""

Recorded = TypeVar("Recorded", Sighting, AnyFact)
Observed = TypeVar("Observed")

Reasoned: TypeAlias = (
    Refused | ClientRefused | PageRefused | Disconnected | ClientDisconnected | PageClosed | PageError | Acknowledged
)
"""What came about for a reason."""

NO_REASON = "without a reason"


@cache
def family(observer: str) -> str:
    """An observer without its incarnation: `dashboard:A.2` is `dashboard:A`, `server.2` is `server`."""
    head, dot, tail = observer.rpartition(".")
    return observer if not dot or whole_number(tail) is None else head


@cache
def label_of(observer: str) -> str:
    """The label in an observer's name: `dashboard:A.2` is `A`."""
    return family(observer).partition(":")[2]


@cache
def incarnation(observer: str) -> int:
    """Which start of a server or load of a page it is: `server.2` is 2, `server` is 1."""
    tail = observer.rpartition(".")[2]
    number = whole_number(tail)
    return 1 if number is None else number


def position(record: Record) -> Position:
    """Where a record of the server is in the server's own order."""
    return (incarnation(record.observer), record.n)


def by_observer(records: Iterable[Recorded]) -> list[tuple[str, list[Recorded]]]:
    """Observers with their records, each in its own order: the order of the ledger plays no part."""
    found: dict[str, list[Recorded]] = defaultdict(list)
    for record in records:
        found[record.observer].append(record)
    for listed in found.values():
        listed.sort(key=attrgetter("n"))
    return in_order(found)


def in_order(observed: Mapping[str, Observed]) -> list[tuple[str, Observed]]:
    """Observers with what is theirs, the incarnations of each one in order."""
    return sorted(observed.items(), key=lambda item: (family(item[0]), incarnation(item[0])))


def reason_of(fact: Fact[Reasoned]) -> str:
    """Why it came about, as its observer was told."""
    match fact.body:
        case PageRefused(text=told) | PageError(text=told):
            return told or NO_REASON
        case ClientRefused(error=error) | Acknowledged(error=error):
            return in_words(error) or NO_REASON
        case body:
            return body.reason or NO_REASON


def in_words(error: Json) -> str:
    """What a server or a library said, as a text: the message of an object, with its code where it has one."""
    if not isinstance(error, Mapping) or not isinstance(said := error.get("message"), str):
        return str(error) if error else ""
    return f"{said} [{code}]" if (code := code_in(error)) else said


def names(keys: Iterable[str], limit: int = 3) -> str:
    """Some keys for a sentence: the first ones, and how many more."""
    listed = list(keys)
    more = f" and {len(listed) - limit} more" if len(listed) > limit else ""
    return ", ".join(listed[:limit]) + more
