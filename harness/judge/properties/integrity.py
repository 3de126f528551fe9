"""Whether events stay what they are: each field of their messages, at every hop that shows it (P5)."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from harness.judge.messages import reported_at, time_order
from harness.judge.messages.arguments import is_in_one_form, unlike_said, with_several
from harness.judge.messages.envelopes import as_described, of_the_rest
from harness.judge.values import added
from harness.judge.values.differences import differences, first_of
from harness.model import PAGE_SIDE, SERVER_SIDE, Aspect, Event, Finding, Hop, Kind, Outcome, PropertyResult
from harness.record.evidence import Evidence, label_of
from harness.record.evidence.firsts import Firsts
from harness.record.evidence.streams import Stream

key_of = attrgetter("key")


def integrity(evidence: Evidence) -> PropertyResult:
    """P5: the same name and the same data at every hop that shows them, field by field, and the rest of the message.

    An event is compared with how the first hop that shows its data had it; what was shown at one hop alone was not.
    """
    spoiled: dict[tuple[str, str | None], Outcome] = {}
    checks = 0
    for compared, found in (look(evidence) for look in _LOOKS):
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
    if (first := first_of(differences(said, says))) is not None:
        return first
    if said is not None and says is not None:
        return None  # bytes of which only the number was told at one of the hops
    return Finding(Aspect.PAYLOAD, expected=known.digest, found=event.digest)


_LOOKS = (
    _of_data,
    of_the_rest,
    added.on_the_way,
    added.as_sent,
    as_described,
    time_order.troubles,
    reported_at.troubles,
    unlike_said,
)
"""What is compared, each with how often and what it found; the first that finds an event changed tells of it."""
