"""What events say, kept once for each digest, without secrets."""

from __future__ import annotations

import json
from typing import Any

from harness.lib.secrets import redact
from harness.model import Payload, Record, Sighting

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
