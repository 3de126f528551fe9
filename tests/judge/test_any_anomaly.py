"""What must hold for every history, continued: mixtures of planted anomalies, and evidence that is added or taken away.

test_any_history plants one kind at a time; here each event has its own, and the run has some beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from harness.model import PAGE_SIDE, Answer, Body, Hop, Kind, Verdict
from harness.model.facts import (
    ClientRefused,
    CliExited,
    ClockCompared,
    Fence,
    InFlight,
    Members,
    PageIntrusion,
    Still,
    TapTried,
)
from harness.reporting import sentences
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said
from tests.support.stories import STORIES

Found: TypeAlias = tuple[Kind, str | None, Hop | None]

LENGTH = 12
KINDS = ("skill:started", "skill:completed", "checkpoint:created")
QUIET = (Kind.DELIVERED, Kind.UNDETERMINED)

quick = settings(max_examples=40)


def healthy() -> Story:
    """One dashboard and one session in which every name comes several times."""
    names = ("execution:started", *(KINDS[index % 3] for index in range(LENGTH - 2)), "execution:completed")
    return Story("broadcast", declared=()).open("A").start("main").emit("main", *names).end("main")


def failures(verdict: Verdict) -> list[Found]:
    return [(o.kind, o.key, o.hop) for o in verdict.outcomes if o.kind not in QUIET]


# Anomalies of one event: each is planted at a hop and found there


def lose(story: Story, seq: int, hop: Hop) -> Kind:
    story.lose(f"main/{seq}", hop, "A")
    return Kind.LOST


def double(story: Story, seq: int, hop: Hop) -> Kind:
    story.double(at(hop, f"main/{seq}"))
    return Kind.DUPLICATED


def swap(story: Story, seq: int, hop: Hop) -> Kind:
    story.swap(at(hop, f"main/{seq}"), at(hop, f"main/{seq + 1}"))
    return Kind.REORDERED


def corrupt(story: Story, seq: int, hop: Hop) -> Kind:
    for later in (each for each in Hop if hop <= each < Hop.RENDERED):
        story.change(at(later, f"main/{seq}"), lambda r: replace(r, event=replace(r.event, digest="other")))
    return Kind.CORRUPTED


def delay(story: Story, seq: int, hop: Hop) -> Kind:
    story.change(at(hop, f"main/{seq}"), lambda r: replace(r, at_ns=r.at_ns + 2_500_000_000))
    return Kind.LATE


BEHIND = tuple(hop for hop in Hop if hop > Hop.EMITTED)
ANOMALIES: tuple[tuple[Callable[[Story, int, Hop], Kind], tuple[Hop, ...]], ...] = (
    (lose, BEHIND),
    (double, (Hop.SENT, *PAGE_SIDE)),
    (swap, (Hop.EMITTED, Hop.SENT, Hop.RECEIVED, Hop.APPLIED)),
    (corrupt, BEHIND[:-1]),
    (delay, (Hop.RENDERED,)),
)
planted = some.sampled_from(ANOMALIES).flatmap(lambda each: some.tuples(some.just(each[0]), some.sampled_from(each[1])))


@given(plants=some.dictionaries(some.sampled_from([2, 4, 6, 8, 10]), planted))
@example(plants={2: (lose, Hop.SENT)} | dict.fromkeys((4, 6, 8, 10), (double, Hop.DELIVERED)))
@quick
def test_every_event_may_have_an_anomaly_and_exactly_those_are_found(plants: dict[int, Any]) -> None:
    story = healthy()
    wanted = {(how(story, seq, hop), f"main/{seq}", hop) for seq, (how, hop) in plants.items()}
    verdict = story.verdict()
    assert {found for found in failures(verdict) if found[1] is not None} == wanted
    assert (verdict.answer is Answer.FAILED) == bool(wanted)


# Anomalies of the run


def miscount(story: Story, number: int) -> None:
    story.shows("A", counter=100 + number)


def cut_short(story: Story, number: int) -> None:
    story.shows("A", rows=[f"main/{LENGTH - index}" for index in range(number)])


def intrude(story: Story, number: int) -> None:
    for index in range(number):
        story.fact(PageIntrusion, "dashboard:A.1", what=f"a dialog: {index}")


def exit_wrongly(story: Story, number: int) -> None:
    story.change(said(CliExited), lambda fact: other(fact, status=number))


def refuse(story: Story, number: int) -> None:
    story.fact(ClientRefused, "cli:main", error=f"no {number}")


RUN_ANOMALIES = {
    Kind.MISRENDERED: miscount,
    Kind.TRUNCATED: cut_short,
    Kind.NOT_INERT: intrude,
    Kind.INCOMPLETE: exit_wrongly,
    Kind.REFUSED: refuse,
}


@given(chosen=some.dictionaries(some.sampled_from(sorted(RUN_ANOMALIES)), some.integers(1, 9)))
@quick
def test_anomalies_of_the_run_are_found_and_nothing_else(chosen: dict[Kind, int]) -> None:
    story = healthy()
    for kind, number in chosen.items():
        RUN_ANOMALIES[kind](story, number)
    assert {kind for kind, _, _ in failures(story.verdict())} == set(chosen)


@given(name=some.sampled_from(KINDS))
@quick
def test_a_name_that_the_page_never_takes_is_unhandled_and_nothing_else(name: str) -> None:
    story = healthy()
    keys = {event.key for event in story.journal["main"] if event.name == name}
    story.drop(*(at(hop, key) for hop in (Hop.APPLIED, Hop.RENDERED) for key in keys))
    assert {found for found in failures(story.verdict()) if found[1]} == {
        (Kind.UNHANDLED, key, Hop.APPLIED) for key in keys
    }


@given(ends=some.lists(some.booleans(), min_size=1, max_size=5))
@quick
def test_two_active_sessions_are_found_where_they_were_planted_and_nowhere_else(ends: list[bool]) -> None:
    """Sessions one after the other; where `ends` is false the next one is accepted before its holder ended."""
    story = Story("single-session", session="s0", declared=()).open("A")
    story.start("s0").emit("s0", *TASK[:2])
    for number, in_time in enumerate(ends, start=1):
        holder, following = f"s{number - 1}", f"s{number}"
        if in_time:
            story.emit(holder, TASK[-1]).end(holder).start(following)
        else:
            story.start(following).emit(holder, TASK[-1]).end(holder)
        story.emit(following, *TASK[:2])
    last = f"s{len(ends)}"
    found = [
        sentences.outcome(o)
        for o in story.emit(last, TASK[-1]).end(last).verdict().outcomes
        if o.kind is Kind.EXCLUSIVITY
    ]
    assert found == [
        f"session s{number} was accepted while s{number - 1} was active"
        for number, in_time in enumerate(ends, start=1)
        if not in_time
    ]


@given(refused=some.integers(0, 3), accepted=some.booleans())
@quick
def test_a_session_is_stuck_when_every_client_after_its_end_is_refused(refused: int, accepted: bool) -> None:
    story = Story("single-session").open("A").start("main").emit("main", *TASK).end("main")
    for number in range(refused):
        error = {"code": "session-active", "message": "main is active"}
        story.start(f"r{number}", ok=False, error=error).end(f"r{number}", status=5)
    if accepted:
        story.start("heir").emit("heir", *TASK).end("heir")
    found = [found for found in failures(story.verdict()) if found[0] is Kind.STUCK]
    assert bool(found) == (refused > 0 and not accepted)


# Evidence that is added, and evidence that is taken away


@pytest.mark.parametrize("name", STORIES)
@given(data=some.data(), count=some.integers(1, 6))
@settings(max_examples=25)
def test_more_sightings_make_no_passing_run_lose(name: str, data: some.DataObject, count: int) -> None:
    story = STORIES[name][0]()
    events = [event for journal in story.journal.values() for event in journal]
    pages = [page for page in story.pages.values() if page.connected]
    for _ in range(count):
        event, hop = data.draw(some.sampled_from(events)), data.draw(some.sampled_from(list(Hop)))
        page = data.draw(some.sampled_from(pages))
        if hop in PAGE_SIDE:
            story.see(hop, replace(event, digest=None) if hop is Hop.RENDERED else event, page.observer)
        elif hop is Hop.ROUTED:
            story.see(hop, event, story.server, data.draw(some.sampled_from([(), (page.sid,)])))
        else:
            story.see(hop, event, story.server if hop is Hop.RECEIVED else f"cli:{event.session}")
    lost = [found for found in failures(story.verdict()) if found[0] in (Kind.LOST, Kind.UNHANDLED)]
    assert lost == []


PROOFS = (Fence, Still, TapTried, InFlight, Members, ClockCompared)


@pytest.mark.parametrize("name", STORIES)
@given(data=some.data())
@settings(max_examples=25)
def test_missing_proofs_fail_no_run_and_an_unknown_verdict_says_what_is_missing(
    name: str, data: some.DataObject
) -> None:
    story = STORIES[name][0]().settle()
    proofs = [r for r in story.records if any(said(kind)(r) for kind in PROOFS)]
    gone = {id(proofs[index]) for index in data.draw(some.sets(some.integers(0, len(proofs) - 1), max_size=5))}
    story.records = [record for record in story.records if id(record) not in gone]
    verdict = story.verdict()
    assert failures(verdict) == []
    assert verdict.answer is (Answer.UNKNOWN if verdict.unknowns else Answer.PASSED)


@pytest.mark.parametrize("kind", [Fence, Still, TapTried, InFlight])
def test_without_any_proof_of_a_kind_nothing_is_passed(kind: type[Body]) -> None:
    story = healthy().settle().drop(said(kind))
    assert story.verdict().answer is Answer.UNKNOWN
