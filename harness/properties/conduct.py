"""How the run went: latency, quiescence, its end, errors, and whether anything was seen at all (P11 to P14, P16)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from harness.evidence import Evidence, label_of, reason_of
from harness.model import SERVER_SIDE, Event, FactKind, Hop, Kind, Outcome, PropertyResult, Sighting

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
    """P11: emitted to rendered within the bound, in the harness's time. What was replayed counts from its replay."""
    errors: dict[str, int] = defaultdict(int)
    offsets: dict[str, int] = defaultdict(int)
    for fact in evidence.facts(FactKind.CLOCK):
        offsets[fact.observer] = int(fact.data["offset_ns"])
        errors[fact.observer] = max(errors[fact.observer], int(fact.data["error_ns"]))
    sids: dict[str, set[str]] = defaultdict(set)
    for sid, load in evidence.sids.items():
        sids[load].add(sid)
    checks, found, worst_ns, bound_ns = 0, [], 0, evidence.contract.bound_ms * 1e6
    for load, sightings in evidence.page[Hop.RENDERED].items():
        if load not in errors:
            continue  # times of two clocks can't be compared
        slack_ns, started_ns = offsets[load] - errors[load], _starts(evidence, sids[load])
        for sighting in sightings:
            key = sighting.event.key
            start_ns = started_ns.get(key)
            if start_ns is None:
                continue
            checks += 1
            took_ns = sighting.at_ns + slack_ns - start_ns
            worst_ns = max(worst_ns, took_ns)
            if took_ns > bound_ns:
                why = f"rendered {took_ns / 1e6:.0f} ms after it was emitted; the bound is {bound_ns / 1e6:.0f} ms"
                found.append(Outcome(Kind.LATE, "P11", key, label_of(load), Hop.RENDERED, (Hop.RENDERED,), why))
    note = f"worst {worst_ns / 1e6:.1f} ms" if checks else "no page had its clock compared"
    return PropertyResult.of("P11", checks, found, note)


def _starts(evidence: Evidence, sids: set[str]) -> dict[str, int]:
    """When each event set out for a page: emitted when it was routed there at once, else when it was replayed."""
    routed = evidence.once[Hop.ROUTED]
    found = {key: seen[0].at_ns for key, seen in {**evidence.once[Hop.SENT], **evidence.once[Hop.EMITTED]}.items()}
    for key, sightings in routed.items():
        if key in found and _reaches(sightings[0], sids):
            continue
        replayed = next((each for each in sightings if _reaches(each, sids)), None)
        if replayed is not None:
            found[key] = replayed.at_ns
        else:
            found.pop(key, None)
    return found


def _reaches(routed: Sighting, sids: set[str]) -> bool:
    return routed.recipients is None or not sids.isdisjoint(routed.recipients)


def quiescence(evidence: Evidence) -> PropertyResult:
    """P12: the fence came back behind everything, no handler runs, and every page is still."""
    found = []
    if evidence.has_tap(Hop.RECEIVED) and (why := evidence.why_in_flight()) is not None:
        found.append(Outcome(Kind.UNDETERMINED, "P12", None, None, Hop.ROUTED, (Hop.ROUTED,), why))
    for label in evidence.contract.dashboards:
        for hop, doubt in ((Hop.DELIVERED, evidence.why_unfenced(label)), (Hop.RENDERED, evidence.why_restless(label))):
            if doubt is not None:
                found.append(Outcome(Kind.UNDETERMINED, "P12", None, label, hop, (hop,), doubt))
    return PropertyResult.of("P12", 2 * len(evidence.contract.dashboards), found)


def ending(evidence: Evidence) -> PropertyResult:
    """P13: exactly one terminal event, last, agreeing with the CLI's exit status, in every session that had events."""
    checks, found = 0, []
    if not evidence.contract.terminal:
        return PropertyResult.of("P13", 0, note="the system has no events that end a session")
    for session, events in evidence.sessions.items():
        end = evidence.exit_of(session)
        if session in evidence.rejected or (end is not None and end.data.get("killed")):
            continue  # a rejected session has no events to end; one that the harness killed can't end
        checks += 1
        if end is None:
            why = f"nobody saw the CLI of session {session} exit"
            found.append(Outcome(Kind.UNDETERMINED, "P13", None, None, None, (), why))
        elif (wrong := _wrong_end(evidence, session, events, end.data.get("status"))) is not None:
            found.append(Outcome(Kind.INCOMPLETE, "P13", None, None, Hop.EMITTED, (Hop.EMITTED,), wrong))
    return PropertyResult.of("P13", checks, found)


