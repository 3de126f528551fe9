"""What each key of a target file found in a recorded task: compared, blind, or not understood. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from harness.check.finding import SHOWN, Finding, counted
from harness.check.producer import of_producer
from harness.judge.properties.rendering import counter_off
from harness.judge.strategies import chooses_sessions
from harness.model import Event, Fact, Hop, Json
from harness.model.facts import (
    Notice,
    PageConnected,
    PageError,
    PageRefused,
    PanelPart,
    PanelShown,
    Requested,
    TapTried,
    UnservedEmit,
    View,
)
from harness.record.evidence import Evidence
from harness.taps.page.spec import PageSpec
from harness.target.spec import Target

LABEL = "A"

Key: TypeAlias = tuple[str | int, ...]
"""Where the target file has something."""


def findings(
    target: Target, evidence: Evidence, printed: Sequence[str], matches: Mapping[Key, int] | None = None
) -> Iterator[Finding]:
    """What each key of the file found in a recorded task. Pure.

    `printed` are the lines of the CLI, `matches` says how many elements of the page the selector of a key
    matches.
    """
    yield from _taps(target, evidence)
    yield from _session(target)
    yield from _trouble(evidence)
    yield from of_producer(target, evidence, printed)
    yield from _wire(target, evidence)
    for label, at in pages_of(target):
        yield from _page(target.of(label), evidence, label, at, matches or {})
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


def _unseen(evidence: Evidence) -> frozenset[Hop]:
    """The hops whose taps were dead: what is not seen there says nothing of the file."""
    return frozenset(hop for fact in evidence.facts(TapTried) if not fact.body.alive for hop in fact.body.hops)


def _session(target: Target) -> Iterator[Finding]:
    """Who watches a session has to choose it."""
    needs = [strategy for strategy in target.strategies if chooses_sessions(strategy)]
    if needs and not target.page_chooses and not target.answers:
        text = f"{needs[0]} promises a session to who chose it, and nobody does: put {{session}} into page.url, or say"
        yield Finding(("page", "session"), False, f"{text} in page.session by which steps a person chooses it")


def _trouble(evidence: Evidence) -> Iterator[Finding]:
    """What a healthy system doesn't do, whatever its file says."""
    for text, count in Counter(fact.body.text for fact in evidence.facts(PageError)).most_common(SHOWN):
        hint = "; what is out of reach here is answered in its place by page.origins" if "net::ERR_" in text else ""
        yield Finding(("page", "url"), False, f"the page had an error{_times(count)}: {text[:200]}{hint}")
    unserved = Counter((fact.body.process, fact.body.where) for fact in evidence.facts(UnservedEmit))
    for (process, where), count in unserved.most_common(SHOWN):
        key = ("cli", "command") if process is None else ("process", process.partition("#")[0])
        at = f", at {where}" if where else ""
        text = f"{count} times something was emitted on a Socket.IO server object that serves nobody in its process{at}"
        yield Finding(key, False, text)


def _times(count: int) -> str:
    return f" {count} times" if count > 1 else ""


def _wire(target: Target, evidence: Evidence) -> Iterator[Finding]:
    emitted = set(evidence.once[evidence.first_hop])
    asked = [(fact.body.name, next(iter(fact.body.args), None)) for fact in evidence.facts(Requested)]
    told = [(fact.body.name, fact.body.payload) for fact in evidence.facts(Notice)]
    unseen = _unseen(evidence)
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
    return f"; where those are no events of the task, {'.'.join(key)}.kinds tells them apart, for events.own to name"


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
    said = {each: listed[0].event for each, listed in evidence.once[evidence.first_hop].items()}
    names: dict[str, str] = {}
    for hop in hops:
        places = evidence.once[hop] if hop < Hop.DELIVERED else evidence.page[hop]
        seen = [each.event for listed in places.values() for each in listed if each.event.key in said]
        names |= {event.name: said[event.key].name for event in seen if event.name != said[event.key].name}
        other = [e for e in seen if None not in (e.digest, said[e.key].digest) and e.digest != said[e.key].digest]
        if other:
            text = (
                f"other data at {hop.label} in {len(other)} of {len(seen)} events: events.added names fields that the"
            )
            text += f" server puts in, events.renamed those that it renames, {'.'.join(key)}.session and .seq those"
            yield Finding(key, False, f"{text} that have session and number")
    if names:
        written = ", ".join(f"{json.dumps(wire)} = {json.dumps(name)}" for wire, name in list(names.items())[:SHOWN])
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield Finding(key, False, f"other names than the CLI's; say in [events] names = {{ {written} }}{more}")


def pages_of(target: Target) -> list[tuple[str, Key]]:
    """A dashboard of each page of a target, and where the file has what is said of the page."""
    found: dict[str, str] = {}
    for label, page in target.pages.items():
        found.setdefault(page.page_name, label)
    return [(LABEL, ("page",)), *((label, ("pages", name)) for name, label in found.items())]


