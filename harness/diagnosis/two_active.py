"""Two active: a session is accepted while another one holds the place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, about, of_kind, per_run
from harness.model import Aspect, Blame, Cited, Kind, Outcome, Strength
from harness.record.evidence import OPEN, Evidence


class TwoActive(Rule):
    """The server said yes to both openings, and nothing ended the first in between."""

    head = Head(
        cause="two-active",
        title="a session is accepted while another one holds the place",
        claims=(about(Kind.EXCLUSIVITY, Aspect.SECOND_ACTIVE),),
        by=per_run,
        strength=Strength.NAMED,
        against="the first session had ended",
        remedy=(
            "Ask whether a session is active and open the new one in one step, under one lock (or by one atomic\n"
            "command, where several servers share the place), and answer the others with a code."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = [o for o in of_kind(outcomes, Kind.EXCLUSIVITY) if o.prop == "X1"]
        if mine:
            accepted = [e for e in evidence.exchanges if e.name == OPEN and e.ok]
            yield self.blame(
                Cited(mine[0].finding, after="."),
                [f"server: accepted {e.session} of {e.sid}" for e in accepted[:5]],
                mine,
            )


RULE = TwoActive()
