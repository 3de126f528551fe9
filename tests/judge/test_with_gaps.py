"""However much of a record is missing, there is a verdict, and every blame has evidence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.diagnosis import verdict_of
from harness.model import Answer, Hop, Kind
from harness.record.ledger import Ledger
from harness.reporting import sentences
from tests.support.causes import CAUSES
from tests.support.stories import STORIES

RUNS = {**{name: story for name, (_, story) in CAUSES.items()}, **{name: story for name, (story, _) in STORIES.items()}}


def explains_itself(ledger: Ledger) -> None:
    verdict = verdict_of(ledger)
    failed = {o for o in verdict.outcomes if o.kind not in (Kind.DELIVERED, Kind.UNDETERMINED)}
    assert {outcome for blame in verdict.blame for outcome in blame.explains} == failed
    assert all(blame.evidence and blame.remedy for blame in verdict.blame)
    assert verdict.answer is (Answer.FAILED if failed else Answer.UNKNOWN if verdict.unknowns else Answer.PASSED)


@pytest.mark.parametrize("name", RUNS)
def test_a_record_without_a_hop_has_a_verdict_that_explains_itself(name: str) -> None:
    ledger = RUNS[name]().ledger()
    for hop in Hop:
        explains_itself(replace(ledger, sightings=tuple(each for each in ledger.sightings if each.hop is not hop)))


@pytest.mark.parametrize("name", RUNS)
def test_a_record_without_facts_of_a_kind_has_a_verdict_that_explains_itself(name: str) -> None:
    ledger = RUNS[name]().ledger()
    for kind in sorted({fact.kind for fact in ledger.facts}):
        explains_itself(replace(ledger, facts=tuple(fact for fact in ledger.facts if fact.kind is not kind)))


@pytest.mark.parametrize("name", RUNS)
def test_a_record_without_details_has_a_verdict_that_explains_itself(name: str) -> None:
    """What a tap could not tell (a place in the code, a room, the size of a payload) is not part of the judgement."""
    ledger = RUNS[name]().ledger()
    bare = replace(ledger, sightings=tuple(replace(each, detail={}) for each in ledger.sightings))
    verdict = verdict_of(bare)
    assert all(
        sentences.evidence(blame) and "None" not in " ".join(sentences.evidence(blame)) for blame in verdict.blame
    )
