"""The reference system by a target file alone: the same hops and the same verdict as by the harness's own knowledge."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.judging import Judged
from harness.model import Answer, Hop
from harness.reporting import sentences
from harness.run.workloads import COMMON
from harness.selftest.reproductions import REPRODUCTIONS, complaints, reproduce
from harness.target.file import load
from harness.target.reference import reference
from tests.support.verified import verified

FILE = Path(__file__).parents[1] / "support" / "reference.toml"


def judged(strategy: str, **changes: object) -> Judged:
    target = replace(load(FILE), **changes)  # type: ignore[arg-type]
    return verified(target, [strategy])


def test_what_the_file_says_is_what_the_harness_knows() -> None:
    known, said = reference(), load(FILE)
    for part in (
        "strategies",
        "ingress",
        "declared",
        "terminal",
        "terminal_ok",
        "own_events",
        "panels",
        "task",
        "choosing",
    ):
        mine, theirs = getattr(known, part), getattr(said, part)
        assert part == "ingress" or mine == theirs, part
    assert said.taps == known.taps == tuple(Hop)


@pytest.mark.slow
def test_the_whole_act_of_a_strategy_passes_through_the_file() -> None:
    found = judged("broadcast")
    assert found.verdict.answer is Answer.PASSED, sentences.verdict(found.verdict)
    assert set(found.verdict.hops.values()) == {10}
    assert found.verdict.identity == "session and seq"


@pytest.mark.slow
def test_without_a_pipe_two_dashboards_watch_one_task() -> None:
    found = judged("broadcast", pipe=None, answers=False, choosing=())
    assert found.verdict.answer is Answer.PASSED, (sentences.verdict(found.verdict), found.verdict.unknowns)
    assert set(found.verdict.hops.values()) == {10}
    assert found.evidence.contract.properties == (*COMMON, "B1", "B2")


@pytest.mark.slow
@pytest.mark.parametrize("name", REPRODUCTIONS)
def test_the_documented_bugs_are_blamed_rightly_through_the_file(name: str) -> None:
    wanted = REPRODUCTIONS[name]
    found = reproduce(load(FILE), wanted, lambda text: None)
    assert complaints(wanted, found.verdict) == []
