"""What would mend a file whose system says its events in other words, by other ways, or to other streams. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from harness.judge.values.texts import data_of, leaves, numbers
from harness.lib.patterns import compiled
from harness.model import PAGE_SIDE, Event, Hop, Sighting
from harness.model.facts import ClientConnected, ClientRefused, CliMessage, Notice
from harness.record.evidence import Evidence
from harness.target.spec import Target

Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mend:
    """A key of the file, the value that it should have, and why. `sure`: the run leaves no doubt about it.

    Value None: the key is to be left out.
    """

    key: Key
    value: Any
    why: str
    sure: bool = True
    instead_of: Key | None = None
    """A key that is to be left out for it."""


FEWEST = 2
"""So many events must say the same before a field or a name is taken for what it seems to be."""


def reported(evidence: Evidence) -> dict[str, Event]:
    """The events as the producer reported them, by key; otherwise as they were at the first hop that is observed."""
    return {key: listed[0].event for key, listed in evidence.once[evidence.first_hop].items()}


def seen_at(evidence: Evidence, hop: Hop) -> list[Sighting]:
    """Everything seen at a hop, by all observers."""
    if hop in PAGE_SIDE:
        return [each for listed in evidence.page[hop].values() for each in listed]
    return [each for listed in evidence.once[hop].values() for each in listed]


def other_words(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """What the file should say of a producer and a server that don't call things alike."""
    yield from _stream(target, evidence)
    yield from _carrier(target, evidence)
    yield from [*_in_order(target, evidence)] or _by_data(target, evidence)
    yield from _unseen(target, evidence)
    others = [*_asked_by_pages(target, evidence)]
    yield from others or _kept(target, evidence)  # which fields all events have is known once it is known what they are
    yield from _by_the_server_alone(target, evidence)
    yield from _declared(target, evidence)


