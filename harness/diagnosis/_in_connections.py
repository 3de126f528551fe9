"""What lost events have in common in the connections they were to take: of CLIs, of dashboards, into rooms. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.diagnosis.emit_after_close import closed_by_itself
from harness.judge.strategies.watch import choices, connections
from harness.lib.amounts import amount
from harness.model import PAGE_SIDE, Aspect, Hop, Outcome
from harness.model.facts import Joined, PageConnected
from harness.record import rooms
from harness.record.evidence import Evidence, label_of, names


def of_connections(evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """One line for each thing that they share; see `_in_common`."""
    yield from _of_closed(evidence, outcomes)
    yield from _of_absent(evidence, outcomes)
    yield from _of_dashboards(evidence, outcomes)
    yield from _of_rooms(evidence, outcomes)


def _of_closed(evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Which CLI ended its connection itself, where these are what it had not sent by then, or never meant to send."""
    lost = {o.key for o in outcomes}
    if not all(o.hops == (Hop.SENT,) for o in outcomes):
        return
    for cli in dict.fromkeys(evidence.cli_of(o.key) for o in outcomes):
        keys = evidence.keys_by(cli)
        sent = len(keys) - len(lost.intersection(keys))
        if closed_by_itself(evidence, cli) is not None and sent and lost.issuperset(keys[sent:]):
            yield f"{cli}: sent {amount(sent, 'event')}, and then ended its connection itself"


def _of_absent(evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Which dashboards had no connection whenever the server had one of these events."""
    if not all(Hop.ROUTED in o.hops for o in outcomes):
        return
    at = [place for o in outcomes if (place := evidence.routed_at(o.event_key)) is not None]
    for label, spans in connections(evidence).items():
        if at and not any(span.start <= place <= span.end for span in spans for place in at):
            ever = "" if spans else ", and never had one"
            yield f"dashboard {label} had no connection when any of them came{ever}"


def _of_dashboards(evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterator[str]:
    if not all(set(o.hops) & {*PAGE_SIDE, Hop.ROUTED} for o in outcomes):
        return
    labels = {o.dashboard for o in outcomes if o.dashboard}
    every = [
        label for label in evidence.contract.dashboards if label in labels or _is_to_have(evidence, label, outcomes)
    ]
    if not labels or len(every) < 2:
        return
    if len(labels) < len(every):
        spared = [label for label in every if label not in labels]
        yield f"only on dashboard {names(sorted(labels))}, and not on {names(spared)}"
    transports = {label: _transports(evidence, label) for label in every}
    mine = set().union(*(transports[label] for label in labels if label in transports))
    others = set().union(*(transports[label] for label in every if label not in labels))
    if len(mine) == 1 and others and not mine & others:
        yield f"those are connected by {mine.pop()}, the others by {names(sorted(others))}"


def _of_rooms(evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Into which rooms the server let dashboards that were sent there what they never asked for."""
    leaks = [o for o in outcomes if o.finding.aspect is Aspect.NEVER_ASKED]
    through = {
        (o.label, room)
        for o in leaks
        for sighting in evidence.at(Hop.ROUTED, o.key)
        for room in rooms.each(sighting.detail.get("room"))
    }
    joined = {(label_of(evidence.sids.get(f.body.sid, "")), f.body.room) for f in evidence.facts(Joined)}
    for label, room in sorted(through & joined, key=str):
        yield f"dashboard {label} was let into room {rooms.shown(room)}, and asked for no session that goes there"


def _is_to_have(evidence: Evidence, label: str, outcomes: Sequence[Outcome]) -> bool:
    """Whether a dashboard did not choose another session than those of these events."""
    chosen = choices(evidence).get(label)
    return chosen is None or any(o.key is None or evidence.events[o.key].session == chosen for o in outcomes)


def _transports(evidence: Evidence, label: str) -> set[str]:
    mine = (f for f in evidence.facts(PageConnected) if label_of(f.observer) == label)
    return {f.body.transport for f in mine if f.body.transport}
