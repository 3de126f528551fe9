"""What the rules about events that were sent twice have in common: from where in the code, and how far apart."""

from __future__ import annotations

from collections.abc import Sequence, Set

from harness.diagnosis.rule import UNKNOWN_PLACE
from harness.model import Hop, Sighting
from harness.model.facts import Acknowledged
from harness.record.evidence import Evidence
from harness.record.evidence.times import Times
from harness.record.remembered import remembered


def places(sightings: Sequence[Sighting]) -> list[str]:
    """Where in the code they were emitted, each place once."""
    return list(dict.fromkeys(str(each.detail.get("where") or UNKNOWN_PLACE) for each in sightings))


@remembered
def answers(evidence: Evidence) -> dict[str, int]:
    """Event key to when its first acknowledgement came, on the CLI's clock."""
    return answered(evidence).by_key()


@remembered
def answered(evidence: Evidence) -> Times:
    """The same of all events at once."""
    return evidence.told.firsts(Acknowledged, lambda told: not told.never_left)


@remembered
def retried(evidence: Evidence) -> Set[str]:
    """What was sent twice because no answer had come by then: exactly those events, several, of a CLI that sent others
    once. Of one alone that may be chance.

    Where else in the code the second emit stands says nothing: an error path of a call that was too slow is one.
    """
    sent = evidence.once[Hop.SENT]
    apart = {key: seen[1].at_ns - seen[0].at_ns for key, seen in sent.repeated()}
    if not len(answered(evidence).keys) or not 2 <= len(apart) < len(sent):
        return frozenset()
    in_time = {*answered(evidence).earlier_than(evidence.first_times(Hop.SENT), -min(apart.values()))}
    return apart.keys() if len(in_time) == len(sent) - len(apart) and in_time.isdisjoint(apart) else frozenset()
