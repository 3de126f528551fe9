"""Broadcast: every connected dashboard is owed every event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.evidence import END, Evidence
from harness.model import Expectation, Hop, Kind, Level, Outcome, PropertyResult, Settled
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
        view = evidence.view(label)
        loads = evidence.loads.get(label)
        if view is None or not loads:
            continue
        applied = evidence.seen[Hop.APPLIED].get(loads[-1], {})
        if len({evidence.events[key].session for key in applied}) < 2:
            continue
        for panel in evidence.contract.panels:
            shown = view.data.get("panels", {}).get(panel.name)
            for value, counted in panel.values.items() if shown and shown.get("session") else ():
                mine = [evidence.events[k] for k in applied if evidence.events[k].session == shown["session"]]
                expected = sum(1 for event in mine if event.name in counted or "*" in counted)
                checks += 1
                if _number(shown["values"].get(value)) != expected:
                    why = f"panel {panel.name} of session {shown['session']} shows {value} {shown['values'].get(value)!r}, not {expected}"
                    found.append(Outcome(Kind.MISRENDERED, prop, None, label, Hop.RENDERED, (Hop.RENDERED,), why))
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
        if order != expected:
            at = next((i for i, (a, b) in enumerate(zip(order, expected, strict=False)) if a != b), min(len(order), len(expected)))
            why = f"from event {at + 1} on it differs from dashboard {first}"
            key = order[at] if at < len(order) else None
            kind = Kind.REORDERED if sorted(order) == sorted(expected) else Kind.LOST
            found.append(Outcome(kind, "B2", key, label, Hop.DELIVERED, (Hop.DELIVERED,), why))
    return PropertyResult.of("B2", len(expected) * len(others), found)


def _came_late(evidence: Evidence, watch: Watch) -> bool:
    firsts = (first_routed(evidence, session) for session in evidence.sessions)
    return any(first is not None and watch.start > first for first in firsts)


def _number(text: object) -> int | None:
    digits = "".join(c for c in str(text).split(" ")[0] if c.isdigit())
    return int(digits) if digits else None


STRATEGY = Broadcast()
