"""Concurrent handlers: the server starts on an event before it is done with the one before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.diagnosis.rule import Head, Rule, events, of_kind, per_run
from harness.model import Blame, Event, Hop, Kind, Outcome, Strength
from harness.model.facts import Acknowledged
from harness.record.evidence import Evidence, position
from harness.record.evidence.stored_events import keys_of
from harness.record.remembered import remembered


class ConcurrentHandlers(Rule):
    """Reordered at routed, received in order, and received before the one before it was routed."""

    head = Head(
        cause="concurrent-handlers",
        title="the server starts on an event before it is done with the one before",
        claims=(events(Kind.REORDERED, Hop.ROUTED),),
        by=per_run,
        taps=(
            Hop.RECEIVED,
            Hop.ROUTED,
        ),
        strength=Strength.AROUND,
        against=(
            "they were received in that order already; the first was answered before the second was sent; or it was\n"
            "emitted by no handler, or by that of another event: it was kept back"
        ),
        remedy=(
            "Handle a client's events one after the other (async_handlers=False), or put them in order by their\n"
            "sequence numbers before they are emitted."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return any("emitted_by" in each.detail for each in evidence.once[Hop.ROUTED].get(outcome.event_key, ()))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = []
        for outcome in of_kind(outcomes, Kind.REORDERED, hop=Hop.ROUTED):
            event = evidence.events[outcome.event_key]
            overtaken = _behind(evidence, event)
            if overtaken:
                mine.append((outcome, overtaken))
        if mine:
            yield self.blame(
                "the server's handlers run concurrently: a later event overtakes an earlier one inside of the server.",
                [
                    f"server: received {key} before {by}, and routed it after that"
                    for o, by in mine[:5]
                    if (key := o.key)
                ],
                [outcome for outcome, _ in mine],
            )


def _behind(evidence: Evidence, event: Event) -> str | None:
    """A later event of the session that came in after this one, and was routed before it."""
    for later in later_ones(evidence, event):
        if was_answered(evidence, event, later):
            return None
        if _is_before(evidence, Hop.RECEIVED, event, later) and _is_before(evidence, Hop.ROUTED, later, event):
            return later.key
    return None


def later_ones(evidence: Evidence, event: Event) -> Iterator[Event]:
    """The events of its session that were reported after an event, in that order."""
    events = evidence.events_of(event.session)
    return (events[place] for place in range(_places(evidence, event.session)[event.key] + 1, len(events)))


@remembered
def _places(evidence: Evidence, session: str | None) -> Mapping[str, int]:
    """Where the events of a session stand in it."""
    return {key: place for place, key in enumerate(keys_of(evidence.events_of(session)))}


def was_answered(evidence: Evidence, event: Event, later: Event) -> bool:
    """Whether the producer had its answer to an event before it sent a later one: the handler was done, then."""
    sent = next(iter(evidence.once[Hop.SENT].get(later.key, ())), None)
    answers = evidence.told.about(Acknowledged, event.key)
    return sent is not None and any(f.observer == sent.observer and f.n < sent.n for f in answers)


def _is_before(evidence: Evidence, hop: Hop, first: Event, second: Event) -> bool:
    """Whether both were seen at a hop of the server, and in this order."""
    one, other = evidence.at(hop, first.key), evidence.at(hop, second.key)
    return bool(one and other) and position(one[0]) < position(other[0])


RULE = ConcurrentHandlers()
