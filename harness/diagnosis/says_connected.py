"""Says connected: the page says that it is connected, and it isn't."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, about, of_kind, per_run
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import PageClosed
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

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine, lines = [], list[str]()
        for label in evidence.contract.dashboards:
            view = evidence.view(label)
            status = None if view is None else view.body.status
            wrong = [o for o in of_kind(outcomes, Kind.MISRENDERED) if o.prop == "P15" and o.dashboard == label]
            if wrong and status is not None and status.connected:
                mine += wrong
                closed = evidence.facts(PageClosed, f"dashboard:{label}")
                reasons = [f"its connection ended: {reason_of(f)}" for f in closed[-2:]]
                lines += [f"dashboard {label}: {each}" for each in (*reasons, f"it says {status.text!r}")]
        if mine:
            yield self.blame("the page goes on saying that it is connected when it is not any more.", lines, mine)


RULE = SaysConnected()
