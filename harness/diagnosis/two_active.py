"""Two active: a session is accepted while another one holds the place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, about, per_run
from harness.model import Aspect, Blame, Cited, Hop, Kind, Outcome, Strength
from harness.record.evidence import OPEN, Evidence, position


class TwoActive(Rule):
    """The server said yes to both openings, and nothing ended the first in between."""

    head = Head(
        cause="two-active",
        title="a session is accepted while another one holds the place",
        claims=(about(Kind.EXCLUSIVITY, Aspect.SECOND_ACTIVE),),
        by=per_run,
        strength=Strength.NAMED,
        against="the server had the end of the first session before it accepted the second",
        remedy=(
            "Ask whether a session is active and open the new one in one step, under one lock (or by one atomic\n"
            "command, where several servers share the place), and answer the others with a code."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        first, second = outcome.finding.other, outcome.finding.session
        accepted = [e.answered for e in evidence.exchanges if e.name == OPEN and e.ok and e.session == second]
        ended = [
            position(seen)
            for event in evidence.events_of(first)
            if event.name in evidence.contract.terminal
            for seen in evidence.at(Hop.RECEIVED, event.key)[:1]
        ]
        return any(at is not None and min(ended) < at for at in accepted) if ended else False

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        accepted = [e for e in evidence.exchanges if e.name == OPEN and e.ok]
        yield self.blame(
            Cited(outcomes[0].finding, after="."),
            [f"server: accepted {e.session} of {e.sid}" for e in accepted[:5]],
            outcomes,
        )


RULE = TwoActive()
