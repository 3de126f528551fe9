"""What a cause says beside its sentence: the bug that follows it, and the program's own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.diagnosis.consequences import is_consequence
from harness.diagnosis.rule import blame as made
from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import ClientRefused, CliMessage, Joined, NeverAwaited, UnservedEmit
from harness.reporting import sentences
from tests.support.causes import gone
from tests.support.explained import evidence, explained, outcome, paper
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, keys, lost
from tests.support.records import said

ALL = tuple(f"main/{number}" for number in range(1, 8))
BEHIND = (Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED)
System = Callable[[], Story]


def own_object(story: Story, room: str | None) -> Story:
    """Every event is emitted in the CLI's own process."""
    gone(story, ALL, *BEHIND)
    names = {event.key: event.name for event in evidence(story).events.values()}
    for key in ALL:
        story.fact(UnservedEmit, "cli:main", event=names.get(key, "?"), key=key, room=room, where="a.py:1 tell")
    return story


def about_rooms(story: Story) -> str:
    [blame] = explained("wrong-process", story, *lost(story, Hop.SENT, *range(1, 8)))
    return f"{blame.remedy}\n" + "\n".join(sentences.evidence(blame))


@EACH
def test_a_room_without_dashboards_is_told_with_an_object_without_clients(system: System) -> None:
    told = about_rooms(own_object(system(), "shift-7"))
    assert "Then see\nthat dashboards are in room 'shift-7' before its first event comes: none was." in told
    assert "server: no dashboard was ever in room 'shift-7', which the CLI emits to" in told


@EACH
def test_no_empty_room_is_told_where_dashboards_are_in_it_or_it_goes_to_all(system: System) -> None:
    assert "Then see" not in about_rooms(own_object(system(), None))
    story = own_object(system(), "shift-7")
    story.fact(Joined, "server", sid=story.pages["B"].sid, room="shift-7")
    assert "Then see" not in about_rooms(story)


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("aiohttp not installed -- cannot make HTTP requests!", "Install what is missing"),
        ("ModuleNotFoundError: No module named 'websocket'", "Install what is missing"),
        ("cli.py:4: RuntimeWarning: coroutine 'Board.connect' was never awaited", "Await what is named"),
    ],
)
def test_who_never_connected_is_told_in_its_own_words(line: str, remedy: str) -> None:
    story = paper("never-connected").fact(CliMessage, "cli:main", text="starting")
    story.fact(CliMessage, "cli:main", text="going on").fact(CliMessage, "cli:main", text=line)
    [blame] = explained("never-connected", story, *lost(story, Hop.SENT, *range(1, 8)))
    assert sentences.line(blame.sentence).endswith(f"made no connection to it, and no request; it says {line!r}.")
    assert blame.remedy.startswith(remedy)


def test_other_words_are_told_as_evidence_alone() -> None:
    story = paper("never-connected").fact(CliMessage, "cli:main", text="starting")
    [blame] = explained("never-connected", story, *lost(story, Hop.SENT, *range(1, 8)))
    assert sentences.line(blame.sentence).endswith("made no connection to it, and no request.")
    assert "on standard error: starting" in sentences.evidence(blame)[-1]


def forgotten(system: System, count: int) -> Story:
    """Three events that the CLI never sent, and so many unawaited calls: they never ran, and name nothing."""
    story = gone(system(), ("main/2", "main/4", "main/5"), *BEHIND)
    for _ in range(count):
        story.fact(NeverAwaited, "cli:main", function="Board.tell", does=("call",), where="board.py:9 tell")
    return story


@EACH
def test_as_many_unawaited_calls_as_events_that_were_not_sent(system: System) -> None:
    story = forgotten(system, 3)
    assert keys(story, "not-awaited", *lost(story, Hop.SENT, 2, 4, 5)) == ["main/2", "main/4", "main/5"]
    assert keys(story, "not-awaited", *lost(story, Hop.ROUTED, 2)) == []


@EACH
@pytest.mark.parametrize("count", [2, 4])
def test_another_number_of_calls_tells_nothing(system: System, count: int) -> None:
    story = forgotten(system, count)
    assert keys(story, "not-awaited", *lost(story, Hop.SENT, 2, 4, 5)) == []


@pytest.mark.parametrize(("key", "label", "follows"), [("main/3", "A", True), ("main/3", "B", False)])
def test_a_panel_that_never_changed_may_have_waited_for_what_was_lost(key: str, label: str, follows: bool) -> None:
    story = paper("room-left")
    first = made("exit-before-ack", "", (), "", [outcome(Kind.LOST, Hop.RECEIVED, key, label)])
    why = Finding(Aspect.PANEL_UNCHANGED, panel=evidence(story).contract.panels[0].name, count=2)
    stale = Outcome(Kind.MISRENDERED, "P9", None, "A", None, (Hop.APPLIED, Hop.RENDERED), why)
    assert is_consequence(evidence(story), made("panel-stale", "", (), "", [stale]), [first]) is follows


def test_an_answer_that_is_an_object_is_an_answer() -> None:
    """Of a web server that knows no such path python-socketio before the agent told no more than what it says."""
    story = paper("wrong-port").change(said(ClientRefused), lambda fact: other(fact, error={"detail": "Not Found"}))
    unreached = Finding(Aspect.CLI_UNREACHED, party="cli:main")
    wrong = Outcome(Kind.REFUSED, "P14", None, None, Hop.SENT, (Hop.SENT,), unreached)
    assert len(explained("wrong-port", paper("wrong-port"), wrong)) == 1
    assert explained("wrong-port", story, wrong) == []


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        ("Unexpected status code 404 in server response: {'detail': 'Not Found'}", "no Socket.IO at that path"),
        ('polling connection: HTTP 400 "Invalid transport"', "does not take the transport"),
    ],
)
def test_a_refusal_that_says_what_was_wrong_says_what_mends_it(error: str, remedy: str) -> None:
    story = paper("wrong-port")
    story.change(said(ClientRefused), lambda fact: other(fact, error=error))
    unreached = Finding(Aspect.CLI_UNREACHED, party="cli:main", text=error)
    wrong = replace(outcome(Kind.REFUSED, Hop.SENT, None, None, unreached), prop="P14")
    [blame] = explained("refused", story, wrong)
    assert remedy in blame.remedy
