"""Emitted late: the server is done with an event, answers it, and emits it only when others have overtaken it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._instead import calls
from harness.diagnosis.concurrent_handlers import later_ones, was_answered
from harness.diagnosis.rule import Head, Rule, events, per_run
from harness.model import Blame, Event, Hop, Kind, Outcome, Sighting, Strength
from harness.model.facts import Blocked
from harness.record.evidence import Evidence, Position, position

MOST = 5
"""So many events stand as evidence."""


class EmittedLate(Rule):
    """Reordered or late at routed: the server had answered it before it was given another one, and emitted that first.

    An event that is late and that no other overtook has waited in a queue.
    """

    head = Head(
        cause="emitted-late",
        title="the server answers an event and emits it later: others overtake it",
        claims=(events(Kind.REORDERED, Hop.ROUTED), events(Kind.LATE, Hop.ROUTED)),
        by=per_run,
        taps=(Hop.SENT, Hop.RECEIVED, Hop.ROUTED),
        strength=Strength.AROUND,
        against=(
            "no answer to it came before the server was given a later event, or none was emitted before it; the\n"
            "handler of another event emitted it; or something stopped the server's loop meanwhile"
        ),
        remedy=(
            "Emit before the answer, and await it; or pass events on by one queue with one worker: what is put into a\n"
            "timer, a task or a promise of its own comes in whatever order these end."
        ),
    )

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        return not evidence.acknowledged

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lines, places = dict[str, str](), list[object]()
        for key in dict.fromkeys(o.event_key for o in outcomes):
            event, seen = evidence.events[key], evidence.at(Hop.ROUTED, key)
            given = _overtaking(evidence, event, position(seen[0])) if seen else None
            if given is None or _is_of_another(evidence, key, seen) or _is_blocked(evidence, key, seen[0]):
                continue
            where = seen[0].detail.get("where")
            lines[key] = f"server: answered {key}, took {given.key}, and then emitted the first" + (
                f" ({where})" if where else ""
            )
            places.append(where)
        if lines:
            yield self.blame(
                "the server answers them, goes on to later ones, and emits them only then.",
                [*lines.values()][:MOST],
                [o for o in outcomes if o.event_key in lines],
                places=places,
            )


def _overtaking(evidence: Evidence, event: Event, routed: Position) -> Event | None:
    """The first later event that the producer sent with the answer in hand, and the server emitted before this one."""
    for later in later_ones(evidence, event):
        came = evidence.once[Hop.RECEIVED].get(later.key, ())
        if came and position(came[0]) > routed:
            return None
        gone = evidence.once[Hop.ROUTED].get(later.key, ())
        if came and gone and position(gone[0]) < routed and was_answered(evidence, event, later):
            return later
    return None


def _is_of_another(evidence: Evidence, key: str, routed: Iterable[Sighting]) -> bool:
    """Whether the handler of another event emitted it: then it was kept back."""
    by = {each.detail.get("emitted_by") for each in routed} - {None}
    return bool(by) and any(not by.isdisjoint(calls(evidence, other)) for other in evidence.events if other != key)


def _is_blocked(evidence: Evidence, key: str, routed: Sighting) -> bool:
    """Whether something stopped the server's loop between an event's arrival and its emit."""
    came = evidence.once[Hop.RECEIVED].get(key, ())
    return not came or any(came[0].at_ns <= f.at_ns <= routed.at_ns for f in evidence.facts(Blocked))


RULE = EmittedLate()
