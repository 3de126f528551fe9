"""A dashboard that asks for an unknown session tells nothing until it watches; or else what it overheard."""

from __future__ import annotations

from typing import Any, cast

import pytest

from harness.launch.stack import Stack
from harness.model import Body, Event, Fact, Hop, Record, Sighting
from harness.model.facts import Overheard, PageClosed, PageConnected, PageError, PageLoaded, Requested, StatusShown
from harness.run.dashboard import Dashboard, PageStepError
from harness.run.stranger import Asking, Held


def told(body: Body) -> Fact[Any]:
    return Fact("dashboard:stranger.1", 1, 1, body)


class Page:
    """A dashboard that does as it is told to."""

    label = "stranger"

    def __init__(
        self,
        write: Any,
        says: Body,
        shown: bool = True,
        reached: bool = True,
        missing: str = "",
        connects: bool = False,
    ) -> None:
        self.tap, self._says, self._write, self._connects = self, says, write, connects
        self._shown, self._reached, self._missing = shown, reached, missing
        self.is_withdrawn = False

    def open(self, url: str) -> None:
        self.url = url
        self._write(told(self._says))
        if self._connects:
            self._write(told(PageConnected("sid")))

    def take_steps(self, steps: Any, values: Any, timeout_s: float) -> None:
        assert values["session"] == self.url
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

    def __init__(self, chooses_when_open: bool) -> None:
        self.addresses = self.target = self
        self.opening = self.choosing = ()
        self.chooses_when_open = chooses_when_open

    def values(self) -> dict[str, str]:
        return {}

    def for_page(self, who: str, given: str, **query: str) -> str:
        return query.get("session", "")

    def of(self, label: str) -> System:
        return self


def asked(written: list[Record], *pages: dict[str, Any], session: str = "nobody's") -> tuple[Asking, list[Page]]:
    """Pages that are opened one after the other, each of which does as it is told to."""
    made: list[Page] = []

    def make(write: Any) -> Dashboard:
        made.append(Page(write, **pages[len(made)]))
        return cast("Dashboard", made[-1])

    stack = cast("Stack", System(chooses_when_open=len(pages) > 1 or not session))
    return Asking(
        "stranger", make, written.append, lambda body: written.append(told(body)), stack, session, "", 1.0
    ), made


def tried(**page: Any) -> tuple[Any, str | None, list[Record]]:
    written: list[Record] = []
    asking, made = asked(written, page)
    found, bystanders, why = asking.admitted()
    assert (found is None) == made[0].is_withdrawn == (why is not None) and bystanders == []
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


WAITING = StatusShown("waiting", False)
AWAY = {"says": PageError("TypeError: no build"), "connects": True}


def came(key: str) -> Sighting:
    return Sighting(Hop.DELIVERED, Event(key, "step", "main", 1, None), "dashboard:stranger.1", 2, 2)


def test_who_is_turned_away_and_stays_connected_overhears_what_comes_to_it() -> None:
    written: list[Record] = []
    asking, made = asked(written, AWAY)
    found, [bystander], why = asking.admitted()
    assert found is None and why is not None and written == []
    made[0]._write(came("main/1"))
    bystander.conclude()
    assert [cast("Fact[Any]", each).body for each in written] == [
        Overheard("stranger", True, True, ("main/1",), ("sid",))
    ]
    bystander.close()
    assert made[0].is_withdrawn


def test_what_a_page_asks_for_beside_the_session_is_told() -> None:
    written: list[Record] = []
    asking, made = asked(written, AWAY)
    [bystander] = asking.admitted()[1]
    for name, args in (("watch", [made[0].url]), ("watch", ["*"]), ("hello", []), ("hello", [])):
        made[0]._write(told(Requested(name, args)))
    bystander.conclude()
    assert cast("Fact[Any]", written[0]).body == Overheard("stranger", True, True, (), ("sid",), ("watch", "hello"))


@pytest.mark.parametrize("way", ["closes", "never reached"])
def test_who_lost_its_connection_proves_nothing(way: str) -> None:
    written: list[Record] = []
    asking, made = asked(written, AWAY)
    [bystander] = asking.admitted()[1]
    if way == "closes":
        made[0]._write(told(PageClosed("sid")))
    else:
        made[0]._reached = False
    bystander.conclude()
    assert [cast("Fact[Any]", each).body for each in written] == [Overheard("stranger", True, False, (), ("sid",))]


def test_where_the_one_that_asks_loses_its_connection_another_asks_for_nothing() -> None:
    written: list[Record] = []
    asking, made = asked(written, {"says": WAITING, "shown": False}, {"says": WAITING, "connects": True})
    found, [bystander], why = asking.admitted()
    assert found is None and why == "the page does not say that it is connected"
    assert [page.is_withdrawn for page in made] == [True, False] and made[1].url == ""
    bystander.conclude()
    assert cast("Fact[Any]", written[0]).body == Overheard("stranger", False, True, (), ("sid",))


@pytest.mark.parametrize("page", [{"connects": False}, {"connects": True, "reached": False}])
def test_a_page_that_does_not_connect_by_itself_is_not_a_bystander(page: dict[str, Any]) -> None:
    asking, made = asked([], {"says": WAITING, **page}, session="")
    assert asking.who_asks_for_nothing() == [] and made[0].is_withdrawn
