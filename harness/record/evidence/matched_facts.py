"""Facts about events without ids, under the keys of the events that they are about (see matching). Pure; linear."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from typing import TypeAlias

from harness.model import AnyFact, Event, Hop
from harness.model.facts import Acknowledged, NeverAwaited, Published, Unrouted, UnservedEmit, View
from harness.record.evidence.pairing import Matches
from harness.record.identity import unnumbered_key

Keyed: TypeAlias = Acknowledged | NeverAwaited | Unrouted | UnservedEmit | Published
"""Facts about one event, by its key."""


def keys_of(reported: Iterable[Event]) -> dict[str, Sequence[str]]:
    """What a fact may call an event to the keys of those events, in their order."""
    keys: dict[str, list[str]] = defaultdict(list)
    unnumbered = cache(unnumbered_key)
    for event in reported:
        for session in (None, event.session):
            keys[unnumbered(event.name, session, None, event.digest)].append(event.key)
        keys[unnumbered_key(event.name, None, event.seq, None)].append(event.key)
    return dict(keys)


def with_strange(
    keys: Mapping[str, Sequence[str]], matches: Iterable[tuple[Hop, str, str]]
) -> Mapping[str, Sequence[str]]:
    """The same with what was not reported in those words: it is called as a hop of the server's side saw it.

    That is with other data, or under another name. `matches` are such hops with the keys as they were written and as
    they were matched.
    """
    strange: dict[str, dict[Hop, list[str]]] = defaultdict(lambda: defaultdict(list))
    for hop, said, found in matches:
        if said not in keys:
            strange[said][hop].append(found)
    return {**keys, **{said: next(iter(at.values())) for said, at in strange.items()}}


class Naming:
    """Which event the next fact is about that calls it so.

    An emit that failed may show other data than was reported, for that is why it failed: it is the next of its name
    that was not sent.
    """

    def __init__(self, keys: Mapping[str, Sequence[str]], matches: Matches) -> None:
        self._keys = keys
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._unsent: dict[str, list[str]] = defaultdict(list)
        for event in reversed(matches.unsent):
            self._unsent[event.name].append(event.key)

    def next(self, kind: str, observer: str, said: str) -> str | None:
        """The event of a fact; None where none of that name was reported or seen."""
        known = self._keys.get(said)
        if not known:
            return None
        place = (kind, observer, said)
        self._counts[place] += 1
        return known[min(self._counts[place], len(known)) - 1]

    def unsent(self, said: str) -> str | None:
        """The event of an emit that failed."""
        waiting = self._unsent.get(_name_in(said))
        return waiting.pop() if waiting else None


def facts_of(facts: Iterable[AnyFact], keys: Mapping[str, Sequence[str]], matches: Matches) -> Iterator[AnyFact]:
    """Facts about events under the events' keys, and what pages showed at the end."""
    naming = Naming(keys, matches)
    for fact in facts:
        body = fact.body
        if isinstance(body, View):
            yield replace(fact, body=as_shown(body, fact.observer, matches))
        elif isinstance(body, Keyed):
            key = naming.next(fact.kind, fact.observer, body.key or "")
            if key is None and isinstance(body, Acknowledged) and not body.ok:
                key = naming.unsent(body.key)
            yield fact if key is None else replace(fact, body=replace(body, key=key))
        else:
            yield fact


def as_shown(view: View, observer: str, matches: Matches) -> View:
    """What a page showed at the end, under the events' keys."""
    rows = _shown(view.rows, matches.delivered.get(observer, ()))
    return replace(view, rows=rows, state_events=_shown(view.state_events, matches.held.get(observer, ())))


def _name_in(key: str) -> str:
    """The name in the key of an event that has no number; empty for any other key."""
    return key.partition("/")[2].rpartition("~")[0]


def _shown(keys: tuple[str, ...] | None, given: Sequence[Event]) -> tuple[str, ...] | None:
    """The keys of what a page showed: what says its data is the event with that data, if there is one.

    Of the rest of a name they are the last ones that it was given, as many as it shows.
    """
    if keys is None:
        return None
    left = _called(given, not all(map(_is_unnumbered, {*keys})))
    for key, count in Counter(keys).items():
        if count < len(left.get(key, ())):  # what came twice stands once where not all of its name stand as often
            left[key] = [*dict.fromkeys(left[key])]
    alike = [left[key].pop() if not key.endswith(NO_DATA) and left.get(key) else None for key in reversed(keys)]
    taken = Counter(alike)
    found = []
    for key, mine in zip(reversed(keys), alike, strict=True):
        if mine is None:
            named = left.get(key) or left.get(_without_data(key), [])
            while named and taken[named[-1]] > 0:
                taken[named.pop()] -= 1
            mine = named.pop() if named else key
        found.append(mine)
    return tuple(found[::-1])


def _called(given: Sequence[Event], by_number: bool) -> dict[str, list[str]]:
    """What a page may call the events that it was given, to their keys in order; by number, too, if asked for."""
    found: dict[str, list[str]] = defaultdict(list)
    names: dict[tuple[str | None, str, str | None], list[list[str]]] = {}
    for event in given:
        kind = event.session, event.name, event.digest
        mine = names.get(kind)
        if mine is None:
            said = product({None, event.session}, {None, event.digest})
            mine = names[kind] = [found[unnumbered_key(event.name, session, None, told)] for session, told in said]
        for each in mine:
            each.append(event.key)
        if by_number:
            found[unnumbered_key(event.name, None, event.seq, None)].append(event.key)
    return found


NO_DATA = "~"
"""The end of a key that has no number and says no data either."""


def _is_unnumbered(key: str) -> bool:
    return NO_DATA in key


def _without_data(key: str) -> str:
    return f"{key.rpartition(NO_DATA)[0]}{NO_DATA}"
