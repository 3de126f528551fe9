"""Ping timeout: a page did not answer the server's ping in time, and the server gave its connection up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._connection_ended import STAYED_AWAY, stayed_away
from harness.diagnosis._parties import dashboards
from harness.diagnosis.rule import Head, Rule, losses, per_run
from harness.model import Blame, Fact, Hop, Outcome, Strength
from harness.model.facts import Disconnected, Faulted
from harness.record.evidence import Evidence, label_of, names, position

REASON = "ping timeout"
"""What both Socket.IO servers call it."""


class PingTimeout(Rule):
    """Lost at delivered: routed to a connection that the server then gave up, because no answer to its ping came."""

    head = Head(
        cause="ping-timeout",
        title="a page does not answer the server's ping in time, and the server gives its connection up",
        claims=(losses(Hop.DELIVERED),),
        carries=(STAYED_AWAY,),
        by=per_run,
        taps=(Hop.ROUTED, Hop.DELIVERED),
        strength=Strength.NAMED,
        against="the connection ended for another reason, or before the event was routed; or the harness disturbed it",
        remedy=(
            "Look for what keeps the page: a long task in its main thread, a debugger, a tab that sleeps. Give it\n"
            "longer (`pingTimeout`, 20 s unless changed), and hand over what is missing when it comes back."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return bool(evidence.facts(Faulted)) or _given_up(evidence, outcome) is None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        ends = {o: end for o in outcomes if (end := _given_up(evidence, o)) is not None}
        by_label: dict[str, list[Outcome]] = {}
        for outcome in ends:
            by_label.setdefault(outcome.label, []).append(outcome)
        if not by_label:
            return
        sids = {label: dict.fromkeys(ends[o].body.sid for o in mine) for label, mine in by_label.items()}
        yield self.blame(
            f"{dashboards(by_label)} did not answer the server's ping in time, and the server gave the connection up.",
            [
                line
                for label, mine in by_label.items()
                for line in (
                    *(f"server: ended {sid} (dashboard {label}): {REASON}" for sid in sids[label]),
                    f"emitted to it before that, and never there: {names(sorted({o.event_key for o in mine}))}",
                )
            ],
            [*ends, *stayed_away(outcomes, by_label)],
            at=[*ends],
        )


def _given_up(evidence: Evidence, outcome: Outcome) -> Fact[Disconnected] | None:
    """The end of a connection of the outcome's dashboard that its event was routed to before."""
    routed = evidence.at(Hop.ROUTED, outcome.key)
    if not routed:
        return None
    told = evidence.recipients_of(outcome.key)
    mine = {sid for sid, load in evidence.sids.items() if label_of(load) == outcome.dashboard and sid in told}
    ends = (f for f in evidence.facts(Disconnected) if f.body.sid in mine and f.body.reason == REASON)
    return next((f for f in ends if position(f) > position(routed[0])), None)


RULE = PingTimeout()
