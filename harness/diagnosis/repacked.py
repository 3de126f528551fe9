"""Repacked: the server sends events in a parcel that nobody takes for events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import Notice
from harness.record.evidence import Evidence
from harness.record.identity import digest

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
        against="its data was delivered in no other message",
        remedy=(
            "Emit each event under its own name; or, where the parcel is meant, unpack it in the page and say in\n"
            "the target file how the payload is wrapped."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lost = [o for o in lost_at(outcomes, Hop.ROUTED) if o.key not in evidence.once[Hop.ROUTED]]
        if not lost:
            return
        parcels: dict[str, str] = {}
        sent: Counter[str] = Counter()
        for fact in evidence.facts(Notice):
            inside = {digest(part) for part in _objects(fact.body.payload, DEEPEST)}
            sent[fact.body.name] += 1
            parcels.update(dict.fromkeys(inside, fact.body.name))
        mine = [o for o in lost if evidence.events[o.event_key].digest in parcels]
        if mine:
            used = sorted({parcels[evidence.events[o.event_key].digest or ""] for o in mine})
            yield self.blame(
                f"the server packs events into {', '.join(map(repr, used))}, which is none of the events' names.",
                [
                    *(f"pages: {sent[name]} messages {name!r} delivered, the events' data inside" for name in used),
                    f"server: {len({o.key for o in mine})} events received, 0 emitted under their own names",
                ],
                mine,
            )


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
