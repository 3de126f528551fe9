"""What is posted over plain HTTP: an event where the target file says how, and the errors that it is answered with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from harness.model import Event, Hop, Record, Sighting
from harness.model.facts import Acknowledged, HandlerError, NoHandler
from harness.model.facts.cli import SERVER_ERROR, UNSERVED
from harness.taps.agent.observed import Observed, fact
from harness.taps.agent.redacted import has_redacted

BAD_REQUEST = 400
NO_HANDLER = (404, 405)
"""What a server answers that has no handler for the path, or none for the method."""


def _post(record: Mapping[str, Any], by: Observed) -> list[Record]:
    """JSON was posted over plain HTTP by a CLI."""
    event = _event_of_post(record, by) if by.role == "client" else None
    return [] if event is None else [_sighting(record, by, Hop.SENT, event)]


def _posted(record: Mapping[str, Any], by: Observed) -> list[Record]:
    """What was posted has been read by a server's handler."""
    event = _event_of_post(record, by) if by.role == "server" else None
    if event is None:
        return []
    by.paths.add(record["event"])
    return [_sighting(record, by, Hop.RECEIVED, event)]


def _post_answer(record: Mapping[str, Any], by: Observed) -> list[Record]:
    event = _event_of_post(record, by) if by.role == "client" else None
    if event is None:
        return []
    status = record["status"] if record["status"] >= BAD_REQUEST else None
    said = Acknowledged(event.key, status is None, None if status is None else f"HTTP {status}", status=status)
    return [fact(record, by, said)]


def _post_failed(record: Mapping[str, Any], by: Observed) -> list[Record]:
    """A server answered what was posted with an error: it has no handler, or its handler failed."""
    status, path = record["status"], record["event"]
    if path not in by.paths or (status not in UNSERVED and status < SERVER_ERROR):
        return []  # of no event, or what the application itself says
    if status in UNSERVED:
        why = None if status in NO_HANDLER else f"HTTP {status}"
        return [fact(record, by, NoHandler(None, path, why))]
    return [fact(record, by, HandlerError(None, path, f"it was answered with HTTP {status}", None))]


def _event_of_post(record: Mapping[str, Any], by: Observed) -> Event | None:
    """The event that was posted, where the target file says how: by a carrier, a kind, or the path's own name."""
    event = by.ingress(record["event"], record["args"])
    return None if event is None or event.name == record["event"] else event


def _sighting(record: Mapping[str, Any], by: Observed, hop: Hop, event: Event) -> Sighting:
    known = replace(event, digest=None, told=None) if has_redacted(record["args"]) else event
    given = {key: record[key] for key in ("where", "bytes", "process") if record.get(key) is not None}
    detail = {"path": record["event"], **given, **known.rest}
    return Sighting(hop, known, by.observer, record["n"], record["t"], None, detail)


KINDS: Mapping[str, Callable[[Mapping[str, Any], Observed], list[Record]]] = {
    "post": _post,
    "post_answer": _post_answer,
    "posted": _posted,
    "post_failed": _post_failed,
}
