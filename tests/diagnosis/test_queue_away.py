"""A message queue that takes nothing; and emits that failed before they came to one."""

from __future__ import annotations

import pytest

from harness.diagnosis import verdict_of
from harness.model import Hop
from harness.reporting import sentences
from tests.support.causes_in_clis import not_taken
from tests.support.other_systems import floor, warehouse

EACH = pytest.mark.parametrize("system", [warehouse, floor])
LAST = ("main/5", "main/6")


def blamed(system: object, queue: str | None) -> dict[str, str]:
    assert callable(system)
    verdict = verdict_of(not_taken(system(), *LAST, queue=queue).ledger())
    assert {blame.hop for blame in verdict.blame} == {Hop.SENT}
    return {blame.cause: sentences.line(blame.sentence) for blame in verdict.blame}


@EACH
def test_what_a_queue_did_not_take_is_lost_for_that(system: object) -> None:
    said = "the message queue at redis://127.0.0.1:1 did not take what the CLI emits, and the CLI was not told."
    assert blamed(system, "redis://127.0.0.1:1") == {"queue-away": said}


@EACH
def test_what_failed_before_it_came_to_a_queue_is_another_matter(system: object) -> None:
    assert "queue-away" not in blamed(system, None)
