"""How the run went: latency, quiescence, its end, errors, and whether anything was seen at all (P11 to P14, P16)."""

from __future__ import annotations

from harness.evidence import Evidence, label_of
from harness.model import FactKind, Hop, Kind, Outcome, PropertyResult, Sighting

ERRORS = (
    FactKind.REFUSED,
    FactKind.NO_HANDLER,
    FactKind.HANDLER_ERROR,
    FactKind.CLIENT_REFUSED,
    FactKind.PAGE_REFUSED,
    FactKind.PAGE_ERROR,
    FactKind.PAGE_INTRUSION,
    FactKind.UNSERVED_EMIT,
)
"""Facts that a report must show, whatever the verdict."""


def latency(evidence: Evidence) -> PropertyResult:
    """P11: emitted to rendered within the bound. What was replayed counts from its replay."""
    errors = {f.observer: float(f.data["error_ns"]) for f in evidence.facts(FactKind.CLOCK)}
    checks, found, worst = 0, [], 0.0
    for load, sightings in evidence.page[Hop.RENDERED].items():
        if load not in errors:
            continue
        mine = {sid for sid, owner in evidence.sids.items() if owner == load}
        for sighting in sightings:
            start = _start(evidence, sighting.event.key, mine)
            if start is None:
                continue
            checks += 1
            took_ms = (sighting.at_ns - start - errors[load]) / 1e6
            worst = max(worst, took_ms)
            if took_ms > evidence.contract.bound_ms:
                why = (
                    f"rendered {took_ms:.0f} ms after it was emitted; the bound is {evidence.contract.bound_ms:.0f} ms"
                )
                key = sighting.event.key
                found.append(Outcome(Kind.LATE, "P11", key, label_of(load), Hop.RENDERED, (Hop.RENDERED,), why))
    note = f"worst {worst:.1f} ms" if checks else "no page had its clock compared"
    return PropertyResult.of("P11", checks, found, note)


def _start(evidence: Evidence, key: str, sids: set[str]) -> int | None:
    """When an event set out for a page: emitted when it was routed there at once, else when it was replayed."""
    routed: list[Sighting] = evidence.once[Hop.ROUTED].get(key, [])
    emitted = evidence.once[Hop.EMITTED].get(key) or evidence.once[Hop.SENT].get(key)
    for index, sighting in enumerate(routed):
        if sids & set(sighting.recipients or ()):
            return emitted[0].at_ns if index == 0 and emitted else sighting.at_ns
    return emitted[0].at_ns if emitted and not routed else None


def quiescence(evidence: Evidence) -> PropertyResult:
    """P12: the fence came back on every channel, no handler runs, and every page is still."""
    found = []
    in_flight = evidence.in_flight()
    if evidence.has_tap(Hop.RECEIVED) and in_flight != 0:
        why = "nobody said whether handlers still run" if in_flight is None else f"{in_flight} handlers still ran"
        found.append(Outcome(Kind.UNDETERMINED, "P12", None, None, Hop.ROUTED, (Hop.ROUTED,), why))
    for label in evidence.contract.dashboards:
        fence, still = evidence.fences.get(label), evidence.stills.get(label)
        if fence is None or not fence.data["back"]:
            why = f"the fence did not come back: {fence.data.get('why', 'no answer') if fence else 'none was sent'}"
            found.append(Outcome(Kind.UNDETERMINED, "P12", None, label, Hop.DELIVERED, (Hop.DELIVERED,), why))
        if still is None or not still.data["still"]:
            why = f"the page did not come to rest: {still.data.get('why', '') if still else 'nobody looked'}"
            found.append(Outcome(Kind.UNDETERMINED, "P12", None, label, Hop.RENDERED, (Hop.RENDERED,), why))
    return PropertyResult.of("P12", 2 * len(evidence.contract.dashboards), found)


def ending(evidence: Evidence) -> PropertyResult:
    """P13: exactly one terminal event, last, agreeing with the CLI's exit status, in every session that had events."""
    checks, found = 0, []
    for session, events in evidence.sessions.items():
        end = evidence.exits.get(evidence.producer.get(session, ""))
        if session in evidence.rejected or (end is not None and end.data.get("killed")):
            continue  # a rejected session has no events to end; one that the harness killed can't end
        checks += 1
        terminal = [event for event in events if event.name in evidence.contract.terminal]
        status = end.data.get("status") if end is not None else None
        why = None
        if len(terminal) != 1:
            why = f"session {session} has {len(terminal)} terminal events; its CLI exited with status {status}"
        elif events[-1] is not terminal[0]:
            why = f"session {session} went on behind its terminal event {terminal[0].name}"
        elif (terminal[0].name in evidence.contract.terminal_ok) != (status == 0):
            why = f"session {session} ended with {terminal[0].name}, and its CLI with status {status}"
        if why is not None:
            found.append(Outcome(Kind.INCOMPLETE, "P13", None, None, Hop.EMITTED, (Hop.EMITTED,), why))
    return PropertyResult.of("P13", checks, found)


def errors_surface(evidence: Evidence) -> PropertyResult:
    """P14: refusals and exceptions are in the report; who should have been let in, and was not, is a failure."""
    found = []
    for label in evidence.contract.dashboards:
        refused = evidence.facts(FactKind.PAGE_REFUSED, f"dashboard:{label}")
        if label not in {label_of(load) for load in evidence.sids.values()}:
            why = f"dashboard {label} never connected" + (f": {refused[-1].data.get('text')}" if refused else "")
            found.append(Outcome(Kind.REFUSED, "P14", None, label, Hop.DELIVERED, (Hop.DELIVERED,), why))
    for fact in evidence.facts(FactKind.CLIENT_REFUSED):
        why = f"{fact.observer} was refused by the server: {fact.data.get('error')}"
        found.append(Outcome(Kind.REFUSED, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why))
    if evidence.contract.strategy != "single-session":
        for session, code in evidence.rejected.items():
            why = f"session {session} was refused: {code}"
            found.append(Outcome(Kind.REFUSED, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why))
    errors = sum(len(evidence.facts(kind)) for kind in ERRORS)
    return PropertyResult.of("P14", 1 + errors, found, f"{errors} errors on record")


def not_vacuous(evidence: Evidence) -> PropertyResult:
    """P16: every tap proved itself alive, and every declared event type was seen at least once, else unknown."""
    troubles = evidence.tap_troubles()
    for hop in evidence.contract.taps:
        if not evidence.alive[hop] and not any(hop.label in trouble for trouble in troubles):
            troubles.append(f"no tap of hop {hop.label} proved itself alive")
    seen = {event.name for event in evidence.events.values()}
    if not evidence.events:
        troubles.append("no event was sighted anywhere")
    missing = [name for name in evidence.contract.declared if name not in seen]
    if missing:
        troubles.append(f"declared and never seen at any hop: {', '.join(missing)}")
    found = [Outcome(Kind.UNDETERMINED, "P16", None, None, None, (), trouble) for trouble in troubles]
    return PropertyResult.of("P16", len(evidence.contract.taps) + len(evidence.contract.declared), found)
