"""Dashboards that are not where they should be: never connected, disconnected, gone by themselves, never answered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from harness.judge.starving import is_timeout, unless_never_tried
from harness.judge.strategies.watch import choices
from harness.model import Aspect, Fact, Finding, Hop, Kind, Outcome
from harness.model.facts import Connected, Disconnected, PageListens, PageRefused, Still
from harness.record.evidence import Evidence, label_of, position, reason_of

NEVER_LOADED = Finding(Aspect.PAGE_UNLOADED)


def dashboards_outside(evidence: Evidence) -> Iterator[Outcome]:
    """What is wrong with who is connected: an outcome for each dashboard."""
    for each in (_outside, _left, _unheard):
        yield from each(evidence)


def _outside(evidence: Evidence) -> Iterator[Outcome]:
    """Dashboards of the run that never connected."""
    inside = {label_of(load) for load in evidence.sids.values()}
    for label in evidence.contract.dashboards:
        if label in inside:
            continue
        refused = evidence.facts(PageRefused, f"dashboard:{label}")
        unproven = evidence.why_unproven(Hop.DELIVERED, label) if evidence.loads.get(label) else NEVER_LOADED
        if unproven is not None and not refused and (aspect := _why_never(evidence, label)) is not None:
            why = Finding(aspect, party=f"dashboard:{label}")
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


def _why_never(evidence: Evidence, label: str) -> Aspect | None:
    """Why a page is outside that tells of no attempt, where the server, which was observed, never had one of it.

    Its script failed; or it has a client that is ready for messages, and the page came to rest without connecting it.
    """
    if evidence.why_blind(Hop.ROUTED, None) is not None or evidence.unclaimed:
        return None
    known = {*evidence.sids, *(s.detail.get("sid") for s in evidence.flow[Hop.RECEIVED].kinds())}
    strange = any(f.body.sid not in known and f.body.role is None for f in evidence.facts(Connected))
    for load in [] if strange else evidence.loads_of(label)[-1:]:
        if evidence.script_errors(load):
            return Aspect.DASHBOARD_FAILED
        at_rest = [f for f in evidence.facts(Still) if f.observer == load]
        listens = any(f.observer == load and f.body.count for f in evidence.facts(PageListens))
        if listens and at_rest and at_rest[-1].body.still:
            return Aspect.DASHBOARD_UNOPENED
    return None


def _left(evidence: Evidence) -> Iterator[Outcome]:
    """Dashboards whose last connection ended while there were still events for them, and that never came back."""
    for label in evidence.contract.dashboards:
        for aspect, hop, end in (
            (Aspect.DASHBOARD_DISMISSED, Hop.ROUTED, evidence.thrown_out(label)),
            (Aspect.DASHBOARD_HUNG_UP, Hop.DELIVERED, evidence.hung_up(label)),
            (Aspect.CONNECTION_LOST, Hop.DELIVERED, evidence.lost_connection(label)),
        ):
            if end is None or not _misses_events(evidence, label, end):
                continue
            is_lost = aspect is Aspect.CONNECTION_LOST
            why = Finding(aspect, party=f"dashboard:{label}", text=end.body.reason if is_lost else None)
            gone = Outcome(Kind.REFUSED, "P14", None, label, hop, (hop,), why)
            if is_lost and is_timeout(end.body.reason):
                yield unless_never_tried(evidence, gone, _opened_ns(evidence, label), end.at_ns)
            else:
                yield gone


def _misses_events(evidence: Evidence, label: str, end: Fact[Disconnected]) -> bool:
    """Whether events came after the end of a dashboard's last connection, or were on their way over it.

    Those count of the session that it chose, or else of those that it was told of, or of all before it was told any.
    Where it was not observed when the server had them, those came later that follow all that the dashboard was given
    of their session.
    """
    shown = evidence.shown[Hop.DELIVERED]
    told = {each for load in evidence.loads_of(label) if load in shown for each in shown[load].sessions}
    given = {key for load in evidence.loads_of(label) for key in evidence.keys_on_page(Hop.DELIVERED, load)}
    own = choices(evidence).get(label)
    mine = told if own is None else {own}
    for session in evidence.sessions:
        if mine and session not in mine:
            continue
        keys = [each.key for each in evidence.events_of(session)]
        later = {*takewhile(lambda key: key not in given, reversed(keys))}
        for key in keys:
            at = evidence.routed_at(key)
            if at is None and key in later:
                return True
            was_sent = key not in given and end.body.sid in evidence.recipients_of(key)
            if at is not None and (at > position(end) or was_sent):
                return True
    return False


def _unheard(evidence: Evidence) -> Iterator[Outcome]:
    """Dashboards that asked for a session, and were never answered."""
    for asked in evidence.unheard:
        label = label_of(evidence.sids[asked.sid])
        why = Finding(Aspect.REQUEST_UNANSWERED, party=f"dashboard:{label}", request=asked.name, session=asked.session)
        missing = Outcome(Kind.REFUSED, "P14", None, label, Hop.RECEIVED, (Hop.RECEIVED,), why)
        yield unless_never_tried(evidence, missing, asked.asked_ns)
