"""Events that the server numbers by itself: what it emits is known by what it says, and not by its number there. Pure.

A server that counts what it emits gives the CLI's own numbers as long as nothing is lost; from the first loss on all
that comes after has another event's number, and is still the event that it was.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from harness.model import PAGE_SIDE, AnyFact, Event, Hop, Sighting
from harness.model.facts import NeverAwaited, Published, Unrouted, UnservedEmit, View
from harness.record.evidence.firsts import are_said_alike
from harness.record.evidence.index import Index
from harness.record.identity import unnumbered_key
from harness.record.ledger import Ledger

FEWEST = 3
"""Events of a session that were emitted, and contents among them: fewer may be in such an order by chance."""

RENUMBERED = frozenset((Hop.ROUTED, *PAGE_SIDE))

Emitted: TypeAlias = NeverAwaited | Published | Unrouted | UnservedEmit
"""Facts about one event as the server emits it."""


def own_numbers(found: Index) -> Mapping[str, str]:
    """The key that the server gives an event to the one that the CLI gave it, of sessions that the server numbers.

    It does where what it emits has the numbers from 1 on in the order of emission, is all known by what it says, and is
    not what the CLI gave those numbers. What comes more often than it was reported is the last of its kind again, where
    nothing else is missing. Empty where it hands the CLI's numbers on, as nearly always.
    """
    reported, routed = found.said[Hop.EMITTED], found.said[Hop.ROUTED]
    if not reported.events:
        reported = found.said[Hop.SENT]
    if not (reported.events and routed.events and reported.is_numbered and routed.is_numbered):
        return {}
    if are_said_alike(routed, [reported]):
        return {}
    said, emitted = _by_session(reported.by_key.values()), _by_session(routed.by_key.values())
    pairs = (_pairs(said.get(session, ()), events) for session, events in emitted.items())
    keys = {was: now for each in pairs for was, now in each}
    if len(emitted) == 1:  # what a page says without a session is of that one
        keys |= {_numbered(was): _numbered(now) for was, now in keys.items()}
    return keys


def renumbered(ledger: Ledger, keys: Mapping[str, str]) -> Ledger:
    """The ledger with what the server emitted, and what became of it, under the keys of the CLI."""
    sightings = tuple(_sighting(each, keys) for each in ledger.sightings)
    return replace(ledger, sightings=sightings, facts=tuple(_facts(ledger.facts, keys)))


def _by_session(events: Iterable[Event]) -> Mapping[str | None, list[Event]]:
    found: dict[str | None, list[Event]] = defaultdict(list)
    for event in events:
        found[event.session].append(event)
    return found


def _pairs(reported: Sequence[Event], emitted: Sequence[Event]) -> Iterable[tuple[str, str]]:
    """The server's key and the CLI's, of the events of one session; none where the server has no numbers of its own."""
    if [event.seq for event in emitted] != [*range(1, len(emitted) + 1)]:
        return ()
    if len({_content(event) for event in emitted}) < FEWEST or len(emitted) >= len(reported) + FEWEST:
        return ()
    left: dict[tuple[str, str | None], deque[str]] = defaultdict(deque)
    for event in reported:
        left[_content(event)].append(event.key)
    pairs, last, again = list[tuple[str, str]](), dict[tuple[str, str | None], str](), False
    for event in emitted:
        said = _content(event)
        if event.digest is None or said not in left:
            return ()
        again = again or not left[said]  # it is emitted more often than it was reported
        if left[said]:
            last[said] = left[said].popleft()
        pairs.append((event.key, last[said]))
    if again and any(left.values()):
        return ()  # one of them may be another one in its place
    return pairs if any(was != now for was, now in pairs) else ()


def _numbered(key: str) -> str:
    """What stands for an event where its number alone is said."""
    return unnumbered_key("", None, _seq(key), None)


def _seq(key: str) -> int:
    return int(key.rpartition("/")[2])


def _content(event: Event) -> tuple[str, str | None]:
    return event.name, event.digest


def _sighting(sighting: Sighting, keys: Mapping[str, str]) -> Sighting:
    event = sighting.event
    if sighting.hop not in RENUMBERED or keys.get(event.key, event.key) == event.key:
        return sighting
    key = keys[event.key]
    return replace(sighting, event=replace(event, key=key, seq=_seq(key)))


def _facts(facts: Iterable[AnyFact], keys: Mapping[str, str]) -> Iterator[AnyFact]:
    for fact in facts:
        body = fact.body
        if isinstance(body, Emitted) and fact.observer.startswith("server"):
            yield replace(fact, body=replace(body, key=keys.get(body.key or "", body.key)))
        elif isinstance(body, View):
            rows, state = (_listed(each, keys) for each in (body.rows, body.state_events))
            yield replace(fact, body=replace(body, rows=rows, state_events=state))
        else:
            yield fact


def _listed(listed: tuple[str, ...] | None, keys: Mapping[str, str]) -> tuple[str, ...] | None:
    return None if listed is None else tuple(keys.get(key, key) for key in listed)
