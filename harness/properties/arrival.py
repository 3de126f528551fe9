"""Whether events arrive: all, once, in order, where they should and nowhere else (P1 to P4, P6, P7, R1, R2)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from harness.evidence import Evidence, Position, label_of, position
from harness.model import PAGE_SIDE, FactKind, Hop, Kind, Level, Outcome, PropertyResult, Settled, Sighting
from harness.strategies.watch import connections


def no_loss(evidence: Evidence, settled: Sequence[Settled]) -> PropertyResult:
    """P1: an event that a dashboard must receive is seen at every hop."""
    owed = [each for each in settled if each.expectation.level is Level.MUST]
    return PropertyResult.of("P1", len(owed), (each.outcome for each in owed))


def isolation(evidence: Evidence, settled: Sequence[Settled]) -> PropertyResult:
    """P6: a dashboard never sees a session that it is not entitled to."""
    never = [each for each in settled if each.expectation.level is Level.NEVER]
    return PropertyResult.of("P6", len(never), (each.outcome for each in never))


def no_duplicate(evidence: Evidence) -> PropertyResult:
    """P2: each event at most once per hop and observer, and once per recipient where it is routed.

    A producer that lost its connection may send again what was not acknowledged: the server knows it by its number.
    """
    checks, found = 0, []
    resent = bool(evidence.facts(FactKind.CLIENT_DISCONNECTED))
    for hop in (Hop.EMITTED, Hop.SENT, Hop.RECEIVED):
        for key, sightings in evidence.once[hop].items():
            checks += 1
            if len(sightings) > 1 and not (resent and hop is not Hop.EMITTED):
                found.append(_twice(key, None, hop, len(sightings), "times"))
    routed, twice = _routed_twice(evidence)
    checks += routed
    found += twice
    for hop in PAGE_SIDE:
        for load, counted in evidence.seen[hop].items():
            checks += len(counted)
            found += [_twice(key, label_of(load), hop, n, f"times in {load}") for key, n in counted.items() if n > 1]
    return PropertyResult.of("P2", checks, _first_of_each(found))


def _routed_twice(evidence: Evidence) -> tuple[int, list[Outcome]]:
    checks, found = 0, []
    for key, sightings in evidence.once[Hop.ROUTED].items():
        counts = Counter(sid for sighting in sightings for sid in sighting.recipients or ())
        checks += len(counts)
        for sid, count in counts.items():
            if count > 1:
                label = label_of(evidence.sids.get(sid, "")) or None
                found.append(_twice(key, label, Hop.ROUTED, count, f"times to {sid}"))
    return checks, found


def _twice(key: str, dashboard: str | None, hop: Hop, count: int, what: str) -> Outcome:
    return Outcome(Kind.DUPLICATED, "P2", key, dashboard, hop, (hop,), f"{count} {what}")


def _first_of_each(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Only the first hop at which an event went wrong: what follows from it is no news."""
    ordered = sorted(outcomes, key=lambda o: (o.hop if o.hop is not None else Hop.RENDERED, o.key or ""))
    seen: set[tuple[str | None, str | None]] = set()
    kept = []
    for outcome in ordered:
        if (outcome.key, outcome.dashboard) not in seen and (outcome.key, None) not in seen:
            kept.append(outcome)
            seen.add((outcome.key, outcome.dashboard))
    return kept


def order(evidence: Evidence) -> PropertyResult:
    """P3: within one session, numbers only rise, at every hop and for every recipient."""
    checks, found = 0, []
    for hop, dashboard, sightings in _sequences(evidence):
        highest: dict[str, int] = {}
        for sighting in sightings:
            session, seq = sighting.event.session, sighting.event.seq
            if session is None or seq is None:
                continue
            checks += 1
            if seq < highest.get(session, 0):
                why = f"came behind {session}/{highest[session]}"
                found.append(Outcome(Kind.REORDERED, "P3", sighting.event.key, dashboard, hop, (hop,), why))
            highest[session] = max(seq, highest.get(session, 0))
    return PropertyResult.of("P3", checks, _first_of_each(found))


