"""Broadcast: every connected dashboard is owed every event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence, Set

from harness.judge.afterwards import sent_afterwards
from harness.judge.panels.expected import held_sessions
from harness.judge.panels.state import troubles_of_panels
from harness.judge.strategies.owed import excused, owe
from harness.judge.strategies.pages import is_for
from harness.judge.strategies.watch import Span, Watch, everything, first_routed
from harness.lib.amounts import amount
from harness.model import Aspect, Expectation, Finding, Hop, Kind, Level, Outcome, PropertyResult, Settled
from harness.record.evidence import END, START, Evidence, Position
from harness.record.evidence.keys import Keys, union, without


class Broadcast:
    """B1 to B4."""

    name = "broadcast"
    refuses_sessions = False
    announces_sessions = False
    trade_off = "every dashboard gets every session: nothing to choose, no isolation between sessions"

    def expectations(self, evidence: Evidence) -> Iterable[Expectation]:
        return owe(evidence, everything(evidence), isolated=False)

    def properties(self, evidence: Evidence, settled: Sequence[Settled]) -> Iterable[PropertyResult]:
        watches = everything(evidence)
        yield everyone_connected(evidence, watches, "B1")
        yield _same_sequence(evidence, watches, settled)
        yield late_dashboards(evidence, watches, settled, "B3")
        yield one_session_a_panel(evidence, "B4")


def everyone_connected(evidence: Evidence, watches: Sequence[Watch], prop: str) -> PropertyResult:
    """Every event's recipients hold every dashboard that was connected when it was routed, one of its connections."""
    found = []
    if not evidence.has_tap(Hop.ROUTED):
        return PropertyResult.of(prop, 0, note="who is resolved was not observed")
    if (unproven := evidence.why_unproven(Hop.ROUTED, None)) is not None:
        return PropertyResult.of(prop, 0, [Outcome(Kind.UNDETERMINED, prop, None, None, None, (), unproven)])
    always = _always_there(evidence)
    connections: dict[str, list[Span]] = {}
    for watch in watches:
        connections.setdefault(watch.dashboard, []).extend(watch.spans)
    asked = {each: spans for each, spans in connections.items() if not any(span.sid in always for span in spans)}
    missed = {label: excused(evidence, label) for label in asked}
    checks = len(evidence.once[Hop.ROUTED]) * (len(connections) - len(asked))
    for key in evidence.once[Hop.ROUTED] if asked else ():
        at, recipients = evidence.places[key], evidence.recipients[key]
        if key in evidence.unresolved or evidence.events[key].session in evidence.rejected:
            continue
        for dashboard, spans in asked.items():
            if not evidence.may_see(dashboard, evidence.events[key].session):
                continue
            open_then = [span.sid for span in spans if span.start < at < span.end]
            if open_then and (key in missed[dashboard] or not is_for(evidence, dashboard, key)):
                continue
            checks += bool(open_then)
            if open_then and recipients.isdisjoint(open_then):  # one of them is enough: each namespace has its own
                why = Finding(Aspect.NO_RECIPIENT, party=open_then[0], count=len(recipients))
                found.append(Outcome(Kind.LOST, prop, key, dashboard, Hop.ROUTED, (Hop.ROUTED,), why))
    return PropertyResult.of(prop, checks, found)


def _always_there(evidence: Evidence) -> set[str]:
    """The connections that all events were routed to; as a rule no others need to be looked at."""
    everyone = [set(resolved or ()) for resolved in evidence.resolved]
    return set.intersection(*everyone) if everyone else set()


def late_dashboards(
    evidence: Evidence, watches: Sequence[Watch], settled: Sequence[Settled], prop: str
) -> PropertyResult:
    """A dashboard that came after a session's first event has what is promised to it."""
    late = {
        (watch.dashboard, session)
        for session in evidence.sessions
        if (first := first_routed(evidence, session)) is not None
        for watch in watches
        if watch.start > first and evidence.may_see(watch.dashboard, session)
    }
    if not late:
        return PropertyResult.of(prop, 0, note="0 late dashboards")
    mine = [s for s in settled if (s.expectation.dashboard, evidence.session_of(s.expectation)) in late]
    owed = sum(s.checks for s in mine if s.expectation.level is Level.MUST)
    outcomes = (outcome for s in mine for outcome in s.outcomes)
    return PropertyResult.of(
        prop, owed, outcomes, f"{amount(len({d for d, _ in late}), 'late dashboard')}, {replays(evidence, mine)}"
    )


def replays(evidence: Evidence, settled: Iterable[Settled]) -> str:
    """How long replays had to be at most: whether a server cuts longer ones was not compared."""
    owed = Counter[tuple[str, str | None]]()
    for each in settled:
        expected = each.expectation
        if expected.level is Level.MUST and expected.why.aspect is Aspect.JOURNAL_PROMISED:
            owed[expected.dashboard, evidence.session_of(expected)] += len(expected.keys)
    return f"replays of up to {amount(max(owed.values(), default=0), 'event')}, and of no more"


