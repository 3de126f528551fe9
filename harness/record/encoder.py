"""From records to the bodies of blocks: what was said once is referred to by its number afterwards.

Made for the thread that writes beside a run: nothing here imports more than the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.model import AnyFact, Body, Event, Record, Sighting
from harness.model.facts import View
from harness.record.many import Sightings
from harness.record.payloads import Payloads
from harness.record.plain import writer
from harness.record.sections import Section, integers, joined, texts

MOST_KNOWN = 100_000
"""So many details, and so many data of facts, are remembered to be referred to; further ones are written each time."""

LONGEST_KNOWN = 400
"""Longer ones are not remembered, in characters of JSON."""

LARGEST = 1 << 62
"""The largest number that a column takes; a number beyond it is a text, a position or time is brought within it."""

_PLAIN = {str, int, bool, type(None)}


class Encoder:
    """The tables of one ledger; `texts` are those that it begins with."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self._texts: dict[str, int] = {text: place for place, text in enumerate(texts, 1)}
        self._keys: dict[str, int] = {}
        self._events: dict[tuple[Any, ...], int] = {}
        self._recipients: dict[tuple[str, ...], int] = {}
        self._lists: dict[tuple[int, ...], int] = {}
        self._details = _Known()
        self._data = _Known()
        self._alike: dict[Any, int] = {}
        self._payloads = Payloads()
        self._new = _New()

    def body(self, records: Iterable[Record]) -> bytes:
        """The body of a block with these records."""
        new = self._new = _New()
        sightings, facts = list[Sighting](), list[tuple[int, AnyFact]]()
        for record in records:
            if isinstance(record, Sighting):
                sightings.append(record)
            else:
                facts.append((len(sightings), record))
        seen = self._sightings(sightings)
        told = self._facts(facts)
        return joined([*new.sections(self._details.take(), self._data.take()), *seen, *told])

    def many(self, columns: Sightings) -> bytes:
        """The body of a block with sightings that came as columns; each of what was said, and of who saw it, once."""
        new = self._new = _New()
        used = {*columns.event}
        said = {place: columns.said[place] for place in used}
        event = {place: self._event(each.event) for place, each in said.items()}
        detail = {place: self._detail(each.detail) if each.detail else 0 for place, each in said.items()}
        observer = {place: self._text(columns.observers[place]) for place in {*columns.observer}}
        sections = (
            (Section.SIGHTING_HOP, [int(said[each].hop) for each in columns.event]),
            (Section.SIGHTING_EVENT, [event[each] for each in columns.event]),
            (Section.SIGHTING_OBSERVER, [observer[each] for each in columns.observer]),
            (Section.SIGHTING_N, [*map(within, columns.n)]),
            (Section.SIGHTING_AT, [*map(within, columns.at_ns)]),
            (Section.SIGHTING_RECIPIENTS, [0] * len(columns)),
            (Section.SIGHTING_DETAIL, [detail[each] for each in columns.event]),
        )
        self._keep_payloads(said.values())
        seen = [integers(number, values) for number, values in sections]
        return joined([*new.sections(self._details.take(), self._data.take()), *seen])

    # Tables without records

    def event(self, event: Event) -> int:
        """The place of an event, 0 the first."""
        return self._event(event) - 1

    def key(self, key: str) -> int:
        """The place of a key, 0 the first."""
        return self._key(key) - 1

    def listed(self, keys: Sequence[str]) -> int:
        """The place of a list of keys, 0 the first."""
        return self._list(keys) - 1

    def tables(self) -> bytes:
        """The body of a block with all that is new in the tables, and without records."""
        return joined([*self._new.sections([], [])])

    def _sightings(self, sightings: Sequence[Sighting]) -> list[bytes]:
        text, event = self._text, self._event
        columns = (
            (Section.SIGHTING_HOP, [int(each.hop) for each in sightings]),
            (Section.SIGHTING_EVENT, [event(each.event) for each in sightings]),
            (Section.SIGHTING_OBSERVER, [text(each.observer) for each in sightings]),
            (Section.SIGHTING_N, [within(each.n) for each in sightings]),
            (Section.SIGHTING_AT, [within(each.at_ns) for each in sightings]),
            (Section.SIGHTING_RECIPIENTS, [self._resolved(each.recipients) for each in sightings]),
            (Section.SIGHTING_DETAIL, [self._detail(each.detail) if each.detail else 0 for each in sightings]),
        )
        self._keep_payloads(sightings)
        return [integers(number, values) for number, values in columns]

    def _keep_payloads(self, sightings: Iterable[Sighting]) -> None:
        """What events say, each payload once."""
        for each in sightings:
            if each.event.told is not None:
                self._new.payloads += [_dump([payload.digest, payload.data]) for payload in self._payloads.new(each)]

    def _facts(self, facts: Sequence[tuple[int, AnyFact]]) -> list[bytes]:
        columns: dict[Section, list[int]] = {number: [] for number in Section if number >= Section.FACT_KIND}
        for place, fact in facts:
            data, key, rows, state = self._parted(fact.body)
            for number, value in (
                (Section.FACT_KIND, self._text(fact.kind)),
                (Section.FACT_OBSERVER, self._text(fact.observer)),
                (Section.FACT_N, within(fact.n)),
                (Section.FACT_AT, within(fact.at_ns)),
                (Section.FACT_DATA, self._data.place(_dump(data))),
                (Section.FACT_KEY, key),
                (Section.FACT_ROWS, rows),
                (Section.FACT_STATE, state),
                (Section.FACT_PLACE, place),
            ):
                columns[number].append(value)
        return [integers(number, values) for number, values in columns.items()]

    def _parted(self, body: Body) -> tuple[Mapping[str, Any], int, int, int]:
        """What a fact says without the keys in it, and those: key, rows, state."""
        told, key, rows, state = writer(type(body))(body), 0, 0, 0
        if isinstance(told.get("key"), str):
            key = self._key(told.pop("key"))
        if isinstance(body, View):
            if body.rows is not None:
                rows = self._list(told.pop("rows"))
            if body.state_events is not None:
                state = self._list(told.pop("state_events"))
        return told, key, rows, state

    # Places in the tables, 1 the first

    def _text(self, text: str) -> int:
        place = self._texts.get(text)
        if place is None:
            place = self._texts[text] = len(self._texts) + 1
            self._new.texts.append(_dump(text))
        return place

    def _key(self, key: str) -> int:
        place = self._keys.get(key)
        if place is None:
            place = self._keys[key] = len(self._keys) + 1
            session, slash, number = key.rpartition("/")
            if slash and number.isascii() and number.isdigit() and len(number) < 18 and str(int(number)) == number:
                self._new.keys.append((self._text(session), int(number), 0))
            else:
                self._new.keys.append((0, 0, self._text(key)))
        return place

    def _event(self, event: Event) -> int:
        about = (event.key, event.name, event.session, event.seq, event.digest)
        place = self._events.get(about)
        if place is None:
            place = self._events[about] = len(self._events) + 1
            numbered, seq, digested, told = 0, 0, 0, 0
            if event.seq is not None:
                is_small = -LARGEST < event.seq < LARGEST
                numbered, seq = (1, event.seq) if is_small else (2, self._text(str(event.seq)))
            if event.digest is not None:
                digested, told = (1, int(event.digest, 16)) if _is_hex(event.digest) else (2, self._text(event.digest))
                told = told - (1 << 64) if told >= 1 << 63 else told
            session = 0 if event.session is None else self._text(event.session)
            self._new.events.append(
                (self._key(event.key), self._text(event.name), session, numbered, seq, digested, told)
            )
        return place

    def _resolved(self, recipients: tuple[str, ...] | None) -> int:
        if recipients is None:
            return 0
        place = self._recipients.get(recipients)
        if place is None:
            place = self._recipients[recipients] = len(self._recipients) + 1
            self._new.recipients.append([self._text(sid) for sid in recipients])
        return place

    def _list(self, keys: Sequence[str]) -> int:
        listed = tuple([self._key(key) for key in keys])
        place = self._lists.get(listed)
        if place is None:
            place = self._lists[listed] = len(self._lists) + 1
            self._new.lists.append(listed)
        return place

    def _detail(self, detail: Mapping[str, Any]) -> int:
        values = detail.values()
        if not _PLAIN.issuperset(map(type, values)):
            return self._details.place(_dump(dict(detail)))
        alike = (*detail.items(), *map(type, values))  # 1 and true are equal, and not the same
        place = self._alike.get(alike)
        if place is None:
            place = self._details.place(_dump(dict(detail)))
            if len(self._alike) < MOST_KNOWN:
                self._alike[alike] = place
        return place


