"""What looks like an event that its page did not hear, and is not: listeners, and frames that can't be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from harness.model import Hop, Kind
from harness.model.facts import FrameUnread, PageConnected
from tests.support.causes_in_pages import listens
from tests.support.explained import evidence, explained, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, PAGE, floor, keys, lost, warehouse
from tests.support.records import at, said

LISTENERS = ("no-listener", "listener-gone", "listener-late")


NO_CAUSE: dict[str, list[str | None]] = {cause: [] for cause in LISTENERS}


def listened(
    system: Callable[[], Story], *told: tuple[str, int, str | None], gone: Sequence[str] = ("main/3",)
) -> dict[str, list[str | None]]:
    """What the rules about listeners make of event 3, after a page told of `(name, count, before which event)`."""
    story = system().drop(*(at(hop, key, "A") for key in gone for hop in (Hop.APPLIED, Hop.RENDERED)))
    for name, count, before in told:
        listens(story, name, count, "A", before)
    return {cause: keys(story, cause, *lost(story, Hop.APPLIED, 3)) for cause in LISTENERS}


@EACH
def test_an_event_that_a_listener_got_or_that_nothing_is_known_of_is_lost_elsewhere(
    system: Callable[[], Story],
) -> None:
    name = evidence(system()).events["main/3"].name
    assert listened(system) == NO_CAUSE, "a page whose client was not found"
    assert listened(system, (name, 1, "main/1")) == NO_CAUSE
    assert listened(system, ("*", 1, "main/1"), (name, 0, "main/3")) == NO_CAUSE, "one for every name is one"
    assert listened(system, (name, 0, "main/1"), (name, 1, "main/2"), (name, 0, "main/4")) == NO_CAUSE
    others = listened(system, (name, 0, "main/1"))
    assert others == NO_CAUSE, "the page shows others of the name: it takes them by other means"


@EACH
def test_who_listened_when_it_came_tells_the_three_apart(system: Callable[[], Story]) -> None:
    story = system()
    name = evidence(story).events["main/3"].name
    mine = [each.key for each in evidence(story).events_of("main") if each.name == name]

    assert listened(system, (name, 0, "main/1"), gone=mine) == {**NO_CAUSE, "no-listener": ["main/3"]}
    gone = listened(system, (name, 1, "main/1"), (name, 0, "main/2"), gone=mine)
    assert gone == {**NO_CAUSE, "listener-gone": ["main/3"]}
    late = listened(system, (name, 0, "main/1"), (name, 1, None), gone=mine)
    assert late == {**NO_CAUSE, "listener-late": ["main/3"]}


@EACH
@pytest.mark.parametrize(("label", "spoils"), [("B", {}), ("A", {"name": "another"}), ("A", {"digest": "digest-2"})])
def test_a_frame_that_another_page_or_event_had_explains_no_loss(
    system: Callable[[], Story], label: str, spoils: dict[str, str]
) -> None:
    story = system().drop(*(at(hop, "main/3", "A") for hop in PAGE))
    event = evidence(story).events["main/3"]
    said_of = {"why": "NaN is not JSON", "sid": "x", "name": event.name, "digest": event.digest}
    story.fact(FrameUnread, f"dashboard:{label}.1", **{**said_of, **spoils})
    assert keys(story, "frame-unread", *lost(story, Hop.DELIVERED, 3)) == []
    story.fact(FrameUnread, "dashboard:A.1", **said_of)
    assert keys(story, "frame-unread", *lost(story, Hop.DELIVERED, 3)) == ["main/3"]


@EACH
def test_a_numbered_frame_is_its_event_s_whatever_its_data_are(system: Callable[[], Story]) -> None:
    """A layer that breaks a message changes its data, too."""
    story = system().drop(*(at(hop, f"main/{number}", "A") for hop in PAGE for number in (3, 4)))
    name = evidence(story).events["main/3"].name
    story.fact(FrameUnread, "dashboard:A.1", why="NaN is not JSON", sid="x", name=name, digest="?", key="main/3")
    assert keys(story, "frame-unread", *lost(story, Hop.DELIVERED, 3, 4)) == ["main/3"]


@EACH
def test_a_frame_with_unreported_data_is_all_that_its_page_lacks_of_the_name(
    system: Callable[[], Story],
) -> None:
    story = system().drop(*(at(hop, f"main/{number}", "A") for hop in PAGE for number in (2, 3)))
    name = evidence(story).events["main/3"].name
    story.fact(FrameUnread, "dashboard:A.1", why="NaN is not JSON", sid="x", name=name, digest="?")
    alike = [n for n in (2, 3) if evidence(story).events[f"main/{n}"].name == name]
    found = keys(story, "frame-unread", *lost(story, Hop.DELIVERED, 2, 3))
    assert found == (["main/3"] if len(alike) == 1 else []), "which of two it is can't be known"
    assert keys(story, "frame-unread", *lost(story, Hop.DELIVERED, 3)) == ["main/3"]


@EACH
def test_a_frame_that_the_page_had_last_is_the_first_that_it_lacks_of_the_name(system: Callable[[], Story]) -> None:
    """The others were sent to it after that, and came no more."""
    story = system()
    events = evidence(story).events_of("main")
    name = max({event.name for event in events}, key=[event.name for event in events].count)
    mine = [event for event in events if event.name == name]
    gone = [event.key for event in events[events.index(mine[0]) :]]
    story.drop(*(at(hop, key, "A") for hop in PAGE for key in gone))
    story.fact(FrameUnread, "dashboard:A.1", why="NaN is not JSON", sid=story.pages["A"].sid, name=name, digest="?")
    owed = lost(story, Hop.DELIVERED, *(event.seq or 0 for event in mine))
    [blame] = explained("frame-unread", story, *owed)
    assert len(owed) > 1 and blame.evidence[0] == f"dashboard A: {mine[0].key} came, and can't be read"


def test_what_came_before_an_unreadable_message_and_was_applied_after_it_is_late() -> None:
    """What one answer to a poll brought is handed on in later turns, when the client has no connection any more."""
    story = floor().drop(*(at(hop, "main/3", "A") for hop in PAGE))
    [frame_n] = {r.n for r in story.records if at(Hop.DELIVERED, "main/2", "A")(r)}
    story.fact(FrameUnread, "dashboard:A.1", why="NaN is not JSON", sid="x", name="cycle", key="main/3")
    last = max(r.n for r in story.records if r.observer == "dashboard:A.1")
    story.change(said(FrameUnread), lambda fact: replace(fact, n=frame_n))
    story.change(at(Hop.APPLIED, "main/1", "A"), lambda s: replace(s, n=last + 1))
    late = [outcome(Kind.LATE, Hop.APPLIED, key, "A") for key in ("main/1", "main/4")]
    [blame] = explained("frame-unread", story, *lost(story, Hop.DELIVERED, 3), *late)
    assert [(o.kind, o.key) for o in blame.explains] == [(Kind.LOST, "main/3"), (Kind.LATE, "main/1")]
    assert blame.hops == (Hop.DELIVERED,)


@EACH
def test_what_a_page_could_not_read_was_sent_to_a_dashboard(system: Callable[[], Story]) -> None:
    """The server is not observed: the page's side tells it alone."""
    story, alone = system(), "main/1" if system is warehouse else "main/5"  # the only one of its name
    story.contract = replace(story.contract, taps=tuple(hop for hop in Hop if hop is not Hop.ROUTED))
    story.drop(at(Hop.ROUTED), *(at(hop, alone) for hop in PAGE))
    range_ = (Hop.ROUTED, Hop.DELIVERED)
    owed = [replace(outcome(Kind.LOST, range_[0], alone, label), hop=None, hops=range_) for label in ("A", "B")]
    assert keys(story, "sent-to-nobody", *owed) == [alone, alone]
    name = evidence(story).events[alone].name
    for label in ("A", "B"):
        story.fact(FrameUnread, f"dashboard:{label}.1", why="NaN is not JSON", name=name, key=alone)
    assert keys(story, "sent-to-nobody", *owed) == []
    assert keys(story, "frame-unread", *owed) == [alone, alone]


