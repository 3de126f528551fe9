"""Says connected: the page says that it is connected, and it isn't."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from harness.diagnosis.rule import Head, Rule, about, per_run
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import PageClosed, View
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
        view = evidence.view(outcome.label)
        return view is None or not _says_so(view.body, outcome.hop)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lines = list[str]()
        for label in sorted({outcome.label for outcome in outcomes}):
            closed, view = evidence.facts(PageClosed, f"dashboard:{label}"), evidence.view(label)
            reasons = [f"its connection ended: {reason_of(f)}" for f in closed[-2:]]
            said = () if view is None else _said(view.body)
            lines += [f"dashboard {label}: {each}" for each in (*reasons, *said)]
        yield self.blame("the page still says that it is connected when it no longer is.", lines, outcomes)


def _says_so(view: View, hop: Hop | None) -> bool:
    """Whether a page says in the end that it is connected, in its state or where a person reads it."""
    if hop is Hop.APPLIED:
        return view.state_connected is True
    return view.status is not None and view.status.connected


def _said(view: View) -> Iterator[str]:
    """What a page says of its connection in the end."""
    if view.state_connected is not None:
        yield f"its state says {view.state_connection!r}"
    if view.status is not None:
        yield f"it says {view.status.text!r}"


RULE = SaysConnected()
