"""No announcement: a session begins, and no dashboard is told, or only some of them are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._announcements import (
    asked,
    came_late,
    concerned,
    is_unannounced,
    opened_at,
    untold,
    was_sent_any,
    was_told,
)
from harness.diagnosis._parties import agreeing, dashboards
from harness.diagnosis.rule import Head, Rule, about, losses, per_run
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class NoAnnouncement(Rule):
    """Lost at routed, where dashboards join what is announced to them, and no dashboard was told of the session."""

    head = Head(
        cause="no-announcement",
        title="a session begins, and dashboards are not told",
        claims=(losses(Hop.ROUTED),),
        carries=(about(Kind.LOST, Aspect.UNTOLD, Aspect.EMPTY_SESSION),),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against=(
            "a dashboard was told of the session, or came when it was there already; or the server emitted another\n"
            "event of the session to it, so that it had joined"
        ),
        remedy=(
            "Announce a session to every connected dashboard when it is opened, before its first event is routed;\n"
            "look for the hook that did it, and whether it still runs."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        event = evidence.events.get(outcome.event_key)
        if event is None or event.session is None:
            return True
        session = event.session
        if not is_unannounced(evidence, session) and (
            untold(evidence, outcome) is None or came_late(evidence, outcome.label, session)
        ):
            return True
        return any(was_sent_any(evidence, label, session) for label in concerned(evidence, outcome))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lost = [o for o in outcomes if o.key is not None]
        labels = list(dict.fromkeys(each for o in lost for each in concerned(evidence, o)))
        sessions = sorted({evidence.events[o.event_key].session or "" for o in lost})
        others = [each for each in evidence.contract.dashboards if each not in labels]
        told = [each for each in others if any(was_told(evidence, each, session) for session in sessions)]
        follow = [o for o in outcomes if o.key is None and (o.finding.session in sessions or o.dashboard in labels)]
        opened = [session for session in sessions if opened_at(evidence, session) is not None]
        yield self.blame(
            f"{dashboards(labels)} {agreeing(labels, 'was', 'were')} not told of session {', '.join(sessions)}, "
            f"and {dashboards(told)} {agreeing(told, 'was', 'were')}."
            if told
            else f"no dashboard was told of session {', '.join(sessions)}, so that no dashboard joined it.",
            [
                *([f"server: accepted {', '.join(opened)}"] if opened else []),
                *(
                    f"dashboard {label}: was not told of it, and asked for "
                    + (", ".join(asked(evidence, label)) or "nothing")
                    for label in labels
                ),
                *(f"dashboard {label}: was told of it" for label in told),
            ],
            [*lost, *follow],
            at=lost,
        )


RULE = NoAnnouncement()
