"""Terminal twice: a session has more than one last event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, per_session
from harness.model import Blame, Event, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class TerminalTwice(Rule):
    """Several terminal events in one session."""

    head = Head(
        cause="terminal-twice",
        title="a session has more than one last event",
        claims=(of(Kind.INCOMPLETE),),
        by=per_session,
        strength=Strength.NAMED,
        against="the session has one end",
        remedy=(
            "Report the end in one place, after everything else, and let nothing report after it:\n"
            "a dashboard takes the first one for the end."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return len(_ends(evidence, outcome)) < 2

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        ends = _ends(evidence, outcomes[0])
        sent = [s for e in ends for s in evidence.at(Hop.SENT, e.key)]
        places = dict.fromkeys(str(s.detail["where"]) for s in sent if s.detail.get("where"))
        yield self.blame(
            f"session {outcomes[0].finding.session} ends {len(ends)} times.",
            [*(f"{e.key} {e.name}" for e in ends[:5]), *(f"sent from {place}" for place in places)],
            outcomes,
            places=places,
        )


def _ends(evidence: Evidence, outcome: Outcome) -> list[Event]:
    """The last events of the session that an outcome is about."""
    return [e for e in evidence.events_of(outcome.finding.session) if e.name in evidence.contract.terminal]


RULE = TerminalTwice()