def _sequences(evidence: Evidence) -> Iterator[tuple[Hop, str | None, list[Sighting]]]:
    """Each stream of sightings in which numbers must rise; what a producer sent again is not looked at twice."""
    for hop in (Hop.EMITTED, Hop.SENT, Hop.RECEIVED):
        by_observer: dict[str, list[Sighting]] = defaultdict(list)
        for sightings in evidence.once[hop].values():
            by_observer[sightings[0].observer].append(sightings[0])
        for listed in by_observer.values():
            yield hop, None, sorted(listed, key=lambda s: s.n)
    by_sid: dict[str, list[Sighting]] = defaultdict(list)
    for sightings in evidence.once[Hop.ROUTED].values():
        for sighting in sightings:
            for sid in sighting.recipients or ():
                by_sid[sid].append(sighting)
    for sid, listed in by_sid.items():
        yield Hop.ROUTED, label_of(evidence.sids.get(sid, "")) or None, sorted(listed, key=position)
    for hop in (Hop.DELIVERED, Hop.APPLIED):
        for load, listed in evidence.page[hop].items():
            yield hop, label_of(load), listed


def no_phantom(evidence: Evidence) -> PropertyResult:
    """P4: what is seen was emitted. (Seen, emitted and never acknowledged is recovered, and no error.)"""
    if not evidence.has_tap(Hop.EMITTED) or not evidence.alive[Hop.EMITTED]:
        return PropertyResult.of("P4", 0, note="what was emitted was not observed")
    emitted = evidence.once[Hop.EMITTED]
    checks, found = 0, []
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED):
        for key in evidence.once[hop]:
            checks += 1
            if key not in emitted:
                found.append(Outcome(Kind.PHANTOM, "P4", key, None, hop, (hop,), "the CLI never reported it"))
    for hop in PAGE_SIDE:
        for load, counted in evidence.seen[hop].items():
            checks += len(counted)
            for key in counted:
                if key not in emitted:
                    why = "the CLI never reported it"
                    found.append(Outcome(Kind.PHANTOM, "P4", key, label_of(load), hop, (hop,), why))
    return PropertyResult.of("P4", checks, _first_of_each(found))


def honest_gap(evidence: Evidence, settled: Sequence[Settled]) -> PropertyResult:
    """P7: what a dashboard missed while it was away is replayed where that is promised, or the page says so."""
    checks, found = 0, []
    away: dict[str, tuple[tuple[Position, Position], ...]] = {}
    for label, spans in connections(evidence).items():
        for before, after in zip(spans, spans[1:], strict=False):
            checks += 1
            away[label] = (*away.get(label, ()), (before.end, after.start))
    for each in settled:
        at = evidence.routed_at(each.expectation.key)
        gaps = away.get(each.expectation.dashboard, ())
        if at is not None and any(start <= at <= end for start, end in gaps):
            checks += 1
            if each.expectation.level is Level.MUST:
                found.append(each.outcome)
    return PropertyResult.of("P7", checks, found)


def expected_but_unrouted(evidence: Evidence, settled: Sequence[Settled]) -> PropertyResult:
    """R1: nobody is resolved for an event while a dashboard is expected."""
    owed: dict[str, list[str]] = defaultdict(list)
    for each in settled:
        if each.expectation.level is Level.MUST:
            owed[each.expectation.key].append(each.expectation.dashboard)
    found = []
    for key in evidence.once[Hop.ROUTED]:
        if key in owed and not evidence.recipients[key]:
            why = f"resolved nobody, while dashboard {', '.join(owed[key])} is expected"
            found += [Outcome(Kind.LOST, "R1", key, each, Hop.ROUTED, (Hop.ROUTED,), why) for each in owed[key]]
    return PropertyResult.of("R1", sum(1 for key in evidence.once[Hop.ROUTED] if key in owed), found)


def unrouted(evidence: Evidence, settled: Sequence[Settled]) -> PropertyResult:
    """R2: an event that nobody is resolved for and nobody expects is unrouted, which has to be declared."""
    owed = {each.expectation.key for each in settled if each.expectation.level is Level.MUST}
    empty = [key for key in evidence.once[Hop.ROUTED] if not evidence.recipients[key] and key not in owed]
    if evidence.contract.unrouted_declared:
        return PropertyResult.of("R2", len(empty), note=f"{len(empty)} unrouted, as declared")
    why = "unrouted: nobody was resolved, nobody was expected, and it was not declared"
    found = [Outcome(Kind.LOST, "R2", key, None, Hop.ROUTED, (Hop.ROUTED,), why) for key in empty]
    return PropertyResult.of("R2", len(evidence.once[Hop.ROUTED]), found)
