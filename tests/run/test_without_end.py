"""Systems that never rest: what is waited for them has an end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.model import Hop
from harness.run.conclusion import Concluding
from harness.taps.page.tap import PageTap


def test_a_system_that_takes_the_processor_from_itself_is_not_waited_for_without_end() -> None:
    """Each moment is one without a processor, so that what is missing never becomes late by that measure."""
    began_s = time.monotonic()

    def pause(_: float) -> None:
        assert time.monotonic() - began_s < 5, "it is still waited for"

    run = SimpleNamespace(
        stack=SimpleNamespace(taps={Hop.ROUTED, Hop.DELIVERED}),
        contract=SimpleNamespace(bound_ms=100),
        timeout_s=0.2,
        drain=lambda: None,
        _news=SimpleNamespace(undelivered=lambda: 1, last_taken_s=began_s, pause=pause),
        _starvation=SimpleNamespace(since=lambda start_s: time.monotonic() - start_s),
        _outstanding=lambda: 0,
        _bound_s=lambda: began_s + 0.1,
    )
    Concluding.wait_delivered(cast("Any", run))
    assert 0.3 <= time.monotonic() - began_s < 5


class Telling(PageTap):
    """A page that records as much again while it is asked, until the harness gives up or has all that there was."""

    def __init__(self, first: int, again: int) -> None:
        self.dashboard, self.left, self.again, self.taken = "A", first, again, list[int]()

    def call_within(self, timeout_s: float, method: str, *args: Any) -> Any:
        given = min(self.left, 10)
        self.left += self.again - given
        return {"batch": {"records": [0] * given}, "more": self.left, "origin": 0.0, "now": 0.0}

    def _take(self, drained: Mapping[str, Any]) -> int:
        self.taken.append(len(drained["batch"]["records"]))
        assert len(self.taken) < 100, "it is still asked"
        return len(drained["batch"]["records"])

    def _clock(self, origin: float, told: Mapping[str, Any]) -> Any:
        return SimpleNamespace(harness_ns=lambda now: 0)

    def _judge_suspects(self, now_ns: int) -> None:
        return


@pytest.mark.parametrize(("first", "again", "parts"), [(35, 0, 4), (35, 10, 5), (10, 0, 1), (0, 0, 1)])
def test_a_page_is_asked_for_what_it_had_and_not_for_what_comes_meanwhile(first: int, again: int, parts: int) -> None:
    page = Telling(first, again)
    page.drain()
    assert len(page.taken) == parts
    assert sum(page.taken) >= first
