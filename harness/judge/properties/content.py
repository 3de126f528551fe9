"""Whether events stay what they are: payload, fold into the state, and inert text (P5, P8, P10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from operator import attrgetter
from typing import Any

from harness.judge.messages import reported_at
from harness.judge.messages.arguments import is_in_one_form, unlike_said, with_several
from harness.judge.panels import state
from harness.judge.values import added
from harness.judge.values.differences import Difference, common_differences, differences
from harness.judge.values.quantities import moments
from harness.model import PAGE_SIDE, SERVER_SIDE, Aspect, Event, Finding, Hop, Kind, Outcome, PropertyResult, Sighting
from harness.model.facts import PageIntrusion
from harness.record.evidence import Evidence, label_of
from harness.record.evidence.firsts import Firsts
from harness.record.evidence.seen import Seen
from harness.record.evidence.stored_streams import are_in_order
from harness.record.evidence.streams import Stream

key_of = attrgetter("key")

OUT_OF_STEP_S = 1.0
"""How far the times of one producer's events may be out of step, in seconds."""


def integrity(evidence: Evidence) -> PropertyResult:
    """P5: the same name and the same data at every hop that shows them, field by field, and the rest of the message.

    An event is compared with how the first hop that shows its data had it; what was shown at one hop alone was not.
    """
    spoiled: dict[tuple[str, str | None], Outcome] = {}
    checks = 0
    looks = (_of_data, _of_the_rest, added.on_the_way, _as_described, _of_times, reported_at.troubles, unlike_said)
    for compared, found in (look(evidence) for look in looks):
        checks += compared
        for outcome in found:
            if (outcome.event_key, None) not in spoiled:
                spoiled.setdefault((outcome.event_key, outcome.dashboard), outcome)
    return PropertyResult.of("P5", checks, spoiled.values())


