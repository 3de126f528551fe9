"""What a page is told of a run: the reports' own numbers, and nothing that what comes next may still explain."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from harness.diagnosis import diagnose
from harness.judge.judge import judge_evidence
from harness.live.state import Phase, state
from harness.model import Hop
from harness.model.facts import CliStarted, Connected, Joined
from harness.record.evidence import Evidence
from harness.record.ledger import Ledger
from tests.support.history import History, at, clean, event, send
from tests.support.reported import NASTY, mismatch


def told(history: History, phase: Phase = Phase.RUNNING, count: int | None = None) -> dict[str, Any]:
    """What is told of the first records of a history."""
    evidence = Evidence(history.ledger() if count is None else Ledger.of(history.contract, history.records[:count]))
    return state("run-1", evidence, diagnose(evidence, judge_evidence(evidence)), phase)


def counts(of: dict[str, Any]) -> list[int | None]:
    return [step["count"] for step in of["path"]]


def test_a_judged_run_has_the_numbers_of_its_report() -> None:
    shown = told(mismatch(), Phase.JUDGED)
    assert counts(shown) == [4, 4, 4, 0, 0, 0, 0]
    assert (shown["verdict"], shown["cause"]["cause"], shown["cause"]["hop"]) == ("failed", "room-mismatch", "routed")
    assert shown["sentence"].startswith("4 of 4 events lost at routed")
    assert [step["label"] for step in shown["path"] if step["is_break"]] == ["routed"]


def test_whose_events_are_counted_is_told() -> None:
    history = clean()
    send(history, event(1, session="other"), ("A", "B"))
    shown = told(history)
    assert (shown["session"], shown["sessions"], shown["total"], counts(shown)[0]) == ("s", 2, 5, 4)


def test_the_cause_is_told_as_soon_as_the_record_shows_it() -> None:
    history = mismatch()
    causes = [told(history, count=count)["cause"] for count in range(len(history.records))]
    first = next(place for place, cause in enumerate(causes) if cause is not None)
    assert causes[first]["cause"] == "room-mismatch"
    assert history.records[first - 1].observer == "server"
    assert first < len(history.records), "before its end"


@pytest.mark.parametrize("make", [clean, mismatch])
def test_no_prefix_of_a_run_has_a_verdict_or_a_cause_that_the_whole_has_not(make: Callable[[], History]) -> None:
    history = make()
    end = told(history, Phase.JUDGED)["cause"]
    for count in range(len(history.records)):
        shown = told(history, count=count)
        assert (shown["verdict"], shown["sentence"]) == (None, "")
        assert shown["cause"] is None or (end is not None and shown["cause"]["cause"] == end["cause"])


def test_what_is_not_there_yet_is_told_with_how_far_it_came() -> None:
    history = clean().without(at(Hop.RENDERED, "s/3", "B")).without(at(Hop.APPLIED, "s/3", "B"))
    (stuck,) = told(history)["stuck"]
    assert (stuck["seq"], stuck["dashboard"], stuck["after"], stuck["before"]) == (3, "B", "delivered", "applied")
    assert told(clean())["stuck"] == []


def test_what_never_reached_the_server_waits_there() -> None:
    history = clean()
    for hop in list(Hop)[2:]:
        history.without(at(hop, "s/4"))
    stuck = {(each["seq"], each["dashboard"], each["after"], each["before"]) for each in told(history)["stuck"]}
    assert stuck == {(4, "A", "sent", "received"), (4, "B", "sent", "received")}


def test_an_event_that_was_only_emitted_is_told_so() -> None:
    history = clean()
    for hop in list(Hop)[1:]:
        history.without(at(hop, "s/4"))
    assert [each["at"] for each in told(history)["events"]] == [*["routed"] * 3, "emitted"]


def test_rooms_are_told_with_their_members_and_without_each_client_s_own() -> None:
    history = mismatch()
    history.tell(Joined, "server", sid="sid-A", room="lobby").tell(Joined, "server", sid="sid-A", room="sid-A")
    history.tell(Connected, "server", sid="sid-C").tell(Joined, "server", sid="sid-C", room="lobby")
    rooms = {each["room"]: each for each in told(history)["rooms"]}
    assert rooms["lobby"]["members"] == ["A", "another client"]
    assert rooms["s"] == {"room": "s", "members": [], "is_emitted_to": True}
    assert "sid-A" not in rooms


def test_dashboards_and_producers_are_told_as_they_are_now() -> None:
    history = clean()
    history.tell(CliStarted, "cli:late", argv=("cli",), cwd="/")
    shown = told(history)
    a = shown["dashboards"][0]
    assert (a["label"], a["connected"], a["owed"]) == ("A", True, 4)
    assert a["at"] == {"delivered": 4, "applied": 4, "rendered": 4}
    assert [(each["label"], each["exit"]) for each in shown["clis"]] == [("late", None)]


def test_what_a_run_says_has_no_characters_that_act() -> None:
    shown = json.dumps(told(mismatch(NASTY), Phase.JUDGED), ensure_ascii=False)
    assert "␛" in shown
    assert {"\x1b", "\u202e", "\x00", "\\u001b", "\\u0000"}.isdisjoint([*shown, *re.findall(r"\\u....", shown)])
