"""Gap, no replay: what passed while a dashboard was away was never handed over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_dashboard
from harness.judge.strategies.watch import absences
from harness.model import Blame, Hop, Outcome, Strength
from harness.record.evidence import Evidence, label_of, names


class GapNoReplay(Rule):
    """Lost at delivered: routed while the dashboard had no connection, and never to it when it was back."""

    head = Head(
        cause="gap-no-replay",
        title="what passed while a dashboard was away was never handed over",
        claims=(losses(Hop.DELIVERED),),
        by=per_dashboard,
        taps=(Hop.DELIVERED,),
        strength=Strength.AROUND,
        against="the dashboard was connected when it was routed, or it was routed to it afterwards",
        remedy=(
            "Keep a session's events, and replay those after the last number that the dashboard has when it\n"
            "comes back; where that is not promised, show the gap."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_label: dict[str, list[Outcome]] = defaultdict(list)
        gaps = absences(evidence)
        for outcome in lost_at(outcomes, Hop.DELIVERED):
            at = evidence.routed_at(outcome.event_key)
            label = outcome.label
            sids = {sid for sid, load in evidence.sids.items() if label_of(load) == label}
            away = at is not None and any(start < at < end for start, end in gaps.get(label, ()))
            if away and not sids & evidence.recipients_of(outcome.key):
                by_label[label].append(outcome)
        for label, mine in by_label.items():
            yield self.blame(
                f"dashboard {label} was away for a moment, and what it missed was never replayed.",
                [
                    f"routed while it was away, and never to it: {names(sorted({o.key or '' for o in mine}))}",
                    f"dashboard {label}: connected again, and asked or was asked for nothing that came after that",
                ],
                mine,
            )


RULE = GapNoReplay()
