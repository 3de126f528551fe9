"""Late join stale: a dashboard that comes in the middle of a session is not told of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._announcements import came_late, untold
from harness.diagnosis.rule import Head, Rule, losses, lost_at, of, per_dashboard
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class LateJoinStale(Rule):
    """Lost at routed to a dashboard that came late, and was not told of a session that others knew of."""

    head = Head(
        cause="late-join-stale",
        title="a dashboard that comes in the middle of a session is not told of it",
        claims=(losses(Hop.ROUTED),),
        carries=(of(Kind.LOST),),
        by=per_dashboard,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against="the dashboard was connected when the session began, or was told of it",
        remedy=(
            "Tell a dashboard of every active session when it connects, or let it ask: what is announced\n"
            "only once reaches only those who are there."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        for label in evidence.contract.dashboards:
            mine = [
                o
                for o in lost_at(outcomes, Hop.ROUTED)
                if o.dashboard == label
                and (session := untold(evidence, o)) is not None
                and came_late(evidence, label, session)
            ]
            if mine:
                sessions = sorted({evidence.events[o.event_key].session or "" for o in mine})
                told = [o for o in outcomes if o.key is None and o.dashboard == label and o.prop in ("A3", "A4")]
                yield self.blame(
                    f"dashboard {label} connected while {', '.join(sessions)} was active, and was not told of it.",
                    [
                        f"server: accepted {', '.join(sessions)} before dashboard {label} connected",
                        f"dashboard {label}: heard of no session when it came",
                    ],
                    [*mine, *told],
                    at=mine,
                )


RULE = LateJoinStale()
