"""A CLI that takes another session than the one that it was given: its events are counted all the same."""

from __future__ import annotations

from dataclasses import replace

from harness.judge.judge import counts
from harness.model import Hop
from harness.record.evidence import Evidence
from tests.support.ledgers import Story
from tests.support.other_systems import STOCK, warehouse


def counted(story: Story, given: str) -> tuple[str | None, int | None]:
    ledger = story.ledger()
    evidence = Evidence(replace(ledger, contract=replace(ledger.contract, session=given)))
    return evidence.main, counts(evidence)[Hop.EMITTED]


def test_events_of_the_only_cli_are_counted_whatever_session_it_took() -> None:
    assert counted(warehouse(), "given") == (None, len(STOCK))
    assert counted(warehouse(), "main") == ("main", len(STOCK))


def test_those_of_another_cli_are_not_counted_in_place_of_what_never_came() -> None:
    story = warehouse().start("other").emit("other", *STOCK).end("other")
    assert counted(story, "given") == ("given", 0)
