"""Whether what the server tells pages of sessions agrees with the sessions' events, and with what was asked. Pure.

Which messages those are, the target says. Pages see them come, and where a tap looks into the server it tells when each
was emitted and to whom: what was wrong there already is blamed on *routed*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.judge.values.differences import Difference, common_differences
from harness.judge.values.paths import at
from harness.lib.secrets import MASKED
from harness.model import Aspect, Fact, Finding, Hop, Kind, Outcome, SessionNotice
from harness.model.facts import Left, Notice, NoticeRouted
from harness.record.evidence import CLOSE, END, OPEN, Evidence, Exchange, label_of, position
from harness.record.identity import session_text
from harness.record.remembered import remembered

DISCOVERY = "auto-discovery"
HERE, BETWEEN = (Hop.ROUTED,), (Hop.ROUTED, Hop.DELIVERED)


@dataclass(frozen=True, slots=True)
class Told:
    """One notice as a page got it: what it is, of which session, and the status that it says."""

    notice: SessionNotice
    fact: Fact[Notice]
    session: str
    status: str | None

    @property
    def is_end(self) -> bool:
        """Whether it says that its session ended."""
        return bool(self.notice.ended)

    @property
    def is_final(self) -> bool:
        """Whether nothing of its session can follow."""
        return bool(self.notice.ended.get(self.status or ""))


@remembered
def told(evidence: Evidence) -> Mapping[str, list[Told]]:
    """What each page load was told of sessions, in its own order."""
    found: dict[str, list[Told]] = {}
    known = evidence.contract.notices
    for fact in evidence.facts(Notice) if known else ():
        notice = known.get(fact.body.name)
        session = None if notice is None else session_text(at(fact.body.payload, notice.session))
        if notice is not None and session is not None:
            status = at(fact.body.payload, notice.status) if notice.status else None
            found.setdefault(fact.observer, []).append(
                Told(notice, fact, session, None if status is None else str(status))
            )
    return {load: sorted(listed, key=lambda each: each.fact.n) for load, listed in found.items()}


def troubles(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """How many comparisons were made of notices of ends, and what is wrong with them and with what they say."""
    by_load = told(evidence)
    ends = [each for listed in by_load.values() for each in listed if each.is_end]
    found = [*_early(evidence, by_load), *_otherwise(evidence, by_load), *_repeated(evidence, by_load)]
    return len(ends), [*found, *_untold(evidence, by_load)]


@remembered
def routed(evidence: Evidence, name: str, session: str) -> list[Fact[NoticeRouted]]:
    """When the server emitted a notice of a session, in its own order."""
    notice = evidence.contract.notices.get(name, SessionNotice())
    facts = [f for f in evidence.facts(NoticeRouted) if f.body.name == name]
    return sorted((f for f in facts if at(f.body.payload, notice.session) == session), key=position)


def hops_of_wrong(evidence: Evidence, told: Fact[Notice]) -> tuple[Hop, ...]:
    """Where a message that tells a page something wrong went wrong: it was emitted so, or not, or that is unknown."""
    mine = {sid for sid, holder in evidence.sids.items() if holder == told.observer}
    emitted = [f.body for f in evidence.facts(NoticeRouted) if f.body.name == told.body.name]
    to_it = [each.payload for each in emitted if each.recipients is None or not mine.isdisjoint(each.recipients)]
    return BETWEEN if not to_it else HERE if told.body.payload in to_it else (Hop.DELIVERED,)


def hops_of_absence(evidence: Evidence, name: str, session: str, load: str) -> tuple[Hop, ...]:
    """Where a notice was lost that a page should have got, as far as the record tells."""
    if name not in evidence.contract.notices or evidence.why_blind(Hop.ROUTED, None) is not None:
        return BETWEEN
    mine = {sid for sid, holder in evidence.sids.items() if holder == load}
    emitted = routed(evidence, name, session)
    is_for_it = any(f.body.recipients is None or not mine.isdisjoint(f.body.recipients) for f in emitted)
    return (Hop.DELIVERED,) if is_for_it else HERE


def _outcome(kind: Kind, label: str | None, hops: tuple[Hop, ...], why: Finding, key: str | None = None) -> Outcome:
    return Outcome(kind, "P13", key, label, hops[0] if len(hops) == 1 else None, hops, why)


def _early(evidence: Evidence, by_load: Mapping[str, list[Told]]) -> Iterator[Outcome]:
    """Sessions that a page was told had ended, and that went on there."""
    for load, listed in by_load.items():
        finals = [each for each in listed if each.is_final]
        for end, firsts in zip(finals, _firsts_behind(evidence, load, finals), strict=True):
            later = [
                (n, key)
                for key, (n, session) in firsts.items()
                if session == end.session and n > end.fact.n and not _is_replayed(evidence, load, key, end)
            ]
            again = [e.fact.n for e in listed if e.session == end.session and not e.is_end and e.fact.n > end.fact.n]
            if not later or end.session in evidence.lives or any(n < min(later)[0] for n in again):
                continue
            name, (_, key) = end.fact.body.name, min(later)
            why = Finding(Aspect.ENDED_EARLY, session=end.session, other=name, found=end.status)
            yield _outcome(Kind.REORDERED, label_of(load), _hops_of_early(evidence, name, end.session), why, key)


def _firsts_behind(evidence: Evidence, load: str, ends: Sequence[Told]) -> Iterator[dict[str, tuple[int, str]]]:
    """Of each end the events of its session that came to a page first after it, or again: where they came first."""
    sightings = evidence.page[Hop.DELIVERED].get(load)
    if sightings is None or not ends:
        yield from ({} for _ in ends)
        return
    late = [*sightings.after(min(each.fact.n for each in ends))]
    for end in ends:
        keys = {each.event.key for each in late if each.event.session == end.session and each.n > end.fact.n}
        firsts = ((key, sightings.of(key)[0]) for key in keys)
        yield {key: (first.n, first.event.session or "") for key, first in firsts}


def _is_replayed(evidence: Evidence, load: str, key: str, end: Told) -> bool:
    """Whether an event was routed before its session's end was told, to others, and to this page only afterwards."""
    emitted, sightings = routed(evidence, end.fact.body.name, end.session), evidence.once[Hop.ROUTED].get(key, ())
    if not emitted or not sightings or position(sightings[0]) > position(emitted[0]):
        return False
    mine = {sid for sid, holder in evidence.sids.items() if holder == load}
    to_it = [position(each) for each in sightings if not mine.isdisjoint(each.recipients or ())]
    return bool(to_it) and min(to_it) > position(emitted[0])


