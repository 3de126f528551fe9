"""CLIs that end with an error, in a system where nothing but that tells how a session ended."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model import Hop, Kind, Outcome
from harness.model.facts import CliSession, StepBlocked
from tests.support.ledgers import Story
from tests.support.records import said


def endless(**contract: Any) -> Story:
    return Story("broadcast", **{"terminal": (), "terminal_ok": (), "declared": (), **contract}).open("A")


def found(story: Story) -> list[Outcome]:
    verdict = story.verdict()
    assert verdict.broken == ()
    return [o for o in verdict.outcomes if o.kind is Kind.INCOMPLETE]


def exited(*statuses: int) -> Story:
    """A session for each status, with which its CLI ends."""
    story = endless()
    for number, status in enumerate(statuses):
        story.start(f"s{number}").emit(f"s{number}", "step", data=f"s{number}").end(f"s{number}", status=status)
    return story


@pytest.mark.parametrize(
    ("statuses", "failed"),
    [((0,), {}), ((3,), {"s0": 3}), ((0, 3), {"s1": 3}), ((3, 0), {"s0": 3}), ((3, 4), {"s0": 3, "s1": 4})],
)
def test_each_session_ends_as_its_own_cli_does(statuses: tuple[int, ...], failed: dict[str, int]) -> None:
    outcomes = found(exited(*statuses))
    assert {o.finding.session: o.finding.found for o in outcomes} == failed
    assert {(o.prop, o.hop, o.hops) for o in outcomes} <= {("P13", Hop.EMITTED, (Hop.EMITTED,))}


def test_a_killed_cli_failed_by_no_fault_of_its_own_and_the_next_is_looked_at() -> None:
    story = endless().start("s0").emit("s0", "step", data="s0").kill("s0")
    story.start("s1").emit("s1", "step", data="s1").end("s1", status=3)
    assert [o.finding.session for o in found(story)] == ["s1"]


def test_one_that_was_turned_away_is_judged_by_that() -> None:
    story = endless().start("s0").emit("s0", "step")
    story.start("s1", ok=False, error={"code": "session-active"}).end("s1", status=5).end("s0")
    assert [o for o in found(story) if o.finding.session == "s1"] == []


def test_a_cli_that_was_told_to_end_in_a_blocked_step_is_not_blamed_for_its_status() -> None:
    blocked = endless().start("s0").emit("s0", "step").fact(StepBlocked, "harness", step="click", why="gone")
    assert found(blocked.end("s0", status=3)) == []
    later = exited(3).fact(StepBlocked, "harness", step="click", why="gone")
    assert [o.finding.found for o in found(later)] == [3]


def test_the_only_cli_ended_the_only_session_whether_or_not_it_says_which_it_has() -> None:
    story = exited(3)
    assert [o.finding.found for o in found(story.drop(said(CliSession)))] == [3]
    nothing = endless(session="s0").start("s0").end("s0", status=3)
    assert [(o.finding.session, o.finding.found) for o in found(nothing)] == [("s0", 3)]
    unnamed = endless(session="job").start("s0").end("s0", status=3).drop(said(CliSession))
    assert [(o.finding.session, o.finding.found) for o in found(unnamed)] == [("job", 3)]
    several = endless(session="job").start("s0").start("s1").end("s0", status=3).end("s1").drop(said(CliSession))
    assert found(several) == [], "which of them had it?"
