"""What looks like a cause and is not, on two systems that are not the reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.model import Aspect, Finding, Hop, Kind
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
from tests.support.explained import evidence, explained, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, PAGE, keys, lost, warehouse
from tests.support.records import at, said
from tests.support.saying import saying


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


@EACH
@pytest.mark.parametrize("taken", [0, 1], ids=["never", "once"])
def test_a_name_that_the_page_listens_to_never_or_once_is_not_a_batch(system: Callable[[], Story], taken: int) -> None:
    story = system()
    story.contract = replace(story.contract, taps=tuple(Hop))
    name = "goods:moved" if system is warehouse else "cycle"
    gone = [event.key for event in evidence(story).events_of("main") if event.name == name][taken:]
    assert gone
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
def test_one_event_that_one_page_drops_is_not_a_missing_case(system: Callable[[], Story]) -> None:
    story = system()
    number = 4 if system is warehouse else 5
    story.drop(*(at(hop, f"main/{number}", "A") for hop in PAGE[1:]))
    assert keys(story, "no-reducer-case", outcome(Kind.UNHANDLED, Hop.APPLIED, f"main/{number}", "A")) == []


@EACH
def test_an_event_of_whose_name_others_arrived_is_sent_to_a_dashboard(system: Callable[[], Story]) -> None:
    story = system()
    story.contract = replace(story.contract, taps=tuple(h for h in story.contract.taps if h is not Hop.ROUTED))
    story.drop(at(Hop.ROUTED)).drop(*(at(hop, f"main/{n}") for hop in PAGE for n in (3, 6)))
    owed = [
        replace(each, hop=None, hops=(Hop.ROUTED, Hop.DELIVERED))
        for label in "AB"
        for each in lost(story, Hop.ROUTED, 3, 6, label=label)
    ]
    assert keys(story, "sent-to-nobody", *owed) == []
    last = [replace(each, key="main/7") for each in owed[:2]]
    last = [replace(each, dashboard=label) for each, label in zip(last, "AB", strict=True)]
    story.drop(*(at(hop, "main/7") for hop in PAGE))
    assert keys(story, "sent-to-nobody", *owed, *last) == [], "the only one of its name is lost with others"
    story.drop(*(at(hop, f"main/{n}") for hop in PAGE for n in range(1, 8)))
    assert len(keys(story, "sent-to-nobody", *owed)) == 4


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
def test_a_tail_is_found_after_an_event_that_never_left(system: Callable[[], Story]) -> None:
    story = system().drop(*(at(hop, "main/7") for hop in Hop if hop > Hop.EMITTED))
    story.drop(*(at(hop, f"main/{n}") for hop in Hop if hop > Hop.SENT for n in (5, 6)))
    story.drop(*(said(Acknowledged, key=f"main/{n}") for n in (5, 6, 7)))
    mine = [*lost(story, Hop.RECEIVED, 5, 6), *lost(story, Hop.SENT, 7)]
    assert keys(story, "exit-before-ack", *mine) == ["main/5", "main/6"]


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


@EACH
@pytest.mark.parametrize("given", [{Hop.RECEIVED: {"arguments": 2}}, {}])
def test_a_list_that_was_one_before_or_that_the_page_takes_is_not_a_lost_argument(
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
def test_a_list_with_something_else_in_it_is_not_a_lost_argument(system: Callable[[], Story]) -> None:
    story = system().drop(at(Hop.RENDERED), at(Hop.APPLIED))
    story.change(at(Hop.RECEIVED), lambda s: saying(s, {s.hop: ["box", 1]}, {s.hop: {"arguments": 2}}))
    story.change(at(Hop.ROUTED), lambda s: saying(s, {s.hop: ["box", 2]}))
    story.change(at(Hop.DELIVERED), lambda s: saying(s, {s.hop: ["box", 2]}))
    assert keys(story, "one-argument", *lost(story, Hop.APPLIED, 1, 2)) == []


@EACH
def test_what_passed_while_a_page_was_disconnected_is_not_sent_to_nobody(system: Callable[[], Story]) -> None:
    """The server is not observed: by the page's own record, in the harness's time."""
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
        story.fact(FrameUnread, f"dashboard:{label}.1", why="NaN is not JSON", name="x", key="main/6")
    before = [replace(each, key="main/6") for each in owed]
    assert len(keys(story, "frame-unread", *before, *owed)) == 4, "the message, and what passed after it"
