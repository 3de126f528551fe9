"""Repacked: the server sends events in a parcel that nobody takes for events."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from harness.diagnosis.rule import Head, Rule, losses, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Event, Hop, Outcome, Strength
from harness.model.facts import Notice
from harness.record.digests import digest
from harness.record.evidence import Evidence

DEEPEST = 4
"""So many lists and objects around an event's data are looked through."""


class Repacked(Rule):
    """Lost at routed, never resolved as an event, and its data was delivered inside of a message of another name."""

    head = Head(
        cause="repacked",
        title="the server sends events in a parcel that nobody takes for events",
        claims=(losses(Hop.ROUTED),),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against="the server resolved it as an event of its own",
        remedy=(
            "Emit each event under its own name; or, where the parcel is meant, unpack it in the page and say in\n"
            "the target file how the payload is wrapped."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.key in evidence.once[Hop.ROUTED]

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        parcels = _Parcels(evidence, {evidence.events[o.event_key].name for o in outcomes})
        found = [(o, name) for o in outcomes if (name := parcels.name_of(evidence.events[o.event_key])) is not None]
        if found:
            mine, used = [o for o, _ in found], sorted({name for _, name in found})
            yield self.blame(
                f"the server packs events into {', '.join(map(repr, used))}, and a page has to unpack them.",
                [
                    *(
                        f"pages: {amount(parcels.sent[name], 'message')} {name!r} delivered, the events' data inside"
                        for name in used
                    ),
                    f"server: {amount(len({o.key for o in mine}), 'event')} received, 0 emitted under their own names",
                ],
                mine,
            )


class _Parcels:
    """The objects in messages that are no events: where an event's data stands in one of them, alone or with more.

    A message that the target knows as one of the `names` is no parcel, unless it has several of them in a list.
    """

    def __init__(self, evidence: Evidence, names: Set[str]) -> None:
        self._told = evidence.ledger.payloads
        self.sent: Counter[str] = Counter()
        self._digests: dict[str, str] = {}
        self._having: dict[tuple[str, str], list[tuple[Mapping[str, Any], str]]] = defaultdict(list)
        for fact in evidence.facts(Notice):
            if (fact.body.called or fact.body.name) in names and _members(fact.body.payload) < 2:
                continue
            self.sent[fact.body.name] += 1
            for part in _objects(fact.body.payload, DEEPEST):
                self._digests[digest(part)] = fact.body.name
                for key, value in part.items():
                    self._having[key, repr(value)].append((part, fact.body.name))

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


def _objects(part: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """Every object in a payload that isn't empty."""
    if isinstance(part, Mapping):
        if part:
            yield part
        part = list(part.values())
    if isinstance(part, list | tuple) and depth > 0:
        for each in part:
            yield from _objects(each, depth - 1)


RULE = Repacked()