def _of_data(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """How many events were compared with how an earlier hop had them, and those that are not the same."""
    checks, found, several = 0, list[Outcome](), with_several(evidence)
    base = Firsts(evidence.events, several)
    for hop, label, stream in _shown(evidence):
        compared, others = base.alike(hop, stream)
        checks += compared
        for event in others:
            at, known = base.get(event.key) or (hop, None)
            has_own_form = event.key in several and known is not None and not is_in_one_form(evidence, known, event)
            if has_own_form and hop is Hop.APPLIED:
                continue
            if known is None or (at is Hop.EMITTED and (has_own_form or not _is_alike(evidence, known, event))):
                base.set(hop, event if event.digest is not None else known or event)
                continue
            checks += hop > at and event.digest is not None and known.digest is not None
            if (why := _differs(evidence, event, known)) is not None:
                hops = _unseen_before(evidence, at, hop, label, event.key)
                found.append(
                    Outcome(Kind.CORRUPTED, "P5", event.key, label, hop if len(hops) == 1 else None, hops, why)
                )
    return checks, found


def _unseen_before(evidence: Evidence, at: Hop, hop: Hop, label: str | None, key: str) -> tuple[Hop, ...]:
    """Where it was changed: at this hop, or at one right before it that is blind, or that did not see it at all."""
    _, hops = evidence.blamed(hop, label, key)
    first = hops[0]
    while first - 1 > at and not _is_seen(evidence, Hop(first - 1), label, key):
        first = Hop(first - 1)
    return tuple(each for each in Hop if first <= each <= hop)


def _is_seen(evidence: Evidence, hop: Hop, label: str | None, key: str) -> bool:
    if hop in SERVER_SIDE:
        return key in evidence.once[hop]
    return any(key in evidence.keys_on_page(hop, load) for load in evidence.loads_of(label)) if label else True


def _shown(evidence: Evidence) -> Iterator[tuple[Hop, str | None, Stream]]:
    """What each hop shows, and to whom."""
    for hop in (Hop.EMITTED, Hop.SENT, Hop.RECEIVED, Hop.ROUTED):
        yield hop, None, evidence.said[hop]
    for hop in PAGE_SIDE:
        for load, stream in evidence.shown[hop].items():
            yield hop, label_of(load), stream


def _is_alike(evidence: Evidence, reported: Event, event: Event) -> bool:
    """Whether what a CLI prints of an event can be compared with its message: a text with a text, data with data.

    What it prints instead may be meant for people. Nothing at all can't be compared, either.
    """
    if event.digest is None or reported.digest == event.digest:
        return True
    if reported.digest is None:
        return False
    said, sent = evidence.payload(reported.digest), evidence.payload(event.digest)
    return not isinstance(said, str) or sent is None or isinstance(sent, str)


def _differs(evidence: Evidence, event: Event, known: Event) -> Finding | None:
    if event is known:
        return None
    if event.name != known.name:
        return Finding(Aspect.NAME, expected=known.name, found=event.name)
    if event.digest == known.digest or event.digest is None or known.digest is None:
        return None
    said, says = evidence.payload(known.digest), evidence.payload(event.digest)
    if (first := _first_of(differences(said, says))) is not None:
        return first
    if said is not None and says is not None:
        return None  # bytes of which only the number was told at one of the hops
    return Finding(Aspect.PAYLOAD, expected=known.digest, found=event.digest)


def _first_of(found: Sequence[Difference], prefix: str = "") -> Finding | None:
    """A finding about the first field that differs, with the number of all."""
    if not found:
        return None
    first = found[0]
    field = f"{prefix}{first.path}" or "the whole"
    return Finding(Aspect.PAYLOAD, field=field, expected=first.expected, found=first.found, count=len(found))


def _of_the_rest(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """The same for a message's further arguments, and for those fields of its envelope that both hops show.

    An event that is emitted twice may have an envelope of its own each time: what comes after is compared with both.
    """
    base: dict[str, tuple[Hop, list[str]]] = {}
    checks, found = 0, list[Outcome]()
    sound: dict[tuple[Hop, bytes], int] = {}  # many pages were told the same: it is compared once
    for hop, label, sightings in _messages(evidence):
        said = None if hop in SERVER_SIDE else sightings.said
        if said is not None and (hop, said) in sound:
            checks += sound[hop, said]
            continue
        before = checks, len(found)
        for sighting in sightings.having("rest"):
            rest, key = sighting.detail.get("rest"), sighting.event.key
            if rest is None:
                continue
            first, known = base.setdefault(key, (hop, []))
            if not known or (first is hop and hop in SERVER_SIDE):
                known.append(rest)
            checks += rest in known
            if rest in known:
                continue
            if (why := _rest_differs(evidence.payload(known[0]), evidence.payload(rest))) is not None:
                found.append(Outcome(Kind.CORRUPTED, "P5", key, label, *evidence.blamed(hop, label, key), why))
        if said is not None and len(found) == before[1]:
            sound[hop, said] = checks - before[0]
    return checks, found


def _as_described(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """The payloads of messages are what the system's own description says, where it has one."""
    checks, found = 0, list[Outcome]()
    for hop, label, sightings in _messages(evidence) if evidence.contract.described else ():
        checks += len(sightings)
        for sighting in sightings.having("invalid"):
            if (text := sighting.detail.get("invalid")) is not None:
                key, why = sighting.event.key, Finding(Aspect.NOT_AS_DESCRIBED, text=str(text))
                found.append(Outcome(Kind.CORRUPTED, "P5", key, label, *evidence.blamed(hop, label, key), why))
    return checks, found


TIMES = frozenset({"at", "time", "timestamp", "ts", "date", "sent_at", "emitted_at", "created_at"})
"""What messages call the time at which their event was reported."""


def _of_times(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """The times that the messages of a session carry do not run backwards, as they leave their producer.

    Producers with several threads may be out of step by a moment: wrong is what goes back for longer, or each time.
    """
    hop = next((hop for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED) if evidence.has_tap(hop)), None)
    checks, found = 0, list[Outcome]()
    if hop is None or next(iter(evidence.flow[hop].having("rest")), None) is None:
        return checks, found
    told: dict[tuple[str | None, str], list[tuple[str, datetime]]] = defaultdict(list)
    for sighting in _firsts(evidence.flow[hop]):
        rest = sighting.detail.get("rest")
        message = None if rest is None else evidence.payload(rest)
        fields = message.get("fields") if isinstance(message, Mapping) else None
        for name, time in moments(fields).items() if isinstance(fields, Mapping) else ():
            if name in TIMES:
                told[sighting.event.session, name].append((sighting.event.key, time))
    for (_, name), times in told.items():
        if len({time.tzinfo is None for _, time in times}) > 1:
            continue  # what has no zone can't be compared with what has one
        pairs = [*pairwise(times)]
        checks += len(pairs)
        back = [(key, before, time) for (_, before), (key, time) in pairs if time < before]
        far = [each for each in back if (each[1] - each[2]).total_seconds() > OUT_OF_STEP_S]
        for key, before, time in back if 2 * len(back) > len(pairs) > 1 else far:
            why = Finding(Aspect.TIME_BACK, field=name, expected=before.isoformat(), found=time.isoformat())
            found.append(Outcome(Kind.CORRUPTED, "P5", key, None, *evidence.blamed(hop, None, key), why))
    return checks, found


def _firsts(sightings: Sequence[Sighting]) -> Iterator[Sighting]:
    """Each event's first sighting: what is sent again has its time already."""
    seen = set[str]()
    for sighting in sightings:
        if sighting.event.key not in seen:
            seen.add(sighting.event.key)
            yield sighting


def _messages(evidence: Evidence) -> Iterator[tuple[Hop, str | None, Seen]]:
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED):
        yield hop, None, evidence.flow[hop]
    for hop in (Hop.DELIVERED, Hop.APPLIED):
        for load, sightings in evidence.page[hop].items():
            yield hop, label_of(load), sightings


def _rest_differs(known: object, rest: object) -> Finding | None:
    """What differs. A server may send another number of arguments than it takes, and an envelope of its own."""
    if not isinstance(known, Mapping) or not isinstance(rest, Mapping):
        return None
    before, after = known.get("args"), rest.get("args")
    is_same_number = isinstance(before, list) and isinstance(after, list) and len(before) == len(after)
    wrong = _first_of(differences(before, after), "further argument ") if is_same_number else None
    if wrong is not None:
        return wrong
    if around := _common(known, rest, "text"):
        return _first_of([replace(each, path="the text around its fields") for each in around])
    return _first_of(_common(known, rest, "fields"), "envelope: ")


def _common(known: Mapping[str, Any], rest: Mapping[str, Any], part: str) -> list[Difference]:
    """What differs in a part of two messages, of what both have of it."""
    return common_differences(known.get(part) or {}, rest.get(part) or {})


def fold(evidence: Evidence) -> PropertyResult:
    """P8: the page's state holds nothing that was not delivered to it, each session in the order of delivery, and
    beside the events what the target says that they make of it.
    """
    if not evidence.has_tap(Hop.APPLIED) or not evidence.has_tap(Hop.DELIVERED):
        return PropertyResult.of("P8", 0, note="the page's state, or what was delivered, was not observed")
    checks, found = _of_state(evidence)
    for load, applied in evidence.page[Hop.APPLIED].items():
        checks += len(applied)
        told = evidence.shown[Hop.DELIVERED].get(load)
        if told is not None and told.is_single and told is evidence.shown[Hop.APPLIED][load]:
            continue
        if told is not None and are_in_order(evidence.shown[Hop.APPLIED][load], told):
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


def _of_state(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """What the state of each page holds beside its events, where the target says what that is."""
    checks, found = 0, list[Outcome]()
    for label in (each for each in evidence.contract.dashboards if evidence.contract_of(each).state):
        view, loads = evidence.view(label), evidence.loads.get(label)
        if view is None or not loads or evidence.why_unproven(Hop.APPLIED, label) is not None:
            continue  # P9 and P12 say why nobody knows
        if view.body.state is None:
            unread = Finding(Aspect.PAGE_UNREAD, party=f"dashboard:{label}")
            found.append(Outcome(Kind.UNDETERMINED, "P8", None, label, None, (), unread))
        checks += state.compared(evidence, view.body, loads[-1])
        for why in state.troubles(evidence, view.body, loads[-1]):
            found.append(Outcome(Kind.MISRENDERED, "P8", None, label, *evidence.blamed(Hop.APPLIED, label), why))
    return checks, found


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
    for fact in evidence.facts(PageIntrusion):
        what = Finding(Aspect.INTRUSION, text=fact.body.what)
        found.append(Outcome(Kind.NOT_INERT, "P10", None, label_of(fact.observer), Hop.RENDERED, (Hop.RENDERED,), what))
    return PropertyResult.of("P10", sum(1 for label in evidence.contract.dashboards if evidence.view(label)), found)