def _wrong_end(evidence: Evidence, session: str, events: list[Event], status: int | None) -> str | None:
    """What is wrong with how a session ended, if anything is. What no CLI reported is no part of it."""
    if evidence.reported is not None:
        events = [event for event in events if event.key in evidence.reported]
    terminal = [event for event in events if event.name in evidence.contract.terminal]
    if len(terminal) != 1:
        return f"session {session} has {len(terminal)} terminal events; its CLI exited with status {status}"
    if events[-1] is not terminal[0]:
        return f"session {session} went on behind its terminal event {terminal[0].name}"
    if (terminal[0].name in evidence.contract.terminal_ok) != (status == 0):
        return f"session {session} ended with {terminal[0].name}, and its CLI with status {status}"
    return None


def errors_surface(evidence: Evidence) -> PropertyResult:
    """P14: refusals and exceptions are in the report; who should have been let in, and was not, is a failure."""
    found = [*_dashboards_outside(evidence), *_clis_outside(evidence)]
    if evidence.contract.strategy != "single-session":
        for session, code in evidence.rejected.items():
            why = f"session {session} was refused: {code or 'the answer carried no code'}"
            found.append(Outcome(Kind.REFUSED, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why))
        for session in evidence.unanswered:
            why = f"session {session} was never answered"
            found.append(Outcome(Kind.REFUSED, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why))
    errors = sum(len(evidence.facts(kind)) for kind in ERRORS)
    return PropertyResult.of("P14", 1 + errors, found, f"{errors} errors on record")


def _dashboards_outside(evidence: Evidence) -> Iterator[Outcome]:
    """Dashboards of the run that never connected."""
    inside = {label_of(load) for load in evidence.sids.values()}
    for label in evidence.contract.dashboards:
        if label in inside:
            continue
        refused = evidence.facts(FactKind.PAGE_REFUSED, f"dashboard:{label}")
        unproven = evidence.why_unproven(Hop.DELIVERED, label) if evidence.loads.get(label) else "its page never loaded"
        if unproven is not None and not refused:
            why = f"dashboard {label} was not seen to connect: {unproven}"
            yield Outcome(Kind.UNDETERMINED, "P14", None, label, None, (), why)
            continue
        why = f"dashboard {label} never connected" + (f": {reason_of(refused[-1])}" if refused else "")
        yield Outcome(Kind.REFUSED, "P14", None, label, Hop.DELIVERED, (Hop.DELIVERED,), why)


def _clis_outside(evidence: Evidence) -> Iterator[Outcome]:
    """CLIs that could not connect, and were not let in afterwards: refused by the server, or they never got there."""
    let_in = {fact.observer: fact.n for fact in evidence.facts(FactKind.CLIENT_CONNECTED)}
    refused = {fact.observer: fact for fact in evidence.facts(FactKind.CLIENT_REFUSED)}
    by_server = [fact for fact in evidence.facts(FactKind.REFUSED) if fact.data.get("role") in (None, "producer")]
    for cli, fact in refused.items():
        if let_in.get(cli, -1) > fact.n:
            continue
        error = reason_of(fact)
        if by_server:
            why = f"{cli} was refused by the server: {error}"
            yield Outcome(Kind.REFUSED, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why)
        elif evidence.why_blind(Hop.RECEIVED, None) is None:
            why = f"{cli} never reached the server: {error}"
            yield Outcome(Kind.REFUSED, "P14", None, None, Hop.SENT, (Hop.SENT,), why)
        else:
            why = f"{cli} could not connect: {error}"
            yield Outcome(Kind.REFUSED, "P14", None, None, None, (Hop.SENT, Hop.RECEIVED), why)


def not_vacuous(evidence: Evidence) -> PropertyResult:
    """P16: every tap proved itself alive and saw what passed, and every declared event type was seen, else unknown."""
    troubles = [
        *evidence.tap_troubles(),
        *_asleep(evidence),
        *(f"the server knows a dashboard {sid} that no page of the run holds" for sid in evidence.unclaimed),
    ]
    if not evidence.events:
        troubles.append("no event was sighted anywhere")
    main = evidence.contract.session
    seen = {event.name for event in evidence.events.values() if main is None or event.session == main}
    missing = [name for name in evidence.contract.declared if name not in seen]
    if missing:
        troubles.append(f"declared and never seen at any hop: {', '.join(missing)}")
    found = [Outcome(Kind.UNDETERMINED, "P16", None, None, None, (), trouble) for trouble in troubles]
    return PropertyResult.of("P16", len(evidence.contract.taps) + len(evidence.contract.declared), found)


def _asleep(evidence: Evidence) -> Iterator[str]:
    """Taps that saw nothing at all of what was seen behind them."""
    seen = {hop: bool(evidence.once[hop] if hop in SERVER_SIDE else evidence.page[hop]) for hop in Hop}
    for hop in evidence.contract.taps:
        behind = [later.label for later in Hop if later > hop and seen[later]]
        if behind and not seen[hop] and not evidence.is_one_sided(hop):
            yield f"the tap of hop {hop.label} saw nothing, and events were seen at {behind[0]}"
