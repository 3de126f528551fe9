"""Whether what is told of producers and servers fits together: who starts ends, who is a member has connected."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator
from operator import attrgetter

from harness.model import AnyFact, Aspect, Body, Fact, Finding, Hop
from harness.model.facts import (
    KINDS,
    Acknowledged,
    Answered,
    ClientConnected,
    ClientDisconnected,
    CliExited,
    CliMessage,
    CliSession,
    CliStarted,
    Connected,
    Disconnected,
    InFlight,
    Joined,
    Left,
    Members,
    Notice,
    PageError,
    Requested,
    TapTried,
)
from harness.record.evidence import Evidence, position
from harness.record.evidence.observers import SERVER, family, incarnation
from harness.record.evidence.taps import AFTER

NAMING = ("session and seq", "id")
"""How events are known where each says which one it is; others are matched, and an acknowledgement can't be."""

at_of = attrgetter("at_ns")
observer_of = attrgetter("observer")

AT_ONCE = (Notice, CliMessage, PageError)
"""What may well be told twice in one instant."""


def doubled(evidence: Evidence) -> Iterator[Finding]:
    """The same fact of one observer twice, at the same nanosecond: it can't have been seen so.

    Messages that are not events can, and errors of a page: a page takes all that came in one answer, says what it sends
    and fails at one instant of its coarse clock, and lines of a CLI's are read together.
    """
    for kind in (each for each in KINDS.values() if each not in AT_ONCE and evidence.told.at_once(each)):
        facts: list[AnyFact] = [fact for fact in evidence.facts(kind) if not _is_unnumbered(fact)]
        places = [*zip(map(observer_of, facts), map(at_of, facts), strict=True)]
        if len({*places}) == len(places):
            continue
        often = Counter(places)
        known: set[tuple[str, int, str]] = set()
        for fact, place in zip(facts, places, strict=True):
            if often[place] == 1:
                continue
            said = (*place, repr(fact.body))  # what a body says can't be hashed
            if said in known:
                yield Finding(Aspect.RECORD_TWICE, party=fact.observer, field=fact.kind)
                break
            known.add(said)


def _is_unnumbered(fact: AnyFact) -> bool:
    """Whether it is a request that wants no answer, and so has no number."""
    return isinstance(fact.body, Requested) and fact.body.id is None


def producers(evidence: Evidence) -> Iterator[Finding]:
    """A producer that did something was started once, ended once, and said its session where the others did."""
    kinds: tuple[type[Body], ...] = (CliStarted, CliExited, CliSession, ClientConnected)
    told = {kind: {fact.observer for fact in evidence.facts(kind)} for kind in kinds}
    emitted = {*map(observer_of, evidence.flow[Hop.EMITTED].kinds())}
    sent = {
        s.observer for s in evidence.flow[Hop.SENT].kinds() if "path" not in s.detail
    }  # posting needs no connection
    answered = (fact.observer for fact, _ in evidence.told.kinds(Acknowledged))
    every = emitted.union(sent, *told.values(), answered)
    needed: dict[type[Body], set[str]]
    needed = {CliStarted: every, CliExited: every, CliSession: emitted, ClientConnected: sent}
    for kind, parties in needed.items():
        for cli in sorted(each for each in parties - told[kind] if told[kind] and each.startswith("cli:")):
            yield Finding(Aspect.RECORD_LACKS, party=cli, field=kind.kind)
    yield from _odd_ends(evidence)


def _odd_ends(evidence: Evidence) -> Iterator[Finding]:
    """Producers that were killed and ended well, and those that said another session than that of their events."""
    for fact in evidence.facts(CliExited):
        if fact.body.killed and fact.body.status == 0:
            yield Finding(Aspect.RECORD_DISAGREES, party=fact.observer, field="exit", expected="killed", found=0)
    for told in evidence.facts(CliSession):
        mine = {s.event.session for s in evidence.flow[Hop.EMITTED].kinds() if s.observer == told.observer}
        if mine and None not in mine and told.body.session not in mine:
            one = min(map(str, mine))
            yield Finding(
                Aspect.RECORD_DISAGREES, party=told.observer, field="session", expected=told.body.session, found=one
            )


