"""One object for several emits, which is changed before it leaves, on two systems; and what only looks so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from harness.model import PAGE_SIDE, Hop, Kind, Sighting
from tests.support.causes import gone
from tests.support.explained import evidence, explained, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, lost
from tests.support.records import at

CAUSE = "changed-after-emit"
System = Callable[[], Story]
FROM = {Hop.SENT: (Hop.SENT, Hop.RECEIVED, Hop.ROUTED, *PAGE_SIDE), Hop.ROUTED: (Hop.ROUTED, *PAGE_SIDE)}


def _as(last: Any, keep_names: bool, s: Any) -> Any:
    return replace(s, event=replace(last.event, name=s.event.name if keep_names else last.event.name))


def shared(story: Story, hop: Hop, *numbers: int, keep_names: bool = True) -> Story:
    """Events that leave with the last one's data from a hop on, each under its own name or under the last one's."""
    for each in FROM[hop]:
        last = next((r for r in story.records if at(each, f"main/{numbers[-1]}")(r)), None)
        if last is None:
            continue
        for number in numbers[:-1]:
            story.change(at(each, f"main/{number}"), partial(_as, last, keep_names))
    return story


def named(story: Story, hop: Hop, *numbers: int) -> list[str]:
    failed = [*lost(story, hop, *numbers[:-1]), outcome(Kind.DUPLICATED, hop, f"main/{numbers[-1]}", None)]
    return [o.event_key for blame in explained(CAUSE, story, *failed) for o in blame.explains]


@EACH
@pytest.mark.parametrize("hop", [Hop.SENT, Hop.ROUTED])
def test_events_that_left_as_the_last_of_them(system: System, hop: Hop) -> None:
    assert named(shared(system(), hop, 3, 4, 5), hop, 3, 4, 5) == ["main/3", "main/4", "main/5"]


@EACH
def test_an_event_that_is_sent_twice_after_another_is_lost_is_not_a_shared_object(system: System) -> None:
    story = system().lose("main/2", Hop.SENT).double(at(Hop.SENT, "main/6"))
    assert named(story, Hop.SENT, 2, 6) == []


@EACH
def test_what_the_handler_of_a_later_event_emits_again_was_kept_and_not_changed(system: System) -> None:
    """A cache gives out what is old: then as many are missing before an event as it is there too often, by chance."""
    story = shared(system(), Hop.ROUTED, 3, 4)
    names = {key: event.name for key, event in evidence(system()).events.items()}
    later = next((key for key in names if key > "main/4" and names[key] == names["main/4"]), None)
    assert named(story, Hop.ROUTED, 3, 4) == ["main/3", "main/4"]
    if later is None:
        return
    story = gone(story, (later,), Hop.ROUTED, *PAGE_SIDE, acknowledged=True)
    by = iter(({"emitted_by": later}, {}))
    story.change(at(Hop.ROUTED, "main/4"), lambda s: replace(s, detail={**s.detail, **next(by)}))
    assert named(story, Hop.ROUTED, 3, 4) == []


@EACH
def test_under_the_names_of_none_of_the_missing_it_was_sent_again(system: System) -> None:
    story = shared(system(), Hop.SENT, 4, 5, keep_names=False)
    assert named(story, Hop.SENT, 4, 5) == []


@EACH
def test_the_name_is_not_called_changed(system: System) -> None:
    story = shared(system(), Hop.ROUTED, 4, 5)
    failed = [each for each in story.verdict().outcomes if each.kind is not Kind.DELIVERED]
    assert explained(CAUSE, story, *failed)
    assert explained("name-changed", story, *failed) == explained("routed-twice", story, *failed) == []


def to_each_page(story: Story, key: str) -> Story:
    """One emit for each dashboard, to the id of its connection."""
    sids = iter([page.sid for page in story.pages.values()])

    def one(s: Any) -> Any:
        sid = next(sids)
        return replace(s, recipients=(sid,), detail={**s.detail, "room": sid})

    return story.double(at(Hop.ROUTED, key)).change(at(Hop.ROUTED, key), one)


@EACH
@pytest.mark.parametrize(("gone", "after"), [(2, 3), (5, 6)])
def test_emitted_to_each_page_by_itself_it_comes_no_more_often_than_others(
    system: System, gone: int, after: int
) -> None:
    story = to_each_page(system().drop(*(at(hop, f"main/{gone}") for hop in FROM[Hop.ROUTED])), f"main/{after}")
    assert named(story, Hop.ROUTED, gone, after) == []


# A queue that works off one object, which has the newest event with its name


def worked_off(system: System, *numbers: int) -> Story:
    """All events are received, and only then emitted, each as one of these."""
    story = system()
    events = {r.event.key: r.event for r in story.records if isinstance(r, Sighting) and r.hop is Hop.ROUTED}
    last, routed = max(r.n for r in story.records if r.observer == "server"), iter(enumerate(numbers, 1))

    def later(sighting: Any) -> Any:
        place, number = next(routed)
        return replace(sighting, n=last + place, event=events[f"main/{number}"])

    emits = [r for r in story.records if isinstance(r, Sighting) and r.hop is Hop.ROUTED]
    story.records = [r for r in story.records if r not in emits]
    story.records += [later(emit) for emit in emits[: len(numbers)]]
    return story


@EACH
def test_a_queue_that_emits_the_newest_event_over_and_over(system: System) -> None:
    assert named(worked_off(system, *(7,) * 7), Hop.ROUTED, 1, 2, 3, 4, 5, 6, 7) == [f"main/{n}" for n in range(1, 8)]


@EACH
@pytest.mark.parametrize(
    "numbers",
    [(7,) * 6, (7, 7, 7, 7, 7, 7, 6), (1, 7, 7, 7, 7, 7, 7)],
    ids=["fewer", "an older at last", "one of its own"],
)
def test_other_emits_than_the_newest_or_fewer_are_another_bug(system: System, numbers: tuple[int, ...]) -> None:
    missing = sorted({1, 2, 3, 4, 5, 6} - {*numbers})
    assert named(worked_off(system, *numbers), Hop.ROUTED, *missing, 7) == []
