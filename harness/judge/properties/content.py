"""Whether events stay what they are: payload, fold into the state, and inert text (P5, P8, P10)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from operator import attrgetter, is_

from harness.model import PAGE_SIDE, Aspect, Event, FactKind, Finding, Hop, Kind, Outcome, PropertyResult
from harness.record.evidence import Evidence, label_of
from harness.record.evidence.streams import Stream

key_of = attrgetter("key")


def integrity(evidence: Evidence) -> PropertyResult:
    """P5: the same name and payload at every hop that shows them, from where they were first seen."""
    checks = 0
    spoiled: dict[tuple[str, str | None], Outcome] = {}
    known = [*evidence.events.values()]
    as_known = cache(lambda stream: stream.events == known or _is_as_known(evidence, stream))  # streams are shared
    for hop, label, stream in _shown(evidence):
        checks += len(stream.events)
        if as_known(stream):
            continue
        for event in stream.events:
            why = _differs(event, evidence.events[event.key])
            if why is not None and (event.key, None) not in spoiled:
                outcome = Outcome(Kind.CORRUPTED, "P5", event.key, label, *evidence.blamed(hop, label, event.key), why)
                spoiled.setdefault((event.key, label), outcome)
    return PropertyResult.of("P5", checks, spoiled.values())


def _shown(evidence: Evidence) -> Iterator[tuple[Hop, str | None, Stream]]:
    """What each hop behind the first shows, and to whom."""
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED):
        yield hop, None, evidence.said[hop]
    for hop in PAGE_SIDE:
        for load, stream in evidence.shown[hop].items():
            yield hop, label_of(load), stream


def _is_as_known(evidence: Evidence, stream: Stream) -> bool:
    """Whether each event is said to be the very same as where it was first seen, as nearly all are."""
    return all(map(is_, stream.events, map(evidence.events.get, map(key_of, stream.events))))


def _differs(event: Event, known: Event) -> Finding | None:
    if event is known:
        return None
    if event.name != known.name:
        return Finding(Aspect.NAME, expected=known.name, found=event.name)
    if event.digest != known.digest and event.digest is not None and known.digest is not None:
        return Finding(Aspect.PAYLOAD, expected=known.digest, found=event.digest)
    return None


def fold(evidence: Evidence) -> PropertyResult:
    """P8: the page's state holds nothing that was not delivered to it, and each session in the order of delivery."""
    if not evidence.has_tap(Hop.APPLIED) or not evidence.has_tap(Hop.DELIVERED):
        return PropertyResult.of("P8", 0, note="the page's state, or what was delivered, was not observed")
    checks, found = 0, []
    for load, applied in evidence.page[Hop.APPLIED].items():
        checks += len(applied)
        told = evidence.shown[Hop.DELIVERED].get(load)
        if told is not None and told.is_single and told is evidence.shown[Hop.APPLIED][load]:
            continue
        delivered = told.events if told is not None else []
        place = dict(zip(map(key_of, reversed(delivered)), range(len(delivered) - 1, -1, -1), strict=True))
        label, last = label_of(load), dict[str | None, int]()
        for sighting in applied:
            key, session, at = sighting.event.key, sighting.event.session, place.get(sighting.event.key)
            if at is None:
                found.append(_undelivered(evidence, key, load))
            elif at < last.get(session, -1):
                why = Finding(Aspect.APPLIED_ORDER)
                found.append(Outcome(Kind.REORDERED, "P8", key, label, Hop.APPLIED, (Hop.APPLIED,), why))
            else:
                last[session] = at
    return PropertyResult.of("P8", checks, found)


def _undelivered(evidence: Evidence, key: str, load: str) -> Outcome:
    """An event in the state that the delivered tap did not see: made up, unless that tap can't be believed."""
    label = label_of(load)
    mine = {sid for sid, holder in evidence.sids.items() if holder == load}
    unproven = evidence.why_unproven(Hop.DELIVERED, label)
    if unproven is None and mine & evidence.recipients_of(key):
        unproven = Finding(Aspect.TAP_MISSED_IT)
    if unproven is not None:
        return Outcome(Kind.UNDETERMINED, "P8", key, label, None, (), unproven)
    return Outcome(Kind.PHANTOM, "P8", key, label, Hop.APPLIED, (Hop.APPLIED,), Finding(Aspect.UNDELIVERED))


def inert(evidence: Evidence) -> PropertyResult:
    """P10: no payload ran, asked or opened anything."""
    found = []
    for fact in evidence.facts(FactKind.PAGE_INTRUSION):
        what = Finding(Aspect.INTRUSION, text=str(fact.data.get("what")))
        found.append(Outcome(Kind.NOT_INERT, "P10", None, label_of(fact.observer), Hop.RENDERED, (Hop.RENDERED,), what))
    return PropertyResult.of("P10", sum(1 for label in evidence.contract.dashboards if evidence.view(label)), found)
