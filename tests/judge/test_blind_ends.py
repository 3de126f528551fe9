"""Systems of which an end is blind: a producer that reports nothing, and pages where single events can't be seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.model import Answer, Aspect, Event, Hop, Kind, Panel, Standing
from harness.model.facts import CliMessage, PanelShown, StepBlocked, View
from harness.reporting import sentences
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at

COUNTED = Panel("skills", ("skill:*",), {"started": ("skill:started",)})


def story(*blind: Hop, **contract: Any) -> Story:
    taps = tuple(hop for hop in Hop if hop not in blind)
    made = Story("broadcast", taps=taps, properties=("P1", "P4"), **contract)
    made.open("A").start("main").emit("main", *TASK).end("main")
    for hop in blind:
        made.drop(at(hop))
    return made


def kinds(made: Story) -> set[tuple[Kind, Hop | None]]:
    return {(each.kind, each.hop) for each in made.verdict().outcomes if each.kind is not Kind.DELIVERED}


def test_what_is_sent_stands_for_what_a_silent_producer_reports() -> None:
    verdict = story(Hop.EMITTED).verdict()
    assert verdict.answer is Answer.PASSED, verdict.unknowns
    assert {each.prop: each.standing for each in verdict.properties}["P4"] is Standing.PROVEN


def test_a_silent_producer_has_made_up_nothing_that_the_server_makes_up() -> None:
    made = story(Hop.EMITTED)
    made.see(Hop.ROUTED, Event("main/99", "skill:started", "main", 99, "d"), "server", (made.pages["A"].sid,))
    assert (Kind.PHANTOM, Hop.ROUTED) in kinds(made)


def test_a_silent_producer_loses_nothing_unseen() -> None:
    made = story(Hop.EMITTED).drop(at(Hop.ROUTED, "main/3"))
    for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
        made.drop(at(hop, "main/3"))
    assert (Kind.LOST, Hop.ROUTED) in kinds(made)


def test_what_an_unobserved_producer_sends_is_not_known() -> None:
    verdict = story(Hop.EMITTED, Hop.SENT).verdict()
    assert verdict.answer is Answer.UNKNOWN and "P4" in {each.prop for each in verdict.unknowns}


BY_A_QUEUE = (Hop.EMITTED, Hop.SENT, Hop.RECEIVED)


def by_a_queue(*keys_lost: str) -> Story:
    taps = tuple(hop for hop in Hop if hop not in BY_A_QUEUE)
    made = Story("broadcast", taps=taps, properties=("P1", "B1"))
    made.open("A", "B").start("main").emit("main", *TASK).end("main")
    for hop in BY_A_QUEUE:
        made.drop(at(hop))
    for key in keys_lost:
        made.lose(key, Hop.DELIVERED, "B")
    return made


def test_what_is_routed_stands_for_events_that_reach_the_server_unseen() -> None:
    verdict = by_a_queue().verdict()
    assert verdict.answer is Answer.PASSED, verdict.unknowns
    assert "from routed on" in {each.prop: each.note for each in verdict.properties}["P1"]
    assert (Kind.LOST, Hop.DELIVERED) in kinds(by_a_queue("main/3"))


def test_nothing_that_reached_the_server_unseen_proves_nothing() -> None:
    made = by_a_queue()
    for hop in (Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
        made.drop(at(hop))
    assert made.verdict().answer is Answer.UNKNOWN


def test_what_of_it_has_no_recipient_is_lost() -> None:
    unrouted = by_a_queue().lose("main/3", Hop.DELIVERED)
    unrouted.change(at(Hop.ROUTED, "main/3"), lambda each: replace(each, recipients=()))
    assert (Kind.LOST, Hop.ROUTED) in kinds(unrouted)


def test_a_page_shows_nothing_that_the_server_did_not_route() -> None:
    made = by_a_queue()
    made.see(Hop.DELIVERED, Event("main/99", "skill:started", "main", 99, "d"), made.pages["A"].observer)
    assert (Kind.PHANTOM, Hop.DELIVERED) in kinds(made)


BOTH = (Hop.APPLIED, Hop.RENDERED)


def test_an_unreadable_page_is_judged_as_far_as_it_is_promised() -> None:
    assert story(*BOTH).verdict().answer is Answer.UNKNOWN, "it is not said that it can't be read"
    verdict = story(*BOTH, ends=Hop.DELIVERED, panels=()).verdict()
    assert verdict.answer is Answer.PASSED, verdict.unknowns
    assert "as far as delivered" in {each.prop: each.note for each in verdict.properties}["P1"]


def test_what_an_unreadable_page_is_not_delivered_is_lost() -> None:
    made = story(*BOTH, ends=Hop.DELIVERED, panels=()).drop(at(Hop.DELIVERED, "main/3"))
    assert kinds(made) >= {(Kind.LOST, Hop.DELIVERED)}


@pytest.mark.parametrize(("shown", "answer"), [("1", Answer.PASSED), ("0", Answer.FAILED)])
def test_where_panels_alone_show_events_they_are_compared(shown: str, answer: Answer) -> None:
    made = story(*BOTH, ends=Hop.DELIVERED, by_panels=True, panels=(COUNTED,))
    count = str(TASK.count("skill:started")) if shown == "1" else shown
    panel = {"session": None, "text": f"{count} started", "values": {"started": count}}
    made.fact(PanelShown, made.pages["A"].observer, panel="skills", **panel)
    made.shows("A", panels={"skills": panel}, counter=None, rows=None)
    verdict = made.verdict()
    assert verdict.answer is answer, verdict.unknowns
    wrong = {each.finding.aspect for each in verdict.outcomes if each.prop == "P9"}
    assert wrong == (set() if answer is Answer.PASSED else {Aspect.PANEL_VALUE})


def test_panels_of_a_page_that_was_not_looked_at_prove_nothing() -> None:
    ledger = story(*BOTH, ends=Hop.DELIVERED, by_panels=True, panels=(COUNTED,)).ledger()
    unseen = replace(ledger, facts=tuple(fact for fact in ledger.facts if not isinstance(fact.body, View)))
    verdict = verdict_of(unseen)
    assert verdict.answer is Answer.UNKNOWN and "P9" in {each.prop for each in verdict.unknowns}


def without_ends(status: int, lines: str | None = None) -> Story:
    """A system that has no terminal events: how its CLI ended is told by the exit status alone."""
    made = Story("broadcast", terminal=(), terminal_ok=(), properties=("P1",)).open("A").start("main")
    made.emit("main", *TASK)
    if lines is not None:
        made.fact(CliMessage, "cli:main", text=lines)
    return made.end("main", status=status)


def test_a_producer_that_ends_with_an_error_has_failed_without_terminal_events_too() -> None:
    assert without_ends(0).verdict().answer is Answer.PASSED
    assert kinds(without_ends(3)) == {(Kind.INCOMPLETE, Hop.EMITTED)}
    [blame] = without_ends(1, "HTTPError: HTTP Error 500").verdict().blame
    assert blame.cause == "cli-failed" and "HTTP Error 500" in str(blame.sentence)


def test_a_producer_that_failed_before_its_first_event_has_failed_in_any_case() -> None:
    made = Story("broadcast", terminal=(), terminal_ok=(), properties=("P1",)).open("A").start("main")
    made.fact(CliMessage, "cli:main", text="fill '#patient' on the page: no such element")
    hello = Event("main/hello~", "hello", "main", None, "d")
    made.see(Hop.ROUTED, hello, "server", (made.pages["A"].sid,)).end("main", status=1)
    causes = {blame.cause: sentences.line(blame.sentence) for blame in made.verdict().blame}
    assert "before its first event: fill '#patient'" in causes["cli-failed"]


def test_a_producer_that_the_harness_ended_owes_no_status() -> None:
    made = Story("broadcast", terminal=(), terminal_ok=(), properties=("P1",)).open("A").start("main")
    assert (Kind.INCOMPLETE, Hop.EMITTED) not in kinds(made.emit("main", *TASK).kill("main"))
    blocked = without_ends(3)
    blocked.fact(StepBlocked, "harness", step="x", why="y")
    blocked.records.insert(0, replace(blocked.records.pop(), at_ns=0))
    assert (Kind.INCOMPLETE, Hop.EMITTED) not in kinds(blocked)