@EACH
def test_names_that_a_page_never_listened_to_are_one_cause(system: Callable[[], Story]) -> None:
    story = system()
    known = evidence(story).events
    two = [*dict.fromkeys(event.name for event in known.values())][:2]
    mine = [key for key, event in known.items() if event.name in two]
    story.drop(*(at(hop, key, "A") for key in mine for hop in (Hop.APPLIED, Hop.RENDERED)))
    for name, count in ((two[0], 0), (two[1], 0), (two[0].upper(), 1)):
        listens(story, name, count, "A", "main/1")
    owed = lost(story, Hop.APPLIED, *(int(key.partition("/")[2]) for key in mine))
    [blame] = explained("no-listener", story, *owed)
    assert len(blame.explains) == len(mine)
    assert str(blame.sentence).startswith(f"the page has no listener for {two[0]!r}, {two[1]!r}; it listens to ")


def test_what_comes_again_after_an_unreadable_message_follows_from_that() -> None:
    """It is there twice, after what followed it, and late by its last appearance; another page's copies are not."""
    story = warehouse().drop(*(at(hop, "main/3", "A") for hop in PAGE))
    wrong = [
        outcome(kind, hop, "main/1", label)
        for kind, hop in ((Kind.DUPLICATED, Hop.DELIVERED), (Kind.REORDERED, Hop.APPLIED), (Kind.LATE, Hop.RENDERED))
        for label in ("A", "B")
    ]
    name = evidence(story).events["main/3"].name
    story.fact(FrameUnread, "dashboard:A.1", why="NaN is not JSON", sid="x", name=name, key="main/3")
    [blame] = explained("frame-unread", story, *lost(story, Hop.DELIVERED, 3), *wrong)
    assert [o.kind for o in blame.explains] == [Kind.LOST], "it came once, over one connection"

    story.double(at(Hop.DELIVERED, "main/1", "A"))
    last = max(r.n for r in story.records if at(Hop.DELIVERED, "main/1", "A")(r))
    [blame] = explained("frame-unread", story, *lost(story, Hop.DELIVERED, 3), *wrong)
    assert [o.kind for o in blame.explains] == [Kind.LOST], "twice, over one connection"
    assert explained("frame-unread", story, *wrong) == []

    [frame] = [r for r in story.records if said(FrameUnread)(r)]
    story.fact(PageConnected, "dashboard:A.1", sid="y", transport="websocket")
    story.change(at(Hop.DELIVERED, "main/1", "A"), lambda s: replace(s, n=frame.n + 9) if s.n == last else s)
    [blame] = explained("frame-unread", story, *lost(story, Hop.DELIVERED, 3), *wrong)
    again = [(o.kind, o.label) for o in blame.explains]
    assert again == [(Kind.LOST, "A"), (Kind.DUPLICATED, "A"), (Kind.REORDERED, "A"), (Kind.LATE, "A")]
    assert blame.hops == (Hop.DELIVERED,)
    [alone] = explained("frame-unread", story, *wrong)
    assert (alone.explains, alone.hops) == (blame.explains[1:], (Hop.DELIVERED,)), "its loss is unproven in the end"
