"""Which event a sighting without ids is: by name, occurrence and digest, as the CLI reported them. Pure; linear.

What a system numbers needs none of this. Where a hop shows no number, its sightings are told apart by what they say,
and of those that say the same the first is the first one reported. A sighting that says too much (more often than
reported) repeats the last one of its kind; one with a payload that nobody reported is the event that had this payload
at a hop before, or else the next of its name, changed; one with a name that nobody reported is a phantom, and keeps a
key of its own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias, get_args

from harness.model import PAGE_SIDE, SERVER_SIDE, AnyFact, Event, Hop, Sighting
from harness.model.facts import Acknowledged, Published, Unrouted, UnservedEmit, View
from harness.record.evidence.observers import by_observer
from harness.record.evidence.streams import Events, Stream
from harness.record.evidence.told import Told
from harness.record.identity import unnumbered_key
from harness.record.ledger import Ledger

NUMBERED = "session and seq"

Kind: TypeAlias = tuple[str | None, str, str | None]
"""Session, name and digest: what a sighting without a number says."""

Keyed: TypeAlias = Acknowledged | Unrouted | UnservedEmit | Published
"""Facts about one event, by its key."""


def matched(ledger: Ledger) -> tuple[Ledger, str]:
    """The ledger with every sighting under its event's key, and how they were matched, in words."""
    named = (each.event.session for each in ledger.sightings if each.event.session is not None)
    assumed = ledger.contract.session or next(named, "")
    sightings = [_in_session(sighting, assumed) for sighting in ledger.sightings]
    reported = _reported(sightings)
    found: dict[int, Sighting] = {}
    how: dict[str, set[Hop]] = defaultdict(set)
    delivered: dict[str, list[Event]] = {}
    held: dict[str, list[Event]] = {}
    told: list[Event] = []
    for hop in Hop:
        for observer, listed in by_observer(each for each in sightings if each.hop is hop):
            known = reported
            if hop in PAGE_SIDE and any(each.event.digest is None for each in listed):
                given = delivered.get(observer)  # what shows no data shows what this page was given
                known = reported if given is None else _as_often(given, [each.event.name for each in listed])
            before = told if hop in SERVER_SIDE else [*told, *delivered.get(observer, ())]
            events = _match([each.event for each in listed], known, before)
            if hop in PAGE_SIDE:
                delivered[observer] = events
                if hop < Hop.RENDERED:  # a page's state holds what its list may leave out
                    held[observer] = events
            else:
                told += events
            for sighting, event in zip(listed, events, strict=True):
                found[id(sighting)] = replace(sighting, event=event)
                how[_how(sighting.event)].add(hop)
    as_matched = tuple(found[id(sighting)] for sighting in sightings)
    sent = {each.event.key for each in as_matched if each.hop is Hop.SENT}
    keys = _keys(reported, zip(ledger.sightings, as_matched, strict=True))
    facts = _facts(ledger.facts, keys, delivered, held, [event for event in reported if event.key not in sent])
    return replace(ledger, sightings=as_matched, facts=tuple(facts)), _in_words(how)


def has_ids(events: Events, streams: Iterable[Stream], told: Told) -> bool:
    """Whether every sighting is numbered, and every fact about an event names one of the events: nothing to match."""
    if not all(stream.is_numbered for stream in streams):
        return False
    return all(told.keys(kind) <= events.keys() for kind in get_args(Keyed))


def _in_session(sighting: Sighting, assumed: str) -> Sighting:
    """A sighting that names no session belongs to the run's one."""
    event = sighting.event
    if event.session is not None:
        return sighting
    key = f"{assumed}{event.key}" if event.seq is not None else f"{assumed}/{event.key.removeprefix('/')}"
    return replace(sighting, event=replace(event, session=assumed, key=key))


def _reported(sightings: Sequence[Sighting]) -> list[Event]:
    """The events as the earliest hop that saw any has them, numbered; digests from the next hop that shows data."""
    for hop in SERVER_SIDE:
        listed = [each.event for _, found in by_observer(s for s in sightings if s.hop is hop) for each in found]
        if listed:
            return _with_digests(_numbered(listed), sightings, hop)
    return []


def _numbered(events: Iterable[Event]) -> list[Event]:
    counts: dict[str | None, int] = defaultdict(int)
    numbered = []
    for event in events:
        counts[event.session] += 1
        seq = counts[event.session]
        named = event if event.seq is not None else replace(event, key=f"{event.session}/{seq}", seq=seq)
        numbered.append(named)
    return list({event.key: event for event in reversed(numbered)}.values())[::-1]


