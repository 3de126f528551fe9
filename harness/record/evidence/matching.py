"""Which event a sighting without ids is: by name, occurrence and digest, as the CLI reported them. Pure; linear.

What a system numbers needs none of this. Where a hop shows no number, its sightings are told apart by what they say,
and of those that say the same the first is the first one reported. A sighting that says too much (more often than
reported) repeats the last one of its kind; one with a payload that was not reported is the event that had this payload
at a hop before, or else the next of its name that came this far, changed; one with a name that was not reported is a
phantom, and keeps a key of its own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, get_args

from harness.model import PAGE_SIDE, SERVER_SIDE, Event, Hop
from harness.record.evidence.matched_facts import Keyed, facts_of, keys_of, with_strange
from harness.record.evidence.observers import by_observer
from harness.record.evidence.pairing import Matches, digest_of, in_turn, pair
from harness.record.evidence.streams import Events, Stream
from harness.record.evidence.told import Told
from harness.record.ledger import Ledger

NUMBERED = "session and seq"

RECOVERED = "recovered"
"""What a sighting says of itself where the server sends an event again, to a client that it recovers."""

Seen: TypeAlias = Mapping[Hop, Sequence[tuple[str, Sequence[Event]]]]
"""Hop to its observers with the events that each saw, in its order."""

Again: TypeAlias = Mapping[tuple[Hop, str], Container[int]]
"""Hop and observer to the places of what was sent again there, to who had missed it: none of these is a new event."""


def matched(ledger: Ledger) -> tuple[Ledger, str]:
    """The ledger with every sighting under its event's key, and how they were matched, in words.

    The plain way, which makes each sighting an object: what that of stored ledgers has to agree with.
    """
    sightings = [*ledger.sightings]  # of a stored one each time anew
    named = (each.event.session for each in sightings if each.event.session is not None)
    assumed = ledger.contract.session or next(named, "")
    at = {hop: by_observer(each for each in sightings if each.hop is hop) for hop in Hop}
    seen = {
        hop: [(observer, [in_session(each.event, assumed) for each in listed]) for observer, listed in found]
        for hop, found in at.items()
    }
    again = {
        (hop, observer): {place for place, each in enumerate(listed) if each.detail.get(RECOVERED) is True}
        for hop in SERVER_SIDE
        for observer, listed in at[hop]
    }
    matches = match(seen, again)
    found = {
        id(sighting): replace(sighting, event=event)
        for hop in Hop
        for observer, listed in at[hop]
        for sighting, event in zip(listed, matches.events[hop, observer], strict=True)
    }
    as_matched = tuple(found[id(sighting)] for sighting in sightings)
    pairs = [(said, now) for said, now in zip(sightings, as_matched, strict=True) if said.hop in SERVER_SIDE]
    keys = with_strange(keys_of(matches.reported), ((said.hop, said.event.key, now.event.key) for said, now in pairs))
    facts = facts_of(ledger.facts, keys, matches)
    return replace(ledger, sightings=as_matched, facts=tuple(facts)), matches.how


def match(seen: Seen, again: Again) -> Matches:
    """Match what each hop and observer saw, in session."""
    reported = _reported(seen, again)
    found: dict[tuple[Hop, str], Sequence[Event]] = {}
    how: dict[str, set[Hop]] = defaultdict(set)
    delivered: dict[str, list[Event]] = {}
    held: dict[str, list[Event]] = {}
    told: list[Event] = []
    last: list[Event] = []
    for hop in Hop:
        begun = len(told)
        for observer, listed in seen[hop]:
            known = reported
            if hop in PAGE_SIDE and None in map(digest_of, listed):
                given = delivered.get(observer)  # what shows no data shows what this page was given
                known = reported if given is None else _as_often(given, [event.name for event in listed])
            events = in_turn(listed, known)
            if events is None:
                before = told if hop in SERVER_SIDE else [*told, *delivered.get(observer, ())]
                events = pair(listed, known, before, delivered.get(observer) or last)
            if hop in PAGE_SIDE:
                delivered[observer] = events
                if hop < Hop.RENDERED:  # a page's state holds what its list may leave out
                    held[observer] = events
            else:
                told += events
            found[hop, observer] = events
            for way in _ways(listed):
                how[way].add(hop)
        last = told[begun:] or last
    return Matches(reported, found, delivered, held, _in_words(how))


def has_ids(events: Events, streams: Iterable[Stream], told: Told) -> bool:
    """Whether every sighting is numbered, and every fact about an event names one of the events: nothing to match."""
    if not all(stream.is_numbered for stream in streams):
        return False
    return all(told.keys(kind) <= events.keys() for kind in get_args(Keyed))


def in_session(event: Event, assumed: str) -> Event:
    """An event that names no session is of the run's one."""
    if event.session is not None:
        return event
    key = f"{assumed}{event.key}" if event.seq is not None else f"{assumed}/{event.key.removeprefix('/')}"
    return replace(event, session=assumed, key=key)


