"""Gap, no replay: what passed while a dashboard was disconnected was never replayed to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from harness.diagnosis._handed_over import is_handed_over_to
from harness.diagnosis._parties import agreeing, dashboards
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.judge.strategies.watch import absences
from harness.model import Blame, Hop, Outcome, Strength
from harness.record.evidence import Evidence, label_of, names


class GapNoReplay(Rule):
    """Lost at delivered: routed while the dashboard had no connection, and never to it when it was back.

    Or at routed: without recipients, while no dashboard had a connection, and all of them came back.
    """

    head = Head(
        cause="gap-no-replay",
        title="what passed while a dashboard was disconnected was never replayed to it",
        claims=(losses(Hop.ROUTED, Hop.DELIVERED),),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.AROUND,
        against=(
            "the dashboard was connected when it was routed, or it or others of its session were routed to it\n"
            "afterwards"
        ),
        remedy=(
            "Keep a session's events, and replay those after the last number that the dashboard has when it\n"
            "comes back; where that is not promised, show the gap."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        """A replay that lacks something is not a missing replay."""
        return is_handed_over_to(evidence, outcome.label, evidence.events[outcome.event_key].session)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_label: dict[str, list[Outcome]] = defaultdict(list)
        gaps = absences(evidence)
        for outcome in [*lost_at(outcomes, Hop.ROUTED), *lost_at(outcomes, Hop.DELIVERED)]:
            at = evidence.routed_at(outcome.event_key)
            labels = [outcome.dashboard] if outcome.dashboard else [*evidence.contract.dashboards]
            sids = {sid for sid, load in evidence.sids.items() if label_of(load) in labels}
            away = [any(start < at < end for start, end in gaps.get(each, ())) for each in labels] if at else []
            if away and all(away) and not sids & evidence.recipients_of(outcome.key):
                for label in labels:
                    by_label[label].append(outcome)
        if not by_label:
            return
        was, it = agreeing(by_label, "was", "were"), agreeing(by_label, "it", "they")
        yield self.blame(
            f"{dashboards(by_label)} {was} away for a moment, and what {it} missed was never replayed.",
            [
                line
                for label, mine in by_label.items()
                for line in (
                    f"routed while {_who(by_label, label)} was away, and never to it: {_keys(mine)}",
                    f"dashboard {label}: connected again, and asked or was asked for nothing that came after that",
                )
            ],
            [*dict.fromkeys(o for mine in by_label.values() for o in mine)],
        )


def _who(all_: Collection[str], label: str) -> str:
    return agreeing(all_, "it", f"dashboard {label}")


def _keys(mine: Iterable[Outcome]) -> str:
    return names(sorted({o.event_key for o in mine}))


RULE = GapNoReplay()
