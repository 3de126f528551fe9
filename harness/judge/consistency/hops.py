"""Whether what the hops saw of each event fits: no hop skipped, no number missing, no effect before its cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from itertools import pairwise

from harness.model import PAGE_SIDE, SERVER_SIDE, Aspect, Finding, Hop
from harness.model.facts import ClockCompared, Connected, Joined
from harness.record.evidence import Evidence, label_of
from harness.record.evidence.stored_events import seqs_of
from harness.record.evidence.streams import Stream
from harness.record.evidence.times import Times

SLACK_NS = 5_000_000_000
"""A tap notes an event when its process gets to it: on a busy machine that may be after the next hop noted it."""

NEARLY_ALL = 0.6
"""The share of steps of one from which on a session's numbers are taken to count its events."""

FIRST = 5
"""How many keys a finding names."""


def skipped(evidence: Evidence) -> Iterator[Finding]:
    """Events of a producer that a later hop saw, and a hop with a tap that can be believed did not."""
    later: Set[str] = frozenset()
    for hop in (Hop.ROUTED, Hop.RECEIVED, Hop.SENT):
        later = _joined(later, evidence.said[hop], *(evidence.shown[each] for each in PAGE_SIDE if hop is Hop.ROUTED))
        here = evidence.said[hop].keys
        if not here or evidence.is_one_sided(hop) or evidence.why_blind(hop, None) is not None or later <= here:
            continue
        known = later if evidence.reported is None else later & evidence.reported
        if missing := sorted(known - here):
            yield Finding(Aspect.HOP_SKIPPED, hop=hop, count=len(missing), items=tuple(missing[:FIRST]))
    if evidence.has_tap(Hop.APPLIED):
        for load, shown in evidence.shown[Hop.RENDERED].items():
            held = evidence.keys_on_page(Hop.APPLIED, load)
            if not shown.keys <= held and evidence.why_blind(Hop.APPLIED, label_of(load)) is None:
                missing = sorted(shown.keys - held)
                some = tuple(missing[:FIRST])
                yield Finding(Aspect.HOP_SKIPPED, hop=Hop.APPLIED, count=len(missing), items=some, party=load)


def _joined(known: Set[str], stream: Stream, *pages: Mapping[str, Stream]) -> Set[str]:
    for each in (stream, *(shown for page in pages for shown in page.values())):
        if not each.keys <= known:
            known = known | each.keys if known else each.keys
    return known


def numbers(evidence: Evidence) -> Iterator[Finding]:
    """Numbers that no event of a session has, where its events are numbered one by one."""
    seqs = {session: sorted(seqs_of(events)) for session, events in evidence.sessions.items()}
    if all(not seqs[s] or seqs[s][-1] - seqs[s][0] == len(seqs[s]) - 1 for s in seqs):
        return
    steps = [after - before for numbered in seqs.values() for before, after in pairwise(numbered)]
    if steps.count(1) < NEARLY_ALL * len(steps):
        return
    for session, numbered in seqs.items():
        if not numbered or numbered[-1] - numbered[0] == len(numbered) - 1:
            continue
        missing = [
            str(n) for before, after in pairwise(numbered) for n in range(before + 1, min(after, before + FIRST))
        ]
        yield Finding(Aspect.NUMBERS_MISSING, session=session, items=tuple(missing[:FIRST]))


def recipients(evidence: Evidence) -> Iterator[Finding]:
    """Events that a page was delivered, and that the server resolved for others and not for it."""
    if not evidence.said[Hop.ROUTED].keys or evidence.is_one_sided(Hop.ROUTED) or None in evidence.resolved:
        return
    if evidence.why_blind(Hop.ROUTED, None) is not None:
        return
    yield from _strangers_in_rooms(evidence)
    mine: dict[str, set[str]] = {}
    for sid, load in evidence.sids.items():
        mine.setdefault(load, set()).add(sid)
    for load, shown in evidence.shown[Hop.DELIVERED].items():
        sids = mine.get(load, set())
        if sids and all(not sids.isdisjoint(each or ()) for each in evidence.resolved):
            continue
        stray = [k for k in shown.keys if k in evidence.recipients and sids.isdisjoint(evidence.recipients[k])]
        if stray:
            yield Finding(Aspect.NOT_ITS_RECIPIENT, party=load, count=len(stray), items=tuple(stray[:FIRST]))


def _strangers_in_rooms(evidence: Evidence) -> Iterator[Finding]:
    """Recipients of a room that were not seen to enter it. One that connected before the record began may have then."""
    came = {fact.body.sid for fact in evidence.facts(Connected)}
    entered: dict[str, set[str]] = {}
    for fact in evidence.facts(Joined):
        entered.setdefault(str(fact.body.room), set()).add(fact.body.sid)
    resolved = {(str(s.detail.get("room")), s.recipients): s for s in evidence.flow[Hop.ROUTED].kinds()}
    for (room, sids), sighting in resolved.items():
        odd = ({*(sids or ())} & came) - entered.get(room, {*(sids or ())}) - {room}
        if odd:
            yield Finding(Aspect.RECORD_LACKS, party=sighting.observer, field=Joined.kind, text=f"{min(odd)} in {room}")
            return


def times(evidence: Evidence) -> Iterator[Finding]:
    """Sightings that stand long after what came of them: no event is routed after it was shown."""
    errors = {fact.observer: fact.body.error_ns for fact in evidence.facts(ClockCompared)}
    order = [hop for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED) if evidence.flow[hop]]
    for before, after in pairwise(order):
        effects = Times.at_hop(evidence.once[after], is_last=True)
        if (early := _early(effects, evidence.first_times(before), SLACK_NS)) is not None:
            yield Finding(Aspect.TIME_BEFORE_CAUSE, hop=after, items=(early,))
    for load in errors:
        known = evidence.first_times(order[-1]) if order else Times.of({})
        for hop in PAGE_SIDE:
            if load not in evidence.shown[hop]:
                continue
            here = Times.seen(evidence.shown[hop][load], evidence.page[hop][load], is_last=True)
            if (early := _early(here, known, errors[load] + SLACK_NS)) is not None:
                yield Finding(Aspect.TIME_BEFORE_CAUSE, hop=hop, party=load, items=(early,))
            known = here


def _early(effects: Times, causes: Times, slack_ns: int) -> str | None:
    """The first event that was seen so long before what it came of."""
    return next(iter(effects.earlier_than(causes, slack_ns)), None)


def payloads(evidence: Evidence) -> Iterator[Finding]:
    """Digests that no payload on record has, where payloads were kept."""
    kept = evidence.ledger.payloads
    if not kept:
        return
    for hop in Hop:
        streams = [evidence.said[hop]] if hop in SERVER_SIDE else [*evidence.shown[hop].values()]
        for stream in streams:
            missing = {digest for digest in stream.digests if digest is not None} - kept.keys()
            if missing:
                yield Finding(Aspect.RECORD_LACKS, party=hop.label, field="payload", text=min(missing))
                return
