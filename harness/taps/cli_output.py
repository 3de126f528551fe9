"""Hop emitted: what the CLI prints. One line an event; the session's line comes before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.lib.ansi import uncoloured
from harness.lib.numbers import whole_number
from harness.lib.patterns import compiled
from harness.model import Body, Event, Fact, Hop, Sighting, Told, Write
from harness.model.facts import CliSession, TapTried
from harness.record.digests import digest
from harness.record.identity import Envelope, key_of

PLAIN = Envelope()


@dataclass(frozen=True, slots=True)
class Format:
    """What the CLI's lines look like: patterns with the groups `session`, `name` and, if it has it, `payload`.

    `payload` is a JSON object with the fields of `fields`; so is a whole line where `event` is None. An event without
    a number is numbered by its place. `begin` and `end` are lines between which events are reported; `continuation` is
    how a line begins that belongs to the one before, and what it matches is left out; `merged` output has the lines of
    standard error among its own.
    """

    session: str | None
    event: str | None
    fields: Envelope = PLAIN
    begin: str | None = None
    end: str | None = None
    continuation: str | None = None
    merged: bool = False
    silent: bool = False
    """Whether it reports nothing."""
    called: str | None = None
    """The name of each event, where the lines have none."""


class CliOutput:
    """Writes a sighting for each event line. `line` is called from one thread.

    `session` is that of events which name none, until a line names another.
    """

    def __init__(self, observer: str, form: Format, write: Write, session: str | None = None) -> None:
        self.observer, self._form, self._write = observer, form, write
        self._session_line, self._event_line, self._begin, self._end, self._continuation = (
            None if pattern is None else compiled(pattern)
            for pattern in (form.session, form.event, form.begin, form.end, form.continuation)
        )
        self.session: str | None = None
        self._assumed = session
        self._is_open = form.begin is None
        self._held: tuple[str, int] | None = None
        self.count = 0
        self._n = 0

    def line(self, text: str, at_ns: int) -> None:
        """One line of output, and when it arrived."""
        text = uncoloured(text)
        if self._continuation is None:
            self._whole(text, at_ns)
        elif self._held is not None and (found := self._continuation.match(text)):
            self._held = (self._held[0] + text[found.end() :], self._held[1])
        else:
            before, self._held = self._held, (text, at_ns)
            if before is not None:  # should it fail, this line is held all the same
                self._whole(*before)

    def flush(self) -> None:
        """Take in the last line, for which a continuation might have come."""
        held, self._held = self._held, None
        if held is not None:
            self._whole(*held)

    def fact(self, body: Body, at_ns: int) -> None:
        """Write a fact in this observer's order."""
        self._n += 1
        self._write(Fact(self.observer, self._n, at_ns, body))

    def alive(self, phase: str, at_ns: int, why: str | None = None) -> None:
        """The canary: the pipe is open before, and was read to its end after; `why` it can't be believed."""
        self.fact(TapTried("cli output", (Hop.EMITTED,), phase, why is None, why), at_ns)

    def _whole(self, text: str, at_ns: int) -> None:
        if not self._is_open:
            self._is_open = self._begin is not None and self._begin.search(text) is not None
        elif self._end is not None and self._end.search(text):
            self._is_open, self._begin = False, None
        elif (found := self._reported(text)) is not None:
            self._event(*found, at_ns)
            return
        if self.session is None and self._session_line is not None and (told := self._session_line.search(text)):
            self.session = told["session"]
            self.fact(CliSession(told["session"]), at_ns)

    def _reported(self, text: str) -> tuple[Mapping[str, str | None], Mapping[str, Any], Any] | None:
        """The groups of an event line, its JSON object, or else what its payload says; None for any other line."""
        if self._form.silent:
            return None
        if self._event_line is None:
            body = _object(text)
            name = self._form.fields.at(body, self._form.fields.name)
            return ({}, body, None) if isinstance(name, str) else None
        if (found := self._event_line.search(text)) is None:
            return None
        groups = found.groupdict()
        said = self._form.fields.fields_in(_json(groups.get("payload")))
        return (groups, said, None) if isinstance(said, dict) else (groups, {}, said)

    def _event(self, groups: Mapping[str, str | None], body: Mapping[str, Any], text: Any, at_ns: int) -> None:
        self.count += 1
        self._n += 1
        fields = self._form.fields
        session = groups.get("session") or fields.at(body, fields.session) or self.session or self._assumed
        seq = _number(groups.get("seq"), fields.at(body, fields.seq), self.count)
        if not isinstance(session, str) or seq is None:
            session, seq = self.session or self._assumed or "", self.count
        name = groups.get("name") or self._form.called or str(fields.at(body, fields.name))
        data = fields.plain(fields.data_of(body)) if body else text
        payload = None if data is None else digest(data)
        called = fields.names.get(name, name)
        event = Event(key_of(session, seq), called, session, seq, payload, None if data is None else Told(data))
        self._write(Sighting(Hop.EMITTED, event, self.observer, self._n, at_ns))


def _number(group: str | None, field: object, place: int) -> int | None:
    """The number of an event: as the line has it, as its JSON has it, or else its place. None if not whole."""
    if group is not None:
        return whole_number(group)
    if field is None:
        return place
    return field if isinstance(field, int) and not isinstance(field, bool) else None


def _object(text: str) -> Mapping[str, Any]:
    body = _json(text)
    return body if isinstance(body, dict) else {}


def _json(text: str | None) -> Any:
    """What a payload says: JSON, or else the text itself; None where there is none."""
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
