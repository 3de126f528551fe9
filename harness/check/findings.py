"""What each key of a target file found in a recorded task: compared, blind, or not understood. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from harness.check.finding import SHOWN, Finding
from harness.check.pages import Key, of_page, pages_of, unseen_hops
from harness.check.producer import of_producer
from harness.judge.strategies import chooses_sessions
from harness.judge.values.differences import differences
from harness.model import Event, Hop, Json
from harness.model.facts import (
    Notice,
    PageConnected,
    PageError,
    PageRefused,
    Requested,
    TapTried,
    UnservedEmit,
)
from harness.record.evidence import Evidence
from harness.target.process import BLOCK
from harness.target.spec import Target


def findings(
    target: Target, evidence: Evidence, printed: Sequence[str], matches: Mapping[Key, int] | None = None
) -> Iterator[Finding]:
    """What each key of the file found in a recorded task. Pure.

    `printed` are the lines of the CLI, `matches` says how many elements of the page the selector of a key
    matches.
    """
    yield from _taps(target, evidence)
    yield from _session(target)
    yield from _trouble(target, evidence)
    yield from of_producer(target, evidence, printed)
    yield from _wire(target, evidence)
    for label, at in pages_of(target):
        yield from of_page(target.of(label), evidence, label, at, matches or {})
    names = {event.name for event in evidence.events.values()}
    for place, name in enumerate(target.declared):
        seen = name in names
        yield Finding(("events", "declared", place), seen, f"{name} was {'seen' if seen else 'never seen'}")


def _taps(target: Target, evidence: Evidence) -> Iterator[Finding]:
    """Who was to see what goes through a process, and did not."""
    dead = [fact for fact in evidence.facts(TapTried) if not fact.body.alive]
    for hops, key in (
        ((Hop.RECEIVED, Hop.ROUTED), ("process", target.server.name, "seen_by")),
        ((Hop.SENT,), ("cli", "seen_by")),
        ((Hop.DELIVERED,), ("page", "url")),
    ):
        why = dict.fromkeys(str(fact.body.why) for fact in dead if any(hop in hops for hop in fact.body.hops))
        if Hop.DELIVERED in hops and not evidence.facts(PageConnected):
            yield Finding(key, False, f"the dashboards opened no Socket.IO connection: {_why_outside(evidence)}")
        elif why:
            yield Finding(key, False, "; ".join(why))


def _why_outside(evidence: Evidence) -> str:
    """What kept the dashboards out, as the answer says; else what may have: they never asked."""
    refused = dict.fromkeys(fact.body.text for fact in evidence.facts(PageRefused))
    return "; ".join([*refused][:SHOWN]) or "where a person logs in or opens something first, page.open says the steps"


def _session(target: Target) -> Iterator[Finding]:
    """Who watches a session has to choose it."""
    needs = [strategy for strategy in target.strategies if chooses_sessions(strategy)]
    if needs and not target.page_chooses and not target.answers:
        text = f"{needs[0]} promises pages the session that they choose, and none does: put {{session}} in page.url, or"
        yield Finding(("page", "session"), False, f"{text} say in page.session by which steps a person chooses it")


def _is_blocked(target: Target, text: str) -> bool:
    """Whether an error is about an origin that the file itself blocks."""
    blocked = [origin for page in target.each_page for origin, how in page.origins.items() if how == BLOCK]
    return "ERR_BLOCKED_BY_CLIENT" in text and any(f"{origin.rstrip('/')}/" in text for origin in blocked)


def _trouble(target: Target, evidence: Evidence) -> Iterator[Finding]:
    """What a healthy system doesn't do, whatever its file says."""
    errors = Counter(fact.body.text for fact in evidence.facts(PageError) if not _is_blocked(target, fact.body.text))
    for text, count in errors.most_common(SHOWN):
        hint = "; what is out of reach here is answered in its place by page.origins" if "net::ERR_" in text else ""
        yield Finding(("page", "url"), False, f"the page had an error{_times(count)}: {text[:200]}{hint}")
    unserved = Counter((fact.body.process, fact.body.where) for fact in evidence.facts(UnservedEmit))
    for (process, where), count in unserved.most_common(SHOWN):
        key = ("cli", "command") if process is None else ("process", process.partition("#")[0])
        at = f", at {where}" if where else ""
        text = f"{count} times something was emitted on a Socket.IO server object without clients in its process{at}"
        yield Finding(key, False, text)


def _times(count: int) -> str:
    return f" {count} times" if count > 1 else ""


def _wire(target: Target, evidence: Evidence) -> Iterator[Finding]:
    emitted = set(evidence.once[evidence.first_hop])
    asked = [(fact.body.name, next(iter(fact.body.args), None)) for fact in evidence.facts(Requested)]
    told = [(fact.body.name, fact.body.payload) for fact in evidence.facts(Notice)]
    unseen = unseen_hops(evidence)
    for key, hops, messages in (
        (("events", "sent"), (Hop.SENT, Hop.RECEIVED), asked),
        (("events", "received"), (Hop.ROUTED, Hop.DELIVERED), told),
    ):
        others = [(name, payload) for name, payload in messages if name not in target.egress.own]
        for hop in (each for each in hops if each in target.taps and each not in unseen):
            page = (set(counted) for counted in evidence.seen.get(hop, {}).values())
            seen = set(evidence.once[hop]) if hop < Hop.DELIVERED else set().union(*page)
            text = f"{len(seen & emitted)} of {len(emitted)} events at {hop.label}"
            if strange := seen - emitted - evidence.made:
                text += f", and {len(strange)} that the CLI didn't report ({_listed(evidence, strange)})"
                text += _told_apart(evidence, key, strange, seen & emitted)
                text += "" if seen & emitted else _why_strange(target, key, strange, emitted)
            if not seen and others:
                text += f"; messages that were not understood: {_messages(others)}"
            if made := seen & evidence.made:
                text += f", and {len(made)} that the server makes"
            is_wrong = bool(seen - emitted - evidence.made) or not seen
            yield Finding(key, not is_wrong if seen or others or emitted else None, text)
        yield from _changed(evidence, key, [hop for hop in hops if hop in target.taps])


