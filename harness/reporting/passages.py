"""The way of one event through a run, as every picture of it shows: who sent it, through which rooms, who has it."""

from __future__ import annotations

from collections.abc import Sequence

from harness.model import Event, Hop, Outcome, Verdict
from harness.record import rooms
from harness.record.evidence import Evidence
from harness.record.evidence.keys import without
from harness.reporting.figures import failures

REPLAY = "replay"
"""What a room is called that is one client's own: the server sends it there what it kept."""

EVERYONE = "(everyone)"


def in_order(evidence: Evidence) -> Sequence[str]:
    """The key of every event in the server's order; what never came there after it, in the order of its session."""
    known = evidence.as_routed
    others = [*without(evidence.events.keys(), {*known})] if len(known) < len(evidence.events) else []
    return [*known, *sorted(others, key=lambda key: _order(evidence.events[key]))]


def _order(event: Event) -> tuple[str, int]:
    return (event.session or "", event.seq or 0)


def producer_of(evidence: Evidence, event: Event) -> str:
    """The CLI that reported an event; `cli` where it is not known which."""
    return evidence.producer.get(event.session or "", "cli")


def rooms_of(evidence: Evidence, event: Event) -> list[tuple[str, bool]]:
    """The rooms that an event was routed to, and whether there were recipients. A replay goes to one client alone."""
    found: dict[str, bool] = {}
    for sighting in evidence.at(Hop.ROUTED, event.key):
        for room in rooms.each(sighting.detail.get("room")) or (EVERYONE,):
            name = REPLAY if room in evidence.sids else room
            found[name] = found.get(name, False) or sighting.recipients is None or bool(sighting.recipients)
    return list(found.items())


def is_seen(evidence: Evidence, hop: Hop, label: str, key: str) -> bool:
    """Whether an event was seen at a hop of a dashboard, in any load of its page."""
    return any(key in evidence.keys_on_page(hop, load) for load in evidence.loads_of(label))


def wrongs(verdict: Verdict) -> dict[str, dict[str | None, Outcome]]:
    """Event key to dashboard to the broken promise; the dashboard is None where it is about the event alone."""
    found: dict[str, dict[str | None, Outcome]] = {}
    for outcome in failures(verdict.outcomes):
        if outcome.key is not None:
            found.setdefault(outcome.key, {}).setdefault(outcome.dashboard, outcome)
    return found
