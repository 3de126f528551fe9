"""Events that the server makes by itself, and those that the page's list does not show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.model import PAGE_SIDE, Answer, Event, Hop, Kind, Record, Sighting, Verdict
from harness.model.facts import Acknowledged, Fence, View
from harness.record.ledger import Ledger
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said

ALERT = TASK[2]
"""The event that the server makes in these stories."""


def judged(*gone: Callable[[Record], bool], rows: list[str] | None = None, **contract: Any) -> Verdict:
    """The verdict of a healthy run without some records."""
    story = Story("broadcast").open("A", "B").start("main").emit("main", *TASK).end("main")
    for records in gone:
        story.drop(records)
    ledger = story.ledger()
    if rows is not None:
        facts = (other(f, rows=rows, counter=None) if isinstance(f.body, View) else f for f in ledger.facts)
        ledger = replace(ledger, facts=tuple(facts))
    bare = replace(ledger.contract, terminal=(), panels=(), declared=(), **contract)
    return verdict_of(replace(ledger, contract=bare))


def of_alert(*hops: Hop, party: str | None = None) -> Callable[[Record], bool]:
    return lambda record: (
        isinstance(record, Sighting)
        and record.event.name == ALERT
        and record.hop in hops
        and (party is None or record.observer.startswith(f"dashboard:{party}"))
    )


BEFORE = of_alert(Hop.EMITTED, Hop.SENT, Hop.RECEIVED)


def outcomes(verdict: Verdict, kind: Kind) -> set[tuple[str | None, Hop | None]]:
    return {(each.dashboard, each.hop) for each in verdict.outcomes if each.kind is kind}


def test_what_the_server_makes_is_not_a_phantom_where_the_target_says_so() -> None:
    assert judged(BEFORE, made=(ALERT,)).answer is Answer.PASSED
    assert outcomes(judged(BEFORE), Kind.PHANTOM), "it is not declared that the server makes them"


@pytest.mark.parametrize("hop", [Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED])
def test_what_the_server_makes_is_owed_to_each_dashboard(hop: Hop) -> None:
    lost = of_alert(*(each for each in PAGE_SIDE if each >= hop), party="B")
    verdict = judged(BEFORE, lost, made=(ALERT,))
    assert verdict.answer is Answer.FAILED
    assert {
        (each.dashboard, each.hop) for each in verdict.outcomes if each.key and each.kind in (Kind.LOST, Kind.UNHANDLED)
    } == {("B", hop)}


def test_what_the_list_does_not_show_is_promised_as_far_as_the_page_has_it() -> None:
    others = tuple(name for name in TASK if name != ALERT)
    unseen = of_alert(Hop.RENDERED)
    assert judged(unseen).answer is Answer.FAILED
    verdict = judged(
        unseen, rows=[f"main/{seq}" for seq, name in enumerate(TASK, start=1) if name != ALERT], listed=others
    )
    assert verdict.answer is Answer.PASSED
    (note,) = (each.note for each in verdict.properties if each.prop == "P1")
    assert others[0] in note


@pytest.mark.parametrize("hop", [Hop.DELIVERED, Hop.APPLIED])
def test_what_the_list_does_not_show_and_the_page_has_not_is_lost(hop: Hop) -> None:
    lost = of_alert(*(each for each in PAGE_SIDE if each >= hop), party="B")
    verdict = judged(lost, listed=tuple(name for name in TASK if name != ALERT))
    assert verdict.answer is Answer.FAILED
    assert {each.dashboard for each in verdict.outcomes if each.kind in (Kind.LOST, Kind.UNHANDLED)} == {"B"}
    assert {each.hop for each in verdict.outcomes if each.kind in (Kind.LOST, Kind.UNHANDLED)} == {hop}


def test_what_the_list_shows_is_lost_where_it_does_not() -> None:
    verdict = judged(at(Hop.RENDERED, "main/1"), listed=(TASK[0],))
    assert outcomes(verdict, Kind.LOST) == {("A", Hop.RENDERED), ("B", Hop.RENDERED)}


@pytest.mark.parametrize(
    ("declared", "answer"), [((ALERT,), Answer.PASSED), ((), Answer.UNKNOWN), (TASK, Answer.UNKNOWN)]
)
def test_where_the_server_makes_all_that_is_declared_nothing_has_to_be_sent(
    declared: tuple[str, ...], answer: Answer
) -> None:
    """Else a producer that sent nothing at all would pass."""
    story = Story("broadcast", taps=tuple(hop for hop in Hop if hop is not Hop.EMITTED), terminal=(), panels=())
    story.open("A", "B").start("main").emit("main", *TASK).end("main")
    others = lambda r: isinstance(r, Sighting) and r.event.name != ALERT  # noqa: E731
    for gone in (at(Hop.EMITTED), at(Hop.SENT), at(Hop.RECEIVED), others, said(Acknowledged)):
        story.drop(gone)
    ledger = story.ledger()
    verdict = verdict_of(replace(ledger, contract=replace(ledger.contract, made=(ALERT,), declared=declared)))
    assert verdict.answer is answer, verdict.unknowns


END = TASK[-1]


@pytest.mark.parametrize(("made", "is_routed"), [((END,), True), ((END,), False), ((), True)])
def test_an_end_that_the_server_makes_ends_its_session(made: tuple[str, ...], is_routed: bool) -> None:
    """As that a client left, which is told when its connection has ended. One that is never made is lost at routed."""
    story = Story("broadcast", made=made, terminal=(END,), terminal_ok=(END,), panels=(), declared=())
    story.open("A", "B").start("main").emit("main", *TASK).end("main")
    story.drop(lambda r: isinstance(r, Sighting) and r.event.name == END and (not is_routed or r.hop < Hop.ROUTED))
    verdict = verdict_of(story.ledger())
    ends = {(each.kind, each.hop) for each in verdict.outcomes if each.prop == "P13"}
    if made and is_routed:
        assert not ends
    else:
        assert ends == {(Kind.INCOMPLETE, Hop.ROUTED if made else Hop.EMITTED)}


def test_what_the_server_makes_once_a_page_is_proven_is_not_owed_to_it() -> None:
    """A server with a timer goes on after the fence came back, and the page is not looked at again."""
    story = Story("broadcast", made=(ALERT, "late"), terminal=(), panels=(), declared=()).open("A", "B").start("main")
    story.emit("main", *TASK).end("main").drop(BEFORE).settle()
    late = Event("main/late~", "late", "main", None, "d")
    all_pages = tuple(page.sid for page in story.pages.values())
    before = story.ledger()
    fences = [fact.at_ns for fact in before.facts if isinstance(fact.body, Fence)]
    for at_ns, answer in ((max(fences) + 1_000_000, Answer.PASSED), (min(fences) - 50_000_000, Answer.FAILED)):
        routed = Sighting(Hop.ROUTED, late, "server", 1 << 29, at_ns, all_pages)
        verdict = verdict_of(Ledger.of(before.contract, [*before.sightings, *before.facts, routed]))
        assert verdict.answer is answer, (verdict.outcomes, verdict.unknowns)
