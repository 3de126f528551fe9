"""What is late on a machine that had no processor for the run is not known; what is late all the same is late."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model import Answer, Hop, Kind
from harness.model.facts import Starved
from harness.reporting import sentences
from tests.support.causes_in_clis import told as story
from tests.support.ledgers import Story
from tests.support.records import at

MS = 1_000_000


def late(took_ms: int, *starved: tuple[int, int, float]) -> Story:
    """A run whose third event is drawn so much later; by when it was starved (from, to, in ms of that) and how much."""
    run = story()
    start_ns = next(r.at_ns for r in run.records if at(Hop.EMITTED, "main/3")(r))
    run.change(at(Hop.RENDERED, "main/3", "A"), lambda r: replace(r, at_ns=start_ns + took_ms * MS))
    for since_ms, until_ms, waited_ms in starved:
        run.wait((start_ns + until_ms * MS - run.now_ns) / MS)
        run.fact(Starved, "harness", since_ns=start_ns + since_ms * MS, waited_ms=waited_ms, load=30.0)
    return run


@pytest.mark.parametrize(
    ("starved", "answer"),
    [
        ([], Answer.FAILED),
        ([(0, 3000, 1400.0)], Answer.UNKNOWN),
        ([(0, 3000, 300.0)], Answer.FAILED),
        ([(0, 1000, 300.0), (1000, 2000, 300.0), (2000, 3000, 300.0)], Answer.UNKNOWN),
        ([(4000, 9000, 5000.0)], Answer.FAILED),
        ([(-3000, 300, 3300.0)], Answer.FAILED),
    ],
)
def test_only_the_time_without_a_processor_excuses(starved: list[tuple[int, int, float]], answer: Answer) -> None:
    verdict = late(2800, *starved).verdict()
    assert verdict.answer is answer
    found = [o for o in verdict.outcomes if o.prop == "P11" and o.kind is not Kind.DELIVERED]
    assert {o.kind for o in found} == {Kind.LATE if answer is Answer.FAILED else Kind.UNDETERMINED}
    if answer is Answer.UNKNOWN:
        assert "the machine was starved" in sentences.outcome(found[0])


def test_a_starved_machine_alone_is_no_reason_to_doubt() -> None:
    assert late(800, (0, 3000, 3000.0)).verdict().answer is Answer.PASSED