def _hops_of_early(evidence: Evidence, name: str, session: str) -> tuple[Hop, ...]:
    emitted, stretch = routed(evidence, name, session), evidence.stretches.get(session)
    if not emitted or stretch is None:
        return BETWEEN
    return HERE if position(emitted[0]) < stretch[1] else (Hop.DELIVERED,)


def _otherwise(evidence: Evidence, by_load: Mapping[str, list[Told]]) -> Iterator[Outcome]:
    """Notices that contradict how their sessions ended, or what was asked for: once for each session."""
    seen = set[tuple[str, str]]()
    for each in (each for listed in by_load.values() for each in listed):
        name, asked = each.fact.body.name, CLOSE if each.is_end else OPEN
        requests = _requests(evidence).get((asked, each.session), [])
        if (wrong := _against_story(evidence, each)) is not None:
            kind, hops = Kind.INCOMPLETE, _hops_of_status(evidence, each, requests)
        elif (difference := _difference(each, [*filter(_was_done, requests)])) is not None:
            wrong = Finding(
                Aspect.NOTICE_DATA,
                session=each.session,
                other=name,
                request=asked,
                field=difference.path,
                expected=difference.expected,
                found=difference.found,
            )
            kind, hops = Kind.CORRUPTED, _hops_of(evidence, each)
        elif (wrong := _wrong_last(evidence, each)) is not None:
            kind, hops = Kind.INCOMPLETE, _hops_of(evidence, each)
        else:
            continue
        if (name, each.session) not in seen:
            seen.add((name, each.session))
            yield _outcome(kind, None, hops, wrong)


def _repeated(evidence: Evidence, by_load: Mapping[str, list[Told]]) -> Iterator[Outcome]:
    """Sessions whose beginning a page was told again over the same connection, and that had not ended before.

    Where the strategy has pages discover sessions; of one whose messages it knows itself, it tells that, too.
    """
    if evidence.contract.strategy != DISCOVERY or evidence.contract.asks:
        return
    connections = Counter(evidence.sids.values())
    for load, listed in by_load.items():
        for (name, session), count in _most_beginnings(listed).items():
            expected = max(connections[load], 1)
            if count > expected:
                mine = {sid for sid, holder in evidence.sids.items() if holder == load}
                emitted = routed(evidence, name, session)
                to_it = [f for f in emitted if f.body.recipients is None or not mine.isdisjoint(f.body.recipients)]
                hops = BETWEEN if not emitted else HERE if len(to_it) > expected else (Hop.DELIVERED,)
                why = Finding(Aspect.ANNOUNCED_OFTEN, session=session, count=count, expected=expected)
                yield _outcome(Kind.DUPLICATED, label_of(load), hops, why)


def _most_beginnings(listed: Sequence[Told]) -> Mapping[tuple[str, str], int]:
    """How often a page was told that a session began, at most, before it was told of its end."""
    counts, most = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for each in listed:
        if each.is_end:
            counts.update({key: -count for key, count in counts.items() if key[1] == each.session})
            continue
        key = each.fact.body.name, each.session
        counts[key] += 1
        most[key] = max(most[key], counts[key])
    return most


@remembered
def _requests(evidence: Evidence) -> Mapping[tuple[str, str], list[Exchange]]:
    """What was asked for, by the request's name and its session."""
    found: dict[tuple[str, str], list[Exchange]] = {}
    for each in evidence.exchanges:
        found.setdefault((each.name, str(each.session)), []).append(each)
    return found


