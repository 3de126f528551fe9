"""Terminal twice: a session has more than one last event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_session
from harness.model import Blame, Hop, Kind, Outcome, Strength
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

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        for session, events in evidence.sessions.items():
            ends = [event for event in events if event.name in evidence.contract.terminal]
            mine = [o for o in of_kind(outcomes, Kind.INCOMPLETE) if o.finding.session == session]
            if len(ends) > 1 and mine:
                sent = [s for e in ends for s in evidence.at(Hop.SENT, e.key)]
                places = dict.fromkeys(str(s.detail["where"]) for s in sent if s.detail.get("where"))
                yield self.blame(
                    f"session {session} ends {len(ends)} times.",
                    [*(f"{e.key} {e.name}" for e in ends[:5]), *(f"sent from {place}" for place in places)],
                    mine,
                    places=places,
                )


RULE = TerminalTwice()
