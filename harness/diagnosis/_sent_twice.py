"""What the rules about events that were sent twice have in common: from where in the code, and how far apart."""

from __future__ import annotations

from collections.abc import Sequence

from harness.diagnosis.rule import UNKNOWN_PLACE
from harness.model import Hop, Kind, Outcome, Sighting
from harness.record.evidence import Evidence


def sent_twice(evidence: Evidence, outcomes: Sequence[Outcome]) -> list[tuple[Outcome, Sequence[Sighting]]]:
    """What was sent more than once, with its sightings."""
    twice = [o for o in outcomes if o.kind is Kind.DUPLICATED and o.hop is Hop.SENT]
    return [(o, evidence.at(Hop.SENT, o.key)) for o in twice]


def places(sightings: Sequence[Sighting]) -> list[str]:
    """Where in the code they were emitted, each place once."""
    return list(dict.fromkeys(str(each.detail.get("where") or UNKNOWN_PLACE) for each in sightings))
