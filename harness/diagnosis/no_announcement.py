"""No announcement: a session begins, and no dashboard is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._announcements import asked, came_late, concerned, opened_at, untold, was_sent_any
from harness.diagnosis.rule import Head, Rule, losses, per_run
from harness.model import Blame, Hop, Outcome, Strength
from harness.record.evidence import Evidence


class NoAnnouncement(Rule):
    """Lost at routed, where dashboards join what is announced to them, and nobody was told of the session."""

    head = Head(
        cause="no-announcement",
        title="a session begins, and no dashboard is told",
        claims=(losses(Hop.ROUTED),),
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
        session = untold(evidence, outcome)
        if session is None or came_late(evidence, outcome.label, session):
            return True
        return any(was_sent_any(evidence, label, session) for label in concerned(evidence, outcome))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        sessions = sorted({evidence.events[o.event_key].session or "" for o in outcomes})
        opened = [session for session in sessions if opened_at(evidence, session) is not None]
        yield self.blame(
            f"nobody was told of session {', '.join(sessions)}, so that no dashboard joined it.",
            [
                *([f"server: accepted {', '.join(opened)}"] if opened else []),
                *(
                    f"dashboard {label}: was not told of it, and asked for "
                    + (", ".join(asked(evidence, label)) or "nothing")
                    for label in dict.fromkeys(each for o in outcomes for each in concerned(evidence, o))
                ),
            ],
            outcomes,
        )


RULE = NoAnnouncement()
