"""Stale sid: the server emits to a connection that has ended, by an id that it has kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.only_sender_told import sender_told
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, lost_at, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Fact, Hop, Outcome, Strength
from harness.model.facts import Connected, Unrouted
from harness.record import rooms
from harness.record.evidence import Evidence, Position, label_of, position


class StaleSid(Rule):
    """Lost at routed: emitted without recipients, for the room is the id of a connection that had ended before."""

    head = Head(
        cause="stale-sid",
        title="the server emits to an id that it kept of a connection which has ended",
        claims=(losses(Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against=(
            "the connection was still there, or the event came from it; or its page was back only after all that was\n"
            "emitted to it; or the room is not a connection's id"
        ),
        remedy=(
            "Keep no ids of connections: each reconnection has another. Let clients join a room of a name that stays\n"
            "(a user, a session) whenever they connect, and emit to that; forget an id when its connection ends."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        emit = _stale(evidence, outcome)
        return emit is None or sender_told(evidence, outcome) is not None or not _is_kept(evidence, emit)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = [(o, fact) for o in lost_at(outcomes, Hop.ROUTED) if (fact := _stale(evidence, o)) is not None]
        if not mine:
            return
        sids = dict.fromkeys(name for _, fact in mine for name in rooms.each(fact.body.room))
        places = sorted({fact.body.where or UNKNOWN_PLACE for _, fact in mine})
        ends = evidence.gone
        yield self.blame(
            f"the server emits to {', '.join(list(sids)[:2])}, a connection that has ended.",
            [
                f"server: {amount(len({o.key for o, _ in mine}), 'event')} emitted to it, recipients: none "
                f"({places[0]})",
                *(f"{sid}: {_whose(evidence, sid)}, ended: {ends[sid].body.reason or 'no reason'}" for sid in sids),
                *(
                    f"dashboard {label}: connected as {evidence_of}"
                    for label in sorted({o.label for o, _ in mine})
                    if (evidence_of := _now(evidence, label, {*ends}))
                ),
            ],
            [o for o, _ in mine],
            places=places,
        )


def _whose(evidence: Evidence, sid: str) -> str:
    load = evidence.sids.get(sid)
    return "a client's connection" if load is None else f"a connection of dashboard {label_of(load)}"


def _now(evidence: Evidence, label: str, ended: set[str]) -> str:
    return ", ".join(sid for sid, load in evidence.sids.items() if label_of(load) == label and sid not in ended)


def _stale(evidence: Evidence, outcome: Outcome) -> Fact[Unrouted] | None:
    """An outcome's emit without recipients, where each of its rooms is a connection that had ended by then."""
    known = {f.body.sid for f in evidence.facts(Connected)}
    for fact in evidence.facts(Unrouted):
        names = rooms.each(fact.body.room)
        if fact.body.key == outcome.key and names and known.issuperset(names):
            ends = evidence.gone
            if all(name in ends and position(ends[name]) < position(fact) for name in names):
                return fact
    return None


def _is_kept(evidence: Evidence, emit: Fact[Unrouted]) -> bool:
    """Whether something is emitted to one of its rooms after the page was back, or the page never was.

    Before that no other id would reach the page either: the event is lost by what ended the connection.
    """
    last: dict[str, Position] = {}
    for fact in evidence.facts(Unrouted):
        last |= dict.fromkeys(rooms.each(fact.body.room), position(fact))
    return any(_is_back(evidence, sid, last[sid]) is not False for sid in rooms.each(emit.body.room))


def _is_back(evidence: Evidence, sid: str, at: Position) -> bool | None:
    """Whether the page of a connection that has ended had another one at some place; None where it never had one."""
    load = evidence.sids.get(sid)
    mine = {f.body.sid: position(f) for f in evidence.facts(Connected) if evidence.sids.get(f.body.sid) == load}
    later = [place for other, place in mine.items() if other != sid and place > position(evidence.gone[sid])]
    return min(later) < at if load is not None and later else None


RULE = StaleSid()
