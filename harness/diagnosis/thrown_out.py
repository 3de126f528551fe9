"""Thrown out: the server disconnects a dashboard in the middle of a session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_dashboard
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, position


class ThrownOut(Rule):
    """A dashboard's last connection was ended by the server itself, and events were routed after that."""

    head = Head(
        cause="thrown-out",
        title="the server disconnects a dashboard in the middle of a session",
        claims=(of(Kind.REFUSED, Hop.ROUTED),),
        carries=(of(Kind.MISRENDERED),),
        by=per_dashboard,
        strength=Strength.NAMED,
        against="the dashboard left by itself, or came back",
        remedy=(
            "Look for what calls disconnect() for a client that did nothing wrong: a limit, a clean-up.\n"
            "A page that the server has disconnected doesn't come back by itself: it has to call connect()."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        for outcome in of_kind(outcomes, Kind.REFUSED, hop=Hop.ROUTED):
            end = evidence.thrown_out(outcome.label)
            if end is None:
                continue
            behind = [key for key, at in evidence.places.items() if at > position(end)]
            shown = [o for o in of_kind(outcomes, Kind.MISRENDERED) if o.dashboard == outcome.dashboard]
            yield self.blame(
                f"the server disconnects dashboard {outcome.label} in the middle of the run.",
                [
                    f"server: {end.body.sid} (dashboard {outcome.label}) ended: {end.body.reason}",
                    f"server: {len(behind)} events came after that, and the dashboard is no recipient of them",
                ],
                [outcome, *shown],
                at=[outcome],
            )


RULE = ThrownOut()
