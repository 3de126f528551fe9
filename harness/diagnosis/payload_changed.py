"""Payload changed: a hop hands on another payload than it was given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis import blame, of_kind
from harness.model import SERVER_SIDE, Blame, Cited, Hop, Kind, Outcome, Sighting, Strength
from harness.record.evidence import Evidence


class PayloadChanged:
    """Corrupted, at whatever hop."""

    name = "payload-changed"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_hop: dict[Hop, list[Outcome]] = defaultdict(list)
        for outcome in of_kind(outcomes, Kind.CORRUPTED):
            if outcome.hop is not None:
                by_hop[outcome.hop].append(outcome)
        for hop, mine in by_hop.items():
            seen = [s for o in mine for s in _sightings(evidence, o, hop)]
            places = dict.fromkeys(str(s.detail["where"]) for s in seen if s.detail.get("where"))
            fields = dict.fromkeys(f"{s.event.key}: {differs}" for s in seen if (differs := s.detail.get("differs")))
            yield blame(
                self.name,
                f"the payload is another one from {hop.label} on.",
                [
                    *(Cited(o.finding, f"{o.key} ") for o in mine[:3]),
                    *(f"fields that differ: {each}" for each in list(fields)[:3]),
                    *(f"handed on at {place}" for place in list(places)[:3]),
                ],
                f"Compare the payload in front of hop {hop.label} with the one behind it, field by field: look for\n"
                "what rounds, cuts, renames or leaves out, and for objects that are changed after they were handed on.",
                mine,
                strength=Strength.AROUND,
            )


def _sightings(evidence: Evidence, outcome: Outcome, hop: Hop) -> Sequence[Sighting]:
    if hop in SERVER_SIDE:
        return evidence.at(hop, outcome.key)
    loads = evidence.loads_of(outcome.dashboard)
    return [s for load in loads for s in evidence.on_page(hop, load) if s.event.key == outcome.key]


RULE = PayloadChanged()
