"""Thrown out: the server disconnects a dashboard in the middle of a session."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, losses, lost_at, of, of_kind, per_run
from harness.model import Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import Disconnected
from harness.record.evidence import Evidence, position


class ThrownOut(Rule):
    """A dashboard's last connection was ended by the server itself, and events were routed after that."""

    head = Head(
        cause="thrown-out",
        title="the server disconnects a dashboard in the middle of a session",
        claims=(of(Kind.REFUSED, Hop.ROUTED),),
        carries=(of(Kind.MISRENDERED), losses(Hop.ROUTED)),
        by=per_run,
        strength=Strength.NAMED,
        against="the dashboard left by itself, or came back",
        remedy=(
            "Look for what calls disconnect() for a client that did nothing wrong: a limit, a clean-up.\n"
            "A page that the server has disconnected doesn't come back by itself: it has to call connect()."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        ends = {
            o: end
            for o in of_kind(outcomes, Kind.REFUSED, hop=Hop.ROUTED)
            if (end := evidence.thrown_out(o.label)) is not None
        }
        if not ends:
            return
        labels = sorted({o.label for o in ends})
        shown = [o for o in of_kind(outcomes, Kind.MISRENDERED) if o.label in labels]
        yield self.blame(
            f"the server disconnects dashboard {' and '.join(labels)} in the middle of the run.",
            [
                line
                for o, end in ends.items()
                for line in (
                    f"server: {end.body.sid} (dashboard {o.label}) ended: {end.body.reason}",
                    f"server: {sum(at > position(end) for at in evidence.places.values())} events came after that, "
                    "and the dashboard is no recipient of them",
                )
            ],
            [*ends, *shown, *_unrouted(evidence, outcomes, labels, ends.values())],
            at=[*ends],
        )


def _unrouted(
    evidence: Evidence, outcomes: Sequence[Outcome], labels: Collection[str], ends: Iterable[Fact[Disconnected]]
) -> Iterable[Outcome]:
    """What nobody was resolved for, after the server had disconnected every dashboard."""
    if not {*evidence.contract.dashboards} <= {*labels}:
        return
    last = max(map(position, ends))
    for outcome in lost_at(outcomes, Hop.ROUTED):
        at = evidence.routed_at(outcome.event_key)
        if outcome.dashboard is None and at is not None and at > last:
            yield outcome


RULE = ThrownOut()
