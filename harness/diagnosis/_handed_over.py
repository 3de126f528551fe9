"""What a server handed over to one dashboard after it had been emitted to others: a replay, as far as it went."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Set

from harness.model import Fact, Hop, Sighting
from harness.model.facts import Connected, Joined, Requested
from harness.record import rooms
from harness.record.evidence import Evidence, Position, family, label_of, position
from harness.record.evidence.observers import SERVER
from harness.record.remembered import remembered


@remembered
def handed_over(evidence: Evidence, label: str) -> Mapping[str, Position]:
    """Event first routed without a dashboard's connections, to when it was emitted to one of them alone.

    In between it must have come, asked or joined: a server that emits to each connection by itself hands nothing over.
    Nor is an event handed over that each of several servers resolves for its own clients.
    """
    mine = {sid for sid, load in evidence.sids.items() if label_of(load) == label}
    moves = sorted(_moves(evidence, mine))
    found: dict[str, Position] = {}
    for key, (first, *later) in evidence.once[Hop.ROUTED].repeated():
        if mine.isdisjoint(first.recipients or ()) and not first.detail.get("publishes"):
            again = next((each for each in later if _is_to_one_of(each, mine)), None)
            if again is not None and bisect_left(moves, position(first)) < bisect_left(moves, position(again)):
                found[key] = position(again)
    return found


def _is_to_one_of(routed: Sighting, sids: Set[str]) -> bool:
    return not (sids.isdisjoint(routed.recipients or ()) or sids.isdisjoint(rooms.each(routed.detail.get("room"))))


def _moves(evidence: Evidence, sids: Set[str]) -> Iterator[Position]:
    """When the server had a connection come, ask for something or enter a room."""
    told: list[Fact[Connected] | Fact[Requested] | Fact[Joined]] = [*evidence.facts(Connected)]
    told += [*evidence.facts(Requested), *evidence.facts(Joined)]
    for fact in told:
        if family(fact.observer) == SERVER and fact.body.sid in sids:
            yield position(fact)


def is_handed_over_to(evidence: Evidence, label: str, session: str | None) -> bool:
    """Whether a dashboard was handed over events of a session."""
    return any(evidence.events[key].session == session for key in handed_over(evidence, label))