def one_session_a_panel(evidence: Evidence, prop: str) -> PropertyResult:
    """With several sessions in a page, each panel shows the numbers of the one session that it names."""
    checks, found = 0, []
    for label in evidence.contract.dashboards:
        view, loads = evidence.view(label), evidence.loads.get(label)
        if view is None or not loads or len(held_sessions(evidence, loads[-1])) < 2:
            continue
        checks += len(evidence.contract_of(label).panels)
        found += [
            Outcome(Kind.MISRENDERED, prop, None, label, Hop.RENDERED, (Hop.RENDERED,), why)
            for why in troubles_of_panels(evidence, view.body, loads[-1])
        ]
    return PropertyResult.of(prop, checks, found)


def _same_sequence(evidence: Evidence, watches: Sequence[Watch], settled: Sequence[Settled]) -> PropertyResult:
    """Dashboards that were there from the beginning were delivered the same events, in the order of their routing.

    One that was away in between is replayed what it missed, session by session: it is owed what is promised to it, and
    the order of each session.
    """
    firsts = [at for session in evidence.sessions if (at := first_routed(evidence, session)) is not None]
    began, since = min(firsts, default=END), _all_there(evidence, watches)
    early = [watch for watch in watches if watch.start < began] if since == START else watches
    orders = {watch.dashboard: _order(evidence, watch) for watch in early}
    if since != START:
        orders = {
            each: [key for key in order if evidence.places.get(key, START) > since] for each, order in orders.items()
        }
    if len(orders) < 2 or not evidence.has_tap(Hop.DELIVERED):
        return PropertyResult.of("B2", 0)
    for dashboard in orders:
        if (unproven := evidence.why_unproven(Hop.DELIVERED, dashboard)) is not None:
            return PropertyResult.of("B2", 0, [Outcome(Kind.UNDETERMINED, "B2", None, dashboard, None, (), unproven)])
    alike = {id(order): order if isinstance(order, Set) else dict.fromkeys(order).keys() for order in orders.values()}
    every, checks, found = union(alike.values()), 0, list[Outcome]()
    for watch in early:
        label, is_whole = watch.dashboard, bool(watch.spans) and all(each.end == END for each in watch.spans)
        promised = every if is_whole and label not in evidence.passes else _owed(settled, label)
        lost = excused(evidence, label)
        owed = every if promised is every and not lost else [k for k in every if k in promised and k not in lost]
        owed = [key for key in owed if is_for(evidence, label, key)] if evidence.contract_of(label).promised else owed
        checks += len(owed)
        found += _differences(evidence, label, orders[label], owed, by_session=not is_whole)
    return PropertyResult.of("B2", checks, found)


def _all_there(evidence: Evidence, watches: Iterable[Watch]) -> Position:
    """From where on all dashboards are compared whose server makes all events by itself: it waits for no dashboard."""
    is_waiting = not evidence.made or not evidence.events.keys() <= evidence.made
    return START if is_waiting else max((watch.start for watch in watches), default=START)


def _order(evidence: Evidence, watch: Watch) -> Collection[str]:
    """What a dashboard was delivered; what several loads or connections of it each bring counts when it first came."""
    loads = [load for load in evidence.loads_of(watch.dashboard) if evidence.on_page(Hop.DELIVERED, load)]
    streams = [evidence.shown[Hop.DELIVERED][load] for load in loads]
    if len(streams) == len(watch.spans) == 1:
        return streams[0].keys if streams[0].is_single else streams[0].listed_keys
    return [*dict.fromkeys(key for stream in streams for key in stream.keys)]


def _owed(settled: Sequence[Settled], label: str) -> set[str]:
    """The events that are promised to a dashboard."""
    mine = (s.expectation for s in settled if s.expectation.dashboard == label)
    return {key for expected in mine if expected.level is Level.MUST for key in expected.keys}


def _differences(
    evidence: Evidence, label: str, order: Collection[str], owed: Iterable[str], *, by_session: bool = False
) -> Iterable[Outcome]:
    """What one dashboard was not delivered and is owed, and what came after an event that was routed later."""
    for key in without(owed, order if isinstance(order, Set) else {*order}):
        if sent_afterwards(evidence, key, label) is not None:
            continue  # P1 tells of it
        why = Finding(Aspect.NOT_HERE)
        yield Outcome(Kind.LOST, "B2", key, label, *evidence.blamed(Hop.DELIVERED, label, key), why)
    if isinstance(order, Keys) and evidence.are_as_routed(order):
        return
    latest: dict[str | None, tuple[Position, str]] = {}
    for key in order:
        due, line = evidence.due_at(key), evidence.events[key].session if by_session else None
        if due is None:
            continue
        last, last_key = latest.get(line, (START, ""))
        if due[1] < last:
            why = Finding(Aspect.ORDER, other=last_key)
            yield Outcome(Kind.REORDERED, "B2", key, label, *evidence.blamed(Hop.DELIVERED, label, key), why)
        elif due[0] > last:
            latest[line] = (due[0], key)


STRATEGY = Broadcast()
