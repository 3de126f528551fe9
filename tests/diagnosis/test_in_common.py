"""Where there is no cause: what the lost share and no other event does, what was said around, what would show more."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from harness.diagnosis._in_common import blind_in, in_common, said_around, tells_apart
from harness.diagnosis.unexplained import unexplained
from harness.model import Aspect, Finding, Hop, Kind, Outcome, Sighting
from harness.model.facts import (
    ActionTaken,
    ClientDisconnected,
    CliMessage,
    Connected,
    HandlerError,
    Joined,
    PageConnected,
    PageError,
)
from harness.reporting import sentences
from tests.support.explained import evidence, outcome
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.records import at, said
from tests.support.saying import saying

NAMES = ("paid", "placed", "served", "paid", "placed", "served", "shut")


def orders(**contract: Any) -> Story:
    story = Story("broadcast", target="orders", declared=(), **contract).open("A", "B").start("main")
    return story.emit("main", *NAMES).end("main")


def gone(*numbers: int, labels: str = "AB", hop: Hop = Hop.ROUTED) -> list[Outcome]:
    return [outcome(Kind.LOST, hop, f"main/{number}", label) for number in numbers for label in labels]


@pytest.mark.parametrize(
    ("numbers", "lines"),
    [
        ((1, 4), ["all 2 are named 'paid', and no other is"]),
        ((7,), ["it is the only event named 'shut'"]),
        ((1,), []),
        ((5, 6, 7), ["all from main/5 on, and none before it"]),
        ((1, 2), ["all up to main/2, and none after it"]),
        ((2, 3), ["all from main/2 to main/3, and none before or after"]),
        ((2, 4, 6), ["one event of every 2, from main/2 on"]),
        ((1, 2, 3, 4, 5, 6, 7), ["all 7 events of the run"]),
        ((1, 3, 6), []),
    ],
)
def test_what_all_of_the_lost_share_and_no_other_does_is_told(numbers: tuple[int, ...], lines: list[str]) -> None:
    assert in_common(evidence(orders()), gone(*numbers)) == lines


@pytest.mark.parametrize(
    ("number", "hop", "lines"),
    [
        (1, Hop.RENDERED, ["it is the only event named 'paid' that came so far"]),
        (1, Hop.EMITTED, []),
        (5, Hop.RENDERED, []),
    ],
)
def test_what_was_lost_on_the_way_did_not_go_well(number: int, hop: Hop, lines: list[str]) -> None:
    story = orders()
    for lost in (each for each in Hop if each > Hop.EMITTED):
        story.drop(at(lost, "main/4"))
    assert in_common(evidence(story), gone(number, hop=hop)) == lines


def _by_turns(system: str) -> Story:
    """Two sessions at once, whose CLIs emit in turn."""
    story = Story("broadcast", target=system, declared=()).open("A", "B").start("main").start("second")
    for number, name in enumerate(NAMES[:-1]):
        story.emit("main" if number % 2 else "second", name)
    return story.end("main").end("second")


@pytest.mark.parametrize("system", ["orders", "trams"])
def test_places_are_those_in_time_where_several_emit_at_once(system: str) -> None:
    story = _by_turns(system)
    assert [*evidence(story).events] == ["main/1", "main/2", "main/3", "second/1", "second/2", "second/3"]
    late = [outcome(Kind.LOST, Hop.ROUTED, key, label) for key in ("main/2", "second/3", "main/3") for label in "AB"]
    assert in_common(evidence(story), late) == ["all from main/2 on, and none before it"]
    mains = [outcome(Kind.LOST, Hop.ROUTED, f"main/{number}", "A") for number in (1, 2, 3)]
    assert "one event of every 2, from main/1 on" in in_common(evidence(story), mains)
    assert not any(line.startswith("all up to") for line in in_common(evidence(story), mains))
    told = unexplained(evidence(story), late)[0]
    assert sentences.line(told.sentence).startswith("no rule explains why main/2, second/3, main/3 were lost")


def test_sizes_are_told_when_all_of_the_lost_are_much_larger() -> None:
    def sized(sighting: Sighting) -> Sighting:
        size = {2: 500, 6: 400}.get(sighting.event.seq or 0, 20)
        return saying(sighting, dict.fromkeys(Hop, f"{sighting.event.seq}" + "x" * size))

    story = orders()
    for hop in Hop:
        story.change(at(hop), sized)
    told = "all have 403 characters of data or more; of the others none has more than 23"
    assert told in in_common(evidence(story), gone(2, 6))
    assert not any("characters" in line for line in in_common(evidence(story), gone(2, 4)))


def test_one_dashboard_of_several_is_told_with_its_transport() -> None:
    story = orders().change(said(PageConnected, "B"), lambda f: other(f, transport="polling"))
    assert in_common(evidence(story), gone(1, labels="B", hop=Hop.DELIVERED)) == [
        "only on dashboard B, and not on A",
        "those are connected by polling, the others by websocket",
    ]
    assert in_common(evidence(story), gone(1, labels="AB", hop=Hop.DELIVERED)) == []


def test_a_process_is_told_when_it_alone_emitted_the_lost() -> None:
    story = orders()
    for seq in range(1, 8):
        who = {"process": "two" if seq in (2, 6) else "one"}
        story.change(at(Hop.ROUTED, f"main/{seq}"), lambda s, who=who: replace(s, detail=who))  # type: ignore[misc]
    assert in_common(evidence(story), gone(2, 6)) == ["all were emitted by process two, and no other was"]


def test_what_was_said_around_the_first_loss_is_repeated_and_no_more() -> None:
    story = Story("broadcast", target="orders", declared=()).open("A", "B").start("main")
    story.fact(CliMessage, "cli:main", text="long ago").wait(5000).emit("main", *NAMES[:2])
    story.fact(CliMessage, "cli:main", text="Traceback:\nTypeError: a Decimal")
    story.fact(HandlerError, "server", sid=None, name="paid", error="KeyError: 'total'", where="app.py:7")
    story.wait(5000).emit("main", *NAMES[2:]).fact(PageError, "dashboard:A.1", text="later").end("main")
    assert said_around(evidence(story), gone(2, 4)) == [
        "around main/2, cli:main: 'TypeError: a Decimal'",
        "around main/2, server: the handler of 'paid' raised KeyError: 'total' at app.py:7",
    ]


def test_a_blind_hop_comes_with_what_would_show_it() -> None:
    known = evidence(orders(taps=(Hop.EMITTED, Hop.SENT, Hop.DELIVERED, Hop.RENDERED)))
    assert blind_in(known, (Hop.APPLIED, Hop.RENDERED)) == [
        "applied is blind: a store of the page (`page.store`) would show it"
    ]


def test_the_sentence_says_what_all_of_them_have_and_no_other() -> None:
    known = evidence(orders())
    [found] = unexplained(known, gone(1, 4))
    assert str(found.sentence).endswith("main/1, main/4 were lost: all 2 are named 'paid', and no other is.")


def test_what_every_event_has_says_nothing_of_those_that_are_lost() -> None:
    known = evidence(orders())
    [found] = unexplained(known, gone(*range(1, 8)))
    assert not any(tells_apart(line) for line in in_common(known, gone(*range(1, 8))))
    assert str(found.sentence).endswith("and 4 more were lost.")


def test_of_each_value_the_first_alone_went_well() -> None:
    story = orders()
    items = dict(zip(range(1, 8), ("tea", "tea", "tea", "soup", "soup", "soup", None), strict=True))
    for number, item in items.items():
        data = {"item": item} if item else {"orders": 2}
        story.change(partial(is_of, f"main/{number}"), partial(told, data))
    lines = in_common(evidence(story), gone(2, 3, 5, 6, hop=Hop.APPLIED))
    assert lines[0] == "each has a 'item' that an event before it had; of each 'item' the first alone went well"
    assert not any("first alone" in each for each in in_common(evidence(story), gone(2, 3, 5, hop=Hop.APPLIED)))


def is_of(key: str, record: object) -> bool:
    return isinstance(record, Sighting) and record.event.key == key


def told(data: Any, sighting: Sighting) -> Sighting:
    return saying(sighting, {sighting.hop: data})


def test_a_dashboard_without_a_connection_is_told_of_events_without_recipients() -> None:
    story = orders()
    early = "dashboard B had no connection when any of them came"
    assert early not in "\n".join(in_common(evidence(story), gone(2, 3)))
    story.drop(said(Connected, sid=story.pages["B"].sid), said(PageConnected, "B"))
    assert early in "\n".join(in_common(evidence(story), gone(2, 3)))
    assert early not in "\n".join(in_common(evidence(story), gone(2, 3, hop=Hop.SENT)))


def test_who_was_let_into_a_room_it_never_asked_for_is_told_with_what_leaked_there() -> None:
    story = orders().change(at(Hop.ROUTED), lambda s: replace(s, detail={**s.detail, "room": "order-7"}))
    why = Finding(Aspect.NEVER_ASKED, party="dashboard:B", session="main")
    leaked = [replace(each, kind=Kind.LEAKED, finding=why) for each in gone(2, 3, labels="B")]
    line = "dashboard B was let into room 'order-7', and asked for no session that goes there"
    assert line not in in_common(evidence(story), leaked)
    story.fact(Joined, "server", sid=story.pages["B"].sid, room="order-7")
    assert line in in_common(evidence(story), leaked) and line not in in_common(evidence(story), gone(2, 3))


@pytest.mark.parametrize(("sent", "is_told"), [(range(1, 6), True), ((1, 2, 3, 4, 7), False), ((), False)])
def test_a_cli_that_ended_its_connection_is_told_of_what_it_had_not_sent_by_then(sent: Any, is_told: bool) -> None:
    story, unsent = orders(), [number for number in range(1, 8) if number not in sent]
    for number in unsent:
        story.drop(at(Hop.SENT, f"main/{number}"))
    line = f"cli:main: sent {len([*sent])} events, and then ended its connection itself"
    assert (line in in_common(evidence(story), gone(*unsent, hop=Hop.SENT))) is is_told
    story.drop(said(ClientDisconnected))
    assert line not in in_common(evidence(story), gone(*unsent, hop=Hop.SENT))


def test_who_chose_another_session_is_spared_nothing() -> None:
    story = orders()
    assert "only on dashboard A, and not on B" in in_common(evidence(story), gone(2, 3, labels="A"))
    story.fact(ActionTaken, "harness", name="choose", dashboard="B", detail="another")
    assert not any(line.startswith("only on") for line in in_common(evidence(story), gone(2, 3, labels="A")))


def test_what_has_name_and_number_of_an_event_of_another_session_is_told() -> None:
    story = Story("broadcast", target="orders", declared=()).open("A", "B").start("main").start("beside")
    story.emit("main", *NAMES[:3]).emit("beside", NAMES[0], NAMES[2], NAMES[2]).end("main").end("beside")
    lost = [outcome(Kind.LOST, Hop.APPLIED, key, "A") for key in ("beside/1", "beside/3")]
    line = "each has name and number of an event of another session, and of those one alone went well"
    assert line in in_common(evidence(story), lost)
    assert line not in in_common(evidence(story), lost[:1]) and line not in in_common(evidence(orders()), gone(1, 2))
