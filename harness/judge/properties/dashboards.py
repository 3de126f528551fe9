"""Dashboards that are not where they should be: never connected, disconnected, gone by themselves, never answered."""

from __future__ import annotations

from collections.abc import Iterator

from harness.judge.starving import is_timeout, unless_never_tried
from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import Connected, PageRefused
from harness.record.evidence import START, Evidence, label_of, position, reason_of

NEVER_LOADED = Finding(Aspect.PAGE_UNLOADED)


def dashboards_outside(evidence: Evidence) -> Iterator[Outcome]:
    """What is wrong with who is connected: an outcome for each dashboard."""
    for each in (_outside, _thrown_out, _hung_up, _unheard):
        yield from each(evidence)


def _outside(evidence: Evidence) -> Iterator[Outcome]:
    """Dashboards of the run that never connected."""
    inside = {label_of(load) for load in evidence.sids.values()}
    for label in evidence.contract.dashboards:
        if label in inside:
            continue
        refused = evidence.facts(PageRefused, f"dashboard:{label}")
        unproven = evidence.why_unproven(Hop.DELIVERED, label) if evidence.loads.get(label) else NEVER_LOADED
        if unproven is not None and not refused and _has_failed(evidence, label):
            why = Finding(Aspect.DASHBOARD_FAILED, party=f"dashboard:{label}")
            yield Outcome(Kind.REFUSED, "P14", None, label, Hop.DELIVERED, (Hop.DELIVERED,), why)
            continue
        if unproven is not None and not refused:
            why = Finding(Aspect.UNSEEN, party=f"dashboard:{label}", because=(unproven,))
            yield Outcome(Kind.UNDETERMINED, "P14", None, label, None, (), why)
            continue
        reason = reason_of(refused[-1]) if refused else None
        why = Finding(Aspect.DASHBOARD_OUTSIDE, party=f"dashboard:{label}", text=reason)
        missing = Outcome(Kind.REFUSED, "P14", None, label, Hop.DELIVERED, (Hop.DELIVERED,), why)
        is_in_vain = not refused or is_timeout(reason)
        yield unless_never_tried(evidence, missing, _opened_ns(evidence, label)) if is_in_vain else missing


def _opened_ns(evidence: Evidence, label: str) -> int | None:
    """When the last load of a dashboard's page was first heard of; None where it never was."""
    load = [*evidence.loads_of(label)][-1:]
    return min((fact.at_ns for fact in evidence.ledger.facts if fact.observer in load), default=None)


def _has_failed(evidence: Evidence, label: str) -> bool:
    """Whether a page's script failed, and the server, which was observed, never had a connection that may be its."""
    if evidence.why_blind(Hop.ROUTED, None) is not None or evidence.unclaimed:
        return False
    known = {*evidence.sids, *(s.detail.get("sid") for s in evidence.flow[Hop.RECEIVED].kinds())}
    strange = any(f.body.sid not in known and f.body.role is None for f in evidence.facts(Connected))
    return not strange and any(evidence.script_errors(load) for load in evidence.loads_of(label)[-1:])


def _thrown_out(evidence: Evidence) -> Iterator[Outcome]:
    """Dashboards that the server disconnected while it still had events to route, and that never came back."""
    for label in evidence.contract.dashboards:
        end = evidence.thrown_out(label)
        if end is not None and position(end) < max(evidence.places.values(), default=START):
            why = Finding(Aspect.DASHBOARD_DISMISSED, party=f"dashboard:{label}")
            yield Outcome(Kind.REFUSED, "P14", None, label, Hop.ROUTED, (Hop.ROUTED,), why)


def _hung_up(evidence: Evidence) -> Iterator[Outcome]:
    """Dashboards that closed their own connection in the middle of a session that they were told of, or before any."""
    for label in evidence.contract.dashboards:
        if (end := evidence.hung_up(label)) is None:
            continue
        shown = evidence.shown[Hop.DELIVERED]
        told = {each for load in evidence.loads_of(label) if load in shown for each in shown[load].sessions}
        mine = {key: at for key, at in evidence.places.items() if not told or evidence.events[key].session in told}
        late = any(at > position(end) for at in mine.values())
        on_its_way = any(
            end.body.sid in evidence.recipients_of(key) for key in mine.keys() - _delivered(evidence, label)
        )
        if late or on_its_way:
            why = Finding(Aspect.DASHBOARD_HUNG_UP, party=f"dashboard:{label}")
            yield Outcome(Kind.REFUSED, "P14", None, label, Hop.DELIVERED, (Hop.DELIVERED,), why)


def _delivered(evidence: Evidence, label: str) -> set[str]:
    return {key for load in evidence.loads_of(label) for key in evidence.keys_on_page(Hop.DELIVERED, load)}


def _unheard(evidence: Evidence) -> Iterator[Outcome]:
    """Dashboards that asked for a session, and were never answered."""
    for asked in evidence.unheard:
        label = label_of(evidence.sids[asked.sid])
        why = Finding(Aspect.REQUEST_UNANSWERED, party=f"dashboard:{label}", request=asked.name, session=asked.session)
        missing = Outcome(Kind.REFUSED, "P14", None, label, Hop.RECEIVED, (Hop.RECEIVED,), why)
        yield unless_never_tried(evidence, missing, asked.asked_ns)