def _listed(evidence: Evidence, keys: Collection[str]) -> str:
    """Events by their numbers, or by name and data where they have none; the first few, and that there are more."""
    found = [key if _is_numbered(key) else _name_and_data(evidence.events[key], evidence) for key in sorted(keys)]
    told = list(dict.fromkeys(found))
    return ", ".join(told[:SHOWN]) + (f" and {len(told) - SHOWN} more" if len(told) > SHOWN else "")


def _name_and_data(event: Event, evidence: Evidence) -> str:
    data = None if event.digest is None else evidence.payload(event.digest)
    return event.name if data is None else f"{event.name} {json.dumps(data, ensure_ascii=False)[:80]}"


def _told_apart(evidence: Evidence, key: tuple[str, str], strange: Iterable[str], known: Iterable[str]) -> str:
    """How to say that some messages of a name are events, and others none."""
    names = {evidence.events[each].name for each in known}
    if not names & {evidence.events[each].name for each in strange}:
        return ""
    return f"; where those are not events of the task, {'.'.join(key)}.kinds tells them apart, for events.own to name"


def _why_strange(target: Target, key: tuple[str, str], strange: Iterable[str], reported: Iterable[str]) -> str:
    """What the file doesn't say yet, where the CLI's events have numbers and those on the wire have none."""
    if target.output.silent or any(map(_is_numbered, strange)) or not any(map(_is_numbered, reported)):
        return ""
    place = ".".join(key)
    return (
        f"; {place}.session and {place}.seq say which of their fields are the session and the number of the CLI's line"
    )


def _is_numbered(key: str) -> bool:
    return key.rpartition("/")[2].isdigit()


def _changed(evidence: Evidence, key: tuple[str, str], hops: Sequence[Hop]) -> Iterator[Finding]:
    """Events that are known again on the wire, by another name or with other data than the CLI's line has."""
    names: dict[str, str] = {}
    for hop in hops:
        said, seen, other = _compared(evidence, hop)
        names |= {event.name: said[event.key].name for event in seen if event.name != said[event.key].name}
        if other:
            fields = _different(evidence, ((said[e.key], e) for e in other))
            which = f" ({', '.join(fields[:SHOWN])})" if fields else ""
            at = f"other data at {hop.label} in {len(other)} of {len(seen)} events{which}"
            text = f"{at}: events.added names fields that the server puts in, events.renamed those that it renames,"
            text += f" {'.'.join(key)}.session and .seq those"
            yield Finding(key, False, f"{text} that have session and number")
    if names:
        written = ", ".join(f"{json.dumps(wire)} = {json.dumps(name)}" for wire, name in list(names.items())[:SHOWN])
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield Finding(key, False, f"other names than the CLI's; say in [events] names = {{ {written} }}{more}")


def _compared(evidence: Evidence, hop: Hop) -> tuple[dict[str, Event], list[Event], list[Event]]:
    """Events as the CLI has them, those of them that are seen at a hop, and of these those with other data."""
    said = {each: listed[0].event for each, listed in evidence.once[evidence.first_hop].items()}
    places = evidence.once[hop] if hop < Hop.DELIVERED else evidence.page[hop]
    seen = [each.event for listed in places.values() for each in listed if each.event.key in said]
    other = [e for e in seen if None not in (e.digest, said[e.key].digest) and e.digest != said[e.key].digest]
    return said, seen, other


def other_fields(target: Target, evidence: Evidence) -> int:
    """In how many fields data are others than the CLI's, hop by hop."""
    hops = [hop for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED) if hop in target.taps]
    compared = [_compared(evidence, hop) for hop in hops]
    return sum(len(_different(evidence, ((said[e.key], e) for e in other))) for said, _, other in compared)


def _different(evidence: Evidence, pairs: Iterable[tuple[Event, Event]]) -> list[str]:
    """The fields that differ, as far as the data are known."""
    found: dict[str, None] = {}
    for known, other in pairs:
        apart = differences(evidence.payload(known.digest or ""), evidence.payload(other.digest or ""))
        found |= dict.fromkeys(each.path or "the whole" for each in apart)
    return [*found]


def _messages(messages: Iterable[tuple[str, Json]]) -> str:
    """Messages by name with the fields of their payloads: what an envelope could be written from."""
    shapes: dict[str, str] = {}
    for name, payload in messages:
        shape = f"{{{', '.join(map(str, payload))}}}" if isinstance(payload, Mapping) else type(payload).__name__
        shapes.setdefault(name, shape)
    return ", ".join(f"{name} {shape}" for name, shape in list(shapes.items())[:SHOWN])
