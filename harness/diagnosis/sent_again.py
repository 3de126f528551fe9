"""Sent again: a dashboard that comes back is sent what it was sent before, and takes it for new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._parties import agreeing, dashboards
from harness.diagnosis.replayed_to_all import replays_to_all
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Pattern, Rule, of, of_kind, per_run
from harness.judge.properties.sequence import given_again
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, names


class SentAgain(Rule):
    """Delivered twice to one load of a page, by emits to connections that it had one after the other."""

    head = Head(
        cause="sent-again",
        title="a dashboard that comes back is sent again what it has",
        claims=(of(Kind.DUPLICATED, Hop.ROUTED),),
        carries=(Pattern((Kind.LATE, Kind.REORDERED), keyed=True),),
        by=per_run,
        taps=(Hop.ROUTED, Hop.DELIVERED),
        strength=Strength.NAMED,
        against=(
            "it had not come over the connection before, both connections were open at once, or one emit reached it\n"
            "more often than once, or it went to others as well"
        ),
        remedy=(
            "Send a page that comes back only what it lacks: let it say the last number that it has (in `auth`, which\n"
            "may be a function, or in its request). Or let the page drop what it has, by number, or begin anew."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.event_key in replays_to_all(evidence):
            return True
        return not given_again(evidence, outcome.finding.party or "", outcome.event_key)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = [o for o in of_kind(outcomes, Kind.DUPLICATED, hop=Hop.ROUTED) if not self.is_refuted(evidence, o)]
        if not mine:
            return
        labels = sorted({o.label for o in mine})
        lines, places = list[str](), dict[str, None]()
        for label in labels:
            own = [o for o in mine if o.label == label]
            (before, _), *_, (after, emit) = given_again(evidence, own[0].finding.party or "", own[0].event_key)
            reason = (before.end and before.end.body.reason) or "no reason is known"
            where = str(emit.detail.get("where") or UNKNOWN_PLACE)
            places[where] = None
            lines += [
                f"dashboard {label}: was connected as {before.began.body.sid} ({reason}), and then as "
                f"{after.began.body.sid}",
                f"dashboard {label}: {amount(len(own), 'event')} came over both: "
                f"{names(sorted(o.event_key for o in own))}; sent again at {where}",
            ]
        keys = {(o.key, o.label) for o in mine}
        yield self.blame(
            f"{dashboards(labels)} came back, and {agreeing(labels, 'was', 'were')} sent again what had come before.",
            lines,
            [*mine, *(o for o in of_kind(outcomes, Kind.LATE, Kind.REORDERED) if (o.key, o.label) in keys)],
            at=mine,
            places=places,
        )


RULE = SentAgain()
