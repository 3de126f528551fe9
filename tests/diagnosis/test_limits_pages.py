"""What is like a cause in a page, and one step away from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.diagnosis import verdict_of
from harness.diagnosis.last_of_batch import MANY, _is_batch
from harness.diagnosis.listener_twice import _connected
from harness.diagnosis.name_style import _known
from harness.model import Aspect, Event, Finding, Hop, Kind, Outcome, Panel, Sighting
from harness.model.facts import CounterShown, PageClosed, PanelShown, View
from harness.reporting import sentences
from tests.support.causes import gone, told
from tests.support.causes_in_clis import EVENTS
from tests.support.explained import evidence, explained, outcome, paper
from tests.support.ledgers import Story
from tests.support.paper_pages import OWN, TASK
from tests.support.records import at, said


def seen(*at_ns: int) -> list[Sighting]:
    event = Event("main/1", "step", "main", 1, None)
    return [Sighting(Hop.DELIVERED, event, "dashboard:A.1", n, at, None, {}) for n, at in enumerate(at_ns)]


def test_what_a_counter_said_is_told_of_its_own_page() -> None:
    story = told().shows("A", counter=8)
    for label, value in (("A", 7), ("B", 9), ("A", 8)):
        story.fact(CounterShown, f"dashboard:{label}.1", value=value)
    [blame] = explained("counter-off", story, outcome(Kind.MISRENDERED, Hop.RENDERED, None, "A", COUNTER))
    assert blame.evidence[1] == "dashboard A: it said, in this order: 7, 8"


@pytest.mark.parametrize(("lost", "is_batch"), [(MANY - 1, False), (MANY, True)])
def test_a_batch_is_more_than_a_few_events(lost: int, is_batch: bool) -> None:
    """The last one of a batch, which is applied, is counted too."""
    outcomes = [outcome(Kind.LOST, Hop.APPLIED, f"main/{number + 1}") for number in range(1, 1 + lost)]
    assert bool(explained("last-of-batch", told(), *outcomes)) is is_batch


def test_a_counter_that_agrees_with_the_state_is_not_off() -> None:
    wrong = outcome(Kind.MISRENDERED, Hop.RENDERED, None, "A", COUNTER)
    assert explained("counter-off", told(), wrong) == []
    assert len(explained("counter-off", told().shows("A", counter=8), wrong)) == 1


def test_a_list_is_cut_when_the_counter_says_more_than_it_has_rows() -> None:
    cut = outcome(Kind.TRUNCATED, Hop.RENDERED, None, "A")
    rows = ["main/7", "main/6"]
    assert len(explained("list-sliced", told().shows("A", rows=rows, counter=3), cut)) == 1
    assert explained("list-sliced", told().shows("A", rows=rows, counter=2), cut) == []
    assert explained("list-sliced", told().shows("A", rows=rows, counter=None), cut) == []
    assert explained("list-sliced", told(), replace(cut, dashboard="Z")) == []
    assert len(explained("list-sliced", told().shows("A", rows=None, counter=1), cut)) == 1
    assert explained("list-sliced", told().shows("A", rows=None, counter=None), cut) == []


def test_only_the_load_that_took_an_event_in_twice_is_asked_how_often_it_connected() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *EVENTS[:2]).reload("A").emit("main", *EVENTS[2:])
    twice = outcome(Kind.DUPLICATED, Hop.APPLIED, "main/1")
    story.double(lambda r: at(Hop.APPLIED, "main/1")(r) and r.observer == "dashboard:A.2")
    assert [fact.observer for fact in _connected(evidence(story), twice)] == ["dashboard:A.2"]


def test_of_two_loads_that_took_an_event_in_twice_the_first_is_told() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *EVENTS[:2]).reload("A")
    for load in ("dashboard:A.1", "dashboard:A.2"):
        story.double(lambda r, load=load: at(Hop.APPLIED, "main/1")(r) and r.observer == load)  # type: ignore[misc]
    [blame] = explained("listener-twice", story, outcome(Kind.DUPLICATED, Hop.APPLIED, "main/1"))
    assert sentences.evidence(blame)[0].startswith("dashboard:A.1: ")


def test_the_names_that_panels_count_are_known_and_their_patterns_are_not() -> None:
    panels = (Panel("skills", ("skill:*", "checkpoint:created"), {"done": ("skill:completed", "step:*")}),)
    story = Story("broadcast", declared=("task:begun",), terminal=("task:over",), panels=panels)
    assert _known(evidence(story)) == {"task:begun", "task:over", "checkpoint:created", "skill:completed"}


def test_one_event_of_a_name_is_a_missing_case_only_if_a_second_page_drops_it_too() -> None:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *TASK).end("main")
    gone(story, ("main/3",), Hop.APPLIED, Hop.RENDERED, acknowledged=True)
    mine = [outcome(Kind.UNHANDLED, Hop.APPLIED, label=label) for label in "AB"]
    assert explained("no-reducer-case", story, mine[0]) == []
    [blame] = explained("no-reducer-case", story, *mine)
    assert blame.evidence == ("1 event named 'skill:started' delivered, 0 applied",)


def test_a_counter_alone_does_not_tell_which_name_has_no_case() -> None:
    lost = [replace(outcome(Kind.LOST, Hop.APPLIED, label=label), hop=None) for label in "AB"]
    lost = [replace(each, hops=(Hop.APPLIED, Hop.RENDERED)) for each in lost]
    story = Story("broadcast").open("A", "B").start("main").emit("main", *TASK).end("main")
    gone(story, ("main/3",), Hop.APPLIED, Hop.RENDERED, acknowledged=True)
    assert len(explained("no-reducer-case", story, *lost)) == 1
    for label in "AB":
        story.shows(label, rows=None)
    assert explained("no-reducer-case", story, *lost) == []


WRONG = Finding(Aspect.PANEL_VALUE, panel="skills", field="started", expected=1, found="0")
COUNTER = Finding(Aspect.COUNTER, expected=8, found=9)


def test_events_held_without_session_and_number_are_lost_or_not_handled() -> None:
    for kind in (Kind.UNHANDLED, Kind.LOST):
        mine = [outcome(kind, Hop.APPLIED, f"main/{n}") for n in range(1, len(EVENTS) + 1)]
        assert len(explained("envelope-nesting", paper("envelope-nesting"), *mine)) == 1
    own = replace(paper("envelope-nesting").contract, own_events=EVENTS)
    story = paper("envelope-nesting")
    story.contract = own
    assert explained("envelope-nesting", story, *mine) == []


def test_a_panel_is_stale_when_it_was_seen_twice_with_the_same_numbers() -> None:
    other = outcome(Kind.MISRENDERED, Hop.RENDERED, None, "A", COUNTER)
    wrong = replace(other, finding=WRONG)
    assert len(explained("panel-stale", paper("panel-stale"), wrong)) == 1
    assert len(explained("panel-stale", paper("panel-stale"), other, wrong)) == 1
    assert explained("panel-stale", paper("panel-stale").drop(said(PanelShown)), wrong) == []
    changed = {"panel": "skills", "session": "main", "text": "busy", "values": {"started": "1", "completed": "0"}}
    elsewhere = paper("panel-stale").fact(PanelShown, "dashboard:B.1", **changed)
    assert len(explained("panel-stale", elsewhere, wrong)) == 1
    assert explained("panel-stale", elsewhere.fact(PanelShown, "dashboard:A.1", **changed), wrong) == []


def test_a_panel_mixes_sessions_where_the_page_holds_two() -> None:
    wrong = outcome(
        Kind.MISRENDERED,
        Hop.RENDERED,
        None,
        "A",
        Finding(Aspect.PANEL_VALUE, panel="overview", field="events", found="12"),
    )
    other = replace(wrong, finding=COUNTER)
    assert len(explained("sessions-mixed", paper("sessions-mixed"), wrong)) == 1
    assert len(explained("sessions-mixed", paper("sessions-mixed"), other, wrong)) == 1
    every = {"overview": {"session": "main", "text": "busy", "values": {"events": str(len(EVENTS))}}}
    assert explained("sessions-mixed", told().shows("A", panels=every), wrong) == []
    assert len(explained("sessions-mixed", paper("sessions-mixed").reload("A"), wrong)) == 1
    assert explained("sessions-mixed", paper("sessions-mixed"), replace(wrong, dashboard="Z")) == []
    for told_otherwise in (replace(wrong.finding, field="status", found="Failed"), replace(wrong.finding, found="13")):
        assert explained("sessions-mixed", paper("sessions-mixed"), replace(wrong, finding=told_otherwise)) == []


def test_a_page_that_says_connected_is_told_with_the_ends_of_its_own_connections() -> None:
    story = paper("says-connected").fact(PageClosed, "dashboard:A.1", transport="websocket", reason="other")
    [blame] = explained(
        "says-connected", story, Outcome(Kind.MISRENDERED, "P15", None, "B", Hop.RENDERED, (), Finding(Aspect.STATUS))
    )
    assert blame.evidence == (
        "dashboard B: its connection ended: transport close",
        "dashboard B: it says 'Connected'",
    )


@pytest.mark.parametrize(("apart_ns", "is_batch"), [(0, True), (100_000_000, True), (100_000_001, False)])
def test_events_are_one_batch_up_to_a_tenth_of_a_second_apart(apart_ns: int, is_batch: bool) -> None:
    assert _is_batch(seen(0, 1_000_000_000, 1_000_000_000 + apart_ns)) is is_batch
    assert not _is_batch(seen(0))


@pytest.mark.parametrize(("lacks", "cause"), [(len(EVENTS), "list-sliced"), (3, "rows-left-out")])
def test_a_list_that_lacks_rows_is_one_blame_also_without_the_page_s_state(lacks: int, cause: str) -> None:
    story = told().drop(at(Hop.APPLIED)).drop(at(Hop.RENDERED, f"main/{lacks}", "A"))
    rows = [*OWN, *(f"main/{seq}" for seq in range(1, len(EVENTS) + 1) if seq != lacks)]
    for label, listed in (("A", rows), ("B", [*OWN, *(f"main/{seq}" for seq in range(1, len(EVENTS) + 1))])):
        story.shows(label, rows=listed, counter=len(OWN) + len(EVENTS))
    ledger = story.ledger()
    facts = tuple(
        replace(fact, body=replace(fact.body, state_events=None)) if isinstance(fact.body, View) else fact
        for fact in ledger.facts
    )
    taps = tuple(hop for hop in Hop if hop is not Hop.APPLIED)
    bare = replace(ledger.contract, taps=taps, panels=(), declared=(), terminal=())
    verdict = verdict_of(replace(ledger, contract=bare, facts=facts))
    assert [blame.cause for blame in verdict.blame] == [cause]
    assert [hop.label for hop in verdict.blame[0].hops] == ["applied", "rendered"]
