"""What a neighbouring hop, the other dashboards or the end of the server say of a cause, where its own hop is blind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import ClientDisconnected, Notice, ServerStopped
from tests.support.causes import told
from tests.support.explained import explained, outcome, paper
from tests.support.facts import other as other_fact
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, lost, warehouse
from tests.support.records import at, said

RANGE = (Hop.SENT, Hop.RECEIVED, Hop.ROUTED)
COUNTER = Finding(Aspect.COUNTER, expected=7, found="6")


def emitted_at(story: Story, *places: str | None) -> Story:
    """`main/3` is routed once at each of these places of the server's code."""
    [one] = [record for record in story.records if at(Hop.ROUTED, "main/3")(record)]
    where = story.records.index(one)
    story.records[where : where + 1] = [replace(one) for _ in places]
    left = iter(places)
    return story.change(at(Hop.ROUTED, "main/3"), lambda s: replace(s, detail={**s.detail, "where": next(left)}))


def in_a_range(kind: Kind = Kind.DUPLICATED) -> Outcome:
    return replace(outcome(kind, Hop.ROUTED), hop=None, hops=RANGE)


@EACH
def test_two_places_of_the_server_that_emit_once_each_emit_twice_whatever_came(system: Callable[[], Story]) -> None:
    [blame] = explained("routed-twice", emitted_at(system(), "app.py:3 one", "app.py:9 two"), in_a_range())
    assert (blame.hop, blame.hops) == (Hop.ROUTED, (Hop.ROUTED,))


@EACH
def test_one_place_that_emits_again_has_no_second_audience(system: Callable[[], Story]) -> None:
    twice = outcome(Kind.DUPLICATED, Hop.ROUTED)
    [blame] = explained("routed-twice", emitted_at(system(), "app.py:3 one", "app.py:3 one"), twice)
    assert "at one place of its code" in str(blame.sentence) and "registered several times" in blame.remedy
    [other] = explained("routed-twice", emitted_at(system(), "app.py:3 one", "app.py:9 two"), twice)
    assert "both audiences" in str(other.sentence)


@EACH
@pytest.mark.parametrize(
    "places",
    [("app.py:3 one",) * 2, ("app.py:3 one", "app.py:9 two") * 2, ("app.py:3 one", None), (None, None)],
    ids=["one place", "each place twice", "an unknown place", "unknown places"],
)
def test_what_may_have_come_twice_is_not_the_servers_doing(
    system: Callable[[], Story], places: tuple[str | None, ...]
) -> None:
    assert explained("routed-twice", emitted_at(system(), *places), in_a_range()) == []


def test_a_counter_beside_a_full_list_is_off_where_no_store_says_so() -> None:
    wrong = [replace(outcome(Kind.MISRENDERED, Hop.RENDERED, None, label, COUNTER), hop=None) for label in "AB"]
    wrong = [replace(each, hops=(Hop.APPLIED, Hop.RENDERED)) for each in wrong]
    story = told().shows("A", counter=6, state_events=None).shows("B", counter=6, state_events=None)
    [blame] = explained("counter-off", story, *wrong)
    assert (blame.hop, [each.dashboard for each in blame.explains]) == (Hop.RENDERED, ["A", "B"])
    assert blame.evidence[0] == "dashboard A: the counter says 6, the list shows 7"
    short = told().shows("A", counter=6, state_events=None)
    short.drop(at(Hop.RENDERED, "main/7", "A"), at(Hop.RENDERED, "main/6", "A"))
    assert explained("counter-off", short, wrong[0]) == []  # the page may not hold what it does not show
    part = told().shows("A", counter=9, state_events=None, rows=["main/6", "main/7"])
    assert explained("counter-off", part, wrong[0]) == []  # nor does a part of a list say how often it holds the rest


@EACH
def test_a_server_that_failed_may_have_been_about_to_emit(system: Callable[[], Story]) -> None:
    story = system().drop(at(Hop.ROUTED, "main/3"))
    mine = lost(story, Hop.ROUTED, 3)
    assert len(explained("never-routed", story, *mine)) == 1
    story.fact(ServerStopped, "server", why="ended by itself", process="server", status=1, running=0)
    assert explained("never-routed", story, *mine) == []


@EACH
def test_with_no_page_connected_anywhere_no_process_is_the_wrong_one(system: Callable[[], Story]) -> None:
    def unserved() -> Story:
        served = {"served": False, "publishes": False, "process": "server:7"}
        return system().change(at(Hop.ROUTED, "main/3"), lambda s: replace(s, detail={**s.detail, **served}))

    mine = lost(unserved(), Hop.ROUTED, 3)
    assert len(explained("wrong-process", unserved(), *mine)) == 1
    assert explained("wrong-process", unserved().drop(lambda r: said_by_page(r)), *mine) == []


def said_by_page(record: object) -> bool:
    return type(getattr(record, "body", None)).__name__ == "PageConnected"


def test_what_was_sent_twice_from_a_place_that_is_not_known_may_come_from_two() -> None:
    twice = outcome(Kind.DUPLICATED, Hop.SENT, "main/4", None)
    assert len(explained("retry-without-id", paper("retry-without-id"), twice)) == 1
    story = paper("retry-without-id").change(at(Hop.SENT, "main/4"), lambda s: replace(s, detail={}))
    assert explained("retry-without-id", story, twice) == []


@EACH
def test_what_came_as_a_message_other_than_an_event_was_emitted(system: Callable[[], Story]) -> None:
    def unrouted() -> Story:
        return system().drop(at(Hop.ROUTED, "main/3"))

    mine, name = lost(unrouted(), Hop.ROUTED, 3), "goods:moved" if system is warehouse else "cycle"
    for how in ({"name": name}, {"name": "frame", "payload": name}, {"name": "frame", "payload": {"kind": name}}):
        assert explained("never-routed", unrouted().fact(Notice, "dashboard:A.1", **how), *mine) == []
    other = unrouted().fact(Notice, "dashboard:A.1", name="frame", payload={"kind": "heartbeat"})
    assert len(explained("never-routed", other, *mine)) == 1


def test_under_which_session_an_event_went_on_is_seen_at_the_last_of_several_hops() -> None:
    story = paper("identity-changed")
    failed = [each for each in story.verdict().outcomes if each.hop is Hop.ROUTED and each.key is not None]
    blind = [replace(each, hop=None, hops=RANGE) for each in failed]
    [blame] = explained("identity-changed", story, *failed[:1], *blind[1:])
    assert len(blame.explains) == len(failed)
    assert explained("room-mismatch", story, *failed) == []


def test_a_cli_that_the_server_disconnected_is_told_so() -> None:
    story = paper("emit-while-reconnecting")
    failed = [each for each in story.verdict().outcomes if each.kind is Kind.LOST]

    def said_of(reason: str) -> str:
        story.change(said(ClientDisconnected), lambda fact: other_fact(fact, reason=reason))
        [blame] = explained("emit-while-reconnecting", story, *failed)
        return str(blame.sentence)

    assert said_of("server disconnect").startswith("the server disconnected the CLI")
    assert said_of("transport close").startswith("they were emitted while the CLI had no connection")
