"""Auto-discovery: sessions are announced, dashboards join by themselves, and nothing is lost in between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from harness.evidence import OPEN, Evidence, label_of, position
from harness.model import Expectation, Fact, FactKind, Hop, Kind, Level, Outcome, PropertyResult, Settled
from harness.strategies.watch import Watch, everything, owe

ANNOUNCED, ENDED = "session:announced", "session:ended"


class AutoDiscovery:
    """A1 to A6."""

    name = "auto-discovery"

    def expectations(self, evidence: Evidence) -> Iterable[Expectation]:
        return owe(evidence, everything(evidence), isolated=False)

    def properties(self, evidence: Evidence, settled: Sequence[Settled]) -> Iterable[PropertyResult]:
        watches = everything(evidence)
        owed = [s for s in settled if s.expectation.level is Level.MUST]
        heard = announcements(evidence, ANNOUNCED)
        yield _before_first_event(evidence, heard)
        yield _joined_in_time(evidence, heard)
        yield PropertyResult.of("A3", len(owed), (s.outcome for s in owed))
        yield _late_learns(evidence, watches, heard)
        yield _once(evidence, heard)
        yield _empty_sessions(evidence, watches, heard)


def announcements(evidence: Evidence, name: str) -> dict[tuple[str, str], list[Fact]]:
    """The notices of one name that each page load was delivered, by (page load, session)."""
    found: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in evidence.facts(FactKind.NOTICE):
        payload = fact.data.get("payload")
        if fact.data.get("name") == name and isinstance(payload, Mapping):
            found[(fact.observer, str(payload.get("session")))].append(fact)
    return found


def _before_first_event(evidence: Evidence, heard: Mapping[tuple[str, str], list[Fact]]) -> PropertyResult:
    """A1: the announcement reaches a dashboard before the session's first event."""
    checks, found = 0, []
    for load, sightings in evidence.page[Hop.DELIVERED].items():
        firsts: dict[str, int] = {}
        for sighting in sightings:
            firsts.setdefault(sighting.event.session or "", sighting.n)
        followed = _followed_before(evidence, load)
        for session, n in firsts.items():
            if session in followed:
                continue  # the page knew it from its former load
            checks += 1
            notices = heard.get((load, session), [])
            if not notices or notices[0].n > n:
                why = f"session {session} was not announced before its first event"
                found.append(
                    Outcome(Kind.LOST, "A1", None, label_of(load), Hop.DELIVERED, (Hop.ROUTED, Hop.DELIVERED), why)
                )
    return PropertyResult.of("A1", checks, found)


def _followed_before(evidence: Evidence, load: str) -> set[str]:
    loads = evidence.loads.get(label_of(load), [])
    earlier = loads[: loads.index(load)] if load in loads else []
    return {evidence.events[k].session or "" for each in earlier for k in evidence.seen[Hop.DELIVERED].get(each, {})}


def _joined_in_time(evidence: Evidence, heard: Mapping[tuple[str, str], list[Fact]]) -> PropertyResult:
    """A2: the page's subscription is answered within the bound, on the page's own clock."""
    answers: dict[tuple[str, str], Fact] = {}
    asked = {
        (f.observer, f.data.get("id")): f for f in evidence.facts(FactKind.REQUEST) if f.data.get("name") == "subscribe"
    }
    for fact in evidence.facts(FactKind.ANSWER):
        request = asked.get((fact.observer, fact.data.get("id")))
        args = request.data.get("args") if request else None
        if isinstance(args, list | tuple) and args and isinstance(args[0], Mapping):
            answers.setdefault((fact.observer, str(args[0].get("session"))), fact)
    checks, found = 0, []
    for (load, session), notices in heard.items():
        if session in _followed_before(evidence, load):
            continue  # the page asked for it when it connected
        checks += 1
        answer = answers.get((load, session))
        took_ms = None if answer is None else (answer.at_ns - notices[0].at_ns) / 1e6
        if took_ms is None or took_ms > evidence.contract.bound_ms:
            kind = Kind.LOST if took_ms is None else Kind.LATE
            why = f"session {session} was announced and " + (
                "never joined" if took_ms is None else f"joined {took_ms:.0f} ms later"
            )
            found.append(Outcome(kind, "A2", None, label_of(load), Hop.ROUTED, (Hop.ROUTED,), why))
    return PropertyResult.of("A2", checks, found)


def _late_learns(
    evidence: Evidence, watches: Sequence[Watch], heard: Mapping[tuple[str, str], list[Fact]]
) -> PropertyResult:
    """A4: a dashboard that comes while sessions are active learns of each of them."""
    checks, found = 0, []
    for exchange in evidence.exchanges:
        if exchange.name != OPEN or not exchange.ok or exchange.answered is None:
            continue
        over = session_end(evidence, exchange.session or "")
        for watch in watches:
            for span in watch.spans:
                if exchange.answered < span.start < over:
                    checks += 1
                    if (span.load, exchange.session or "") not in heard:
                        why = f"connected while session {exchange.session} was active, and was not told of it"
                        found.append(Outcome(Kind.LOST, "A4", None, watch.dashboard, Hop.ROUTED, (Hop.ROUTED,), why))
    return PropertyResult.of("A4", checks, found)


def session_end(evidence: Evidence, session: str) -> tuple[int, int]:
    """Where a session was surely still active in the server's record: up to its terminal event or its closing."""
    events = evidence.sessions.get(session, [])
    ends = [w for e in events if e.name in evidence.contract.terminal and (w := evidence.routed_at(e.key))]
    ends += [e.asked for e in evidence.exchanges if e.name == "session:close" and e.session == session]
    sids = {e.sid for e in evidence.exchanges if e.name == OPEN and e.session == session}
    ends += [position(f) for f in evidence.facts(FactKind.DISCONNECTED) if f.data.get("sid") in sids]
    return min(ends, default=(1 << 60, 0))


def _once(evidence: Evidence, heard: Mapping[tuple[str, str], list[Fact]]) -> PropertyResult:
    """A5: one announcement for each connection of a dashboard and session."""
    found = []
    per_load: dict[str, int] = defaultdict(int)
    for load in evidence.sids.values():
        per_load[load] += 1
    for (load, session), notices in heard.items():
        if len(notices) > max(per_load[load], 1):
            why = f"session {session} was announced {len(notices)} times over {per_load[load]} connection(s)"
            found.append(Outcome(Kind.DUPLICATED, "A5", None, label_of(load), Hop.DELIVERED, (Hop.DELIVERED,), why))
    return PropertyResult.of("A5", len(heard), found)


def _empty_sessions(
    evidence: Evidence, watches: Sequence[Watch], heard: Mapping[tuple[str, str], list[Fact]]
) -> PropertyResult:
    """A6: a session without events appears and ends at every dashboard that was there."""
    ended = announcements(evidence, ENDED)
    checks, found = 0, []
    for exchange in evidence.exchanges:
        if exchange.name != OPEN or not exchange.ok or evidence.sessions.get(exchange.session or ""):
            continue
        for watch in watches:
            if any(span.start < exchange.asked < span.end for span in watch.spans):
                checks += 1
                mine = (watch.load, exchange.session or "")
                missing = [word for word, notices in (("appear", heard), ("end", ended)) if mine not in notices]
                if missing:
                    why = f"empty session {exchange.session} did not {' and '.join(missing)}"
                    found.append(Outcome(Kind.LOST, "A6", None, watch.dashboard, Hop.ROUTED, (Hop.ROUTED,), why))
    return PropertyResult.of("A6", checks, found)


STRATEGY = AutoDiscovery()
