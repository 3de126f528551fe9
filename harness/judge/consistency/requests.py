"""Whether answers that CLIs and the server tell of have their requests on record. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from harness.model import Aspect, Finding, Hop
from harness.model.facts import Answered, Requested
from harness.record.evidence import Evidence
from harness.record.evidence.observers import SERVER, family

CLI = "cli:"


def unasked(evidence: Evidence) -> Iterator[Finding]:
    """The first answer of each party to a request that was not made. Pages are compared with what the server tells.

    The server also tells of answers to events, and of clients of the run before: those say nothing here.
    """
    requests = evidence.facts(Requested)
    asked = {(family(f.observer), f.body.sid, f.body.name, f.body.id) for f in requests}
    known = {(_side(f.observer), f.body.name) for f in requests} - {(SERVER, name) for name in _of_events(evidence)}
    mine, told = {stay.began.body.sid for stay in evidence.stays}, set[str]()
    for fact in evidence.facts(Answered):
        side, party, body = _side(fact.observer), family(fact.observer), fact.body
        if (
            body.id is None
            or side is None
            or (side, body.name) not in known
            or (side == SERVER and body.sid not in mine)
        ):
            continue
        if party not in told and (party, body.sid, body.name, body.id) not in asked:
            told.add(party)
            yield Finding(Aspect.RECORD_LACKS, party=party, field=Requested.kind, text=f"an answer to {body.name}")


def _side(observer: str) -> str | None:
    """Who tells it: the server or a CLI; None for a page."""
    if family(observer) == SERVER:
        return SERVER
    return CLI if observer.startswith(CLI) else None


def _of_events(evidence: Evidence) -> set[str]:
    """The names of the messages that brought events to the server."""
    found = set[str]()
    for sighting in evidence.flow[Hop.RECEIVED].kinds():
        found |= {sighting.event.name, str(sighting.detail.get("carrier") or "")}
    return found
