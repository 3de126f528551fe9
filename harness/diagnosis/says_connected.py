"""Says connected: the page says that it is connected, and it isn't."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, about, per_run
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import PageClosed, StatusShown
from harness.record.evidence import Evidence, reason_of


class SaysConnected(Rule):
    """The status says connected, and the server doesn't count the page as a member."""

    head = Head(
        cause="says-connected",
        title="the page says that it is connected, and it isn't",
        claims=(about(Kind.MISRENDERED, Aspect.STATUS),),
        by=per_run,
        taps=(Hop.RENDERED,),
        strength=Strength.NAMED,
        against="the page says that it is not connected",
        remedy=(
            "Let the status follow the socket: set it in the handlers of connect, disconnect and\n"
            "connect_error alike, or read socket.connected where it is shown."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        status = _status(evidence, outcome.label)
        return status is None or not status.connected

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lines = list[str]()
        for label in sorted({outcome.label for outcome in outcomes}):
            closed, status = evidence.facts(PageClosed, f"dashboard:{label}"), _status(evidence, label)
            reasons = [f"its connection ended: {reason_of(f)}" for f in closed[-2:]]
            said = [] if status is None else [f"it says {status.text!r}"]
            lines += [f"dashboard {label}: {each}" for each in (*reasons, *said)]
        yield self.blame("the page goes on saying that it is connected when it is not any more.", lines, outcomes)


def _status(evidence: Evidence, label: str) -> StatusShown | None:
    """What a page says of its connection in the end."""
    view = evidence.view(label)
    return None if view is None else view.body.status


RULE = SaysConnected()
