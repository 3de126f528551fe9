"""Whether events come once and in order, at every hop (P2, P3)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set

from harness.model import (
    PAGE_SIDE,
    SERVER_SIDE,
    Aspect,
    Fact,
    Finding,
    Hop,
    Kind,
    Outcome,
    PropertyResult,
    Sighting,
)
from harness.model.facts import Acknowledged, Answered, ClientDisconnected
from harness.record.evidence import Evidence, Position, first_object, label_of, position
from harness.record.evidence.connections import Stay
from harness.record.evidence.falling import Behind, behind, by_observer, by_recipient
from harness.record.evidence.seen import Seen

ORDERED = (Hop.EMITTED, Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED)


def no_duplicate(evidence: Evidence) -> PropertyResult:
    """P2: each event at most once per hop and observer, and once per recipient where it is routed.

    A producer that lost its connection sends again what was not acknowledged: the server knows it by its number. One
    that was told no may offer the same again, once for each no.
    """
    found: list[Outcome] = []
    again = _Reasons(evidence)
    checks = sum(len(evidence.once[hop]) for hop in (Hop.EMITTED, Hop.SENT, Hop.RECEIVED))
    for hop in (Hop.EMITTED, Hop.SENT, Hop.RECEIVED):
        if len(evidence.once[hop]) == len(evidence.flow[hop]):
            continue
        for key, sightings in evidence.once[hop].repeated():
            if count := again.needless(hop, sightings):
                found.append(_twice(evidence, key, None, hop, 1 + count))
    routed, twice = _routed_twice(evidence)
    for hop in PAGE_SIDE:
        for load, stream in evidence.shown[hop].items():
            checks += len(stream.keys)
            if stream.is_single:
                continue
            often = ((key, count) for key, count in stream.counted.items() if count > 1)
            twice += [_twice_on_page(evidence, hop, load, key, count) for key, count in often]
    first = first_of_each([*found, *twice])
    return PropertyResult.of("P2", checks + routed, [*first, *_doubled_again(evidence, twice, {*first})])


def _twice_on_page(evidence: Evidence, hop: Hop, load: str, key: str, count: int) -> Outcome:
    """An event that a page has more than once; where the server gave it to the page again, that is at routed.

    What a page was given while a request of its new connection was answered came twice for that alone.
    """
    again = given_again(evidence, load, key) if hop is Hop.DELIVERED else ()
    if again and all(is_answering(evidence, stay.began.body.sid, emit) for stay, emit in again[1:]):
        often = Finding(Aspect.REPEATED, count=count, party=load)
        return Outcome(Kind.DUPLICATED, "P2", key, label_of(load), Hop.ROUTED, (Hop.ROUTED,), often)
    return _twice(evidence, key, label_of(load), Hop.ROUTED if again else hop, count, load)


def is_answering(evidence: Evidence, sid: str, emit: Sighting) -> bool:
    """Whether the server emitted something while it answered a request of a connection."""
    mine = (each for each in evidence.exchanges if each.sid == sid and each.answered is not None)
    return any(each.asked < position(emit) < (each.answered or each.asked) for each in mine)


def given_again(evidence: Evidence, load: str, key: str) -> Sequence[tuple[Stay, Sighting]]:
    """The emits of an event to connections that a page had one after the other, each with its connection.

    Empty where fewer than two had it. What a server hands on by itself, as recovering a connection, does not count.
    """
    mine = sorted((s for s in evidence.stays if evidence.sids.get(s.began.body.sid) == load), key=position_of)
    emits = [s for s in evidence.at(Hop.ROUTED, key) if not is_recovered(s)]
    found = list[tuple[Stay, Sighting]]()
    for stay in mine:
        had = next((s for s in emits if stay.began.body.sid in (s.recipients or ())), None)
        is_next = not found or ((end := found[-1][0].end) is not None and position(end) < position(stay.began))
        if had is not None and is_next:
            found.append((stay, had))
    return found if len(found) > 1 else ()


def position_of(stay: Stay) -> Position:
    """Where a connection began."""
    return position(stay.began)


def _doubled_again(evidence: Evidence, outcomes: Iterable[Outcome], first: Set[Outcome]) -> Iterator[Outcome]:
    """What a page makes more often of an event than it was given it, more than once: that has a reason of its own."""
    more: dict[tuple[str | None, str | None], Outcome] = {}
    for outcome in outcomes:
        load = outcome.finding.party or ""
        given = evidence.shown[Hop.DELIVERED].get(load)
        came = 0 if given is None or outcome in first else given.counted.get(outcome.event_key, 0)
        if 1 < came < _held(evidence, outcome):
            more.setdefault((outcome.key, load), outcome)
    yield from more.values()


def _held(evidence: Evidence, outcome: Outcome) -> int:
    """How often a page has an event. Rows are seen anew whenever a list is drawn, so that its last ones count."""
    if Hop.RENDERED not in outcome.hops:
        return outcome.finding.count or 0
    view = evidence.view(outcome.label)
    return 0 if view is None or not view.body.rows_numbered else [*(view.body.rows or ())].count(outcome.event_key)


class _Reasons:
    """Which repetitions are right: on another connection than the one before, or after a refusal."""

    def __init__(self, evidence: Evidence) -> None:
        self._lost: dict[str, list[Fact[ClientDisconnected]]] = defaultdict(list)
        for fact in evidence.facts(ClientDisconnected):
            self._lost[fact.observer].append(fact)
        self._refused: dict[str, list[Fact[Acknowledged]]] = defaultdict(list)
        for answer in evidence.answers(lambda told: told.is_refusal and not told.never_left):
            self._refused[answer.body.key].append(answer)
        self._noes = [fact for fact in evidence.facts(Answered) if first_object(fact.body.args).get("ok") is False]

    def needless(self, hop: Hop, sightings: Sequence[Sighting]) -> int:
        """How many of an event's sightings at one hop repeat it on the same connection, and were not asked for."""
        pairs = list(zip(sightings, sightings[1:], strict=False))
        alike = [(before, after) for before, after in pairs if not self._is_another(hop, before, after)]
        refused = self._refused.get(sightings[0].event.key, [])
        if hop is Hop.SENT:  # told by the same observer, so that it is known what came between
            return sum(1 for pair in alike if not any(pair[0].n < fact.n < pair[1].n for fact in refused))
        if hop is Hop.RECEIVED:  # in the server's record answers stand for themselves, and not for an event
            return max(0, min(len(alike) - len(refused), sum(1 for pair in alike if not self._is_no_between(*pair))))
        return len(alike)

    def _is_no_between(self, before: Sighting, after: Sighting) -> bool:
        sid = before.detail.get("sid")
        return any(
            before.n < fact.n < after.n and fact.observer == before.observer and fact.body.sid == sid
            for fact in self._noes
        )

    def _is_another(self, hop: Hop, before: Sighting, after: Sighting) -> bool:
        if before.observer != after.observer:
            return True
        if hop is Hop.RECEIVED:
            return before.detail.get("sid") != after.detail.get("sid")
        return hop is Hop.SENT and any(before.n < fact.n < after.n for fact in self._lost[before.observer])


