"""Ack before join: a subscription is acknowledged, and the room is joined later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._rooms import memberships
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.model import Blame, Fact, Hop, Outcome, Strength
from harness.model.facts import Joined
from harness.record.evidence import END, Evidence, label_of, names, position


class AckBeforeJoin(Rule):
    """Lost at routed between the answer to the subscription and the moment when the dashboard joined the room."""

    head = Head(
        cause="ack-before-join",
        title="a subscription is acknowledged, and the room is joined later",
        claims=(losses(Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against="the dashboard had joined the room when the event was routed",
        remedy=(
            "Join the room (and await it) first, then replay, then answer: what is emitted between the answer\n"
            "and the join is lost to that dashboard without a trace."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return any(place.is_in for place in memberships(evidence, outcome))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        joins: dict[tuple[str, str], Fact[Joined]] = {}
        for fact in evidence.facts(Joined):
            joins.setdefault((fact.body.sid, str(fact.body.room)), fact)
        mine, lines = [], dict[str, None]()
        for outcome in lost_at(outcomes, Hop.ROUTED):
            at, session = evidence.routed_at(outcome.event_key), evidence.events[outcome.event_key].session
            rooms = {str(s.detail.get("room")) for s in evidence.at(Hop.ROUTED, outcome.key)}
            for asked in evidence.exchanges:
                if asked.name != "subscribe" or not asked.ok or asked.session != session:
                    continue
                joined = [position(joins[asked.sid, room]) for room in rooms if (asked.sid, room) in joins]
                theirs = label_of(evidence.sids.get(asked.sid, "")) == outcome.dashboard
                if theirs and at is not None and joined and (asked.answered or END) < at < joined[0]:
                    mine.append(outcome)
                    lines[
                        f"server: answered the subscription of {asked.sid} to {session} before it joined the room"
                    ] = None
                    break
        if mine:
            yield self.blame(
                "the server says that the dashboard is subscribed before it has joined the room.",
                [*lines, f"routed in between: {names(sorted({o.key or '' for o in mine}))}"],
                mine,
            )


RULE = AckBeforeJoin()
