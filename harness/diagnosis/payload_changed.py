"""Payload changed: a hop hands on another payload than it was given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._spoiled import along, places_of, seen_at
from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
from harness.model import Aspect, Blame, Cited, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence

OTHERS = (Aspect.NOT_AS_DESCRIBED, Aspect.TIME_BACK, Aspect.TIME_WRONG, Aspect.ANSWER_DATA)
"""What is wrong with a message by itself: it need not have changed on its way."""

MADE = (Aspect.OWN_ID, Aspect.NOTICE_LIST, Aspect.NOTICE_TIME)
"""What is wrong with a message that the server made: where it was emitted so, nothing changed it."""


class PayloadChanged(Rule):
    """Corrupted, at whatever hop."""

    head = Head(
        cause="payload-changed",
        title="a hop hands on another payload than it was given",
        claims=(of(Kind.CORRUPTED),),
        by=per_run,
        strength=Strength.AROUND,
        against="the message is wrong by itself, whatever it was before: not as described, of an earlier time, made so",
        remedy=(
            "Compare the payload before the hop with the one after it, field by field: look for what rounds, cuts,\n"
            "renames or leaves out, and for objects that are changed after they were handed on."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        aspect = outcome.finding.aspect
        return aspect in OTHERS or (aspect in MADE and outcome.hop is Hop.ROUTED)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_hops: dict[tuple[Hop, ...], list[Outcome]] = defaultdict(list)
        for outcome in of_kind(outcomes, Kind.CORRUPTED):
            if outcome.hops:
                by_hops[outcome.hops].append(outcome)
        for hops, mine in by_hops.items():
            seen = [s for o in mine for s in seen_at(evidence, o, max(hops))]
            fields = dict.fromkeys(f"{s.event.key}: {differs}" for s in seen if (differs := s.detail.get("differs")))
            places = places_of(evidence, mine, hops)
            yield self.blame(
                f"the payload is changed {along(hops)}.",
                [
                    *(Cited(o.finding, f"{o.key} " if o.key else "") for o in mine[:3]),
                    *(f"fields that differ: {each}" for each in list(fields)[:3]),
                    *(f"handed on at {place}" for place in places[:3]),
                ],
                mine,
                remedy=_remedy(hops),
                places=places,
            )


def _remedy(hops: Sequence[Hop]) -> str:
    """With what to compare it: what comes after one hop, or what is seen at the end of a range."""
    then = "after it" if len(hops) == 1 else f"at {max(hops).label}"
    return (
        f"Compare the payload before hop {min(hops).label} with the one {then}, field by field: look for what rounds,\n"
        "cuts, renames or leaves out, and for objects that are changed after they were handed on."
    )


RULE = PayloadChanged()
