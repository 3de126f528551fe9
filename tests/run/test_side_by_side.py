"""The processes of the next strategy start while the present one is verified, where two of a system may run at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Self

import pytest

from harness import verify
from harness.target.reference import reference

APART = ["start one", "play one", "close one", "start two", "play two", "close two"]
BESIDE = ["start one", "spawn two", "play one", "close one", "start two", "play two", "close two"]


class Noted:
    """A stack that notes what is asked of it."""

    told: list[str]

    def __init__(self, target: object, strategy: str, resources: object) -> None:
        self.target, self.strategy = target, strategy

    def spawn(self) -> Self:
        self.told.append(f"spawn {self.strategy}")
        return self

    def start(self, _: Callable[[], object]) -> Self:
        self.told.append(f"start {self.strategy}")
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.told.append(f"close {self.strategy}")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(Noted, "told", told, raising=False)
    monkeypatch.setattr(verify, "Stack", Noted)
    monkeypatch.setattr(verify, "note_start", lambda _: None)
    monkeypatch.setattr(verify, "workload_for", lambda *_: None)
    monkeypatch.setattr(verify, "ended", lambda _, judged: judged)
    monkeypatch.setattr(verify, "play", lambda stack, *_, **__: told.append(f"play {stack.strategy}"))
    return told


def resources() -> Any:
    return nullcontext(SimpleNamespace(browser=None, spans=SimpleNamespace(clear=lambda: None)))


@pytest.mark.parametrize(
    ("side_by_side", "faults", "expected"), [(True, [], BESIDE), (False, [], APART), (True, ["a fault"], APART)]
)
def test_the_next_strategy_starts_beside_the_present_one_where_it_may(
    told: list[str], side_by_side: bool, faults: list[Any], expected: list[str]
) -> None:
    target = replace(reference(), side_by_side=side_by_side)
    [*verify.verify(target, ["one", "two"], lambda _: None, faults, resources=resources)]
    assert [*dict.fromkeys(told)] == expected


def test_what_was_started_ahead_is_stopped_when_it_is_no_longer_needed(told: list[str]) -> None:
    runs = iter(
        verify.verify(replace(reference(), side_by_side=True), ["one", "two"], lambda _: None, resources=resources)
    )
    next(runs)
    runs.close()  # type: ignore[attr-defined]  # a generator, as every function with `yield` gives
    assert told[-2:] == ["close one", "close two"]
