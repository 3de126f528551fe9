"""Handlers that emit another event in the place of their own, on two systems; and what only looks so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.diagnosis._instead import emitted_instead
from harness.model import PAGE_SIDE, Hop, Kind
from harness.record.identity import unnumbered_key
from harness.reporting import sentences
from tests.support.causes import gone
from tests.support.explained import evidence, explained, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, keys, lost
from tests.support.records import at

System = Callable[[], Story]


def emitting(story: Story, event: str, by: str) -> Story:
    """An event is emitted once more, by the handler of another."""
    story.double(at(Hop.ROUTED, event))
    told = iter(({"emitted_by": by}, {}))
    return story.change(at(Hop.ROUTED, event), lambda s: replace(s, detail={**s.detail, **next(told)}))


def without(story: Story, key: str) -> Story:
    return gone(story, (key,), Hop.ROUTED, *PAGE_SIDE, acknowledged=True)


@EACH
def test_the_lost_and_the_repeated_are_one_cause(system: System) -> None:
    story = emitting(without(system(), "main/2"), "main/3", by="main/2")
    twice = outcome(Kind.DUPLICATED, Hop.ROUTED, "main/3")
    [blame] = explained("mixed-up", story, *lost(story, Hop.ROUTED, 2), twice)
    assert [each.key for each in blame.explains] == ["main/2", "main/3"]
    assert explained("routed-twice", story, twice) == []
    assert keys(story, "never-routed", *lost(story, Hop.ROUTED, 2)) == []


@EACH
def test_an_event_without_a_number_is_known_by_name_and_data(system: System) -> None:
    story = without(system(), "main/2")
    event = evidence(story).events["main/2"]
    emitting(story, "main/3", by=unnumbered_key(event.name, None, None, event.digest))
    names = {evidence(story).events[key].name for key in ("main/2", "main/3")}
    assert [*emitted_instead(evidence(story))] == (["main/2"] if len(names) == 1 else [])


@EACH
def test_an_event_emitted_under_another_name_is_not_mixed_up(system: System) -> None:
    """An alarm that the handler of a reading emits says nothing of the reading's own fate."""
    known = evidence(system()).events
    other = next(key for key in known if known[key].name != known["main/2"].name and key > "main/2")
    story = emitting(without(system(), "main/2"), other, by="main/2")
    assert keys(story, "mixed-up", *lost(story, Hop.ROUTED, 2)) == []


@EACH
def test_a_handler_that_emits_its_own_event_and_another_has_mixed_nothing_up(system: System) -> None:
    story = emitting(system(), "main/3", by="main/2")
    twice = outcome(Kind.DUPLICATED, Hop.ROUTED, "main/3")
    assert explained("mixed-up", story, twice) == []
    assert [each.cause for each in explained("routed-twice", story, twice)] == ["routed-twice"]


@EACH
def test_an_earlier_event_in_its_place_was_kept_and_who_sees_it_late_sees_it_again(system: System) -> None:
    names = {key: event.name for key, event in evidence(system()).events.items()}
    early, late = next((a, b) for a in names for b in names if a < b and names[a] == names[b])
    story = emitting(without(system(), late), early, by=late)
    again = outcome(Kind.REORDERED, Hop.DELIVERED, early, "A")
    [blame] = explained("mixed-up", story, *lost(story, Hop.ROUTED, int(late[5:])), again)
    assert again in blame.explains and "cache" in blame.remedy
    assert sentences.line(blame.sentence) == "the server's handlers emit an earlier event in the place of their own."
    other = outcome(Kind.REORDERED, Hop.DELIVERED, "main/6", "A")
    assert all(
        other not in b.explains for b in explained("mixed-up", story, *lost(story, Hop.ROUTED, int(late[5:])), other)
    )
