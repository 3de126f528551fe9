"""What the columns of a ledger refer to: texts, keys, events, recipients, details; made objects when asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from harness.model import Event
from harness.record.sections import INTEGERS, TEXTS, Section, lines, parted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.int64]
    Places: TypeAlias = NDArray[np.int32]
    """References, from 0 on; -1 for nothing."""
else:
    from harness.record import arrays as np


NUMBERS = frozenset(
    {
        Section.KEY_SEQ, Section.EVENT_SEQ, Section.EVENT_DIGEST, Section.RECIPIENTS_COUNT, Section.LISTS_COUNT,
        Section.SIGHTING_N, Section.SIGHTING_AT, Section.FACT_N, Section.FACT_AT, Section.FACT_PLACE,
    }
)  # fmt: skip
FLAGS = frozenset({Section.EVENT_NUMBERED, Section.EVENT_DIGESTED, Section.SIGHTING_HOP})
"""All other sections of integers refer to a table."""

_KNOWN = frozenset(map(int, Section))

NONE, PLAIN, TEXT = 0, 1, 2
"""How an event has a sequence number or a digest: not at all, in the column, or as a text."""


class Gathered:
    """The sections of the blocks that were read so far."""

    def __init__(self) -> None:
        self.parts: dict[Section, list[NDArray[Any]]] = {}
        self.lines: dict[Section, list[bytes]] = {}
        self._sightings_before = self._sightings = 0

    def take(self, body: bytes) -> None:
        """Add the body of a block. Raises ValueError where it is not one."""
        self._sightings_before = self._sightings
        for number, form, count, width, base, data in parted(body):
            if number not in _KNOWN:
                continue
            section = Section(number)
            if form == TEXTS:
                self.lines.setdefault(section, []).extend(lines(count, width, data))
            elif form == INTEGERS and width in (1, 2, 4, 8) and len(data) == count * width:
                column = np.frombuffer(data, dtype=f"<u{width}")
                before = self._sightings_before if section is Section.FACT_PLACE else 0
                self.parts.setdefault(section, []).append(_based(section, column, base + before))
                if section is Section.SIGHTING_HOP:
                    self._sightings += count
            else:
                raise ValueError(f"section {number} has no form that can be read")

    def column(self, section: Section) -> NDArray[Any]:
        """A whole column; what it was gathered in is given back."""
        parts = self.parts.pop(section, None)
        if parts is None:
            return np.empty(0, dtype=_type_of(section))
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _based(section: Section, column: NDArray[Any], base: int) -> NDArray[Any]:
    kind = _type_of(section)
    if section not in NUMBERS and section not in FLAGS:
        base -= 1
    plain = column.view(np.int64) if column.dtype.itemsize == 8 else column
    shifted: NDArray[Any] = plain.astype(kind)
    if base:
        shifted += np.array(base).astype(kind)
    return shifted


def _type_of(section: Section) -> type[Any]:
    if section in NUMBERS:
        return np.int64
    return np.uint8 if section in FLAGS else np.int32


class Tables:
    """The tables of one ledger."""

    def __init__(self, gathered: Gathered) -> None:
        column = gathered.column
        self.texts: list[str] = _texts(gathered.lines.pop(Section.TEXTS, []))
        self._take_events(gathered)
        self._recipients = _Lists(column(Section.RECIPIENTS_COUNT), column(Section.RECIPIENTS_SID))
        self._details = gathered.lines.pop(Section.DETAILS, [])
        self._data = gathered.lines.pop(Section.DATA, [])
        self.payloads = StoredPayloads(gathered.lines.pop(Section.PAYLOADS, []))
        self._resolved: dict[int, tuple[str, ...]] = {}
        self._read_details: dict[int, dict[str, Any]] = {}
        self._fields: dict[str, NDArray[np.bool_]] = {}
        self._check()

    def _take_events(self, gathered: Gathered) -> None:
        column = gathered.column
        self.key_session, self.key_text = column(Section.KEY_SESSION), column(Section.KEY_TEXT)
        self.key_seq = column(Section.KEY_SEQ)
        self.event_key, self.event_name = column(Section.EVENT_KEY), column(Section.EVENT_NAME)
        self.event_session = column(Section.EVENT_SESSION)
        self.event_numbered, self.event_seq = column(Section.EVENT_NUMBERED), column(Section.EVENT_SEQ)
        self.event_digested, self.event_digest = column(Section.EVENT_DIGESTED), column(Section.EVENT_DIGEST)
        self._lists = _Lists(column(Section.LISTS_COUNT), column(Section.LISTS_KEY))
        self._events: dict[int, Event] = {}
        self._listed: dict[int, tuple[str, ...]] = {}

    def _check(self) -> None:
        """Raises ValueError where a reference leads nowhere."""
        for what, column, most in (
            ("text", self.key_session, len(self.texts)),
            ("text", self.key_text, len(self.texts)),
            ("key", self.event_key, len(self.key_seq)),
            ("text", self.event_name, len(self.texts)),
            ("text", self.event_session, len(self.texts)),
            ("text", self._recipients.flat, len(self.texts)),
            ("key", self._lists.flat, len(self.key_seq)),
        ):
            check_places(what, column, most)
        sizes = {len(each) for each in (self.key_session, self.key_seq, self.key_text)}
        sizes_of_events = {
            len(each)
            for each in (
                self.event_key, self.event_name, self.event_session, self.event_numbered, self.event_seq,
                self.event_digested, self.event_digest,
            )
        }  # fmt: skip
        if len(sizes) > 1 or len(sizes_of_events) > 1:
            raise ValueError("the columns of a table are not equally long")

    def with_events(self, gathered: Gathered) -> Tables:
        """The same with other keys, events and lists, and with further texts that these need."""
        new = copy(self)
        for known in ("keys", "place_of_key", "place_of_text", "is_unambiguous"):
            new.__dict__.pop(known, None)
        new.texts = [*self.texts, *_texts(gathered.lines.pop(Section.TEXTS, []))]
        new._take_events(gathered)
        new._check()
        return new

    # Keys and events

    @cached_property
    def keys(self) -> list[str]:
        """Every key."""
        texts = self.texts
        plain = zip(self.key_text.tolist(), self.key_session.tolist(), self.key_seq.tolist(), strict=True)
        return [f"{texts[session]}/{seq}" if text < 0 else texts[text] for text, session, seq in plain]

    @cached_property
    def place_of_key(self) -> dict[str, int]:
        """Key to its place."""
        return {key: place for place, key in enumerate(self.keys)}

    @cached_property
    def place_of_text(self) -> dict[str, int]:
        """Text to its place."""
        return {text: place for place, text in enumerate(self.texts)}

    @cached_property
    def is_unambiguous(self) -> bool:
        """Whether nothing stands twice in a table, so that what is equal has equal places. A writer sees to it."""
        return len(self.place_of_text) == len(self.texts) and len(self.place_of_key) == len(self.key_seq)

    def event(self, place: int) -> Event:
        """One event, the same object each time."""
        found = self._events.get(place)
        if found is None:
            found = self._events[place] = self._event(place)
        return found

    def _event(self, place: int) -> Event:
        texts, session = self.texts, int(self.event_session[place])
        seq, digest = int(self.event_seq[place]), int(self.event_digest[place])
        numbered, digested = int(self.event_numbered[place]), int(self.event_digested[place])
        number = None if numbered == NONE else seq if numbered == PLAIN else int(texts[seq - 1])
        told = None if digested == NONE else f"{digest % (1 << 64):016x}" if digested == PLAIN else texts[digest - 1]
        name = texts[int(self.event_name[place])]
        return Event(self.keys[int(self.event_key[place])], name, None if session < 0 else texts[session], number, told)

    # What sightings and facts say

    def recipients(self, place: int) -> tuple[str, ...] | None:
        """One list of recipients, None for place -1."""
        if place < 0:
            return None
        found = self._resolved.get(place)
        if found is None:
            found = self._resolved[place] = tuple(map(self.texts.__getitem__, self._recipients.of(place)))
        return found

    def detail(self, place: int) -> Mapping[str, Any]:
        """One detail, the same object each time; an empty one for place -1."""
        found = self._read_details.get(place)
        if found is None:
            found = self._read_details[place] = {} if place < 0 else json.loads(self._details[place])
        return found

    def details_with(self, field: str) -> NDArray[np.bool_]:
        """Of each detail whether it has a field, and at the end, where place -1 is, that nothing has none."""
        found = self._fields.get(field)
        if found is None:
            named = json.dumps(field).encode()
            maybe = [named in line or b"\\" in line for line in self._details]  # a name may be written with escapes
            has = [known and field in self.detail(place) for place, known in enumerate(maybe)]
            found = self._fields[field] = np.array([*has, False], dtype=np.bool_)
        return found

    @cached_property
    def recipients_counts(self) -> NDArray[np.int64]:
        """Of each list of recipients how many there are, and at the end, where place -1 is, that nothing has none."""
        return np.append(self._recipients.counts, 0)

    def data(self, place: int) -> dict[str, Any]:
        """The data of a fact, a new object each time."""
        found: dict[str, Any] = json.loads(self._data[place])
        return found

    def listed(self, place: int) -> tuple[str, ...]:
        """One list of keys, the same object each time."""
        found = self._listed.get(place)
        if found is None:
            found = self._listed[place] = tuple(map(self.keys.__getitem__, self._lists.of(place)))
        return found

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """How many events, lists of recipients, details and data of facts there are."""
        return len(self.event_key), len(self._recipients), len(self._details), len(self._data)

    @property
    def count_of_lists(self) -> int:
        """How many lists of keys there are."""
        return len(self._lists)


class StoredPayloads(Mapping[str, Any]):
    """What events said, by its digest, as far as it was kept; read when it is asked for."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines

    @cached_property
    def _read(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for line in self._lines:
            digest, data = json.loads(line)
            found.setdefault(digest, data)
        return found

    def __getitem__(self, digest: str) -> Any:
        return self._read[digest]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


class _Lists:
    """Lists in one flat column."""

    def __init__(self, counts: Ints, flat: Places) -> None:
        self.flat, self.counts = flat, counts
        self._ends = np.cumsum(counts)
        if (counts < 0).any() or (int(self._ends[-1]) if len(counts) else 0) != len(flat):
            raise ValueError("lists are not as long as they say")

    def of(self, place: int) -> list[int]:
        found: list[int] = self.flat[self._ends[place - 1] if place else 0 : self._ends[place]].tolist()
        return found

    def __len__(self) -> int:
        return len(self._ends)


def check_places(what: str, column: NDArray[Any], most: int) -> None:
    """Raises ValueError where a reference leads nowhere."""
    if len(column) and not (int(column.min()) >= -1 and int(column.max()) < most):
        raise ValueError(f"a reference to a {what} leads nowhere")


def _texts(found: Iterable[bytes]) -> list[str]:
    texts: Sequence[Any] = json.loads(b"[" + b",".join(found) + b"]")
    if not all(type(each) is str for each in texts):
        raise ValueError("one of the texts is not a text")
    return [*texts]