def _page(target: Target, evidence: Evidence, label: str, at: Key, matches: Mapping[Key, int]) -> Iterator[Finding]:
    yield from _several(target, at, matches)
    view = evidence.view(label)
    if view is None:
        yield Finding(at, False, "the page could not be looked at")
        return
    shown, spec = view.body, target.page
    if spec.status is not None:
        said = shown.status
        text = "no element of the page matches" if said is None else _says(said.text)
        told = said is not None and said.connected
        yield Finding((*at, "connection"), told, text if told or said is None else f"{text}, which is not connected")
    yield from _count(evidence, spec, shown, view.observer, at)
    if spec.row is not None:
        rows = shown.rows or ()
        known = [evidence.events[key].name for key in rows if key in evidence.events]
        text = f"{len(rows)} items, {len(known)} of them events: {counted(known)}" if rows else "no item matches"
        own = {*target.egress.own}
        strange = [
            (key, text)
            for key, text in _texts(shown)
            if key not in evidence.events and key.partition("#")[0] not in own
        ]
        may_be_others = spec.row.constant is not None and spec.row.pattern is not None
        if known and may_be_others:
            strange = []  # what the pattern doesn't fit is no event
        if strange:
            listed = ", ".join(repr(key if text is None else text) for key, text in strange[:SHOWN])
            text += f"; {len(strange)} not understood: {listed}"
        delivered = len(evidence.counted(Hop.DELIVERED, view.observer))
        is_unseen = Hop.DELIVERED in _unseen(evidence)
        listed_events = len(known if may_be_others else rows)
        is_more = spec.row.constant is not None and listed_events > delivered and not is_unseen
        if is_more:
            text += f"; {delivered} were delivered: page.list.selector is to match items of events alone"
        yield Finding((*at, "list"), bool(known) and not strange and not is_more, text)
    if spec.store is not None:
        state = shown.state_events
        text = f"window.{spec.store.global_name} is not there, or has no {spec.store.get}()"
        yield Finding((*at, "store"), bool(state), text if state is None else f"{len(state)} items in its state")
    facts = [fact for fact in evidence.facts(PanelShown) if fact.observer == view.observer]
    yield from _panels(target, shown.panels or {}, facts, at)


def _count(evidence: Evidence, spec: PageSpec, shown: View, load: str, at: Key) -> Iterator[Finding]:
    if spec.counter is None:
        return
    is_unseen = Hop.DELIVERED in _unseen(evidence)
    text = f"says {shown.counter}"
    if not is_unseen:
        text += f", and {len(evidence.counted(Hop.DELIVERED, load))} events were delivered"
    if shown.counter is None:
        text = "no number was found: no element of the page matches"
        if shown.counter_text is not None:
            text = f"no number was found: the element {_says(shown.counter_text)}"
    is_off = not is_unseen and any(counter_off(evidence, shown, load))
    if is_off:
        text += ": it has to count them all; a number of some of them is a panel's value that `counts` those"
    yield Finding((*at, "count"), shown.counter is not None and not is_off, text)


def _says(text: str) -> str:
    return f"says {text!r}" if text.strip() else "is there, and empty"


def _texts(view: View) -> list[tuple[str, str | None]]:
    """The key of each item with its text."""
    rows = view.rows or ()
    texts = view.texts if view.texts is not None and len(view.texts) == len(rows) else (None,) * len(rows)
    return [*zip(rows, texts, strict=True)]


def singles(target: Target, at: Key) -> list[tuple[Key, str]]:
    """The keys whose selector must match one element of the page, with it; panels of a session are several."""
    spec = target.page
    found: list[tuple[Key, str]] = []
    found += [] if spec.status is None else [((*at, "connection"), spec.status.selector)]
    found += [] if spec.counter is None else [((*at, "count"), spec.counter.selector)]
    for place, panel in enumerate(() if spec.panel is None else spec.panel.named):
        if panel.session is None:
            key = (*at, "panels", place)
            found.append((key, panel.selector))
            found += [((*key, "values", name), f":is({panel.selector}) {selector}") for name, selector in panel.values]
    return found


def _several(target: Target, at: Key, matches: Mapping[Key, int]) -> Iterator[Finding]:
    """Selectors of one element that match several: only the first would be read."""
    for key, selector in singles(target, at):
        if (count := matches.get(key, 0)) > 1:
            yield Finding(key, False, f"{selector!r} matches {count} elements of the page: name one of them alone")


def _panels(
    target: Target, shown: Mapping[str, PanelPart], facts: Sequence[Fact[PanelShown]], at: Key
) -> Iterator[Finding]:
    for place, panel in enumerate(target.panels):
        seen, key = shown.get(panel.name), (*at, "panels", place)
        if seen is None:
            yield Finding(key, False, f"panel {panel.name}: no element of the page matches")
            continue
        texts = {fact.body.text for fact in facts if fact.body.panel == panel.name}
        changed = f"changed {max(len(texts) - 1, 0)} times, {_says(seen.text[:60])}"
        yield Finding(key, True, f"panel {panel.name}: {changed}")
        for name in panel.values:
            value = seen.values.get(name)
            text = "no element of the panel matches" if value is None else _says(value)
            yield Finding((*key, "values", name), value is not None, f"panel {panel.name}, {name}: {text}")


def _messages(messages: Iterable[tuple[str, Json]]) -> str:
    """Messages by name with the fields of their payloads: what an envelope could be written from."""
    shapes: dict[str, str] = {}
    for name, payload in messages:
        shape = f"{{{', '.join(map(str, payload))}}}" if isinstance(payload, Mapping) else type(payload).__name__
        shapes.setdefault(name, shape)
    return ", ".join(f"{name} {shape}" for name, shape in list(shapes.items())[:SHOWN])