class _New:
    """What a block adds to the tables."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.keys: list[tuple[int, int, int]] = []
        self.events: list[tuple[int, int, int, int, int, int, int]] = []
        self.recipients: list[list[int]] = []
        self.lists: list[tuple[int, ...]] = []
        self.payloads: list[str] = []

    def sections(self, details: list[str], data: list[str]) -> Iterable[bytes]:
        yield texts(Section.TEXTS, self.texts)
        for first, rows in ((Section.KEY_SESSION, self.keys), (Section.EVENT_KEY, self.events)):
            for offset, values in enumerate(zip(*rows, strict=True)):
                yield integers(Section(first + offset), values)
        for counted, listed, lists in (
            (Section.RECIPIENTS_COUNT, Section.RECIPIENTS_SID, self.recipients),
            (Section.LISTS_COUNT, Section.LISTS_KEY, self.lists),
        ):
            yield integers(counted, [*map(len, lists)])
            yield integers(listed, [each for some in lists for each in some])
        yield texts(Section.DETAILS, details)
        yield texts(Section.DATA, data)
        yield texts(Section.PAYLOADS, self.payloads)


class _Known:
    """A table of JSON texts."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._count = 0
        self._new: list[str] = []

    def place(self, text: str) -> int:
        place = self._places.get(text)
        if place is None:
            self._count += 1
            place = self._count
            self._new.append(text)
            if len(text) <= LONGEST_KNOWN and len(self._places) < MOST_KNOWN:
                self._places[text] = place
        return place

    def take(self) -> list[str]:
        """What came since the last time."""
        new, self._new = self._new, []
        return new


def within(number: int) -> int:
    """A position or time as a column takes it."""
    return number if -LARGEST < number < LARGEST else max(-LARGEST, min(LARGEST, int(number)))


_HEX = frozenset("0123456789abcdef")


def _is_hex(digest: str) -> bool:
    return len(digest) == 16 and _HEX.issuperset(digest)


def _dump(value: Any) -> str:
    """A value as JSON; what JSON can't say is said in its place, for a record must not stop the thread that writes."""
    try:
        return _json(value)
    except (TypeError, ValueError, RecursionError) as error:
        if isinstance(value, dict):
            return "{" + ",".join(f"{_json(str(name))}:{_dump(each)}" for name, each in value.items()) + "}"
        return _json(f"(not kept: {type(error).__name__}: {error})")


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
