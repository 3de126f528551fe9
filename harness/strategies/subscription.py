"""Subscription: a dashboard is owed the sessions it subscribed to, from the answer on, and none else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.evidence import END, Evidence, Exchange, label_of
from harness.model import Expectation, Hop, Kind, Level, Outcome, PropertyResult, Settled
from harness.strategies.watch import Watch, connections, first_routed, owe


class Subscription:
    """S1 to S6."""

    name = "subscription"

    def expectations(self, evidence: Evidence) -> Iterable[Expectation]:
        return owe(evidence, subscriptions(evidence), isolated=True)

    def properties(self, evidence: Evidence, settled: Sequence[Settled]) -> Iterable[PropertyResult]:
        watches = subscriptions(evidence)
        owed = [s for s in settled if s.expectation.level is Level.MUST]
        yield PropertyResult.of("S1", len(owed), (s.outcome for s in settled))
        yield _asked_twice(evidence)
        yield _switched(evidence, watches)
        yield _came_back(evidence, watches, settled)
        yield _unknown_session(evidence)
        yield _late(evidence, watches, settled)


def subscriptions(evidence: Evidence) -> list[Watch]:
    """A watch for each accepted subscription; it outlives reloads and reconnections until it is given up."""
    spans = connections(evidence)
    watches: list[Watch] = []
    for label, mine in spans.items():
        sids = {span.sid for span in mine}
        for first in _opening(evidence, sids):
            end = _given_up(evidence, sids, first)
            lasting = [span for span in mine if span.start <= end and span.end >= first.asked]
            if lasting and first.answered is not None:
                stop = min(end, max(span.end for span in lasting))
                start, load = first.answered, lasting[-1].load
                watches.append(Watch(label, first.session, first.asked, start, stop, load, tuple(lasting), whole=True))
    return watches


def _opening(evidence: Evidence, sids: set[str]) -> Iterable[Exchange]:
    """Accepted subscriptions of a dashboard that are not repetitions of one that still holds."""
    held: set[str | None] = set()
    for exchange in evidence.exchanges:
        if exchange.sid not in sids:
            continue
        if exchange.name == "unsubscribe" and exchange.ok:
            held.discard(exchange.session)
        elif exchange.name == "subscribe" and exchange.ok and exchange.session not in held:
            held.add(exchange.session)
            yield exchange


def _given_up(evidence: Evidence, sids: set[str], first: Exchange) -> tuple[int, int]:
    for exchange in evidence.exchanges:
        ends = exchange.name == "unsubscribe" and exchange.sid in sids and exchange.session == first.session
        if ends and exchange.asked > first.asked:
            return exchange.asked
    return END


def _asked_twice(evidence: Evidence) -> PropertyResult:
    """S2: who subscribes twice has each event once."""
    open_: set[tuple[str, str | None]] = set()
    twice: set[tuple[str, str | None]] = set()
    for exchange in evidence.exchanges:
        mine = (exchange.sid, exchange.session)
        if exchange.name == "unsubscribe":
            open_.discard(mine)
        elif exchange.name == "subscribe" and exchange.ok:
            (twice if mine in open_ else open_).add(mine)
    checks, found = 0, []
    for sid, session in twice:
        load = evidence.sids.get(sid, "")
        for key, count in evidence.seen[Hop.DELIVERED].get(load, {}).items():
            if evidence.events[key].session == session:
                checks += 1
                if count > 1:
                    detail = f"{count} copies after subscribing twice"
                    outcome = Outcome(
                        Kind.DUPLICATED, "S2", key, label_of(load), Hop.DELIVERED, (Hop.DELIVERED,), detail
                    )
                    found.append(outcome)
    return PropertyResult.of("S2", checks, found)


def _switched(evidence: Evidence, watches: Sequence[Watch]) -> PropertyResult:
    """S3: what a dashboard gave up is not routed to it any more."""
    checks, found = 0, []
    for watch in watches:
        if watch.end == END or not _another_after(watch, watches):
            continue
        sids = {span.sid for span in watch.spans}
        again = [
            w for w in watches if w.dashboard == watch.dashboard and w.session == watch.session and w.asked > watch.end
        ]
        until = min((w.asked for w in again), default=END)
        checks += 1
        for event in evidence.sessions.get(watch.session or "", ()):
            at = evidence.routed_at(event.key)
            routed = {sid for s in evidence.once[Hop.ROUTED].get(event.key, ()) for sid in s.recipients or ()}
            if at is not None and watch.end < at < until and sids & routed:
                detail = f"dashboard {watch.dashboard} had unsubscribed from {watch.session}"
                outcome = Outcome(Kind.LEAKED, "S3", event.key, watch.dashboard, Hop.ROUTED, (Hop.ROUTED,), detail)
                found.append(outcome)
    return PropertyResult.of("S3", checks, found)


def _another_after(watch: Watch, watches: Sequence[Watch]) -> bool:
    return any(w.dashboard == watch.dashboard and w.session != watch.session and w.asked > watch.end for w in watches)


def _came_back(evidence: Evidence, watches: Sequence[Watch], settled: Sequence[Settled]) -> PropertyResult:
    """S4: a subscription holds across reloads and reconnections."""
    back = {(w.dashboard, w.session) for w in watches if len(w.spans) > 1 and w.end == END}
    return _of_watches(evidence, settled, back, "S4")


def _late(evidence: Evidence, watches: Sequence[Watch], settled: Sequence[Settled]) -> PropertyResult:
    """S6: who subscribes late is replayed what the server kept, once and in order."""
    late = set()
    for watch in watches:
        first = first_routed(evidence, watch.session or "")
        if first is not None and watch.asked > first:
            late.add((watch.dashboard, watch.session))
    return _of_watches(evidence, settled, late, "S6")


def _of_watches(
    evidence: Evidence, settled: Sequence[Settled], wanted: set[tuple[str, str | None]], prop: str
) -> PropertyResult:
    mine = [s for s in settled if (s.expectation.dashboard, evidence.events[s.expectation.key].session) in wanted]
    owed = [s for s in mine if s.expectation.level is Level.MUST]
    return PropertyResult.of(prop, len(owed), (s.outcome for s in owed))


def _unknown_session(evidence: Evidence) -> PropertyResult:
    """S5: a session that nobody knows is answered plainly."""
    known, checks, found = set(evidence.sessions) | set(evidence.producer), 0, []
    for exchange in evidence.exchanges:
        unknown = exchange.name == "subscribe" and exchange.session not in known and not exchange.body.get("wait")
        if not unknown or exchange.sid not in evidence.sids:
            continue
        checks += 1
        if exchange.ok is not False or not exchange.code:
            label = label_of(evidence.sids[exchange.sid])
            why = f"subscribing to unknown session {exchange.session!r} was answered {dict(exchange.result)}"
            found.append(Outcome(Kind.REFUSED, "S5", None, label, Hop.RECEIVED, (Hop.RECEIVED,), why))
    return PropertyResult.of("S5", checks, found)


STRATEGY = Subscription()
