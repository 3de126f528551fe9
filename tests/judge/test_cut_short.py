"""A workload that can't go on ends its CLIs: what those were not given they do not owe."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model import Answer, Hop
from harness.model.facts import CliExited, StepBlocked
from tests.support.history import MS, at, clean, of_kind


@pytest.mark.parametrize(("blocked_ms", "kinds"), [(30, set()), (50, {"incomplete"})], ids=["before", "after"])
def test_a_cli_that_ends_once_its_workload_is_blocked_owes_no_terminal_event(blocked_ms: int, kinds: set[str]) -> None:
    history = clean()
    for hop in Hop:
        history.without(at(hop, "s/4"))
    history.tell(StepBlocked, "harness", step="the last events", why="waited 20 s")
    history.changed(of_kind(StepBlocked, "harness"), lambda record: replace(record, at_ns=blocked_ms * MS))
    history.changed(of_kind(CliExited, "cli:main"), lambda record: replace(record, at_ns=40 * MS))
    verdict = history.verdict()
    assert {o.kind.value for o in verdict.outcomes if o.prop == "P13" and o.kind.value != "delivered"} == kinds
    assert verdict.answer is not Answer.PASSED