def _with_digests(events: list[Event], sightings: Sequence[Sighting], behind: Hop) -> list[Event]:
    """Where the CLI's lines show no data, an event's is that of the later sighting with its name and occurrence."""
    if all(event.digest is not None for event in events):
        return events
    for hop in Hop:
        if hop <= behind:
            continue
        for _, listed in by_observer(each for each in sightings if each.hop is hop):
            shown = [each.event for each in listed if each.event.digest is not None]
            if shown:
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


def _as_often(given: Sequence[Event], names: Iterable[str]) -> list[Event]:
    """What a page was given, as often as it shows it: one that came twice counts twice where all of its name do."""
    shown, came, known = Counter(names), Counter(event.name for event in given), set[str]()
    listed = []
    for event in given:
        if event.key not in known or shown[event.name] >= came[event.name]:
            listed.append(event)
        known.add(event.key)
    return listed


def _match(seen: Sequence[Event], reported: Iterable[Event], told: Iterable[Event] = ()) -> list[Event]:
    """The event of each sighting of one observer at one hop, in order. `told` are those of the hops before."""
    there = _Reported(reported, told)
    surplus = there.surplus(seen)
    exact: list[Event | None] = []
    for event in seen:
        kind, before = _kind(event), exact[-1] if exact else None
        if event.seq is not None:
            exact.append(event)
        elif surplus[kind] > 0 and before is not None and there.is_repeated(before, kind):
            surplus[kind] -= 1
            exact.append(before)
        else:
            exact.append(there.next_alike(event))
    again = there.unknown_again(seen)
    changed: dict[Kind, Event] = {}
    for place, event in enumerate(seen):
        if exact[place] is None:
            kind = _kind(event)
            if kind in changed and again[event.session, event.name] > 0:
                again[event.session, event.name] -= 1
                exact[place] = changed[kind]
            else:
                exact[place] = there.next_named(event)
                if event.digest is not None:
                    changed[kind] = exact[place] or event
    return [event if mine is None else mine for event, mine in zip(seen, exact, strict=True)]


class _Reported:
    """The events that sightings of one observer are matched with; each is given out as often as it is in them.

    `told` are the same events as other hops saw them: one that was changed there says here what it said there.
    """

    def __init__(self, events: Iterable[Event], told: Iterable[Event] = ()) -> None:
        self._alike: dict[Kind, list[Event]] = defaultdict(list)
        self._named: dict[Kind, list[Event]] = defaultdict(list)
        self._order: list[Event] = []
        for event in events:
            self._alike[_kind(event)].append(event)
            self._named[event.session, event.name, None].append(event)
            self._order.append(event)
        self._behind = {event.key: _kind(later) for event, later in pairwise(self._order)}
        self._places: dict[int, int] = defaultdict(int)
        self._left = Counter(event.key for event in self._order)
        known = {(event.key, _kind(event)) for event in self._order}
        for event in told:
            if event.digest is not None and event.key in self._left and (event.key, _kind(event)) not in known:
                known.add((event.key, _kind(event)))
                self._alike[_kind(event)].append(event)

    def unknown_again(self, seen: Sequence[Event]) -> Counter[tuple[str | None, str]]:
        """Session and name to how many sightings with unknown data there are beyond the events they can be."""
        unknown = Counter((e.session, e.name) for e in seen if e.seq is None and e.digest and not self._knows(e))
        listed = ((s, n, e) for (s, n, _), those in self._named.items() for e in those)
        free = Counter((s, n) for s, n, event in listed if self._left[event.key] > 0)
        return unknown - free

    def _knows(self, event: Event) -> bool:
        return bool(self._alike.get(_kind(event)))

    def surplus(self, seen: Iterable[Event]) -> Counter[Kind]:
        """How many sightings there are of a kind beyond what was reported."""
        counts = Counter(_kind(event) for event in seen if event.seq is None and event.digest is not None)
        return Counter({kind: count - len(self._alike.get(kind, ())) for kind, count in counts.items()})

    def is_repeated(self, before: Event, kind: Kind) -> bool:
        """Whether a sighting says what the one before it says, while something else was reported next."""
        return _kind(before) == kind and self._behind.get(before.key) != kind

    def next_alike(self, event: Event) -> Event | None:
        """The next event that says the same; None when there is none left, or when the sighting shows no data."""
        return None if event.digest is None else self._next(self._alike.get(_kind(event), []))

    def next_named(self, event: Event) -> Event:
        """The next event of the name, whatever its data; else the last one that may say the same once more.

        Else the sighting's own: as many as were reported are there already, and nobody reported what this one says.
        """
        alike = self._alike.get(_kind(event), []) if event.digest is not None else []
        named = self._named.get((event.session, event.name, None), [])
        mine = None if alike else self._next(named)
        if mine is None and not alike and event.digest is not None:
            named = [each for each in named if each.digest is None]
        if mine is None and (alike or named):
            mine = (alike or named)[-1]
        return event if mine is None else replace(event, key=mine.key, seq=mine.seq)

    def _next(self, events: list[Event]) -> Event | None:
        place = self._places[id(events)]
        while place < len(events) and self._left[events[place].key] <= 0:
            place += 1
        self._places[id(events)] = place
        if place == len(events):
            return None
        self._left[events[place].key] -= 1
        return events[place]