def _routed_twice(evidence: Evidence) -> tuple[int, list[Outcome]]:
    checks, found = evidence.flow[Hop.ROUTED].recipients, list[Outcome]()
    has_twice = any(len({*sids}) < len(sids) for sids in evidence.resolved if sids)
    once = evidence.once[Hop.ROUTED]
    for key, sightings in once.items() if has_twice else once.repeated():
        resolved = [sid for sighting in sightings if not is_recovered(sighting) for sid in sighting.recipients or ()]
        for sid, count in Counter(resolved).items():
            if count > 1:
                label = label_of(evidence.sids.get(sid, "")) or None
                found.append(_twice(evidence, key, label, Hop.ROUTED, count, sid))
    return checks, found


def is_recovered(sighting: Sighting) -> bool:
    """Whether a server hands on again what a connection may have missed: the client takes what it lacks alone."""
    return sighting.detail.get("recovered") is True


def _twice(
    evidence: Evidence, key: str, dashboard: str | None, hop: Hop, count: int, party: str | None = None
) -> Outcome:
    often = Finding(Aspect.REPEATED, count=count, party=party)
    return Outcome(Kind.DUPLICATED, "P2", key, dashboard, *evidence.blamed(hop, dashboard, key), often)


def first_of_each(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Only the first hop at which an event went wrong: what follows from it adds nothing."""
    ordered = sorted(outcomes, key=lambda o: o.hops[-1] if o.hops else Hop.RENDERED)
    seen: set[tuple[str | None, str | None]] = set()
    kept = []
    for outcome in ordered:
        if (outcome.key, outcome.dashboard) not in seen and (outcome.key, None) not in seen:
            kept.append(outcome)
            seen.add((outcome.key, outcome.dashboard))
    return kept


def order(evidence: Evidence) -> PropertyResult:
    """P3: within one session, numbers only rise, at every hop and for every recipient."""
    checks, found = 0, list[Outcome]()
    for hop in ORDERED:
        if evidence.is_one_sided(hop) and hop is not Hop.ROUTED:
            continue  # the order of the answers is not that of the handlers
        checks += _length(evidence, hop)
        streams = [evidence.said[hop]] if hop in SERVER_SIDE else evidence.shown[hop].values()
        is_one_way = hop is not Hop.ROUTED or len(evidence.resolved) == 1  # else each recipient has an order of its own
        if not all(stream.rises and (is_one_way or stream.is_single) for stream in streams):
            found += _behind(evidence, hop)
    return PropertyResult.of("P3", checks, first_of_each(found))


def _length(evidence: Evidence, hop: Hop) -> int:
    """How many events pass a hop; those that are routed to several count for each of them."""
    if hop is Hop.ROUTED:
        return evidence.flow[hop].recipients
    if hop in SERVER_SIDE:
        return len(evidence.once[hop])
    return sum(map(len, evidence.page[hop].values()))


def _behind(evidence: Evidence, hop: Hop) -> Iterator[Outcome]:
    """What comes after a later event of its session. What comes again has come already: that it does is P2's.

    What no CLI reported or sent has no place in an order; that it is there at all is another failure.
    """
    known: dict[int, Sequence[Behind]] = {}
    for dashboard, sightings in _sequences(evidence, hop):
        found = known.get(id(sightings))
        if found is None:
            found = known[id(sightings)] = behind(sightings, evidence.reported)
        for key, session, before in found:
            why = Finding(Aspect.ORDER, other=f"{session}/{before}")
            yield Outcome(Kind.REORDERED, "P3", key, dashboard, *evidence.blamed(hop, dashboard, key), why)


def _sequences(evidence: Evidence, hop: Hop) -> Sequence[tuple[str | None, Seen]]:
    """Each stream of sightings in which numbers must rise; what a producer sent again is not looked at twice."""
    if hop in PAGE_SIDE:
        return [(label_of(load), seen) for load, seen in evidence.page[hop].items()]
    if hop is not Hop.ROUTED:
        return [(None, seen) for seen in by_observer(evidence.once[hop]).values()]
    parted = by_recipient(evidence.flow[hop])
    return [(label_of(evidence.sids.get(sid, "")) or None, seen) for sid, seen in parted.items()]