def _stream(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """Lines that report events, on the stream that is not read."""
    form = target.output
    if form.silent or form.event is None or form.merged or evidence.once[Hop.EMITTED]:
        return
    lines = [fact.body.text for fact in evidence.facts(CliMessage) if compiled(form.event).search(fact.body.text)]
    if lines:
        yield Mend(
            ("cli", "output", "stream"), "stderr", f"{len(lines)} lines of it report an event, and none of stdout"
        )


def _carrier(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """The one message that every event comes in, where a field of it has the names that the producer reports."""
    names, envelope = Counter(event.name for event in reported(evidence).values()), target.egress
    if evidence.first_hop is not Hop.EMITTED or len(names) < FEWEST or envelope.carrier or envelope.name:
        return
    if any(each.event.name in names for each in seen_at(evidence, Hop.DELIVERED)):
        return  # messages are called as their events are
    found = set()
    for messages in _messages(evidence):
        for wire in {name for name, _ in messages}:
            payloads = [payload for name, payload in messages if name == wire]
            lists = {path for payload in payloads for path in _lists(payload)}
            for each, said in [(None, payloads), *((path, _members(payloads, path)) for path in lists)]:
                fields = {path for payload in said for path in _texts(payload)}
                found |= {(wire, each, path) for path in fields if Counter(_texts(p).get(path) for p in said) == names}
    if len(found) == 1:
        [(wire, each, path)] = found
        why = "this field of it has the names of all events that the producer reports"
        yield Mend(("events", "received", "carrier"), wire, "every event comes in it")
        if each is not None:
            yield Mend(("events", "received", "each"), each, "each member of this list is an event")
        yield Mend(("events", "received", "name"), path, why)


def _lists(payload: Any) -> list[str]:
    """The paths of lists in a payload: of itself, or of its fields."""
    if isinstance(payload, list):
        return [""]
    return [name for name, value in payload.items() if isinstance(value, list)] if isinstance(payload, Mapping) else []


def _members(payloads: Sequence[Any], path: str) -> list[Any]:
    """The members of all lists that payloads have there."""
    found = [each if not path else each.get(path) if isinstance(each, Mapping) else None for each in payloads]
    return [member for members in found if isinstance(members, list) for member in members]


def _messages(evidence: Evidence) -> Iterator[list[tuple[str, Any]]]:
    """What each page was told, as messages with their payloads."""
    for load, sightings in evidence.page[Hop.DELIVERED].items():
        events = [(each.event.name, evidence.payload(each.event.digest or "")) for each in sightings]
        yield events + [(fact.body.name, fact.body.payload) for fact in evidence.facts(Notice) if fact.observer == load]


def _texts(payload: Any, before: str = "") -> dict[str, str]:
    """The texts in a payload, by their paths."""
    found: dict[str, str] = {}
    for name, value in payload.items() if isinstance(payload, Mapping) else ():
        if isinstance(value, str):
            found[f"{before}{name}"] = value
        elif isinstance(value, Mapping) and not before:
            found |= _texts(value, f"{name}.")
    return found


def _in_order(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """Names on the wire to those that the producer reports, where both come in the same order, one by one."""
    first = evidence.first_hop
    own = {*target.egress.own}
    told = [each.event for each in _told(evidence, first) if each.event.name not in own]
    said = [event.name for event in told]
    if first > Hop.SENT or target.egress.names or len(said) < FEWEST:
        return
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED) if first is Hop.EMITTED else (Hop.ROUTED,):
        events = [each.event for each in _told(evidence, hop) if each.event.name not in own]
        wire = [event.name for event in events]
        if len({*said}) < FEWEST and not _share(evidence, told, events):
            continue
        pairs = {*zip(wire, said, strict=False)}
        is_one_to_one = len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
        if len(wire) == len(said) and is_one_to_one and not {*wire} & {*said}:
            why = f"as many are {hop.label}, in the order in which the producer reports them"
            yield Mend(_whose_names(evidence, hop, {*said}), dict(sorted(pairs)), why)
            return


def _whose_names(evidence: Evidence, hop: Hop, reported_names: set[str]) -> Key:
    """The key of names that the producer says where the server says those of the lines: what one side alone may say."""
    routed = {each.event.name for each in _told(evidence, Hop.ROUTED)}
    is_one_side = hop < Hop.ROUTED and routed and routed <= reported_names
    return ("events", "sent", "names") if is_one_side else ("events", "names")


def _by_data(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """Names on the wire to those that the producer reports, where the data of each event come again under one of them.

    Others may be sent by the same name, as an answer to each page: they have other data.
    """
    said, first = reported(evidence), evidence.first_hop
    if first > Hop.SENT or target.egress.names or target.egress.carrier or target.egress.name:
        return
    names, pairs = {event.name for event in said.values()}, set[tuple[str, str]]()
    routed = [each.event for each in evidence.flow[Hop.ROUTED] if each.event.key not in said]
    for event in said.values():
        again = {each.name for each in routed if each.digest == event.digest is not None} - {*target.egress.own}
        if len(again) != 1 or again & names:
            return
        pairs.add((again.pop(), event.name))
    is_one_to_one = len(pairs) == len({wire for wire, _ in pairs}) == len(names)
    if is_one_to_one and len({event.digest for event in said.values()}) >= FEWEST:
        why = "what the producer reports is routed with the same data by these names"
        yield Mend(("events", "names"), dict(sorted(pairs)), why)


def _share(evidence: Evidence, told: Sequence[Event], events: Sequence[Event]) -> bool:
    """Whether each event holds a text or a number of the one in its place: of one name alone, order says nothing."""
    pairs = [(_said(evidence, one), _said(evidence, other)) for one, other in zip(told, events, strict=False)]
    return all(one & other for one, other in pairs) and len({frozenset(one & other) for one, other in pairs}) > 1


def _said(evidence: Evidence, event: Event) -> set[str]:
    data = data_of(evidence, event)
    return {*leaves(data).values(), *(text for text in numbers(data).values() if len(text) > 1)}


def _told(evidence: Evidence, hop: Hop) -> Sequence[Sighting]:
    return evidence.flow[hop]


def _unseen(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """Hops that a producer other than a Socket.IO client passes unseen."""
    known, by_others = set(reported(evidence)), _received_of_others(evidence)
    has_connected = bool(evidence.facts(ClientConnected) or evidence.facts(ClientRefused))
    is_seen = has_connected or evidence.once[Hop.SENT] or by_others
    is_routed = (
        known <= evidence.once[Hop.ROUTED].keys() if known else target.output.silent and evidence.flow[Hop.ROUTED]
    )
    if Hop.SENT not in target.taps or is_seen or not is_routed or not evidence.flow[Hop.ROUTED]:
        return
    why = "reaches the server by another way than Socket.IO"
    blind = {hop.label: target.blind_because.get(hop, why) for hop in (*target.blind, Hop.SENT, Hop.RECEIVED)}
    yield Mend(("blind",), blind, "events are routed, and the producer connected to no Socket.IO server")


def _received_of_others(evidence: Evidence) -> bool:
    """Whether the server received an event from a client other than the dashboards."""
    return any(str(each.detail.get("sid")) not in evidence.sids for each in evidence.flow[Hop.RECEIVED])


def _asked_by_pages(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """What every dashboard sends by itself, and is never told: no event of the producer, even if that sends it too."""
    by_page: dict[str, set[str]] = {load: set() for loads in evidence.loads.values() for load in loads[-1:]}
    for sighting in evidence.flow[Hop.RECEIVED]:
        load = evidence.sids.get(str(sighting.detail.get("sid")))
        if load in by_page:
            by_page[load].add(sighting.event.name)
    asked = set.intersection(*by_page.values()) if len(by_page) >= FEWEST else set()
    told = {each.event.name for each in seen_at(evidence, Hop.DELIVERED)}
    if own := sorted(asked - told - {*target.egress.own}):
        yield Mend(("events", "own"), [*target.egress.own, *own], "every dashboard sends them by itself")


def _by_the_server_alone(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """Messages that no producer has anything to do with, as far as their names tell."""
    if evidence.first_hop > Hop.SENT or not all(_known(evidence, hop) for hop in (Hop.ROUTED, Hop.DELIVERED)):
        return
    theirs = {event.name for event in reported(evidence).values()} | {
        each.event.name for each in evidence.flow[Hop.SENT]
    }
    known = {*target.egress.own, *target.made}
    others = {each.event.name for each in evidence.flow[Hop.ROUTED]} - theirs - known
    if others:
        why = "the server alone sends them; where they are not events of the task, they belong to events.own"
        yield Mend(("events", "made"), [*target.made, *sorted(others)], why, sure=False)


def _known(evidence: Evidence, hop: Hop) -> bool:
    return any(each.event.key in reported(evidence) for each in seen_at(evidence, hop))


def _kept(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """The fields that are in an event before the server and after it, where the server makes other messages of them."""
    said = reported(evidence)
    if evidence.first_hop is not Hop.SENT or any(
        e.parts or e.data or e.by_arguments for e in (target.ingress, target.egress)
    ):
        return
    pairs = [
        (
            each.event.name,
            evidence.payload(said[each.event.key].digest or ""),
            evidence.payload(each.event.digest or ""),
        )
        for each in seen_at(evidence, Hop.DELIVERED)
        if each.event.key in said
    ]
    if len(pairs) < FEWEST or not all(isinstance(data, Mapping) for _, *both in pairs for data in both):
        return
    kept: dict[str, set[str]] = {}
    for name, before, after in pairs:
        same = {field for field in {*before} & {*after} if before[field] == after[field]}
        kept[name] = kept.get(name, same) & same
    fields = next(iter(kept.values()))
    if fields and all(each == fields for each in kept.values()) and any({*a} - {*b} for _, a, b in pairs):
        data, why = {field: field for field in sorted(fields)}, "these are the same before the server and after it"
        yield Mend(("events", "sent", "data"), data, why)
        yield Mend(("events", "received", "data"), data, why)


def _declared(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """What each run must show, where the producer is not observed."""
    names = list(dict.fromkeys(each.event.name for each in evidence.flow[Hop.ROUTED]))
    if evidence.first_hop is Hop.ROUTED and names and not target.declared:
        why = "each run must show them: else one in which none of them is routed proves as much"
        yield Mend(("events", "declared"), names, why, sure=False)