def _was_done(asked: Exchange) -> bool:
    """Whether what was asked came about, as its answer says: a session may have ended before, for another reason."""
    return not asked.is_refused and (asked.answered is not None or not asked.wants_answer)


def _against_story(evidence: Evidence, end: Told) -> Finding | None:
    """How the status of an end contradicts the session's last terminal event."""
    cli = evidence.producer.get(end.session, "")
    if not end.is_end or cli in evidence.dead or end.session in evidence.rejected:
        return None
    terminal = [e.name for e in evidence.events_of(end.session) if e.name in evidence.contract.terminal]
    said = {*terminal} if end.session in evidence.lives else {*terminal[-1:]}
    if not terminal or not said.isdisjoint(end.notice.ended.get(end.status or "", ())):
        return None
    name = end.fact.body.name
    return Finding(Aspect.ENDED_AS, session=end.session, other=name, expected=terminal[-1], found=end.status)


def _wrong_last(evidence: Evidence, each: Told) -> Finding | None:
    """Another number than that of the last event that the server had routed when it told this."""
    path, emitted = each.notice.last, routed(evidence, each.fact.body.name, each.session)
    found = None if path is None else at(each.fact.body.payload, path)
    if not isinstance(found, int) or isinstance(found, bool) or not emitted:
        return None
    last, went_on = _last_before(evidence, each.fact.body.name, each.session)
    if found in (last, went_on):  # what the server took in, and then failed at, may be neither or one of them
        return None
    name = each.fact.body.name
    return Finding(Aspect.NOTICE_LAST, session=each.session, other=name, field=path, expected=went_on, found=found)


@remembered
def _last_before(evidence: Evidence, name: str, session: str) -> tuple[int, int]:
    """The numbers of the last event of a session that the server had, and had routed, when it last told a notice."""
    until = max(position(fact) for fact in routed(evidence, name, session))
    before = [e for e in evidence.events_of(session) if e.seq and evidence.places.get(e.key, END) < until]
    last = max((e.seq or 0 for e in before), default=0)
    if evidence.why_blind(Hop.ROUTED, None) is not None:
        return last, last
    went_on = [e.seq or 0 for e in before if e.key in evidence.once[Hop.ROUTED]]
    return last, max(went_on, default=0)


def _hops_of_status(evidence: Evidence, end: Told, requests: list[Exchange]) -> tuple[Hop, ...]:
    """Who said so first: the producer where it asked for that status, or never asked; else the server, or the way."""
    if any(str(end.status) in map(str, request.request.values()) for request in requests):
        return (Hop.SENT,)
    if evidence.contract.asks and not requests and evidence.why_blind(Hop.RECEIVED, None) is None:
        return (Hop.SENT,)
    return _hops_of(evidence, end)


def _hops_of(evidence: Evidence, each: Told) -> tuple[Hop, ...]:
    """Whether a notice left the server as it came."""
    emitted = routed(evidence, each.fact.body.name, each.session)
    if not emitted:
        return BETWEEN
    return HERE if any(f.body.payload == each.fact.body.payload for f in emitted) else (Hop.DELIVERED,)


def _difference(each: Told, requests: list[Exchange]) -> Difference | None:
    """The first field that a notice and all requests for its session have, and in which it differs from each."""
    payload = each.fact.body.payload
    if not isinstance(payload, Mapping) or not requests:
        return None
    found = [common_differences(request.request, payload) for request in requests]
    if any(not listed for listed in found) or MASKED in found[-1][0].expected or MASKED in found[-1][0].found:
        return None
    return found[-1][0]


def _untold(evidence: Evidence, by_load: Mapping[str, list[Told]]) -> Iterator[Outcome]:
    """Pages that got a session's last event, stayed to the end, and were never told that it had ended."""
    names = [name for name, notice in evidence.contract.notices.items() if notice.ended]
    if not names or not evidence.contract.asks:
        return
    heard = {(load, each.session) for load, listed in by_load.items() for each in listed if each.is_end}
    closed = {e.session: e for e in evidence.exchanges if e.name == CLOSE and e.ok}
    for session, close in closed.items():
        events = evidence.events_of(session)
        last = evidence.once[Hop.ROUTED].get(events[-1].key, ()) if events else ()
        sids = {sid for sighting in last for sid in sighting.recipients or ()} - evidence.gone.keys()
        sids -= {f.body.sid for f in evidence.facts(Left) if position(f) > position(last[-1])} if last else set()
        for load in sorted({evidence.sids[sid] for sid in sids if sid in evidence.sids}):
            label = label_of(load)
            if (load, str(session)) in heard or (close.answered or END) == END:
                continue
            if load != (evidence.loads_of(label) or [load])[-1] or evidence.strikes.is_gone(f"dashboard:{label}"):
                continue
            unproven = evidence.why_unproven(Hop.DELIVERED, label)
            if unproven is not None:
                yield Outcome(Kind.UNDETERMINED, "P13", None, label, None, (), unproven)
                continue
            why = Finding(Aspect.END_UNTOLD, session=session, other=names[0])
            yield _outcome(Kind.LOST, label, hops_of_absence(evidence, names[0], str(session), load), why)
