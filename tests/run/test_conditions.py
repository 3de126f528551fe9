"""What a workload waits for wakes it when it is so, not before, and not in vain."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from harness.model import Event, Fact, Hop, Sighting
from harness.model.facts import Answered, ClientRefused, PageClosed, PageConnected, Requested
from harness.run.awaiting import Awaiting
from harness.run.conditions import Conditions
from harness.run.producer import Cli
from harness.run.waiting import PartEnded, RunError

MANY = 2_000


def routed(number: int) -> Sighting:
    return Sighting(Hop.ROUTED, Event(f"s/{number}", "step:done", "s", number, None), "server", number, number, ())


def taking(conditions: Conditions, count: int, begin: threading.Event) -> threading.Thread:
    """A thread that takes records once it may begin."""

    def take() -> None:
        begin.wait()
        with Path(os.devnull).open("wb", buffering=0) as ledger:
            for number in range(count):
                conditions.take(routed(number))
                ledger.write(b"a record, and a moment for other threads")

    thread = threading.Thread(target=take)
    thread.start()
    return thread


def test_who_waits_is_woken_once_and_when_it_is_so(tmp_path: Path) -> None:
    conditions, begin, me = Conditions(20.0, tmp_path), threading.Event(), threading.get_ident()
    thread = taking(conditions, MANY, begin)
    asked: list[int] = []

    def enough() -> bool:
        if threading.get_ident() == me:
            asked.append(conditions.seen(Hop.ROUTED, "s"))
            begin.set()
        return conditions.seen(Hop.ROUTED, "s") >= MANY

    conditions.wait(enough, "all of them")
    thread.join()
    assert (asked[0], asked[-1]) == (0, MANY)
    # twice, and twice a second on a machine that stands still
    assert len(asked) < MANY / 10, f"woken {len(asked)} times"


def test_several_may_wait(tmp_path: Path) -> None:
    conditions, begin, began = Conditions(20.0, tmp_path), threading.Event(), threading.Barrier(3)
    thread, seen = taking(conditions, 9, begin), list[int]()

    def wait_for(count: int) -> None:
        began.wait()
        conditions.wait(lambda: conditions.seen(Hop.ROUTED, "s") >= count, f"{count} events")
        seen.append(count)

    waiting = [threading.Thread(target=wait_for, args=(count,)) for count in (3, 9)]
    for each in waiting:
        each.start()
    began.wait()
    begin.set()
    for each in (*waiting, thread):
        each.join()
    assert sorted(seen) == [3, 9]


def test_a_cli_is_waited_for_until_it_tells_of_an_event_or_has_ended_and_not_for_ever(tmp_path: Path) -> None:
    conditions, child = Conditions(20.0, tmp_path), SimpleNamespace(status=None)
    cli, awaiting = cast("Cli", SimpleNamespace(session="s", child=child)), Awaiting(conditions, Hop.ROUTED)
    assert awaiting.wait_told(cli, 1, 3600), "one that tells of none is not waited for"
    conditions.take(replace(routed(1), hop=Hop.EMITTED))
    assert awaiting.wait_told(cli, 1, 3600)
    assert not awaiting.wait_told(cli, 2, 0.01), "nor is it wrong that it has told nothing"
    child.status = 1
    assert awaiting.wait_told(cli, 2, 3600)


def test_what_never_comes_is_said_with_the_place_of_the_logs(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=f"waited 0.01 s for a miracle. The logs are in {tmp_path}"):
        Conditions(0.01, tmp_path).wait(lambda: False, "a miracle")


def test_a_page_is_away_until_it_is_back_unless_a_server_ended_its_connection(tmp_path: Path) -> None:
    conditions = Conditions(20.0, tmp_path)
    for load, reason in (("dashboard:A.1", "closed by the page"), ("dashboard:B.1", "io server disconnect")):
        conditions.take(Fact(load, 1, 1, PageConnected(sid=load, transport="polling")))
        conditions.take(Fact(load, 2, 2, PageClosed(sid=load, transport="polling", reason=reason)))
    assert conditions.away() == {"dashboard:A.1"}
    conditions.take(Fact("dashboard:A.1", 3, 3, PageConnected(sid="again", transport="polling")))
    assert not conditions.away()


def test_what_an_ended_cli_was_to_bring_about_is_not_waited_for_to_the_deadline(tmp_path: Path) -> None:
    conditions = Conditions(20.0, tmp_path)
    conditions.rest_s = 0.0
    answer = {"ok": False, "code": "bad-token"}
    conditions.take(Fact("server", 1, 1, Requested("session:open", [{"session": "s"}], 7, "sid")))
    conditions.take(Fact("server", 2, 2, Answered("session:open", [answer], 7, "sid")))
    conditions.take(Fact("cli:main", 1, 3, ClientRefused({"message": "not you", "data": {"code": "bad-token"}})))
    assert conditions.refused == {
        "s": f"session:open was refused: {answer}",
        "cli:main": "its connection was refused: not you [bad-token]",
    }
    began = time.monotonic()
    with pytest.raises(PartEnded, match="cli:main ended while 2 events of s was waited for"):
        conditions.wait(lambda: False, "2 events of s", lambda: "cli:main ended")
    assert time.monotonic() - began < 5, "not the whole of its patience"


def test_what_is_on_its_way_when_a_cli_has_ended_is_waited_for(tmp_path: Path) -> None:
    conditions, begin = Conditions(20.0, tmp_path), threading.Event()
    conditions.rest_s = 5.0
    thread = taking(conditions, 3, begin)

    def enough() -> bool:
        begin.set()
        return conditions.seen(Hop.ROUTED, "s") >= 3

    conditions.wait(enough, "3 events", lambda: "cli:main ended")
    thread.join()


def test_an_event_is_held_by_the_message_that_brought_it_until_it_is_routed(tmp_path: Path) -> None:
    conditions = Conditions(1, tmp_path)
    for number, detail in ((1, {"sid": "one"}), (2, {"sid": "one", "carrier": "change"}), (3, {"path": "/steps"})):
        conditions.take(replace(routed(number), hop=Hop.RECEIVED, detail=detail))
    came = [("one", "step:done"), ("one", "change"), (None, "/steps")]
    assert [conditions.is_held(*each) for each in came] == [True] * 3
    assert not conditions.is_held("other", "step:done")
    conditions.take(routed(2))
    assert [conditions.is_held(*each) for each in came] == [True, False, True]