def _reported(seen: Seen, again: Again) -> list[Event]:
    """The events as the earliest hop that saw any has them, numbered; digests from the next hop that shows data."""
    for hop in SERVER_SIDE:
        listed = [
            event
            for observer, found in seen[hop]
            for place, event in enumerate(found)
            if place not in again.get((hop, observer), ())
        ]
        if listed:
            return _with_digests(_numbered(listed), seen, hop)
    return []


def _numbered(events: Iterable[Event]) -> list[Event]:
    counts: dict[str | None, int] = defaultdict(int)
    numbered = []
    for event in events:
        counts[event.session] += 1
        seq = counts[event.session]
        key, name, session = f"{event.session}/{seq}", event.name, event.session
        numbered.append(event if event.seq is not None else Event(key, name, session, seq, event.digest, event.told))
    return list({event.key: event for event in reversed(numbered)}.values())[::-1]


def _with_digests(events: list[Event], seen: Seen, after: Hop) -> list[Event]:
    """Where the CLI's lines show no data, an event's is that of the later sighting with its name and occurrence."""
    if None not in map(digest_of, events):
        return events
    for hop in Hop:
        if hop <= after:
            continue
        for _, listed in seen[hop]:
            shown = [event for event in listed if event.digest is not None]
            if shown:
                shown = _without_repeats(shown, Counter(event.name for event in events))
                told: dict[str, list[str | None]] = defaultdict(list)
                for event in reversed(shown):
                    told[event.name].append(event.digest)
                return [
                    replace(event, digest=told[event.name].pop())
                    if event.digest is None and told[event.name]
                    else event
                    for event in events
                ]
    return events


def _without_repeats(shown: Iterable[Event], reported: Counter[str]) -> list[Event]:
    """Of a name that was seen more often than reported, what says the same again is left out: no further event."""
    listed = [*shown]
    surplus, known, kept = Counter(event.name for event in listed) - reported, set[tuple[str, str | None]](), []
    for event in listed if surplus else ():
        says = event.name, event.digest
        if says in known and surplus[event.name] > 0:
            surplus[event.name] -= 1
        else:
            kept.append(event)
        known.add(says)
    return kept or listed


def _as_often(given: Sequence[Event], names: Iterable[str]) -> list[Event]:
    """What a page was given, as often as it shows it: one that came twice counts twice where all of its name do."""
    shown, came, known = Counter(names), Counter(event.name for event in given), set[str]()
    listed = []
    for event in given:
        if event.key not in known or shown[event.name] >= came[event.name]:
            listed.append(event)
        known.add(event.key)
    return listed


def _ways(events: Iterable[Event]) -> set[str]:
    by_name, by_data = "name and occurrence", "name, occurrence and digest"
    return {NUMBERED if e.seq is not None else by_name if e.digest is None else by_data for e in events}


def _in_words(how: Mapping[str, set[Hop]]) -> str:
    """As `session and seq at emitted, sent; name and occurrence at rendered`; the hops only where ways differ."""
    if len(how) == 1:
        return next(iter(how))
    return "; ".join(f"{way} at {', '.join(hop.label for hop in sorted(hops))}" for way, hops in sorted(how.items()))
