"""What looks like a cause and is not: on two systems that are not the reference, with names and hops of their own.

`warehouse` shows no state, its requests are nobody's, and it promises its panels nothing. `floor` shows its state, has
one name for most of its events, and sessions that don't end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from harness.model import Aspect, Finding, Hop, Kind, Panel
from harness.model.facts import (
    Acknowledged,
    ClientDisconnected,
    Connected,
    Disconnected,
    FrameUnread,
    Joined,
    PageClosed,
    PanelShown,
    Unrouted,
    UnservedEmit,
)
from harness.reporting import sentences
from tests.support.causes_in_pages import listens
from tests.support.explained import evidence, explained, outcome
from tests.support.ledgers import Story
from tests.support.records import at, said
from tests.support.saying import saying

STOCK = ("goods:in", "goods:moved", "goods:moved", "label:printed", "goods:moved", "goods:moved", "day:closed")
CYCLES = ("cycle", "cycle", "cycle", "cycle", "alarm", "cycle", "cycle")
PAGE = (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED)


def warehouse(**contract: Any) -> Story:
    promised = {"taps": tuple(hop for hop in Hop if hop is not Hop.APPLIED), "asks": False, "terminal": ("day:closed",)}
    promised |= {"terminal_ok": ("day:closed",), "panels": (Panel("stock", ("goods:*",), {"moved": ("goods:moved",)}),)}
    story = Story("broadcast", target="warehouse", declared=(), **{**promised, **contract})
    return story.open("A", "B").start("main").emit("main", *STOCK).end("main")


def floor(**contract: Any) -> Story:
    promised: dict[str, Any] = {
        "terminal": (),
        "terminal_ok": (),
        "panels": (Panel("line", ("cycle",), {"n": ("cycle",)}),),
    }
    story = Story("broadcast", target="floor", declared=(), **{**promised, **contract})
    return story.open("A", "B").start("main").emit("main", *CYCLES).end("main")


SYSTEMS = [pytest.param(warehouse, id="warehouse"), pytest.param(floor, id="floor")]
EACH = pytest.mark.parametrize("system", SYSTEMS)


def lost(story: Story, hop: Hop, *numbers: int, label: str = "A") -> list[Any]:
    return [outcome(Kind.LOST, hop, f"main/{number}", label) for number in numbers]


def keys(story: Story, cause: str, *outcomes: Any) -> list[str | None]:
    return [o.key for blame in explained(cause, story, *outcomes) for o in blame.explains]


# wrong-process


def unserved(story: Story, event: str, times: int, key: str | None = None) -> Story:
    for _ in range(times):
        story.fact(UnservedEmit, "cli:main", event=event, key=key, where="report.py:7 send", room=None)
    return story


@EACH
def test_emits_elsewhere_are_those_of_their_name_as_often_as_they_were_seen(system: Callable[[], Story]) -> None:
    story = system()
    repeated = "goods:moved" if system is warehouse else "cycle"
    every = [event.key for event in evidence(story).events_of("main")]
    mine = [event.key for event in evidence(story).events_of("main") if event.name == repeated]
    unserved(story, repeated, 2)
    found = keys(story, "wrong-process", *lost(story, Hop.SENT, *range(1, len(every) + 1)))
    assert found == mine[:2]


@EACH
def test_leftovers_of_another_name_explain_no_client_that_never_connected(system: Callable[[], Story]) -> None:
    story = unserved(system(), "keep-alive", 5)
    assert keys(story, "wrong-process", *lost(story, Hop.SENT, *range(1, 8))) == []


@EACH
def test_one_message_that_carries_all_events_is_matched_by_its_occurrences(system: Callable[[], Story]) -> None:
    story = unserved(system(), "update", 7, key="/update~of-no-event")
    assert len(keys(story, "wrong-process", *lost(story, Hop.SENT, *range(1, 8)))) == 7


# last-of-batch and no-reducer-case


@EACH
def test_a_name_that_the_page_does_not_listen_to_is_no_batch(system: Callable[[], Story]) -> None:
    story = system()
    story.contract = replace(story.contract, taps=tuple(Hop))
    name = "goods:moved" if system is warehouse else "cycle"
    gone = [event.key for event in evidence(story).events_of("main") if event.name == name]
    for key in gone:
        story.drop(*(at(hop, key) for hop in PAGE[1:]))
    assert keys(story, "last-of-batch", *(outcome(Kind.LOST, Hop.APPLIED, key) for key in gone)) == []


@EACH
def test_where_the_last_is_lost_with_the_others_no_last_one_was_taken(system: Callable[[], Story]) -> None:
    story = system()
    story.contract = replace(story.contract, taps=tuple(Hop))
    for number in range(3, 8):
        story.drop(*(at(hop, f"main/{number}") for hop in PAGE[1:]))
    assert keys(story, "last-of-batch", *lost(story, Hop.APPLIED, *range(3, 8))) == []


@EACH
def test_one_event_that_one_page_drops_is_no_missing_case(system: Callable[[], Story]) -> None:
    story = system()
    number = 4 if system is warehouse else 5
    story.drop(*(at(hop, f"main/{number}", "A") for hop in PAGE[1:]))
    assert keys(story, "no-reducer-case", outcome(Kind.UNHANDLED, Hop.APPLIED, f"main/{number}", "A")) == []


# sent-to-nobody


@EACH
def test_what_others_of_its_name_arrived_of_is_sent_to_somebody(system: Callable[[], Story]) -> None:
    story = system()
    story.contract = replace(story.contract, taps=tuple(h for h in story.contract.taps if h is not Hop.ROUTED))
    story.drop(at(Hop.ROUTED)).drop(*(at(hop, f"main/{n}") for hop in PAGE for n in (3, 6)))
    owed = [
        replace(each, hop=None, hops=(Hop.ROUTED, Hop.DELIVERED))
        for label in "AB"
        for each in lost(story, Hop.ROUTED, 3, 6, label=label)
    ]
    assert keys(story, "sent-to-nobody", *owed) == []
    story.drop(*(at(hop, f"main/{n}") for hop in PAGE for n in range(1, 8)))
    assert len(keys(story, "sent-to-nobody", *owed)) == 4


# emit-while-reconnecting and exit-before-ack


@EACH
def test_an_emit_that_the_client_refuses_while_it_is_connected_is_another_failure(system: Callable[[], Story]) -> None:
    error = "not sent: TypeError: Object of type set is not JSON serializable"
    story = system().drop(said(ClientDisconnected, "main"))
    story.fact(Acknowledged, "cli:main", key="main/3", ok=False, error=error)
    assert keys(story, "emit-while-reconnecting", *lost(story, Hop.SENT, 3)) == []
    story.fact(ClientDisconnected, "cli:main", reason="transport close")
    story.fact(Acknowledged, "cli:main", key="main/4", ok=False, error="not sent: BadNamespaceError: /")
    found = explained("emit-while-reconnecting", story, *lost(story, Hop.SENT, 4))
    assert [o.key for blame in found for o in blame.explains] == ["main/4"]


@EACH
def test_a_tail_is_found_behind_an_event_that_never_left(system: Callable[[], Story]) -> None:
    story = system().drop(*(at(hop, "main/7") for hop in Hop if hop > Hop.EMITTED))
    story.drop(*(at(hop, f"main/{n}") for hop in Hop if hop > Hop.SENT for n in (5, 6)))
    story.drop(*(said(Acknowledged, key=f"main/{n}") for n in (5, 6, 7)))
    mine = [*lost(story, Hop.RECEIVED, 5, 6), *lost(story, Hop.SENT, 7)]
    assert keys(story, "exit-before-ack", *mine) == ["main/5", "main/6"]


# panel-stale


@EACH
def test_a_panel_of_events_that_the_page_never_took_in_is_not_stale(system: Callable[[], Story]) -> None:
    story = system().drop(said(PanelShown))
    [panel] = story.contract.panels
    values = dict.fromkeys(panel.values, "0")
    for _ in range(2):
        story.fact(PanelShown, "dashboard:A.1", panel=panel.name, session=None, text="0", values=values)
    story.shows("A", panels={panel.name: {"session": None, "text": "0", "values": values}})
    told = Finding(Aspect.PANEL_VALUE, panel=panel.name, field=next(iter(panel.values)), expected=4, found="0")
    wrong = outcome(Kind.MISRENDERED, Hop.RENDERED, None, "A", told)
    assert len(explained("panel-stale", story, wrong)) == 1
    for event in evidence(story).events_of("main"):
        if event.name in ("goods:in", "goods:moved", "cycle"):
            story.drop(*(at(hop, event.key, "A") for hop in PAGE[1:]))
    assert explained("panel-stale", story, wrong) == []


# room-mismatch


def to_room(story: Story, room: object, joined: object = None) -> list[str]:
    sids = [page.sid for page in story.pages.values()]
    rooms = {str(joined): sids} if joined is not None else {}
    for sid in sids if joined is not None else ():
        story.fact(Joined, "server", sid=sid, room=joined)
    told = {"room": room, "connected": sids, "rooms": rooms, "where": "app.py:9 tell"}
    story.fact(Unrouted, "server", key="main/3", **told)
    found = explained("room-mismatch", story, *lost(story, Hop.ROUTED, 3))
    return [line for blame in found for line in (sentences.line(blame.sentence), *sentences.evidence(blame))]


@EACH
@pytest.mark.parametrize(("room", "joined"), [("<number 7>", "7"), ("7", "<number 7>")])
def test_a_room_of_another_type_is_another_room(system: Callable[[], Story], room: object, joined: object) -> None:
    lines = to_room(system(), room, joined)
    assert "(number)" in lines[0] and "(text)" in lines[0]


@EACH
def test_the_room_of_a_connection_is_nothing_that_a_dashboard_could_join(system: Callable[[], Story]) -> None:
    assert to_room(system(), "sid-main") == []
    story = system()
    story.fact(Connected, "server", sid="gone", role=None, origin=None, transport="websocket", namespace="/")
    story.fact(Disconnected, "server", sid="gone", reason="transport close")
    assert to_room(story, "gone") == []


# one-argument


@EACH
@pytest.mark.parametrize("given", [{Hop.RECEIVED: {"arguments": 2}}, {}])
def test_a_list_that_was_one_before_or_that_the_page_takes_is_no_lost_argument(
    system: Callable[[], Story], given: dict[Hop, Any]
) -> None:
    story, pair = system(), ["box", {"to": "rack"}]
    lines = dict.fromkeys((Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED), pair)
    for hop in lines:
        story.change(at(hop), lambda s: saying(s, lines, given))
    story.drop(at(Hop.RENDERED, "main/3", "A"))
    assert keys(story, "one-argument", *lost(story, Hop.APPLIED, 3)) == [], "others of the name are shown"
    name = evidence(story).events["main/3"].name
    for event in [each for each in evidence(story).events_of("main") if each.name == name]:
        story.drop(at(Hop.RENDERED, event.key, "A"), at(Hop.APPLIED, event.key, "A"))
    expected = ["main/3"] if given else []
    assert keys(story, "one-argument", *lost(story, Hop.APPLIED, 3)) == expected


@EACH
def test_a_list_with_something_else_in_it_is_no_lost_argument(system: Callable[[], Story]) -> None:
    story = system().drop(at(Hop.RENDERED), at(Hop.APPLIED))
    story.change(at(Hop.RECEIVED), lambda s: saying(s, {s.hop: ["box", 1]}, {s.hop: {"arguments": 2}}))
    story.change(at(Hop.ROUTED), lambda s: saying(s, {s.hop: ["box", 2]}))
    story.change(at(Hop.DELIVERED), lambda s: saying(s, {s.hop: ["box", 2]}))
    assert keys(story, "one-argument", *lost(story, Hop.APPLIED, 1, 2)) == []


# no-listener, listener-gone, listener-late


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


# frame-unread


@EACH
@pytest.mark.parametrize(("label", "spoils"), [("B", {}), ("A", {"name": "another"}), ("A", {"digest": "digest-2"})])
def test_a_frame_that_another_page_or_event_had_explains_no_loss(
    system: Callable[[], Story], label: str, spoils: dict[str, str]
) -> None:
    story = system().drop(*(at(hop, "main/3", "A") for hop in PAGE))
    event = evidence(story).events["main/3"]
    said_of = {"why": "NaN is no JSON", "sid": "x", "name": event.name, "digest": event.digest}
    story.fact(FrameUnread, f"dashboard:{label}.1", **{**said_of, **spoils})
    assert keys(story, "frame-unread", *lost(story, Hop.DELIVERED, 3)) == []
    story.fact(FrameUnread, "dashboard:A.1", **said_of)
    assert keys(story, "frame-unread", *lost(story, Hop.DELIVERED, 3)) == ["main/3"]


@EACH
def test_a_numbered_frame_is_its_event_s_whatever_its_data_are(system: Callable[[], Story]) -> None:
    """A layer that breaks a message changes its data, too."""
    story = system().drop(*(at(hop, f"main/{number}", "A") for hop in PAGE for number in (3, 4)))
    name = evidence(story).events["main/3"].name
    story.fact(FrameUnread, "dashboard:A.1", why="NaN is no JSON", sid="x", name=name, digest="?", key="main/3")
    assert keys(story, "frame-unread", *lost(story, Hop.DELIVERED, 3, 4)) == ["main/3"]


@EACH
def test_a_frame_with_data_that_nobody_reported_is_all_that_its_page_lacks_of_the_name(
    system: Callable[[], Story],
) -> None:
    story = system().drop(*(at(hop, f"main/{number}", "A") for hop in PAGE for number in (2, 3)))
    name = evidence(story).events["main/3"].name
    story.fact(FrameUnread, "dashboard:A.1", why="NaN is no JSON", sid="x", name=name, digest="?")
    alike = [n for n in (2, 3) if evidence(story).events[f"main/{n}"].name == name]
    found = keys(story, "frame-unread", *lost(story, Hop.DELIVERED, 2, 3))
    assert found == (["main/3"] if len(alike) == 1 else []), "which of two it is, nobody can know"
    assert keys(story, "frame-unread", *lost(story, Hop.DELIVERED, 3)) == ["main/3"]


def test_what_came_before_a_message_that_can_not_be_read_and_was_taken_in_after_it_is_late_by_that() -> None:
    """What one answer to a poll brought is handed on in later turns, when the client has no connection any more."""
    story = floor().drop(*(at(hop, "main/3", "A") for hop in PAGE))
    [frame_n] = {r.n for r in story.records if at(Hop.DELIVERED, "main/2", "A")(r)}
    story.fact(FrameUnread, "dashboard:A.1", why="NaN is no JSON", sid="x", name="cycle", key="main/3")
    last = max(r.n for r in story.records if r.observer == "dashboard:A.1")
    story.change(said(FrameUnread), lambda fact: replace(fact, n=frame_n))
    story.change(at(Hop.APPLIED, "main/1", "A"), lambda s: replace(s, n=last + 1))
    late = [outcome(Kind.LATE, Hop.APPLIED, key, "A") for key in ("main/1", "main/4")]
    [blame] = explained("frame-unread", story, *lost(story, Hop.DELIVERED, 3), *late)
    assert [(o.kind, o.key) for o in blame.explains] == [(Kind.LOST, "main/3"), (Kind.LATE, "main/1")]
    assert blame.hops == (Hop.DELIVERED,)


@EACH
def test_what_passed_while_a_page_was_away_was_not_sent_to_nobody(system: Callable[[], Story]) -> None:
    """Nobody sees into the server: by the page's own record, in the harness's time."""
    story, last = system(), 7
    taps = tuple(hop for hop in Hop if hop is not Hop.ROUTED)
    story.contract = replace(story.contract, taps=taps)
    story.drop(at(Hop.ROUTED), *(at(hop, f"main/{n}") for hop in PAGE for n in range(1, 8)))
    range_ = (Hop.ROUTED, Hop.DELIVERED)
    owed = [replace(outcome(Kind.LOST, range_[0], f"main/{last}", label), hop=None, hops=range_) for label in "AB"]
    assert len(keys(story, "sent-to-nobody", *owed)) == 2
    [sent_ns] = {r.at_ns for r in story.records if at(Hop.RECEIVED, f"main/{last}")(r)}
    for label in "AB":
        story.fact(PageClosed, f"dashboard:{label}.1", reason="closed by the page")
    story.change(said(PageClosed), lambda fact: replace(fact, at_ns=sent_ns - 1))
    assert keys(story, "sent-to-nobody", *owed) == []
    for label in "AB":
        story.fact(FrameUnread, f"dashboard:{label}.1", why="NaN is no JSON", name="x", key="main/6")
    before = [replace(each, key="main/6") for each in owed]
    assert len(keys(story, "frame-unread", *before, *owed)) == 4, "the message, and what passed behind it"


@EACH
def test_what_a_page_could_not_read_was_sent_to_somebody(system: Callable[[], Story]) -> None:
    """Nobody sees into the server: the page's side tells it alone."""
    story, alone = system(), "main/1" if system is warehouse else "main/5"  # the only one of its name
    story.contract = replace(story.contract, taps=tuple(hop for hop in Hop if hop is not Hop.ROUTED))
    story.drop(at(Hop.ROUTED), *(at(hop, alone) for hop in PAGE))
    range_ = (Hop.ROUTED, Hop.DELIVERED)
    owed = [replace(outcome(Kind.LOST, range_[0], alone, label), hop=None, hops=range_) for label in ("A", "B")]
    assert keys(story, "sent-to-nobody", *owed) == [alone, alone]
    name = evidence(story).events[alone].name
    for label in ("A", "B"):
        story.fact(FrameUnread, f"dashboard:{label}.1", why="NaN is no JSON", name=name, key=alone)
    assert keys(story, "sent-to-nobody", *owed) == []
    assert keys(story, "frame-unread", *owed) == [alone, alone]
