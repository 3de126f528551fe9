"""Whether events arrive: all, where they should and nowhere else, and with honest gaps (P1, P4, P6, P7, R1, R2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set

from harness.judge.properties.sequence import first_of_each
from harness.judge.strategies import chooses_sessions
from harness.judge.strategies.watch import absences, connections
from harness.judge.values.texts import words
from harness.model import PAGE_SIDE, Aspect, Finding, Hop, Kind, Level, Outcome, PropertyResult, Settled
from harness.model.facts import Notice, Overheard, Requested, StatusShown, Stranger
from harness.record.evidence import Evidence, Position, family, label_of, names
from harness.record.evidence.keys import union, without
from harness.record.evidence.streams import Stream


def no_loss(evidence: Evidence, settled: Sequence[Settled]) -> PropertyResult:
    """P1: an event that a dashboard must receive is seen at every hop, from the first to the last that can be seen."""
    begins, ends = evidence.first_hop, evidence.contract.ends
    notes = [f"from {begins.label} on: what is lost before it is not observed"] if begins > Hop.SENT else []
    listed = evidence.contract.listed
    notes += [f"the list shows {', '.join(listed)} alone: others as far as the page has them"] if listed else []
    notes += [] if ends is Hop.RENDERED else [f"as far as {ends.label}: what comes after it is not observed"]
    owed = (each for each in settled if each.expectation.level is Level.MUST)
    return PropertyResult.of_settled("P1", owed, "; ".join(notes))


def isolation(evidence: Evidence, settled: Sequence[Settled]) -> PropertyResult:
    """P6: a dashboard never sees a session that is not its own. What passes are for is a promise of its own (P17)."""
    never = (each for each in settled if each.expectation.level is Level.NEVER)
    mine = [each for each in never if each.expectation.why.aspect is not Aspect.NOT_ENTITLED]
    found = PropertyResult.of_settled("P6", mine, _who_was_apart(evidence, bool(mine)))
    checks, leaked = _overheard(evidence)
    return PropertyResult.of("P6", found.checks + checks, [*found.outcomes, *leaked], found.note) if checks else found


def _overheard(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """What came to pages that were connected and watched nothing, of all that the server had for others."""
    checks, found = 0, list[Outcome]()
    for fact in (each for each in evidence.facts(Overheard) if not _may_have_asked(evidence, each.body)):
        label, mine, sids = fact.body.dashboard, set(fact.body.events), {*fact.body.sids}
        of_sessions = [event.key for events in evidence.sessions.values() for event in events]
        checks += len(of_sessions) if fact.body.is_there else len(mine)
        resolved = {key for key in of_sessions if mine and not sids.isdisjoint(evidence.recipients.get(key) or ())}
        for key in (each for each in of_sessions if each in mine or each in resolved):  # some have no ids on pages
            is_resolved = key in resolved
            hops = (Hop.ROUTED,) if is_resolved else (Hop.ROUTED, Hop.DELIVERED)
            why = Finding(Aspect.NEVER_ASKED, party=f"dashboard:{label}", session=evidence.events[key].session)
            found.append(Outcome(Kind.LEAKED, "P6", key, label, hops[0] if is_resolved else None, hops, why))
        if mine and not resolved and mine.isdisjoint(evidence.events):  # they have no ids: which of the run's are they?
            why = Finding(Aspect.NEVER_ASKED, party=f"dashboard:{label}", session=evidence.contract.session)
            found.append(Outcome(Kind.LEAKED, "P6", None, label, None, (Hop.ROUTED, Hop.DELIVERED), why))
    return checks, found


def _may_have_asked(evidence: Evidence, there: Overheard) -> bool:
    """Whether a page asked by itself in a way in which dashboards ask for a session: for all of them, or the newest.

    Where no dashboard is seen to ask, that way is not known.
    """
    asked = [f.body for f in evidence.facts(Requested) if family(f.observer).startswith("dashboard:")]
    chosen = [body.name for body in asked if any(session in str(body.args) for session in evidence.sessions)]
    ways = {word for name in chosen for word in words(name)}
    return any(not ways or not ways.isdisjoint(words(name)) for name in there.requests)


def _who_was_apart(evidence: Evidence, is_compared: bool) -> str:
    """What isolation was compared with, or why it was not, under a strategy that promises it."""
    if not chooses_sessions(evidence.contract.strategy) or evidence.contract.asks:
        return ""
    strangers = evidence.facts(Stranger)
    refused = next((fact.body.turned_away for fact in strangers if fact.body.turned_away is not None), None)
    heard = [fact.body for fact in evidence.facts(Overheard) if fact.body.is_there]
    there = next((each for each in heard if not _may_have_asked(evidence, each)), None)
    if there is not None and refused is None:
        return "a page was open that asked for nothing"
    if refused is not None:
        asked = f"a dashboard that asked for an unknown session was turned away: {refused}"
        if there is None:
            return asked
        return f"{asked}, and stayed connected" if there.asked else f"{asked}; one that asks for none was connected"
    if is_compared:
        return "a dashboard asked for an unknown session" if strangers else ""
    asks = next((each.requests for each in heard if each is not there), ())
    if asks:
        return f"a page was open that chose nothing, and it asks by itself: {names([*asks])}"
    return (
        "every dashboard watched the session: one is opened that asks for another where `{session}` is in `cli`, "
        "and in `page.url`, `page.open` or `page.choose`"
    )


def no_phantom(evidence: Evidence) -> PropertyResult:
    """P4: what is seen was emitted. (Seen, emitted and never acknowledged is recovered, and no error.)

    What a CLI reported last dies with it, so that nothing is said of the sessions of CLIs that died. In a system that
    others use too, an event of a session that no CLI of the run has is theirs; one without a session may be.

    Where a server makes events itself, a page shows what was routed and nothing else, which is not to say that all that
    was routed was to be; where it is only seen to receive, it may make others.
    """
    first, unseen = evidence.first_hop, "what was emitted was not observed"
    is_believed = evidence.has_tap(first) and evidence.alive[first] and not evidence.is_one_sided(first)
    if not is_believed or first is Hop.RECEIVED:
        return PropertyResult.of("P4", 0, note=unseen)
    emitted: Set[str] = evidence.said[first].keys
    emitted = emitted | evidence.made if evidence.made else emitted
    reported = evidence.reported or frozenset[str]()
    checks, found = 0, list[Outcome]()
    for hop, label, stream in _everywhere(evidence):
        keys = stream.keys
        checks += len(keys)
        found += [
            Outcome(Kind.PHANTOM, "P4", key, label, *evidence.blamed(hop, label, key), Finding(Aspect.NEVER_REPORTED))
            for key in (() if keys is emitted or keys <= emitted else sorted(keys - emitted))
            if evidence.producer.get(evidence.events[key].session or "") not in evidence.dead
            and key not in reported
            and not evidence.is_others(key)
        ]
    if evidence.contract.shared and found and not evidence.tells_sessions:
        why = Finding(Aspect.PERHAPS_OTHERS, count=len({each.key for each in found}))
        return PropertyResult.of("P4", checks, [Outcome(Kind.UNDETERMINED, "P4", None, None, None, (), why)])
    if first > Hop.SENT:
        return PropertyResult.of("P4", 0, first_of_each(found), note="" if found else unseen)
    return PropertyResult.of("P4", checks, first_of_each(found))


def _everywhere(evidence: Evidence) -> Iterator[tuple[Hop, str | None, Stream]]:
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED):
        yield hop, None, evidence.said[hop]
    for hop in PAGE_SIDE:
        for load, stream in evidence.shown[hop].items():
            yield hop, label_of(load), stream


def honest_gap(evidence: Evidence, settled: Sequence[Settled]) -> PropertyResult:
    """P7: what a dashboard missed while it was away is replayed where that is promised, or else the page says so."""
    gaps = absences(evidence)
    checks = sum(max(len(spans) - 1, 0) for spans in connections(evidence).values())
    found, missed = [], dict[str, int]()
    for settled_one in settled if any(gaps.values()) else ():
        label = settled_one.expectation.dashboard
        for key, outcome in settled_one.each():
            if not _is_in(gaps.get(label), evidence.routed_at(key)):
                continue
            checks += 1
            if settled_one.expectation.level is Level.MUST:
                found.append(outcome)
            elif outcome.hop is None or outcome.hop < Hop.DELIVERED:
                missed[label] = missed.get(label, 0) + 1
    for label, count in missed.items():
        if not _says_so(evidence, label):
            why = Finding(Aspect.SILENT_GAP, party=f"dashboard:{label}", count=count)
            found.append(Outcome(Kind.TRUNCATED, "P7", None, label, Hop.RENDERED, (Hop.RENDERED,), why))
    found += _perhaps_missed(evidence, settled)
    return PropertyResult.of("P7", checks, found)


def _perhaps_missed(evidence: Evidence, settled: Sequence[Settled]) -> Iterator[Outcome]:
    """Events that did not come after a fault was over, where nothing shows that the system had recovered by then."""
    doubtful, missed = evidence.strikes.doubtful, dict[str, int]()
    for each in settled if doubtful else ():
        if each.expectation.level is Level.MAY:
            absent = (k for k, outcome in each.each() if k in doubtful and (outcome.hop or Hop.EMITTED) < Hop.DELIVERED)
            missed[each.expectation.dashboard] = missed.get(each.expectation.dashboard, 0) + sum(1 for _ in absent)
    for label, count in missed.items():
        if count:
            why = Finding(Aspect.NOT_SEEN_TO_RECOVER, party=f"dashboard:{label}", count=count)
            yield Outcome(Kind.UNDETERMINED, "P7", None, label, None, (), why)


def _is_in(gaps: Sequence[tuple[Position, Position]] | None, at: Position | None) -> bool:
    return bool(gaps) and at is not None and any(start < at < end for start, end in gaps or ())


def _says_so(evidence: Evidence, dashboard: str) -> bool:
    """Whether a page told of its gap: as a notice of the server, or by showing that it was not connected any more."""
    party = f"dashboard:{dashboard}"
    if any(fact.body.name == "session:gap" for fact in evidence.facts(Notice, party)):
        return True
    shown = [fact.body.connected for fact in evidence.facts(StatusShown, party)]
    return True in shown and False in shown[shown.index(True) :]


def expected_but_unrouted(evidence: Evidence, settled: Sequence[Settled]) -> PropertyResult:
    """R1: an event without recipients while a dashboard that is owed it is connected."""
    gaps = absences(evidence)
    present, missed = list[Sequence[str]](), defaultdict[str, list[str]](list)
    for expected in (each.expectation for each in settled if each.expectation.level is Level.MUST):
        away = gaps.get(expected.dashboard)
        there = [key for key in expected.keys if not _is_in(away, evidence.routed_at(key))] if away else expected.keys
        present.append(there)
        for key in there if evidence.unrouted else ():
            if key in evidence.unrouted:
                missed[key].append(expected.dashboard)
    there_at_all = {id(keys): keys if isinstance(keys, Set) else frozenset(keys) for keys in present}  # many share them
    keys = union(there_at_all.values()) & evidence.said[Hop.ROUTED].keys
    checks = len(keys - evidence.unresolved if evidence.unresolved else keys)
    unproven = evidence.why_unproven(Hop.ROUTED, None) if checks else None
    if unproven is not None:
        return PropertyResult.of("R1", 0, [Outcome(Kind.UNDETERMINED, "R1", None, None, None, (), unproven)])
    found = []
    for key, labels in missed.items():
        why = Finding(Aspect.RESOLVED_NOBODY, items=tuple(labels))
        found += [Outcome(Kind.LOST, "R1", key, each, Hop.ROUTED, (Hop.ROUTED,), why) for each in labels]
    return PropertyResult.of("R1", checks, found)


def _made_without_dashboards(evidence: Evidence, keys: Iterable[str]) -> set[str]:
    """Those that the server made by itself while no dashboard was connected: a timer runs without one."""
    spans = [span for mine in connections(evidence).values() for span in mine]
    made = [key for key in keys if key in evidence.made]
    return {key for key in made if not any(span.start < evidence.places[key] < span.end for span in spans)}


def unrouted(evidence: Evidence, settled: Sequence[Settled]) -> PropertyResult:
    """R2: an event without recipients that no dashboard is owed is unrouted, which has to be declared."""
    checks = len(evidence.once[Hop.ROUTED]) - len(evidence.unresolved)
    empty: list[str] = []
    if evidence.unrouted:
        owed = {key for each in settled if each.expectation.level is Level.MUST for key in each.expectation.keys}
        empty = [key for key in evidence.once[Hop.ROUTED] if key in evidence.unrouted and key not in owed]
        empty = [*without(empty, _made_without_dashboards(evidence, empty))]
    if evidence.contract.unrouted_declared:
        return PropertyResult.of("R2", checks, note=f"{len(empty)} unrouted, as declared")
    why = Finding(Aspect.UNDECLARED)
    found = [Outcome(Kind.LOST, "R2", key, None, Hop.ROUTED, (Hop.ROUTED,), why) for key in empty]
    return PropertyResult.of("R2", checks, found)
