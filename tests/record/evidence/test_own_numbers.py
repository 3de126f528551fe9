"""A server that numbers what it emits by itself: after a loss every event has another one's number there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.model import Hop, Kind, Record, Sighting
from harness.model.facts import Acknowledged
from tests.support.causes_in_clis import ALL, told
from tests.support.explained import evidence
from tests.support.ledgers import Story
from tests.support.records import at, said

EACH = (1, 2, 3, 4, 5, 6, 7)


def numbered_by_the_server(*emitted: int, first: int = 1) -> Story:
    """A run in which the server emits these of the CLI's events, in this order, under numbers of its own."""
    story = told()
    events = {r.event.seq: r.event for r in story.records if isinstance(r, Sighting) and r.hop is Hop.ROUTED}

    def is_after(record: Record) -> bool:
        return isinstance(record, Sighting) and record.hop >= Hop.ROUTED

    def renamed(sighting: Sighting) -> Sighting:
        place = (sighting.event.seq or 0) - 1
        seq = first + place
        return replace(sighting, event=replace(events[emitted[place]], key=f"main/{seq}", seq=seq))

    for key in ALL[len(emitted) :]:
        story.drop(lambda r, key=key: is_after(r) and r.event.key == key)  # type: ignore[misc]
    return story.change(is_after, renamed)


@pytest.mark.parametrize(
    ("emitted", "first", "moved"),
    [
        (EACH, 1, {}),
        ((1, 2, 4, 5, 6, 7), 1, {3: 4, 4: 5, 5: 6, 6: 7}),
        ((2, 3, 5, 6, 7), 1, {1: 2, 2: 3, 3: 5, 4: 6, 5: 7}),
        ((1, 2, 3, 5, 4, 6, 7), 1, {4: 5, 5: 4}),
        (EACH[:6], 1, {}),  # the last is lost: the others have their own numbers
        (EACH, 0, {}),  # all of them are there under another number: that is not the server's own count
        ((1, 2, 4, 5, 6, 7), 2, {}),
        ((1, 2, 2, 4, 5, 6, 7), 1, {}),  # one of them in another's place, which says no more what it was
        ((4, 5), 1, {}),  # too few to tell
    ],
)
def test_what_a_server_numbers_is_known_by_what_it_says(
    emitted: Sequence[int], first: int, moved: dict[int, int]
) -> None:
    keys = evidence(numbered_by_the_server(*emitted, first=first)).own_numbers
    found = {was: now for was, now in keys.items() if was.startswith("main/") and was != now}
    assert found == {f"main/{was}": f"main/{now}" for was, now in moved.items()}
    assert not keys or {f"/{was}": f"/{now}" for was, now in moved.items()}.items() <= keys.items(), "by number alone"


def test_what_a_server_emits_twice_under_two_numbers_is_doubled() -> None:
    story = numbered_by_the_server(1, 2, 2, 3, 4, 5, 6)
    story.drop(*(at(hop, "main/7") for hop in (Hop.EMITTED, Hop.SENT, Hop.RECEIVED)))
    keys = evidence(story).own_numbers
    assert {was: now for was, now in keys.items() if was.startswith("main/") and was != now} == {
        f"main/{seq + 1}": f"main/{seq}" for seq in range(2, 7)
    }
    doubled = {outcome.key for outcome in story.verdict().outcomes if outcome.kind is Kind.DUPLICATED}
    assert doubled == {"main/2"}


def test_what_a_server_did_not_emit_is_lost_and_what_came_after_it_is_not() -> None:
    verdict = numbered_by_the_server(1, 2, 4, 5, 6, 7).verdict()
    assert {outcome.key for outcome in verdict.outcomes if outcome.hop is Hop.ROUTED} == {"main/3"}
    assert {(blame.cause, blame.hops) for blame in verdict.blame} <= {("never-routed", (Hop.ROUTED,))}
    assert verdict.blame


def test_what_never_reached_a_server_that_numbers_is_lost_there() -> None:
    story = numbered_by_the_server(1, 2, 4, 5, 6, 7).drop(at(Hop.RECEIVED, "main/3"))
    story.drop(said(Acknowledged, "main", key="main/3"))
    assert {blame.hops[0] for blame in story.verdict().blame} == {Hop.RECEIVED}


def test_what_a_server_numbers_and_emits_in_another_order_is_reordered() -> None:
    verdict = numbered_by_the_server(1, 2, 3, 5, 4, 6, 7).verdict()
    kinds = {outcome.kind.value for outcome in verdict.outcomes if outcome.hop is Hop.ROUTED}
    assert kinds == {"reordered"}
