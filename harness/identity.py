"""Which event a payload is: where a system keeps name, session, number and data, and the digest of the data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from harness.model import Event


@dataclass(frozen=True, slots=True)
class Envelope:
    """How events are wrapped on one side of the server.

    `carrier` is the Socket.IO event that carries every event (its own name is then in the field `name`), or None where
    the Socket.IO event's name is the event's name. The other members are the payload's field names.
    """

    carrier: str | None = None
    name: str = "type"
    session: str = "session"
    seq: str = "seq"
    data: str = "data"

    def read(self, event: str, args: Sequence[Any]) -> Event | None:
        """The event that a Socket.IO message carries, or None when it is no event (a request, a notice)."""
        payload = args[0] if args else None
        if not isinstance(payload, Mapping) or (self.carrier is not None and event != self.carrier):
            return None
        return self.read_item(payload, event if self.carrier is None else None)

    def read_item(self, item: Mapping[str, Any], name: str | None = None) -> Event | None:
        """The event in a payload or in an item of the page's state; its name is in the item unless given."""
        session, seq = item.get(self.session), item.get(self.seq)
        called = item.get(self.name) if name is None else name
        if not isinstance(called, str) or not isinstance(session, str) or self.data not in item:
            return None  # a notice may name a session and a number too; only an event has data
        if not isinstance(seq, int) or isinstance(seq, bool):
            return None
        return Event(key_of(session, seq), called, session, seq, _digest_within_reason(item[self.data]))


def key_of(session: str, seq: int) -> str:
    """The identity of an event at every hop."""
    return f"{session}/{seq}"


def digest(data: Any) -> str:
    """64 bits over the canonical JSON of `data`: keys sorted, 1.0 equal to 1, for JavaScript has one kind of number."""
    text = json.dumps(_plain(data), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _digest_within_reason(data: Any) -> str | None:
    """The digest, or None for data that is nested deeper than JSON in Python goes: it can't be compared."""
    try:
        return digest(data)
    except RecursionError:
        return None


def _plain(data: Any) -> Any:
    if isinstance(data, str):
        return data
    if isinstance(data, float):
        return int(data) if data.is_integer() else data
    if isinstance(data, dict):
        return {str(name): _plain(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return data
