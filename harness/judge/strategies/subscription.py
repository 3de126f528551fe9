"""Subscription: a dashboard is owed the sessions it subscribed to, from the answer on, and none else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.judge.strategies.broadcast import replays
from harness.judge.strategies.owed import owe
from harness.judge.strategies.watch import Watch, chosen, connections, first_routed, gaps_told, held_before
from harness.model import (
    Aspect,
    Expectation,
    Finding,
    Hop,
    Kind,
    Level,
    Outcome,
    PropertyResult,
    Settled,
    value,
)
from harness.model.facts import ActionTaken, ServerStopped
from harness.record.evidence import END, OPEN, Evidence, Exchange, Position, label_of


class Subscription:
    """S1 to S6."""

    name = "subscription"
    refuses_sessions = False
    announces_sessions = False
    chooses_sessions = True
    trade_off = "a dashboard gets the sessions that it asks for: isolated, but it has to know the session"

    def expectations(self, evidence: Evidence) -> Iterable[Expectation]:
        watches = subscriptions(evidence) if evidence.contract.asks else chosen(evidence)
        return owe(evidence, watches, isolated=True)

    def properties(self, evidence: Evidence, settled: Sequence[Settled]) -> Iterable[PropertyResult]:
        watches = subscriptions(evidence)
        owed = sum(s.checks for s in settled if s.expectation.level is Level.MUST)
        yield PropertyResult.of("S1", owed, (outcome for s in settled for outcome in s.outcomes))
        if not evidence.contract.asks:
            return
        yield _asked_twice(evidence)
        yield _switched(evidence, watches)
        yield _came_back(evidence, watches, settled)
        yield _unknown_session(evidence)
        yield _late(evidence, watches, settled)


def subscriptions(evidence: Evidence) -> list[Watch]:
    """A watch for each accepted subscription; it outlives reloads and reconnections until it is given up."""
    watches: list[Watch] = []
    for label, mine in connections(evidence).items():
        sids = {span.sid for span in mine}
        for first in _opening(evidence, sids):
            end, left = _over(_given_up(evidence, sids, first), _chosen_instead(evidence, label, sids, first))
            lasting = [span for span in mine if span.start <= end and span.end >= first.asked]
            if lasting and first.answered is not None:
                load, over = lasting[-1].load, max(span.end for span in lasting)
                after = first.request.get("after")
                held = held_before(evidence, label, first.session or "", after) if isinstance(after, int) else 0
                watch = Watch(
                    dashboard=label,
                    session=first.session,
                    asked=first.asked,
                    start=first.answered,
                    end=min(end, over),
                    left=left,
                    load=load,
                    spans=tuple(lasting),
                    whole=True,
                    after=held,
                )
                watches.append(watch)
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


def _given_up(evidence: Evidence, sids: set[str], first: Exchange) -> tuple[Position, Position]:
    """Where a subscription was asked to end, and where that was answered; the end of the record where it never was."""
    for exchange in evidence.exchanges:
        ends = exchange.name == "unsubscribe" and exchange.sid in sids and exchange.session == first.session
        if ends and exchange.asked > first.asked and exchange.ok is not False:
            return exchange.asked, exchange.answered or END
    return END, END


def _over(given_up: tuple[Position, Position], switched: tuple[Position, Position]) -> tuple[Position, Position]:
    """A person who chooses another session has given the former one up, also where the page never says so."""
    return min(given_up[0], switched[0]), switched[1] if given_up[0] == END else given_up[1]


def _chosen_instead(evidence: Evidence, label: str, sids: set[str], first: Exchange) -> tuple[Position, Position]:
    """Where the page asked for a session that was chosen in it instead, and where that was answered."""
    chosen = {
        fact.body.detail
        for fact in evidence.facts(ActionTaken)
        if fact.body.name == "subscribe" and fact.body.dashboard == label
    }
    for exchange in evidence.exchanges:
        taken = exchange.name == "subscribe" and exchange.ok and exchange.sid in sids and exchange.asked > first.asked
        if taken and exchange.session in chosen - {first.session} and exchange.answered is not None:
            return exchange.asked, exchange.answered
    return END, END


def _asked_twice(evidence: Evidence) -> PropertyResult:
    """S2: who subscribes twice has each event once."""
    held: set[tuple[str, str | None]] = set()
    twice: dict[tuple[str, str | None], None] = {}
    for exchange in evidence.exchanges:
        mine = (exchange.sid, exchange.session)
        if exchange.name == "unsubscribe" and exchange.ok:
            held.discard(mine)
        elif exchange.name == "subscribe" and exchange.ok:
            if mine in held:
                twice[mine] = None
            held.add(mine)
    checks, found = 0, []
    for sid, session in twice:
        load = evidence.sids.get(sid, "")
        for key, count in evidence.counted(Hop.DELIVERED, load).items():
            if evidence.events[key].session == session:
                checks += 1
                if count > 1:
                    why = Finding(Aspect.SUBSCRIBED_TWICE, count=count)
                    found.append(
                        Outcome(Kind.DUPLICATED, "S2", key, label_of(load), Hop.DELIVERED, (Hop.DELIVERED,), why)
                    )
    return PropertyResult.of("S2", checks, found)


def _switched(evidence: Evidence, watches: Sequence[Watch]) -> PropertyResult:
    """S3: what a dashboard gave up for another session is not routed to it any more."""
    checks, found = 0, []
    for watch in watches:
        theirs = [w for w in watches if w.dashboard == watch.dashboard and w.asked >= watch.end]
        if watch.left == END or not any(w.session != watch.session for w in theirs):
            continue
        sids = {span.sid for span in watch.spans}
        until = min((w.asked for w in theirs if w.session == watch.session), default=END)
        checks += 1
        for event in evidence.events_of(watch.session):
            at = evidence.routed_at(event.key)
            if at is not None and watch.left < at < until and sids & evidence.recipients_of(event.key):
                why = Finding(Aspect.GIVEN_UP, party=f"dashboard:{watch.dashboard}", session=watch.session)
                found.append(Outcome(Kind.LEAKED, "S3", event.key, watch.dashboard, Hop.ROUTED, (Hop.ROUTED,), why))
    return PropertyResult.of("S3", checks, found)


def _came_back(evidence: Evidence, watches: Sequence[Watch], settled: Sequence[Settled]) -> PropertyResult:
    """S4: a subscription holds across reloads and reconnections."""
    back = {(w.dashboard, w.session) for w in watches if len(w.spans) > 1 and w.end == END}
    return PropertyResult.of("S4", *_of_watches(evidence, settled, back))


def _late(evidence: Evidence, watches: Sequence[Watch], settled: Sequence[Settled]) -> PropertyResult:
    """S6: who subscribes late is replayed what the server kept, once and in order, and told when that is too little."""
    late = set()
    for watch in watches:
        first = first_routed(evidence, watch.session or "")
        if first is not None and watch.asked > first:
            late.add((watch.dashboard, watch.session))
    checks, outcomes = _of_watches(evidence, settled, late)
    short = [e for e in evidence.exchanges if e.name == "subscribe" and e.ok and e.result.get("missed")]
    told = gaps_told(evidence)
    for exchange in short:
        load = evidence.sids.get(exchange.sid)
        if load is not None and (load, exchange.session or "") not in told:
            missed = exchange.result["missed"]
            why = Finding(Aspect.NOT_KEPT, session=exchange.session, found=value(missed))
            hops = (Hop.ROUTED, Hop.DELIVERED)
            outcomes.append(Outcome(Kind.TRUNCATED, "S6", None, label_of(load), None, hops, why))
    note = replays(
        evidence, (s for s in settled if (s.expectation.dashboard, evidence.session_of(s.expectation)) in late)
    )
    return PropertyResult.of("S6", checks + len(short), outcomes, note if late else "")


def _of_watches(
    evidence: Evidence, settled: Sequence[Settled], wanted: set[tuple[str, str | None]]
) -> tuple[int, list[Outcome]]:
    """What became of what is owed to some watches, given by dashboard and session, and how much that is."""
    owed = [
        s
        for s in settled
        if s.expectation.level is Level.MUST and (s.expectation.dashboard, evidence.session_of(s.expectation)) in wanted
    ]
    return sum(s.checks for s in owed), [outcome for s in owed for outcome in s.outcomes]


def _unknown_session(evidence: Evidence) -> PropertyResult:
    """S5: a request for an unknown session is answered plainly, and one that the server has is not taken for such."""
    known, (checks, found) = set(evidence.sessions) | set(evidence.producer), _refused_although_there(evidence)
    for exchange in evidence.exchanges:
        unknown = exchange.name == "subscribe" and exchange.session not in known and not exchange.request.get("wait")
        if not unknown or exchange.sid not in evidence.sids:
            continue
        checks += 1
        if exchange.ok is not False or not exchange.code:
            label = label_of(evidence.sids[exchange.sid])
            answer = None if exchange.answered is None else str(dict(exchange.result))
            why = Finding(Aspect.UNKNOWN_SESSION, session=exchange.session, found=answer)
            found.append(Outcome(Kind.REFUSED, "S5", None, label, Hop.RECEIVED, (Hop.RECEIVED,), why))
    return PropertyResult.of("S5", checks, found)


def _refused_although_there(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """Subscriptions to sessions that the same server had let begin, ended ones too where it promises to replay."""
    found = list[Outcome]()
    if not evidence.contract.replays or evidence.facts(ServerStopped):
        return 0, found
    opened = {e.session: e.answered for e in evidence.exchanges if e.name == OPEN and e.ok and e.answered is not None}
    for exchange in evidence.exchanges:
        label, there = label_of(evidence.sids.get(exchange.sid, "")), opened.get(exchange.session)
        is_there = exchange.name == "subscribe" and there is not None and there < exchange.asked
        if label and is_there and exchange.is_refused and evidence.may_see(label, exchange.session):
            why = Finding(Aspect.SESSION_REFUSED, session=exchange.session, text=exchange.code)
            found.append(Outcome(Kind.REFUSED, "S5", None, label, Hop.RECEIVED, (Hop.RECEIVED,), why))
    return len(found), found


STRATEGY = Subscription()
