"""Late join stale: a dashboard that comes in the middle of a session is not told of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._announcements import came_late, is_unannounced, untold
from harness.diagnosis._parties import agreeing, dashboards
from harness.diagnosis.rule import Head, Rule, losses, lost_at, of, per_run
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class LateJoinStale(Rule):
    """Lost at routed to a dashboard that came late, and was not told of a session that others knew of."""

    head = Head(
        cause="late-join-stale",
        title="a dashboard that comes in the middle of a session is not told of it",
        claims=(losses(Hop.ROUTED),),
        carries=(of(Kind.LOST),),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against="the dashboard was connected when the session began, or was told of it; or none was told of it",
        remedy=(
            "Tell a dashboard of every active session when it connects, or let it ask: what is announced\n"
            "only once reaches only the dashboards that are there."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        session = untold(evidence, outcome)
        return session is None or is_unannounced(evidence, session) or not came_late(evidence, outcome.label, session)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        labels, sessions = list[str](), set[str]()
        lines, at, follow = list[str](), list[Outcome](), list[Outcome]()
        for label in evidence.contract.dashboards:
            mine = [o for o in lost_at(outcomes, Hop.ROUTED) if o.dashboard == label]
            if mine:
                labels.append(label)
                at += mine
                follow += [o for o in outcomes if o.key is None and o.dashboard == label and o.prop in ("A3", "A4")]
                missed = {evidence.events[o.event_key].session or "" for o in mine}
                sessions |= missed
                lines += [
                    f"server: accepted {', '.join(sorted(missed))} before dashboard {label} connected",
                    f"dashboard {label}: heard of no session when it came",
                ]
        if labels:
            was = agreeing(labels, "was", "were")
            yield self.blame(
                f"{dashboards(labels)} connected while {', '.join(sorted(sessions))} was active, "
                f"and {was} not told of it.",
                lines,
                [*at, *follow],
                at=at,
            )


RULE = LateJoinStale()