def acknowledgements(evidence: Evidence) -> Iterator[Finding]:
    """Acknowledgements of events that are on record, and of each one sent before the last that was acknowledged."""
    acknowledged = evidence.acknowledged.keys()
    if not acknowledged or evidence.identity not in NAMING:
        return
    stray = sorted(acknowledged - evidence.events.keys())
    if stray:
        yield Finding(Aspect.ACKNOWLEDGED_UNKNOWN, count=len(stray), items=tuple(stray[:5]))
    routed = evidence.said[Hop.ROUTED].keys
    refused = sorted((acknowledged - evidence.confirmed) & routed)
    if refused:
        yield Finding(Aspect.REFUSED_AND_ROUTED, count=len(refused), items=tuple(refused[:5]))
    missing = {*(evidence.said[Hop.SENT].keys & evidence.said[Hop.RECEIVED].keys - acknowledged)}
    answered = evidence.events.called(acknowledged & evidence.events.keys()) if missing else {}
    missing = {k for k in missing if evidence.cli_of(k) not in evidence.dead and evidence.events[k].name in answered}
    missing -= {key for cli in {*map(evidence.cli_of, missing)} for key in _sent_at_last(evidence, cli)}
    if len(missing) == 1:  # who waits for none or for some of its answers leaves more of them out
        [key] = missing
        yield Finding(Aspect.ACKNOWLEDGEMENT_MISSING, party=evidence.cli_of(key), items=(key,))


def connections(evidence: Evidence) -> Iterator[Finding]:
    """Who is a member, sends, or is sent something has connected; who has connected is a member or has left."""
    let_in: dict[str, set[str]] = defaultdict(set)
    for fact in evidence.facts(Connected):
        let_in[fact.observer].add(fact.body.sid)
    if not let_in:
        return
    first = _at_first(evidence)
    for observer, look in first.items():
        let_in[observer] |= {*look.body.connected}
    known = set().union(*let_in.values())
    here = {*evidence.sids} | {str(s.detail["sid"]) for s in evidence.flow[Hop.RECEIVED].kinds() if s.detail.get("sid")}
    here |= {sid for sids in evidence.resolved for sid in sids or ()}
    left = evidence.facts(Disconnected)
    gone = {*evidence.gone}
    # Who was leaving when the run began is in no look any more: a client of the run before.
    leaving = {fact.body.sid for fact in left if fact.observer in first and fact.at_ns < first[fact.observer].at_ns}
    for sid in sorted((here | gone - leaving) - known):
        yield Finding(Aspect.RECORD_LACKS, party=sid, field=Connected.kind)
        return
    members = {fact.observer: fact for fact in evidence.facts(Members, SERVER)}
    for observer, look in members.items():
        if evidence.ended_servers:
            return
        stayed, there = let_in[observer] - gone, {*look.body.connected}
        # A leave is told before its handler runs: until that has ended, who left is there.
        odd = sorted((stayed - there) | (there & known) - let_in[observer] if stayed else ())
        if odd and _is_after(evidence, look):
            yield Finding(Aspect.RECORD_DISAGREES, party=observer, field="members", expected=odd[0], found="others")


def _at_first(evidence: Evidence) -> dict[str, Fact[Members]]:
    """Who was there before the run, by server: a part of the system that is a client itself, say."""
    looks = sorted(evidence.facts(Members, SERVER), key=at_of)
    return {look.observer: look for look in reversed(looks[:-1])}


def _is_after(evidence: Evidence, fact: AnyFact) -> bool:
    """Whether a look at a server was taken after all that was seen in it."""
    last = (evidence.flow[hop].last_ns(fact.observer) for hop in (Hop.RECEIVED, Hop.ROUTED))
    return all(at_ns is None or at_ns <= fact.at_ns for at_ns in last)


def _is_of_the_end(evidence: Evidence, fact: AnyFact) -> bool:
    """Whether a look at a server was taken after its taps were tried at the end of the run."""
    tried = [f.at_ns for f in evidence.facts(TapTried) if f.observer == fact.observer and f.body.phase == AFTER]
    return bool(tried) and max(tried) <= fact.at_ns


def rooms(evidence: Evidence) -> Iterator[Finding]:
    """The rooms at the end are those that were entered and not left."""
    first = _at_first(evidence)
    gone = {*evidence.gone}
    for observer, look in {fact.observer: fact for fact in evidence.facts(Members, SERVER)}.items():
        if not look.body.rooms or not _is_after(evidence, look):
            continue
        said = _entered(evidence, observer)
        if not said:
            continue
        for room, sids in first[observer].body.rooms.items() if observer in first else ():
            said[room] |= {*sids}
        for room in sorted({*said} | {*look.body.rooms}):
            odd = ({*look.body.rooms.get(room, ())} ^ said[room]) - gone - {room}
            if odd:
                yield Finding(Aspect.RECORD_DISAGREES, party=observer, field="room", expected=room, found=min(odd))
                return


