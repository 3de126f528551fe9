"""Which process did it: systems of several processes, and what looks like their causes and is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.model import Blame, Hop, Kind, Outcome
from harness.model.facts import Connected, Published, UnservedEmit
from harness.record.evidence import Evidence
from harness.reporting import sentences
from harness.reporting.figures import Figures
from harness.reporting.run_sections import set_up
from tests.support.causes_in_routing import connected_to, emitted_by
from tests.support.explained import explained, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, lost, warehouse
from tests.support.records import at

BLIND = (Hop.SENT, Hop.RECEIVED)
ALL = tuple(f"main/{number}" for number in range(1, 8))


def told(blame: Blame) -> str:
    return sentences.line(blame.sentence)


def says(story: Story, cause: str, *outcomes: Outcome) -> list[str]:
    return [told(each) for each in explained(cause, story, *outcomes)]


def keys(story: Story, cause: str, *outcomes: Outcome) -> list[str | None]:
    return [each.key for blame in explained(cause, story, *outcomes) for each in blame.explains]


def by_worker(story: Story, *names: str) -> Story:
    for name in names:
        about: dict[str, Any] = {"event": name, "where": "jobs.py:7 done", "process": "worker:41"}
        story.fact(UnservedEmit, "process:worker", **about)
    return story


def also_to(sid: str) -> Callable[[Any], Any]:
    return lambda sighting: replace(sighting, recipients=(*(sighting.recipients or ()), sid))


def unrouted(story: Story) -> Story:
    return story.drop(*(at(Hop.ROUTED, key) for key in ALL))


@EACH
def test_a_worker_that_emits_on_its_own_object_is_named_with_the_dashboards_process(
    system: Callable[[], Story],
) -> None:
    name = "goods:moved" if system is warehouse else "cycle"
    story = connected_to(by_worker(unrouted(system()), name, name), A="server:7", B="server:7")
    mine = lost(story, Hop.ROUTED, *range(1, 8))
    [blame] = explained("wrong-process", story, *mine)
    assert (blame.hop, len(blame.explains), blame.places) == (Hop.ROUTED, 2, ("jobs.py:7 done",))
    assert "process worker emits on a server object of its own" in told(blame)
    assert "dashboard A: connected to process server" in sentences.evidence(blame)


@EACH
def test_where_hops_before_it_are_blind_the_worker_is_still_blamed_at_routed(system: Callable[[], Story]) -> None:
    name = "goods:moved" if system is warehouse else "cycle"
    range_ = (Hop.SENT, Hop.RECEIVED, Hop.ROUTED)
    mine = [replace(each, hop=None, hops=range_) for each in lost(system(), Hop.SENT, *range(1, 8))]
    [blame] = explained("wrong-process", by_worker(unrouted(system()), name), *mine)
    assert (blame.hop, blame.hops) == (Hop.ROUTED, (Hop.ROUTED,))
    told_ = replace(system().lose("main/3", Hop.ROUTED, "A").verdict(), blame=(blame,))
    assert "1 of 7 events lost at routed: process worker" in sentences.verdict(told_)


@EACH
def test_what_a_server_with_clients_routed_as_well_is_not_lost_in_the_worker(system: Callable[[], Story]) -> None:
    name = "goods:moved" if system is warehouse else "cycle"
    story = by_worker(system(), name, name)
    assert keys(story, "wrong-process", *lost(story, Hop.ROUTED, *range(1, 8))) == []


@EACH
def test_an_emit_of_another_name_in_a_worker_explains_nothing(system: Callable[[], Story]) -> None:
    story = by_worker(unrouted(system()), *["keep-alive"] * 7)
    assert keys(story, "wrong-process", *lost(story, Hop.ROUTED, *range(1, 8))) == []


@EACH
def test_two_processes_without_a_queue_are_not_left_out_recipients(system: Callable[[], Story]) -> None:
    story = connected_to(emitted_by(system(), "two:12", room=None), A="one:11", B="two:12")
    mine = lost(story, Hop.ROUTED, *range(1, 8))
    [blame] = explained("no-shared-queue", story, *mine)
    assert len(blame.explains) == 7
    assert "process two emits to its own clients" in told(blame)
    assert explained("left-out", story, *mine) == []


@EACH
def test_a_server_that_follows_another_as_its_client_misses_no_queue(system: Callable[[], Story]) -> None:
    """Nor is it said where it is not known whether a client that only listens is one."""
    story = connected_to(emitted_by(system(), "two:12", room=None), A="one:11", B="two:12")
    mine = lost(story, Hop.ROUTED, *range(1, 8))
    for sid, role, count in (("till", "producer", 1), ("follower", None, 0)):
        beside = story.change(at(Hop.ROUTED), also_to(sid)).fact(
            Connected, "server", sid=sid, role=role, origin=None, transport="websocket", process="two:12"
        )
        assert len(explained("no-shared-queue", beside, *mine)) == count


@EACH
def test_workers_of_one_name_are_told_apart_by_their_numbers(system: Callable[[], Story]) -> None:
    story = connected_to(emitted_by(system(), "web:12", room=None), A="web:11", B="web:12")
    [said_] = says(story, "no-shared-queue", *lost(story, Hop.ROUTED, 1))
    assert "process web (pid 12) emits" in said_ and "process web (pid 11)" in said_


@EACH
def test_a_dashboard_of_the_process_that_emits_misses_no_queue(system: Callable[[], Story]) -> None:
    story = connected_to(emitted_by(system(), "one:11", room=None), A="one:11", B="one:11")
    mine = lost(story, Hop.ROUTED, 3)
    assert explained("no-shared-queue", story, *mine) == []
    moved = connected_to(story, A="one:11").fact(
        Connected, "server", sid=story.pages["A"].sid, process="two:12"
    )  # it was there at some time
    assert explained("no-shared-queue", moved, *mine) == []


@EACH
def test_with_a_queue_between_them_it_is_not_that_one_is_missing(system: Callable[[], Story]) -> None:
    story = connected_to(emitted_by(system(), "two:12", room=None, publishes=True), A="one:11", B="two:12")
    assert explained("no-shared-queue", story, *lost(story, Hop.ROUTED, 3)) == []


@EACH
def test_a_record_of_former_times_that_names_no_process_is_nothing_to_go_by(system: Callable[[], Story]) -> None:
    mine = lost(system(), Hop.ROUTED, 3)
    assert explained("no-shared-queue", system(), *mine) == []
    assert explained("relayed-twice", system(), *mine) == []


def twice(key: str = "main/3", hop: Hop = Hop.ROUTED) -> Outcome:
    return outcome(Kind.DUPLICATED, hop, key)


def relayed(story: Story, *processes: str) -> Story:
    for process in processes:
        story.fact(Published, "server", key="main/3", where="bus.py:4 pass_on", process=process)
    return story


@EACH
def test_two_processes_that_pass_on_one_event_are_one_blame(system: Callable[[], Story]) -> None:
    [blame] = explained("relayed-twice", relayed(system(), "east:1", "west:2"), twice())
    assert blame.hop is Hop.ROUTED and "processes east and west" in told(blame)


@EACH
@pytest.mark.parametrize("processes", [("east:1",), ("east:1", "east:1"), ()], ids=["one", "one twice", "none"])
def test_one_process_that_passes_on_twice_is_another_cause(
    system: Callable[[], Story], processes: tuple[str, ...]
) -> None:
    assert explained("relayed-twice", relayed(system(), *processes), twice()) == []


@EACH
@pytest.mark.parametrize("hop", [Hop.SENT, Hop.RECEIVED])
def test_what_came_twice_already_is_not_doubled_by_who_passes_it_on(system: Callable[[], Story], hop: Hop) -> None:
    story = relayed(system(), "east:1", "west:2").double(at(hop, "main/3"))
    assert explained("relayed-twice", story, twice(hop=Hop.SENT)) == []


@EACH
def test_the_part_of_each_of_several_processes_is_in_the_report(system: Callable[..., Story]) -> None:
    def told_of(story: Story) -> str:
        ledger = story.ledger()
        return set_up(Figures(Evidence(ledger), verdict_of(ledger)))

    assert "Process" not in told_of(emitted_by(connected_to(system(), A="north:41", B="north:41"), "north:41"))
    text = told_of(emitted_by(connected_to(system(), A="north:41", B="south:42"), "north:41"))
    assert "**Process `north`**: emitted 7 times to its own clients, held the connection of `A`" in text
    assert "**Process `south`**: held the connection of `B`" in text
