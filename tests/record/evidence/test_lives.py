"""A session whose id is used again after it has ended: another one, whose numbers go on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model import Fact, Hop, Kind, Sighting
from harness.model.facts import RowAgain
from harness.record.evidence import Evidence
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at

KEYS = [f"main/{seq}" for seq in range(1, 2 * len(TASK) + 1)]


def twice(story: Story | None = None) -> Story:
    """A run in which the session `next` has the id of `main`, which has ended; what is said of it elsewhere stays."""
    both = story or told()
    return both.change(
        lambda r: isinstance(r, Sighting) and r.event.session == "next",
        lambda s: replace(s, event=replace(s.event, session="main", key=f"main/{s.event.seq}")),
    )


def told() -> Story:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *TASK).end("main")
    return story.start("next").emit("next", *TASK).end("next")


def test_the_numbers_of_an_id_that_is_used_again_go_on() -> None:
    evidence = Evidence(twice().ledger())
    assert [*evidence.events] == KEYS
    assert evidence.lives["main"].ends == (len(TASK), 2 * len(TASK))
    assert [len(events) for events in evidence.lives_in("main")] == [len(TASK), len(TASK)]
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED):
        assert [*evidence.once[hop]] == KEYS
    assert [*evidence.keys_on_page(Hop.RENDERED, "dashboard:B.1")] == KEYS


def test_no_event_of_it_is_doubled_and_each_life_has_its_end() -> None:
    outcomes = twice().verdict().outcomes
    assert not {Kind.DUPLICATED, Kind.LOST, Kind.REORDERED} & {o.kind for o in outcomes}
    assert not [o for o in outcomes if o.kind is Kind.INCOMPLETE and o.finding.session == "main"]


@pytest.mark.parametrize("hop", [Hop.ROUTED, Hop.DELIVERED])
def test_what_is_lost_of_the_second_life_is_lost(hop: Hop) -> None:
    story = told()
    for label in "AB":
        story.lose("next/2", hop, label)
    story = story.drop(at(Hop.ROUTED, "next/2")) if hop is Hop.ROUTED else story
    lost = {(o.key, o.hop) for o in twice(story).verdict().outcomes if o.kind is Kind.LOST}
    assert lost == {(f"main/{len(TASK) + 2}", hop)}


def test_what_is_told_twice_without_an_end_between_is_doubled() -> None:
    story = told()
    for hop in (Hop.EMITTED, Hop.SENT, Hop.RECEIVED, Hop.ROUTED):
        story.drop(at(hop, f"main/{len(TASK)}"))
    kinds = {o.kind for o in twice(story).verdict().outcomes}
    assert Kind.DUPLICATED in kinds


@pytest.mark.parametrize("again", [(1,), (1, 2), (1, len(TASK)), (2, len(TASK))])
def test_reports_that_are_made_again_are_no_second_life_unless_they_go_on_to_an_end(again: tuple[int, ...]) -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK)
    for seq in again:
        story.see(Hop.EMITTED, story.journal["main"][seq - 1], "cli:main")
    outcomes = story.end("main").verdict().outcomes
    assert {o.key for o in outcomes if o.kind is Kind.DUPLICATED} == {f"main/{seq}" for seq in again}
    assert not [o for o in outcomes if o.kind is Kind.LOST]


def test_a_list_that_begins_anew_shows_the_second_life() -> None:
    """Its rows are taken away and come again, under the same numbers."""
    story, second = twice(), dict[int, Fact[Any]]()
    for label in "AB":
        rows = [r for r in story.records if isinstance(r, Sighting) and at(Hop.RENDERED, None, label)(r)]
        for row in rows[len(TASK) :]:
            body = RowAgain(row.event.key, row.event.name, row.event.seq or 0, "main")
            second[id(row)] = Fact(row.observer, row.n, row.at_ns, body)
    story.records = [second.get(id(record), record) for record in story.records]
    assert len(second) == 2 * len(TASK)
    assert [*Evidence(story.ledger()).keys_on_page(Hop.RENDERED, "dashboard:B.1")] == KEYS
    assert Kind.LOST not in {o.kind for o in story.verdict().outcomes}
