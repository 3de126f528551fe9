"""Payload changed: a hop hands on another payload than it was given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
from harness.model import SERVER_SIDE, Aspect, Blame, Cited, Hop, Kind, Outcome, Sighting, Strength
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
        by_hop: dict[Hop, list[Outcome]] = defaultdict(list)
        for outcome in of_kind(outcomes, Kind.CORRUPTED):
            if outcome.hop is not None:
                by_hop[outcome.hop].append(outcome)
        for hop, mine in by_hop.items():
            seen = [s for o in mine for s in _sightings(evidence, o, hop)]
            places = dict.fromkeys(str(s.detail["where"]) for s in seen if s.detail.get("where"))
            fields = dict.fromkeys(f"{s.event.key}: {differs}" for s in seen if (differs := s.detail.get("differs")))
            yield self.blame(
                f"the payload is changed from {hop.label} on.",
                [
                    *(Cited(o.finding, f"{o.key} " if o.key else "") for o in mine[:3]),
                    *(f"fields that differ: {each}" for each in list(fields)[:3]),
                    *(f"handed on at {place}" for place in list(places)[:3]),
                ],
                mine,
                remedy=f"Compare the payload before hop {hop.label} with the one after it, field by field: look for\n"
                "what rounds, cuts, renames or leaves out, and for objects that are changed after they were handed on.",
                places=places,
            )


def _sightings(evidence: Evidence, outcome: Outcome, hop: Hop) -> Sequence[Sighting]:
    if hop in SERVER_SIDE:
        return evidence.at(hop, outcome.key)
    loads = evidence.loads_of(outcome.dashboard)
    return [s for load in loads for s in evidence.on_page(hop, load).of(outcome.key)]


RULE = PayloadChanged()
