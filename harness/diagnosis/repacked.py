"""Repacked: the server packs events into a message that is not known as one of events."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from harness.diagnosis.rule import Head, Rule, losses, of, of_kind, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Event, Hop, Kind, Outcome, Strength
from harness.model.facts import Notice, NoticeRouted
from harness.record.digests import digest
from harness.record.evidence import Evidence

DEEPEST = 4
"""So many lists and objects around an event's data are looked through."""

TELLING = 8
"""A text of fewer characters may stand in any message."""


class Repacked(Rule):
    """Lost at routed, never resolved as an event, and its data was delivered inside of a message of another name.

    Where the target's words make an event of each message, the parcels are events that no CLI reported.
    """

    head = Head(
        cause="repacked",
        title="the server packs events into a message that is not known as one of events",
        claims=(losses(Hop.ROUTED), of(Kind.PHANTOM, Hop.ROUTED), of(Kind.PHANTOM, Hop.DELIVERED)),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against=(
            "the server resolved it as an event of its own; or such messages say what others say that it did, too,\n"
            "as a history or a log does"
        ),
        remedy=(
            "Emit each event under its own name; or, where the parcel is meant, unpack it in the page and say in\n"
            "the target file how the payload is wrapped."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.kind is Kind.LOST and outcome.key in evidence.once[Hop.ROUTED]

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lost, phantoms = of_kind(outcomes, Kind.LOST), of_kind(outcomes, Kind.PHANTOM)
        made = {o.event_key: evidence.events[o.event_key] for o in phantoms if o.key in evidence.events}
        parcels = _Parcels(evidence, {evidence.events[o.event_key].name for o in lost}, made)
        found = [(o, name) for o in lost if (name := parcels.name_of(evidence.events[o.event_key])) is not None]
        beside = _said_beside(evidence, parcels, [evidence.events[o.event_key] for o in lost]) if found else ()
        found = [(o, name) for o, name in found if name not in beside]
        if found:
            used = sorted({name for _, name in found})
            mine = [o for o, _ in found]
            yield self.blame(
                f"the server packs events into {', '.join(map(repr, used))}, and a page has to unpack them.",
                [
                    *(f"{parcels.seen(name)}, the events' data inside" for name in used),
                    f"server: {amount(len({o.key for o in mine}), 'event')} received, 0 emitted under their own names",
                ],
                [*mine, *(o for o in phantoms if o.key in made and made[o.event_key].name in used)],
            )


def _said_beside(evidence: Evidence, parcels: _Parcels, lost: Iterable[Event]) -> Set[str]:
    """The messages that say what events say that the server emits under their own names, too: no parcels of events."""
    known = {event.digest for event in lost}
    others = (e for e in evidence.said[Hop.ROUTED].by_key.values() if e.digest is not None and e.digest not in known)
    return {name for event in others if (name := parcels.name_of(event)) not in (None, event.name)}


class _Parcels:
    """What stands in messages that are not events, or in events that were `made`: an event's data, alone or with more.

    A message that the target knows as one of the `names` is not a parcel, unless it has several of them in a list.
    Messages are what pages were delivered, and what a server emitted while pages were away.
    """

    def __init__(self, evidence: Evidence, names: Set[str], made: Mapping[str, Event]) -> None:
        self._told = evidence.ledger.payloads
        self._delivered: Counter[str] = Counter()
        self._emitted: Counter[str] = Counter()
        self._digests: dict[str, str] = {}
        self._having: dict[tuple[str, str], list[tuple[Mapping[str, Any], str]]] = defaultdict(list)
        for told in (fact.body for fact in evidence.facts(Notice)):
            if self._take(told.name, told.payload, told.called or told.name, names):
                self._delivered[told.name] += 1
        for emitted in (fact.body for fact in evidence.facts(NoticeRouted)):
            if self._take(emitted.name, emitted.payload, emitted.name, names):
                self._emitted[emitted.name] += 1
        for key, event in made.items():
            self._delivered[event.name] += sum(key in stream.keys for stream in evidence.shown[Hop.DELIVERED].values())
            for part in _inside(self._told.get(event.digest or "")):  # what has its data itself has another name alone
                self._look_into(event.name, part)

    def seen(self, name: str) -> str:
        """Where messages of a name were seen, and how many."""
        delivered = self._delivered[name]
        if delivered:
            return f"pages: {amount(delivered, 'message')} {name!r} delivered"
        return f"server: {amount(self._emitted[name], 'message')} {name!r} emitted"

    def _take(self, name: str, payload: Any, called: str, names: Set[str]) -> bool:
        """Look into a message, unless it is called as events are and holds no several of them."""
        if called in names and _members(payload) < 2:
            return False
        self._look_into(name, payload)
        return True

    def _look_into(self, name: str, payload: Any) -> None:
        for part in _parts(payload, DEEPEST):
            self._digests[digest(part)] = name
            for key, value in part.items() if isinstance(part, Mapping) else ():
                self._having[key, repr(value)].append((part, name))

    def name_of(self, event: Event) -> str | None:
        """The name of a message that has the event's data inside; with ids or a stamp beside it, too."""
        if event.digest in self._digests:
            return self._digests[event.digest]
        data = self._told.get(event.digest or "")
        if not isinstance(data, Mapping) or not data:
            return None
        having = min((self._having.get((key, repr(value)), []) for key, value in data.items()), key=len)
        inside = (name for part, name in having if all(key in part and part[key] == data[key] for key in data))
        return next(inside, None)


def _members(part: Any, depth: int = DEEPEST) -> int:
    """How many objects a list has, also of lists: one alone that is wrapped in a list is another shape of it."""
    if not isinstance(part, list) or depth == 0:
        return 0
    return sum(1 if isinstance(each, Mapping) else _members(each, depth - 1) for each in part)


def _parts(part: Any, depth: int) -> Iterator[Any]:
    """Every object and list in a payload that isn't empty, and every text that tells something."""
    if (isinstance(part, str) and len(part) >= TELLING) or (isinstance(part, Mapping | list | tuple) and part):
        yield part
    if isinstance(part, Mapping | list | tuple) and depth > 0:
        for each in _inside(part):
            yield from _parts(each, depth - 1)


def _inside(part: Any) -> Iterable[Any]:
    return part.values() if isinstance(part, Mapping) else part if isinstance(part, list | tuple) else ()


RULE = Repacked()
