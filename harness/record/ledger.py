"""The append-only record of one run: one JSON line for the contract, then one for each sighting and fact.

A sighting is `["s", hop, key, name, session, seq, digest, observer, n, at_ns, recipients, detail]`,
a fact `["f", kind, observer, n, at_ns, body]`, its body as in `model.facts`. Times are monotonic nanoseconds. What
events say is kept once, before the first sighting with its digest: `["p", digest, data]`.
"""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from sys import intern
from typing import IO, Any

from harness.lib.closing import Closing
from harness.lib.secrets import redact
from harness.model import SCHEMA, AnyFact, Contract, Event, Fact, Hop, Json, Payload, Record, Sighting
from harness.model.facts import KINDS, TapTried, Unrouted, View
from harness.record.typed import Misfit, reader, writer


class LedgerError(Exception):
    """A ledger that can't be read. The message says which file and line, and what to do."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """A run read back. `torn` is true when the last line was cut off (the harness was killed while it wrote)."""

    contract: Contract
    sightings: tuple[Sighting, ...]
    facts: tuple[AnyFact, ...]
    torn: bool = False
    payloads: Mapping[str, Any] = field(default_factory=dict)
    """What events said, by its digest, as far as it was kept."""

    @classmethod
    def of(cls, contract: Contract, records: Iterable[Record]) -> Ledger:
        """A ledger from records in memory."""
        parts = _Parts()
        kept = Payloads()
        for record in records:
            parts.take([*kept.new(record), record])
        return cls(contract, tuple(parts.sightings), tuple(parts.facts), payloads=parts.payloads)

    def records(self) -> Iterator[Record]:
        """Everything, sightings first."""
        yield from self.sightings
        yield from self.facts


class LedgerWriter(Closing):
    """Appends records to a file, from any thread; nothing is on disk for certain before `flush`."""

    def __init__(self, path: Path, contract: Contract) -> None:
        self._lock = threading.Lock()
        self._file: IO[str] = path.open("w", encoding="utf-8", buffering=1 << 16)
        self._file.write(_dump({"schema": SCHEMA, "contract": asdict(contract)}))
        self._payloads = Payloads()

    def write(self, record: Record) -> None:
        """Append one record. After `close` records are dropped: a shared server may still speak of this run."""
        line = _dump(encode(record))
        with self._lock:
            if not self._file.closed:
                for payload in self._payloads.new(record):
                    self._file.write(_dump(["p", payload.digest, payload.data]))
                self._file.write(line)

    def flush(self) -> None:
        """Hand everything to the operating system. After `close` there is nothing left to do."""
        with self._lock:
            if not self._file.closed:
                self._file.flush()

    def close(self) -> None:
        with self._lock:
            self._file.close()


BATCH = 2_000
"""Lines that are parsed at once: one call for many takes half the time of one for each, and all would fill memory."""


def read(path: Path) -> Ledger:
    """Read a ledger back. Raises LedgerError when there is none, or when it is not one."""
    try:
        with path.open("rb") as file, collector_at_rest():
            contract = _read_contract(path, file.readline())
            parts, torn = _read_records(path, file)
    except OSError as error:
        raise LedgerError(f"{path}: no ledger can be read here ({error.strerror}). Name the folder of a run.") from None
    return Ledger(contract, tuple(parts.sightings), tuple(parts.facts), torn, parts.payloads)


def _read_records(path: Path, file: Iterable[bytes]) -> tuple[_Parts, bool]:
    """What was read, and whether the last line was cut off."""
    parts = _Parts()
    number, torn, known, rest = 2, False, Known(), iter(file)
    while lines := [*islice(rest, BATCH)]:
        torn = not lines[-1].endswith(b"\n")
        parts.take(_records(path, lines[:-1] if torn else lines, number, known))
        number += len(lines)
    return parts, torn


class _Parts:
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


KEPT = 32_768
"""The longest payload that is kept whole, in characters of JSON."""


class Payloads:
    """Which payloads are kept already."""

    def __init__(self) -> None:
        self._digests: set[str | None] = {None}

    def new(self, record: Record) -> list[Payload]:
        """What a record says that was not kept before, without secrets; nothing for most records."""
        event = record.event if isinstance(record, Sighting) else None
        if event is None or event.told is None:
            return []
        told = event.told
        return [*self._kept(event.digest, told.data), *self._kept(told.rest_digest, told.rest)]

    def _kept(self, digest: str | None, data: Any) -> list[Payload]:
        if digest in self._digests or digest is None:
            return []
        self._digests.add(digest)
        plain = redact(data)
        try:
            size = len(json.dumps(plain))
        except (TypeError, ValueError, RecursionError):
            return []
        return [Payload(digest, plain)] if size <= KEPT else [Payload(digest, f"({size} characters of JSON)")]


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep Python's collector from looking through a million new objects again and again: all of them are kept.

    For steps that make many objects and drop few; it takes a third off the time of reading and judging a long ledger.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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
            raise LedgerError(f"{path}:{number}: this line is no record ({error}). Was the file edited?") from None
    return records


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
        """The same mapping for the same detail; nobody changes one."""
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


def is_observed(record: Record, taps: Sequence[Hop]) -> bool:
    """Whether the run has a tap for what a record tells; without one it isn't kept, only waited for."""
    if isinstance(record, Sighting):
        return record.hop in taps
    if isinstance(record.body, TapTried):
        return any(hop in taps for hop in record.body.hops)
    told_by = _TOLD_BY.get(type(record.body))
    return told_by is None or told_by in taps


_TOLD_BY = {Unrouted: Hop.ROUTED, View: Hop.RENDERED}
"""Facts that the tap of one hop alone can tell."""


def _read_contract(path: Path, line: bytes) -> Contract:
    try:
        head = reader(_Head)(json.loads(line))
        if head.schema != SCHEMA:
            raise LedgerError(
                f"{path}: schema {head.schema}, and this harness reads {SCHEMA}. Use the version that wrote it."
            )
        return reader(Contract)(head.contract)
    except (ValueError, RecursionError) as error:
        raise LedgerError(f"{path}:1: the first line is no contract ({error}). Is this the ledger of a run?") from None


@dataclass(frozen=True, slots=True)
class _Head:
    """The first line."""

    schema: int
    contract: Json


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":")) + "\n"
