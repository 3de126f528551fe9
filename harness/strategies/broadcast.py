"""Broadcast: every connected dashboard is owed every event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.evidence import END, Evidence
from harness.model import Expectation, Hop, Kind, Level, Outcome, PropertyResult, Settled
from harness.panels import held, troubles
from harness.strategies.watch import Watch, everything, first_routed, owe


class Broadcast:
    """B1 to B4."""

    name = "broadcast"

    def expectations(self, evidence: Evidence) -> Iterable[Expectation]:
        return owe(evidence, everything(evidence), isolated=False)

    def properties(self, evidence: Evidence, settled: Sequence[Settled]) -> Iterable[PropertyResult]:
        watches = everything(evidence)
        yield everyone_connected(evidence, watches, "B1")
        yield _same_sequence(evidence, watches)
        yield late_dashboards(evidence, watches, settled, "B3")
        yield one_session_a_panel(evidence, "B4")


def everyone_connected(evidence: Evidence, watches: Sequence[Watch], prop: str) -> PropertyResult:
    """Every event's recipients hold every dashboard that was connected when it was routed."""
    checks, found = 0, []
    for key, sightings in evidence.once[Hop.ROUTED].items():
        at = evidence.routed_at(key)
        resolved = sightings[0].recipients
        if at is None or resolved is None:
            continue
        for watch in watches:
            for span in watch.spans:
                if span.start < at < span.end:
                    checks += 1
                    if span.sid not in evidence.recipients[key]:
                        why = f"connected as {span.sid}, and not among the {len(resolved)} recipients"
                        found.append(Outcome(Kind.LOST, prop, key, watch.dashboard, Hop.ROUTED, (Hop.ROUTED,), why))
    return PropertyResult.of(prop, checks, found)


def late_dashboards(
    evidence: Evidence, watches: Sequence[Watch], settled: Sequence[Settled], prop: str
) -> PropertyResult:
    """A dashboard that came after a session's first event has what is promised to it."""
    late = {
        (watch.dashboard, session)
        for watch in watches
        for session in evidence.sessions
        if (first := first_routed(evidence, session)) is not None and watch.start > first
    }
    mine = [s for s in settled if (s.expectation.dashboard, evidence.events[s.expectation.key].session) in late]
    owed = [s for s in mine if s.expectation.level is Level.MUST]
    return PropertyResult.of(prop, len(owed), (s.outcome for s in mine), f"{len({d for d, _ in late})} late dashboards")


def one_session_a_panel(evidence: Evidence, prop: str) -> PropertyResult:
    """With several sessions in a page, each panel shows the numbers of the one session that it names."""
    checks, found = 0, []
    for label in evidence.contract.dashboards:
        view, loads = evidence.view(label), evidence.loads.get(label)
        if view is None or not loads or len({event.session for event in held(evidence, loads[-1])}) < 2:
            continue
        checks += len(evidence.contract.panels)
        found += [
            Outcome(Kind.MISRENDERED, prop, None, label, Hop.RENDERED, (Hop.RENDERED,), why)
            for why in troubles(evidence, view.data.get("panels") or {}, loads[-1])
        ]
    return PropertyResult.of(prop, checks, found)


def _same_sequence(evidence: Evidence, watches: Sequence[Watch]) -> PropertyResult:
    """Dashboards that were connected throughout were delivered the same events in the same order."""
    throughout = [w for w in watches if len(w.spans) == 1 and w.end == END and not _came_late(evidence, w)]
    orders = {w.dashboard: [s.event.key for s in evidence.page[Hop.DELIVERED].get(w.load, ())] for w in throughout}
    if len(orders) < 2:
        return PropertyResult.of("B2", 0)
    (first, expected), *others = sorted(orders.items())
    found = []
    for label, order in others:
        missing = {label: set(expected) - set(order), first: set(order) - set(expected)}
        for lacking, keys in missing.items():
            why = "another dashboard that was connected throughout has it"
            found += [
                Outcome(Kind.LOST, "B2", key, lacking, Hop.DELIVERED, (Hop.DELIVERED,), why) for key in sorted(keys)
            ]
        both = set(expected) & set(order)
        mine, theirs = ([key for key in each if key in both] for each in (order, expected))
        if mine != theirs:
            key = next((a for a, b in zip(mine, theirs, strict=False) if a != b), None)
            why = f"from here on the order differs from dashboard {first}"
            found.append(Outcome(Kind.REORDERED, "B2", key, label, Hop.DELIVERED, (Hop.DELIVERED,), why))
    return PropertyResult.of("B2", len(expected) * len(others), found)


def _came_late(evidence: Evidence, watch: Watch) -> bool:
    firsts = (first_routed(evidence, session) for session in evidence.sessions)
    return any(first is not None and watch.start > first for first in firsts)


STRATEGY = Broadcast()
