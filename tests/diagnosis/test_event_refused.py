"""A CLI that ends with an error because the server refused an event of its; and what looks like that and is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.model import Hop, Kind
from harness.model.facts import Acknowledged, CliExited, CliMessage
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, PAGE, floor, warehouse
from tests.support.records import at, said

System = Callable[[], Story]


def refused(system: System, *numbers: int, reported: int, status: int = 1) -> Story:
    """A producer reports so many events and ends with that status; the server refuses some of them."""
    story = system()
    for number in range(reported + 1, 8):
        key = f"main/{number}"
        story.drop(*(at(hop, key) for hop in Hop), said(Acknowledged, key=key))
    for number in numbers:
        key = f"main/{number}"
        story.drop(*(at(hop, key) for hop in (Hop.ROUTED, *PAGE)), said(Acknowledged, key=key))
        story.fact(Acknowledged, "cli:main", key=key, ok=False, error="no such shelf")
    story.fact(CliMessage, "cli:main", text="error: no such shelf")
    return story.change(said(CliExited), lambda fact: replace(fact, body=replace(fact.body, status=status)))


def found(story: Story) -> list[tuple[str, Hop | None]]:
    return [(blame.cause, blame.hop) for blame in story.verdict().blame]


@EACH
@pytest.mark.parametrize("reported", [4, 5], ids=["the last one", "another was on its way"])
def test_a_producer_that_gives_up_over_a_refusal_is_blamed_where_it_was_refused(system: System, reported: int) -> None:
    story = refused(system, *range(4, reported + 1), reported=reported)
    [blame] = story.verdict().blame
    assert (blame.cause, blame.hop) == ("event-refused", Hop.ROUTED)
    assert "no such shelf" in str(blame.evidence)


def test_a_terminal_event_that_was_refused_explains_the_status() -> None:
    assert found(refused(warehouse, 7, reported=7)) == [("event-refused", Hop.ROUTED)]


def test_a_refusal_explains_the_status_of_who_goes_on_after_it() -> None:
    assert found(refused(warehouse, 3, reported=7)) == [("event-refused", Hop.ROUTED)]
    assert found(refused(floor, 3, reported=7)) == [("event-refused", Hop.ROUTED)]


def test_who_went_on_after_a_refusal_did_not_give_up_over_it() -> None:
    """Without the session's end, and with events that were taken later: it ended over something else."""
    assert found(refused(warehouse, 2, reported=5)) == [("cli-failed", Hop.EMITTED)]


@EACH
def test_a_producer_that_ends_well_did_not_end_over_a_refusal(system: System) -> None:
    story = refused(system, 4, reported=7, status=0)
    assert "event-refused" not in [cause for cause, _ in found(story)]


@EACH
def test_an_event_that_was_routed_all_the_same_was_not_refused(system: System) -> None:
    story = refused(system, reported=4)
    story.drop(said(Acknowledged, key="main/4")).fact(Acknowledged, "cli:main", key="main/4", ok=False, error="no")
    assert "event-refused" not in [cause for cause, _ in found(story)]
    assert any(o.kind is Kind.INCOMPLETE and o.hop is Hop.EMITTED for o in story.verdict().outcomes)
