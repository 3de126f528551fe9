"""Records as JSON lines: the form in which ledgers were kept before (schema 1), and in which one is exported.

The first line is the contract. A sighting is `["s", hop, key, name, session, seq, digest, observer, n, at_ns,
recipients, detail]`, a fact `["f", kind, observer, n, at_ns, body]`, its body as in `model.facts`. Times are monotonic
nanoseconds. What events say is there once, before the first sighting with its digest: `["p", digest, data]`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from sys import intern
from typing import IO, Any

from harness.lib.ansi import printable
from harness.model import AnyFact, Contract, Event, Fact, Hop, Json, Payload, Record, Sighting
from harness.model.facts import KINDS
from harness.record.errors import LedgerError
from harness.record.plain import writer
from harness.record.typed import Misfit, reader

SCHEMA = 1
"""The version of this form."""

BATCH = 2_000
"""Lines that are parsed at once: one call for many takes half the time of one for each, and all would fill memory."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first line."""

    schema: int
    contract: Json


def read_lines(path: Path, file: IO[bytes]) -> tuple[Contract, Parts, bool]:
    """What a file says, and whether its last line was cut off. Raises LedgerError."""
    contract = _contract(path, file.readline())
    parts, torn = _read_records(path, file)
    return contract, parts, torn


def _contract(path: Path, line: bytes) -> Contract:
    try:
        head = reader(Head)(json.loads(line))
        if head.schema != SCHEMA:
            raise LedgerError(
                f"{path}: schema {head.schema}, and of JSON lines this harness reads {SCHEMA}. "
                "Use the version that wrote it."
            )
        return reader(Contract)(head.contract)
    except (ValueError, RecursionError) as error:
        raise LedgerError(f"{path}:1: the first line is not a contract ({error}). Is this a run's ledger?") from None


def lines_of(contract: Contract, payloads: Iterable[tuple[str, Any]], records: Iterable[Record]) -> Iterator[str]:
    """A ledger as lines, each with its line break."""
    yield _dump({"schema": SCHEMA, "contract": asdict(contract)})
    for digest, data in payloads:
        yield _dump(["p", digest, data])
    for record in records:
        yield _dump(encode(record))


def _read_records(path: Path, file: Iterable[bytes]) -> tuple[Parts, bool]:
    parts = Parts()
    number, torn, known, rest = 2, False, Known(), iter(file)
    while lines := [*islice(rest, BATCH)]:
        torn = not lines[-1].endswith(b"\n")
        parts.take(_records(path, lines[:-1] if torn else lines, number, known))
        number += len(lines)
    return parts, torn


class Parts:
    """Records by what they are."""

    def __init__(self) -> None:
        self.sightings: list[Sighting] = []
        self.facts: list[AnyFact] = []
        self.payloads: dict[str, Any] = {}

    def take(self, records: Iterable[Record | Payload]) -> None:
        """Add some, in their order."""
        for record in records:
            if isinstance(record, Sighting):
                self.sightings.append(record)
            elif isinstance(record, Fact):
                self.facts.append(record)
            else:
                self.payloads.setdefault(record.digest, record.data)


def _records(path: Path, lines: Sequence[bytes], first: int, known: Known) -> list[Record | Payload]:
    """The records of some lines, the first of which has that number in the file."""
    try:
        found = json.loads(b"[" + b",".join(lines) + b"]")
        if len(found) == len(lines):
            return [decode(each, known) for each in found]
    except _NO_RECORD:
        pass  # one of them is wrong: read them one by one, to say which
    records: list[Record | Payload] = []
    for number, line in enumerate(lines, start=first):
        try:
            records.append(decode(json.loads(line), known))
        except _NO_RECORD as error:
            raise LedgerError(f"{path}:{number}: this line is not a record ({why(error)}). Was it edited?") from None
    return records


def why(error: Exception) -> str:
    """What is wrong with a record, in words: what Python says of its own objects tells a reader nothing."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeError):
        return "it is not utf-8"
    return printable(str(error))[:300] if isinstance(error, ValueError) else "it is not built as one"


_NO_RECORD = (ValueError, TypeError, KeyError, IndexError, RecursionError)


def encode(record: Record) -> list[Any]:
    """The JSON form of a record."""
    if isinstance(record, Sighting):
        event = record.event
        return [
            *("s", int(record.hop), event.key, event.name, event.session, event.seq, event.digest),
            *(record.observer, record.n, record.at_ns, record.recipients, dict(record.detail)),
        ]
    return ["f", record.kind, record.observer, record.n, record.at_ns, writer(type(record.body))(record.body)]


class Known:
    """What was read before, so that what many records say alike is kept once: an event is seen at seven hops."""

    def __init__(self) -> None:
        self._events: dict[str, Event] = {}
        self._plain: dict[str, Event] = {}  # what shows no payload has no digest, and is another event
        self._alike: dict[Any, Any] = {(): {}}

    def event(self, key: str, name: str, session: str | None, seq: int | None, digest: str | None) -> Event:
        """The same event for the same values."""
        known = self._plain if digest is None else self._events
        event = known.get(key)
        if event is None or event.digest != digest or (event.name, event.session, event.seq) != (name, session, seq):
            hash((seq, digest))  # a list or an object here is a TypeError, as it is in a name
            event = Event(intern(key), intern(name), session and intern(session), seq, digest)
            known.setdefault(key, event)
        return event

    def recipients(self, sids: list[str]) -> tuple[str, ...]:
        """The same tuple for the same recipients."""
        resolved = tuple(sids)
        found: tuple[str, ...] = self._alike.setdefault(("recipients", resolved), resolved)
        return found

    def detail(self, detail: dict[str, Any]) -> dict[str, Any]:
        """The same mapping for the same detail; it is never changed."""
        try:
            found: dict[str, Any] = self._alike.setdefault(tuple(detail.items()), detail)
        except TypeError:  # a list or an object in it
            return detail
        return found


def decode(line: Any, known: Known | None = None) -> Record | Payload:
    """The record of a JSON form. `known` is what was decoded before, of the same ledger."""
    known = known or Known()
    if line[0] == "s":
        _, hop, *about, observer, n, at_ns, recipients, detail = line
        resolved = None if recipients is None else known.recipients(recipients)
        return Sighting(_HOPS[hop], known.event(*about), intern(observer), n, at_ns, resolved, known.detail(detail))
    if line[0] == "f":
        return _fact(line)
    if line[0] == "p":
        _, told, data = line
        if not isinstance(told, str):
            raise TypeError(f"a digest is a text, and this is {told!r}")
        return Payload(told, data)
    raise ValueError(f"unknown record {line[0]!r}")


def _fact(line: list[Any]) -> AnyFact:
    _, kind, observer, n, at_ns, body = line
    read_body = _BODIES.get(kind)
    if read_body is None:
        raise Misfit("a kind of fact that this version knows", kind, "kind")
    try:
        if type(n) is not int or type(at_ns) is not int:
            raise Misfit("integers", [n, at_ns], "n, at_ns")
        return Fact(intern(observer), n, at_ns, read_body(body))
    except Misfit as misfit:
        raise ValueError(f"in a fact {kind!r}, {misfit}") from None


_HOPS = {int(hop): hop for hop in Hop}
_BODIES = {kind: reader(body) for kind, body in KINDS.items()}


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":")) + "\n"
