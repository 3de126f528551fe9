"""Ack before join: a subscription is acknowledged, and the room is joined later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._rooms import answered_early, memberships
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.model import Blame, Hop, Outcome, Strength
from harness.record.evidence import Evidence, names


class AckBeforeJoin(Rule):
    """Lost at routed between the answer to the subscription and the moment when the dashboard joined the room."""

    head = Head(
        cause="ack-before-join",
        title="a subscription is acknowledged, and the room is joined later",
        claims=(losses(Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against=(
            "the dashboard had joined the room when the event was routed, or had not asked for it or been answered then"
        ),
        remedy=(
            "Join the room (and await it) first, then replay, then answer: what is emitted between the answer\n"
            "and the join is lost to that dashboard without a trace."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return any(place.is_in for place in memberships(evidence, outcome))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine, lines = [], dict[str, None]()
        for outcome in lost_at(outcomes, Hop.ROUTED):
            session = evidence.events[outcome.event_key].session
            asked = next(
                filter(None, (answered_early(evidence, each, session) for each in memberships(evidence, outcome))), None
            )
            if asked is not None:
                mine.append(outcome)
                what = "the subscription" if asked.name == "subscribe" else repr(asked.name)
                about = "" if session is None else f" to {session}"
                lines[f"server: answered {what} of {asked.sid}{about} before it joined the room"] = None
        if mine:
            yield self.blame(
                "the server says that the dashboard is subscribed before it has joined the room.",
                [*lines, f"routed in between: {names(sorted({o.key or '' for o in mine}))}"],
                mine,
            )


RULE = AckBeforeJoin()
