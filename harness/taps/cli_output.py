"""Hop emitted: what the CLI prints. One line an event; the session's line comes before."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.identity import digest, key_of
from harness.model import Event, Fact, FactKind, Hop, Sighting, Write


@dataclass(frozen=True, slots=True)
class Format:
    """What the CLI's lines look like: patterns with the groups `session`, `name` and, if it has it, `payload`.

    `payload` is a JSON object with `session`, `seq` and `data`; an event without one is numbered by its place.
    """

    session: str
    event: str


class CliOutput:
    """Writes a sighting for each event line. `line` is called from one thread."""

    def __init__(self, observer: str, form: Format, write: Write) -> None:
        self.observer, self._write = observer, write
        self._session_line, self._event_line = re.compile(form.session), re.compile(form.event)
        self.session: str | None = None
        self.count = 0
        self._n = 0

    def line(self, text: str, at_ns: int) -> None:
        """One line of output, and when it arrived."""
        if (found := self._event_line.search(text)) is not None:
            self._event(found, at_ns)
        elif self.session is None and (found := self._session_line.search(text)) is not None:
            self.session = found["session"]
            self.fact(FactKind.CLI_SESSION, at_ns, session=self.session)

    def fact(self, kind: FactKind, at_ns: int, **data: object) -> None:
        """Write a fact in this observer's order."""
        self._n += 1
        self._write(Fact(kind, self.observer, self._n, at_ns, data))

    def alive(self, phase: str, at_ns: int, why: str | None = None) -> None:
        """The canary: the pipe is open before, and was read to its end after."""
        hops: Sequence[int] = [int(Hop.EMITTED)]
        self.fact(FactKind.TAP, at_ns, tap="cli output", hops=hops, phase=phase, alive=why is None, why=why)

    def _event(self, found: re.Match[str], at_ns: int) -> None:
        self.count += 1
        self._n += 1
        body = _payload(found)
        session = body.get("session", self.session)
        seq = body.get("seq", self.count)
        if not isinstance(session, str) or not isinstance(seq, int):
            session, seq = self.session or "", self.count
        payload = digest(body["data"]) if "data" in body else None
        event = Event(key_of(session, seq), found["name"], session, seq, payload)
        self._write(Sighting(Hop.EMITTED, event, self.observer, self._n, at_ns))


def _payload(found: re.Match[str]) -> dict[str, object]:
    text = found.groupdict().get("payload")
    if not text:
        return {}
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
