"""From what clients logged to records of the run: events as columns, everything else as the facts that a page tells.

Each text is read once, however many clients got it and however often.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.lib.secrets import redact
from harness.load.behaviour import name_and_arguments
from harness.load.log import Log, Way
from harness.load.packet import ACK, BINARY_ACK, BINARY_EVENT, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT, Packet, parted
from harness.model import AnyFact, Body, Event, Fact, Hop, Sighting
from harness.model.facts import Answered, FrameUnread, Notice, PageClosed, PageConnected, PageRefused, Requested
from harness.record.identity import events_of
from harness.record.many import Sightings
from harness.taps.page.values import read_json, why_no_json

TRANSPORT = "websocket"

Read = Callable[[str, Sequence[Any]], Event | None]
"""The event that a Socket.IO message is; None when it is not an event."""

KnownAs = Callable[[str], str | None]


@dataclass(slots=True)
class _Member:
    """What is known of one client while its rows are gone through."""

    sids: dict[str, str | None] = field(default_factory=dict)
    asked: dict[tuple[str, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What a process of clients saw: its sightings, its facts, how many rows each member has, and who is cut off."""

    sightings: Sightings
    facts: tuple[AnyFact, ...]
    rows: dict[int, int]
    lost: frozenset[int]


def told(log: Log, observers: Sequence[str], read: Read, known_as: KnownAs, first: int) -> Told:
    """The records of a log; the rows of a client are numbered from `first` on."""
    said, places_of = list[Sighting](), dict[int, range]()
    packets: list[Packet | None] = []
    for place, packed in enumerate(log.texts):
        packet = parted(packed.partition("\n")[0])
        packets.append(packet)
        if packet is not None and (events := _events(packet, packed, read)):
            places_of[place] = range(len(said), len(said) + len(events))
            told = [{"transport": TRANSPORT, **event.rest} for event in events]
            said += [Sighting(Hop.DELIVERED, e, "", 0, 0, detail=how) for e, how in zip(events, told, strict=True)]
    rows: dict[int, int] = {}
    columns: tuple[list[int], ...] = ([], [], [], [])
    facts, members = list[AnyFact](), dict[int, _Member]()
    for member, way, text, at_ns in zip(log.member, log.way, log.text, log.at_ns, strict=True):
        count = rows[member] = rows.get(member, 0) + 1
        n = first + count - 1
        event_places = places_of.get(text, ()) if way == Way.GOT else ()
        for event_place in event_places:
            for column, value in zip(columns, (event_place, member, n, at_ns), strict=True):
                column.append(value)
        if event_places:
            continue
        known = members.setdefault(member, _Member())
        body = _fact(Way(way), log.texts[text], packets[text], known, known_as)
        if body is not None:
            facts.append(Fact(observers[member], n, at_ns, body))
    ended = (Way.LOST, Way.REFUSED)
    lost = frozenset(member for member, way in zip(log.member, log.way, strict=True) if way in ended)
    return Told(Sightings(said, observers, *columns), tuple(facts), rows, lost)


def _events(packet: Packet, text: str, read: Read) -> list[Event]:
    if packet.type not in (EVENT, BINARY_EVENT) or why_no_json(packet.json) is not None:
        return []
    name, args = _message(packet, text)
    return events_of(read, name, args) if name else []


def _message(packet: Packet, text: str) -> tuple[str, list[Any]]:
    """Name and arguments; attachments are described as they are of a page's messages."""
    attached = text.partition("\n")[2]
    found = read_json(packet.json, json.loads(attached) if attached else ())
    if isinstance(found, list) and found and isinstance(found[0], str):
        return found[0], found[1:]
    return "", []


def _fact(way: Way, text: str, packet: Packet | None, member: _Member, known_as: KnownAs) -> Body | None:
    if way is Way.LOST:
        sid = next(iter(member.sids.values()), None)
        return PageClosed(sid, TRANSPORT, None, text)
    if way is Way.REFUSED:
        return PageRefused(text)
    if packet is None:
        return None
    sid = member.sids.get(packet.namespace)
    if way is Way.SENT:
        name, args = name_and_arguments(packet)
        if packet.id is not None:
            member.asked[packet.namespace, packet.id] = name
        return Requested(name, redact(args), packet.id, sid) if packet.type == EVENT else None
    return next(_got(packet, text, sid, member, known_as), None)


def _got(packet: Packet, text: str, sid: str | None, member: _Member, known_as: KnownAs) -> Iterator[Body]:
    if packet.type == CONNECT:
        body = read_json(packet.json)
        member.sids[packet.namespace] = sid = body.get("sid") if isinstance(body, dict) else None
        yield PageConnected(sid, TRANSPORT)
    elif packet.type == DISCONNECT:
        yield PageClosed(sid, TRANSPORT, None, "io server disconnect")
    elif packet.type == CONNECT_ERROR:
        yield PageRefused(packet.json, namespace=packet.namespace)
    elif packet.type in (ACK, BINARY_ACK):
        args = read_json(packet.json)
        name = member.asked.pop((packet.namespace, packet.id or 0), None)
        yield Answered(name, redact(args) if isinstance(args, list) else [], packet.id, sid)
    elif (why := why_no_json(packet.json)) is not None:
        yield FrameUnread(why, sid)
    else:
        name, args = _message(packet, text)
        yield Notice(name, redact(args[0]) if args else None, known_as(name))
