"""What rules about a dashboard's last connection have in common: who ended it in mid-session, and what it missed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Sequence

from harness.diagnosis.rule import Rule, about, lost_at, of_kind
from harness.lib.amounts import amount
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome
from harness.model.facts import Disconnected
from harness.record.evidence import Evidence, position

STAYED_AWAY = about(Kind.REFUSED, Aspect.CONNECTION_LOST)
"""Dashboards that lost their connection and never came back: it follows from a cause that ended it."""


def stayed_away(outcomes: Iterable[Outcome], labels: Collection[str]) -> list[Outcome]:
    """Those of them with these labels."""
    return [o for o in outcomes if STAYED_AWAY.fits(o) and o.label in labels]


class ConnectionEnded(Rule):
    """A dashboard's last connection was ended for good, and events were routed after that."""

    aspect: Aspect

    @abstractmethod
    def end(self, evidence: Evidence, label: str) -> Fact[Disconnected] | None:
        """How the last connection of a dashboard ended, where it is as this rule says."""

    @abstractmethod
    def sentence(self, labels: Sequence[str]) -> str:
        """Who ended the connections of these dashboards."""

    def seen(self, evidence: Evidence, label: str) -> Iterable[str]:
        """What else the record has of it."""
        return ()

    def missed(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Outcome]:
        """What was on its way over the connection when it ended."""
        return ()

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return self.end(evidence, outcome.label) is None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        ends = {
            o: end
            for o in of_kind(outcomes, Kind.REFUSED)
            if o.finding.aspect is self.aspect and (end := self.end(evidence, o.label)) is not None
        }
        if not ends:
            return
        labels = sorted({o.label for o in ends})
        shown = [o for o in of_kind(outcomes, Kind.MISRENDERED) if o.label in labels]
        yield self.blame(
            self.sentence(labels),
            [
                line
                for o, end in ends.items()
                for line in (
                    f"server: {end.body.sid} (dashboard {o.label}) ended: {end.body.reason}",
                    *self.seen(evidence, o.label),
                    *_came_after(evidence, end),
                )
            ],
            [*ends, *shown, *unrouted(evidence, outcomes, labels, ends.values()), *self.missed(evidence, outcomes)],
            at=[*ends],
        )


def _came_after(evidence: Evidence, end: Fact[Disconnected]) -> Iterable[str]:
    if count := sum(at > position(end) for at in evidence.places.values()):
        yield f"server: {amount(count, 'event')} came after that, and the dashboard is not among their recipients"


def unrouted(
    evidence: Evidence, outcomes: Sequence[Outcome], labels: Collection[str], ends: Iterable[Fact[Disconnected]]
) -> Iterable[Outcome]:
    """Events without recipients, routed after the connection of every dashboard had ended."""
    if not {*evidence.contract.dashboards} <= {*labels}:
        return
    last = max(map(position, ends))
    for outcome in lost_at(outcomes, Hop.ROUTED):
        at = evidence.routed_at(outcome.event_key)
        if outcome.dashboard is None and at is not None and at > last:
            yield outcome
