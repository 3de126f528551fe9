"""A dashboard that asks for a session which nobody has tells nothing until it watches."""

from __future__ import annotations

from typing import Any, cast

import pytest

from harness.launch.stack import Stack
from harness.model import Body, Fact, Record
from harness.model.facts import PageClosed, PageError, PageLoaded, StatusShown
from harness.run.dashboard import Dashboard, PageStepError
from harness.run.stranger import Held, admitted


def told(body: Body) -> Fact[Any]:
    return Fact("dashboard:stranger.1", 1, 1, body)


class Page:
    """A dashboard that does as it is told to."""

    label = "stranger"

    def __init__(self, write: Any, says: Body, shown: bool = True, reached: bool = True, missing: str = "") -> None:
        self.tap, self._says, self._write = self, says, write
        self._shown, self._reached, self._missing = shown, reached, missing
        self.is_withdrawn = False

    def open(self, url: str) -> None:
        self._write(told(self._says))

    def take_steps(self, steps: Any, values: Any, timeout_s: float) -> None:
        assert values["session"] == "nobody's"
        if self._missing:
            raise PageStepError(self._missing)

    def is_shown_connected(self, timeout_s: float) -> bool:
        return self._shown

    def is_reached(self, timeout_s: float) -> bool:
        return self._reached

    def tell(self, body: Body) -> None:
        self._write(told(body))

    def try_taps(self) -> None: ...

    def drain(self) -> None: ...

    def withdraw(self) -> None:
        self.is_withdrawn = True


class System:
    """What a stack says of addresses and pages."""

    def __init__(self) -> None:
        self.addresses = self.target = self
        self.opening = self.choosing = ()

    def values(self) -> dict[str, str]:
        return {}

    def for_page(self, who: str, given: str, **query: str) -> str:
        return query["session"]

    def of(self, label: str) -> System:
        return self


def tried(**page: Any) -> tuple[Any, str | None, list[Record]]:
    written: list[Record] = []
    made: list[Page] = []

    def make(write: Any) -> Dashboard:
        made.append(Page(write, **page))
        return cast("Dashboard", made[0])

    found, why = admitted(make, written.append, cast("Stack", System()), "nobody's", "", 1.0)
    assert (found is None) == made[0].is_withdrawn == (why is not None)
    return found, why, written


def test_who_watches_is_on_record_from_its_beginning() -> None:
    found, _, written = tried(says=PageLoaded("http://page"))
    assert found is not None and [type(cast("Fact[Any]", each).body).__name__ for each in written] == [
        "PageLoaded", "ActionTaken"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ({"shown": False}, "the page does not say that it is connected"),
        ({"reached": False}, "its connection carries nothing"),
        ({"missing": "no such option"}, "no such option"),
        ({"says": PageError("TypeError: no build")}, "page-error: TypeError: no build"),
        ({"says": PageClosed("sid", reason="io server disconnect")}, "page-closed: "),
    ],
)
def test_who_is_turned_away_leaves_nothing(page: dict[str, Any], why: str) -> None:
    assert tried(**{"says": StatusShown("waiting", False), **page})[1:] == (why, [])


def test_what_comes_after_it_watches_is_written_at_once() -> None:
    written: list[Record] = []
    held = Held(written.append)
    held(told(PageLoaded("http://page")))
    assert written == []
    held.release()
    held(told(PageError("later")))
    assert len(written) == 2 and held.objection() is None
