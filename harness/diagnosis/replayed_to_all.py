"""Replayed to all: what a dashboard that comes is to be handed over goes to others, who have it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeAlias

from harness.diagnosis._parties import dashboards
from harness.diagnosis._processes import is_relayed_by_several
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Pattern, Rule, about, losses, of, of_kind, per_run
from harness.judge.properties.sequence import is_answering
from harness.lib.amounts import amount
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome, Sighting, Strength
from harness.model.facts import Connected, Joined, Requested
from harness.record import rooms
from harness.record.evidence import Evidence, Position, family, label_of, names, position
from harness.record.evidence.observers import SERVER
from harness.record.remembered import remembered

Move: TypeAlias = tuple[Position, str, str, str]
"""When, which connection, of which dashboard, and what it did."""

ENOUGH = 2
"""So many events that are emitted again in one go are a replay, also where one place of the code emits everything."""


class ReplayedToAll(Rule):
    """Twice at routed: emitted again after another dashboard had come, and not to that one alone."""

    head = Head(
        cause="replayed-to-all",
        title="what a dashboard that comes has missed is emitted to others, who have it",
        claims=(of(Kind.DUPLICATED, Hop.ROUTED),),
        carries=(
            losses(Hop.ROUTED, Hop.DELIVERED),
            Pattern((Kind.LATE, Kind.REORDERED), keyed=True),
            about(Kind.CORRUPTED, Aspect.ANSWER_DATA),
        ),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against=(
            "the server received it twice, or several processes passed it on; no dashboard had come, asked or joined\n"
            "between the two emits; or one place of the code made both, and of this event alone"
        ),
        remedy=(
            "Emit what is replayed to the connection that came: `socket.emit(…)` in Node.js, `to=sid` in Python. An\n"
            "emit to the room or to all clients reaches those who have it, and not one that joins after it."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.event_key not in replays_to_all(evidence)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        replays = replays_to_all(evidence)
        mine = [o for o in of_kind(outcomes, Kind.DUPLICATED, hop=Hop.ROUTED) if o.event_key in replays]
        if not mine:
            return
        keys = [*dict.fromkeys(o.event_key for o in mine)]
        came = [*dict.fromkeys(replays[key].label for key in keys)]
        had = sorted({label_of(evidence.sids.get(o.finding.party or "", "")) or o.label for o in mine} - {""})
        places = [*dict.fromkeys(str(replays[key].emit.detail.get("where") or UNKNOWN_PLACE) for key in keys)]
        follows = [o for o in outcomes if o not in mine and _follows(o, replays)]
        to = dashboards(had) if had else "others"
        yield self.blame(
            f"what had passed when {dashboards(came)} came was emitted again to {to}, who had it.",
            [
                *(
                    f"server: {amount(count, 'event')} emitted again after dashboard {label} had {does}"
                    for (label, does), count in Counter((replays[k].label, replays[k].does) for k in keys).items()
                ),
                f"emitted again: {names(keys)}, at {' and '.join(places[:3])}",
                *(
                    f"dashboard {label} was not among the recipients: {names(sorted(lost))}"
                    for label in came
                    if (lost := {o.event_key for o in follows if o.kind is Kind.LOST and o.label == label})
                ),
            ],
            [*mine, *follows],
            at=mine,
            places=places,
        )


def _follows(outcome: Outcome, replays: Mapping[str, Replay]) -> bool:
    """Whether it is what the one lacks, or was told, for whom it was, or what the others have late and out of order."""
    if outcome.finding.aspect is Aspect.ANSWER_DATA:
        return any(replay.label == outcome.label for replay in replays.values())
    replay = replays.get(outcome.event_key) if outcome.key else None
    return replay is not None and (outcome.kind is not Kind.LOST or replay.label == outcome.label)


@dataclass(frozen=True, slots=True)
class Replay:
    """An emit of an event that was emitted before, and what a dashboard had done in between: `connected`, say."""

    label: str
    does: str
    move: Position
    emit: Sighting


@remembered
def replays_to_all(evidence: Evidence) -> Mapping[str, Replay]:
    """Events that were emitted again, to others than the dashboard that had just come, asked or joined."""
    moves = sorted(_moves(evidence))
    found: dict[str, tuple[Sighting, Replay]] = {}
    for key, emits in evidence.once[Hop.ROUTED].repeated() if moves else ():
        if len(evidence.at(Hop.RECEIVED, key)) > 1 or is_relayed_by_several(evidence, key):
            continue
        if (replay := _replay(evidence, emits, moves)) is not None:
            found[key] = emits[0], replay
    together = Counter(replay.move for _, replay in found.values())
    return {
        key: replay
        for key, (first, replay) in found.items()
        if together[replay.move] >= ENOUGH or first.detail.get("where") != replay.emit.detail.get("where")
    }


def _replay(evidence: Evidence, emits: Sequence[Sighting], moves: Sequence[Move]) -> Replay | None:
    """The first of an event's emits that is one, for the dashboard that moved last before it."""
    had = {*(emits[0].recipients or ())}
    for again in emits[1:]:
        since, until = (bisect_left(moves, position(each), key=itemgetter(0)) for each in (emits[0], again))
        for at, sid, label, does in reversed(moves[since:until]):
            others = (_parties(evidence, had) & _parties(evidence, again.recipients or ())) - {label}
            if sid not in had and others and not _is_for_who_came(evidence, again, had):
                return Replay(label, does, at, again)
        had |= {*(again.recipients or ())}
    return None


def _is_for_who_came(evidence: Evidence, again: Sighting, had: Set[str]) -> bool:
    """Whether an emit goes to new connections alone: to one by its id, or while the server answers what they asked."""
    mine = again.recipients or ()
    if not had.isdisjoint(mine):
        return False
    return rooms.each(again.detail.get("room")) == mine or all(is_answering(evidence, sid, again) for sid in mine)


def _parties(evidence: Evidence, sids: Iterable[str]) -> set[str]:
    """Dashboards by their labels, for they may have come back; other connections by themselves."""
    return {label_of(evidence.sids[each]) if each in evidence.sids else each for each in sids}


def _moves(evidence: Evidence) -> Iterator[Move]:
    """When the server had a connection of a dashboard come, ask for something or enter a room."""
    told: list[Fact[Connected] | Fact[Requested] | Fact[Joined]] = [*evidence.facts(Connected)]
    told += [*evidence.facts(Requested), *evidence.facts(Joined)]
    for fact in told:
        if family(fact.observer) == SERVER and fact.body.sid in evidence.sids:
            does = {Connected.kind: "connected", Requested.kind: "asked"}.get(fact.kind, "joined")
            yield position(fact), str(fact.body.sid), label_of(evidence.sids[fact.body.sid]), does


RULE = ReplayedToAll()