def _kind(event: Event) -> Kind:
    return (event.session, event.name, event.digest)


def _keys(reported: Iterable[Event], matches: Iterable[tuple[Sighting, Sighting]]) -> Mapping[str, Sequence[str]]:
    """What a fact may call an event to the keys of those events, in their order.

    What nobody reported in those words is called as a hop saw it: with other data, or under another name.
    """
    keys: dict[str, list[str]] = defaultdict(list)
    for event in reported:
        for session in (None, event.session):
            keys[unnumbered_key(event.name, session, None, event.digest)].append(event.key)
        keys[unnumbered_key(event.name, None, event.seq, None)].append(event.key)
    strange: dict[str, dict[Hop, list[str]]] = defaultdict(lambda: defaultdict(list))
    for said, found in matches:
        if said.hop in SERVER_SIDE and said.event.key not in keys:
            strange[said.event.key][said.hop].append(found.event.key)
    return keys | {said: next(iter(at.values())) for said, at in strange.items()}


def _facts(
    facts: Iterable[AnyFact],
    keys: Mapping[str, Sequence[str]],
    delivered: Mapping[str, Sequence[Event]],
    held: Mapping[str, Sequence[Event]],
    unsent: Sequence[Event],
) -> Iterator[AnyFact]:
    """Facts about events under the events' keys, and what pages showed at the end.

    An emit that failed may show other data than was reported, for that is why it failed: it is the next of its name
    that was not sent.
    """
    left: dict[str, list[str]] = defaultdict(list)
    for event in reversed(unsent):
        left[event.name].append(event.key)
    counts: Counter[tuple[str, str, str]] = Counter()
    for fact in facts:
        body = fact.body
        if isinstance(body, Keyed) and (known := keys.get(body.key or "")):
            place = (fact.kind, fact.observer, body.key or "")
            key = known[min(counts[place], len(known) - 1)]
            counts[place] += 1
            yield replace(fact, body=replace(body, key=key))
        elif isinstance(body, Acknowledged) and not body.ok and (open_ := left.get(_name_in(body.key))):
            yield replace(fact, body=replace(body, key=open_.pop()))
        elif isinstance(body, View):
            rows = _shown(body.rows, delivered.get(fact.observer, ()))
            state_events = _shown(body.state_events, held.get(fact.observer, ()))
            yield replace(fact, body=replace(body, rows=rows, state_events=state_events))
        else:
            yield fact


def _name_in(key: str) -> str:
    """The name in the key of an event that has no number; empty for any other key."""
    return key.partition("/")[2].rpartition("~")[0]


def _shown(keys: tuple[str, ...] | None, given: Sequence[Event]) -> tuple[str, ...] | None:
    """The keys of what a page showed: what says its data is the event with that data, if there is one.

    Of the rest of a name they are the last ones that it was given, as many as it shows.
    """
    if keys is None:
        return None
    left: dict[str, list[str]] = defaultdict(list)
    for event in given:
        for session in {None, event.session}:
            for told in {None, event.digest}:
                left[unnumbered_key(event.name, session, None, told)].append(event.key)
        left[unnumbered_key(event.name, None, event.seq, None)].append(event.key)
    for key, count in Counter(keys).items():
        if count < len(left.get(key, ())):  # what came twice stands once where not all of its name stand as often
            left[key] = [*dict.fromkeys(left[key])]
    alike = [left[key].pop() if not _is_name(key) and left.get(key) else None for key in reversed(keys)]
    taken = Counter(alike)
    found = []
    for key, mine in zip(reversed(keys), alike, strict=True):
        named = left.get(key) or left.get(_without_data(key), [])
        while mine is None and named and taken[named[-1]] > 0:
            taken[named.pop()] -= 1
        found.append(mine or (named.pop() if named else key))
    return tuple(found[::-1])


def _is_name(key: str) -> bool:
    """Whether a key without a number says no data either."""
    return key.endswith("~")


def _without_data(key: str) -> str:
    return f"{key.rpartition('~')[0]}~"


def _how(event: Event) -> str:
    if event.seq is not None:
        return NUMBERED
    return "name and occurrence" if event.digest is None else "name, occurrence and digest"


def _in_words(how: Mapping[str, set[Hop]]) -> str:
    """As `session and seq at emitted, sent; name and occurrence at rendered`; the hops only where ways differ."""
    if len(how) == 1:
        return next(iter(how))
    return "; ".join(f"{way} at {', '.join(hop.label for hop in sorted(hops))}" for way, hops in sorted(how.items()))