def _entered(evidence: Evidence, observer: str) -> dict[str, set[str]]:
    """Room to who entered it and did not leave it, as one server told it."""
    said: dict[str, set[str]] = defaultdict(set)
    moves = [f for kind in (Joined, Left) for f in evidence.facts(kind) if f.observer == observer]
    for fact in sorted(moves, key=position):
        if isinstance(fact.body, Joined) and fact.body.room is not None:
            said[str(fact.body.room)].add(fact.body.sid)
        elif isinstance(fact.body, Left):
            for room in [*said] if fact.body.room is None else [str(fact.body.room)]:
                said[room].discard(fact.body.sid)
    return said


def at_the_end(evidence: Evidence) -> Iterator[Finding]:
    """What runs in a server was looked at after the last that was seen in it, or after its taps were tried at the end.

    A message of another process, or work in the background, may come still later; the fences of the pages follow that.
    """
    if not evidence.has_tap(Hop.RECEIVED) or evidence.ended_servers:
        return
    for kind in (InFlight, Members):
        looks: list[AnyFact] = [*evidence.facts(kind, SERVER)]
        mine = [look for look in looks if incarnation(look.observer) == evidence.last_server]
        if kind is Members and (evidence.is_one_sided(Hop.RECEIVED) or not evidence.facts(Connected)):
            continue
        if not mine or not (_is_after(evidence, last := max(mine, key=at_of)) or _is_of_the_end(evidence, last)):
            yield Finding(Aspect.RECORD_LACKS, party=SERVER, field=kind.kind)


def answers(evidence: Evidence) -> Iterator[Finding]:
    """A producer has as many answers as the server gave it, and asked as often as the server was asked by it."""
    connections: dict[str, set[str]] = defaultdict(set)
    for sighting in evidence.flow[Hop.RECEIVED].kinds():
        if sid := sighting.detail.get("sid"):
            connections[evidence.cli_of(sighting.event.key)].add(str(sid))
    owners = Counter(sid for sids in connections.values() for sid in sids)
    asked = {(fact.body.sid, fact.body.id) for fact in evidence.facts(Requested, SERVER)}
    answered = evidence.facts(Answered, SERVER)
    tells_of_events = any((fact.body.sid, fact.body.id) not in asked for fact in answered)
    tell_answers = {fact.observer for fact in evidence.facts(Answered)}
    for kinds in ((Answered, Acknowledged) if tells_of_events else (Answered,), (Requested,)):
        here, there, of_requests = Counter[str](), Counter[str](), Counter[str]()
        for fact, count in _counted(evidence, kinds):
            here[fact.observer] += count
            body = fact.body
            sid = getattr(body, "sid", None)
            there[str(sid)] += count if family(fact.observer) == SERVER else 0
            of_requests[str(sid)] += count if _is_of(asked, fact) else 0
        for cli, sids in connections.items():
            is_alone = all(owners[sid] == 1 for sid in sids)
            gave, others = (sum(those[sid] for sid in sids) for those in (there, of_requests))
            if cli not in tell_answers:  # its answers to messages other than events are not on record
                gave -= others
            is_told = gave + others > 0
            if here[cli] < gave and kinds[0] is Answered:
                gave -= min(gave - here[cli], len(_sent_at_last(evidence, cli)))
            if is_alone and cli and cli not in evidence.dead and here[cli] and is_told and here[cli] != gave:
                yield Finding(Aspect.RECORD_DISAGREES, party=cli, field=kinds[0].kind, expected=gave, found=here[cli])


def _is_of(asked: Container[tuple[str | None, int | None]], fact: AnyFact) -> bool:
    """Whether a server tells of an answer to one of some requests."""
    body, is_told_by_server = fact.body, family(fact.observer) == SERVER
    return isinstance(body, Answered) and is_told_by_server and (body.sid, body.id) in asked


def _counted(evidence: Evidence, kinds: Iterable[type[Body]]) -> Iterator[tuple[AnyFact, int]]:
    """Facts of some kinds, one for all that say the same, and how many those are; without what was never sent."""
    for kind in kinds:
        yield from ((fact, count) for fact, count in evidence.told.kinds(kind) if not _never_left(fact))


def _never_left(fact: AnyFact) -> bool:
    return isinstance(fact.body, Acknowledged) and fact.body.never_left


def _sent_at_last(evidence: Evidence, cli: str) -> set[str]:
    """What a producer sent that ended without closing its connection, after the last answer that it told of.

    It was gone before those answers could come.
    """
    if any(fact.observer == cli for fact in evidence.facts(ClientDisconnected)):
        return set()
    heard = max((f.at_ns for f in evidence.facts(Acknowledged) if f.observer == cli), default=0)
    return {s.event.key for s in evidence.flow[Hop.SENT] if s.observer == cli and s.at_ns > heard}
