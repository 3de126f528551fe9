"""Clocks of other machines: what is known of one by asking it, and what becomes of the times that it told."""

from __future__ import annotations

from harness.load.clocks import Compared, compared
from harness.load.log import Log, Way


def test_the_shortest_questions_bound_the_offset_from_both_sides() -> None:
    assert compared([(1000, 50, 1100), (2000, 1030, 2020), (3000, 2025, 3030)]) == Compared(982, 8)
    assert compared([(1000, 50, 1040), (2000, 1045, 2090)]) == Compared(972, 18)  # no single one is that good


def test_a_clock_that_ran_away_has_all_of_it_as_its_error() -> None:
    found = compared([(1000, 0, 1010), (2000, 500, 2010)])
    assert found == Compared(1255, 255)


def test_a_clock_that_was_never_asked_is_not_known() -> None:
    assert compared([]) is None


def test_a_log_is_moved_to_another_clock() -> None:
    log = Log()
    log.note(0, Way.GOT, "2[]", 100)
    log.move(-30)
    assert log.at_ns.tolist() == [70] and log.at_ns.typecode == "q"
