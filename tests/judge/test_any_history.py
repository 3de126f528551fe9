"""What must hold for every history: order in the ledger is nothing, and what was planted is found, and only that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from harness.diagnosis import verdict_of
from harness.model import Answer, Event, Hop, Kind, Outcome, Verdict
from harness.record.ledger import Ledger
from harness.reporting import sentences
from tests.support.ledgers import Story
from tests.support.records import at
from tests.support.stories import STORIES

LENGTH = 12
KINDS = ("skill:started", "skill:completed", "checkpoint:created")
PAGE = (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED)

BEHIND = [hop for hop in Hop if hop > Hop.EMITTED]

quick = settings(max_examples=40)


def healthy() -> Story:
    """Two dashboards of which A alone subscribed; one session in which every name comes several times."""
    names = ("execution:started", *(KINDS[index % 3] for index in range(LENGTH - 2)), "execution:completed")
    story = Story("subscription", declared=()).open("A", "B").start("main").subscribe("A", "main")
    return story.emit("main", *names).end("main")


def bad(verdict: Verdict) -> set[tuple[Kind, str | None, Hop | None]]:
    """What went wrong with events, as opposed to what a page shows of it."""
    return {
        (o.kind, o.key, o.hop) for o in verdict.outcomes if o.key and o.kind not in (Kind.DELIVERED, Kind.UNDETERMINED)
    }


def essence(outcome: Outcome) -> tuple[Any, ...]:
    return (
        outcome.kind,
        outcome.prop,
        outcome.key or "",
        outcome.dashboard or "",
        outcome.hops,
        sentences.outcome(outcome),
    )


def other_payload(sighting: Any) -> Any:
    return replace(sighting, event=replace(sighting.event, digest="other"))


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("broken", [False, True])
@given(random=some.randoms(use_true_random=False))
@settings(max_examples=10)
def test_the_order_of_records_in_the_ledger_changes_nothing(name: str, broken: bool, random: Any) -> None:
    story = STORIES[name][0]()
    if broken:
        story.lose("main/2", Hop.ROUTED, "A").double(at(Hop.APPLIED, "main/3", "A"))
    ledger = story.ledger()
    records = list(ledger.records())
    random.shuffle(records)
    before, after = verdict_of(ledger), verdict_of(Ledger.of(ledger.contract, records))
    assert before.answer is after.answer is (Answer.FAILED if broken else Answer.PASSED)
    assert before.hops == after.hops
    assert sorted(map(essence, before.outcomes)) == sorted(map(essence, after.outcomes))
    assert [(r.prop, r.standing, r.checks) for r in before.properties] == [
        (r.prop, r.standing, r.checks) for r in after.properties
    ]
    assert [(blame.cause, blame.hops) for blame in before.blame] == [(b.cause, b.hops) for b in after.blame]


@given(
    lost=some.dictionaries(
        some.integers(2, LENGTH - 1), some.sampled_from([h for h in Hop if h > Hop.EMITTED]), max_size=3
    )
)
@quick
def test_planted_losses_are_found_and_nothing_else(lost: dict[int, Hop]) -> None:
    story = healthy()
    for seq, hop in lost.items():
        story.lose(f"main/{seq}", hop, *("A" if hop >= Hop.ROUTED else ""))
    # Where no event of a name is left that the page has taken in, the page may not know the name: that is a loss, too.
    found = {(Kind.LOST if kind is Kind.UNHANDLED else kind, key, hop) for kind, key, hop in bad(story.verdict())}
    assert found == {(Kind.LOST, f"main/{seq}", hop) for seq, hop in lost.items()}


@given(
    doubled=some.dictionaries(some.integers(1, LENGTH), some.sampled_from([Hop.SENT, *PAGE]), min_size=1, max_size=3),
)
@quick
def test_planted_duplicates_are_found_and_nothing_else(doubled: dict[int, Hop]) -> None:
    story = healthy()
    for seq, hop in doubled.items():
        story.double(at(hop, f"main/{seq}", "A" if hop in PAGE else None))
    assert bad(story.verdict()) == {(Kind.DUPLICATED, f"main/{seq}", hop) for seq, hop in doubled.items()}


@given(seq=some.integers(1, LENGTH - 1), hop=some.sampled_from([Hop.EMITTED, Hop.SENT, Hop.RECEIVED, Hop.APPLIED]))
@quick
def test_a_planted_change_of_order_is_found_and_nothing_else(seq: int, hop: Hop) -> None:
    story, label = healthy(), "A" if hop is Hop.APPLIED else None
    story.swap(at(hop, f"main/{seq}", label), at(hop, f"main/{seq + 1}", label))
    assert bad(story.verdict()) == {(Kind.REORDERED, f"main/{seq}", hop)}


@given(seqs=some.sets(some.integers(1, LENGTH), min_size=1, max_size=4), hop=some.sampled_from([*Hop][1:-1]))
@quick
def test_planted_corruption_is_found_and_nothing_else(seqs: set[int], hop: Hop) -> None:
    story = healthy()
    for seq in seqs:
        for later in (each for each in Hop if hop <= each < Hop.RENDERED):
            story.change(at(later, f"main/{seq}"), other_payload)
    assert bad(story.verdict()) == {(Kind.CORRUPTED, f"main/{seq}", hop) for seq in seqs}


@given(seqs=some.sets(some.integers(1, LENGTH), min_size=1, max_size=4), hop=some.sampled_from([Hop.ROUTED, *PAGE]))
@quick
def test_planted_leaks_are_found_and_nothing_else(seqs: set[int], hop: Hop) -> None:
    story = healthy()
    b = story.pages["B"]
    for seq in sorted(seqs):
        event = story.journal["main"][seq - 1]
        if hop is Hop.ROUTED:
            story.change(at(hop, event.key), lambda r: replace(r, recipients=(*r.recipients, b.sid)))
        else:
            story.see(hop, replace(event, digest=None) if hop is Hop.RENDERED else event, b.observer)
    leaks = {found for found in bad(story.verdict()) if found[0] is Kind.LEAKED}
    assert leaks == {(Kind.LEAKED, f"main/{seq}", hop) for seq in seqs}


@given(seqs=some.sets(some.integers(LENGTH + 1, 40), min_size=1, max_size=3))
@quick
def test_planted_phantoms_are_found_and_nothing_else(seqs: set[int]) -> None:
    story = healthy()
    for seq in sorted(seqs):
        event = Event(f"ghost/{seq}", "skill:started", "ghost", seq, "d")
        for hop in PAGE:
            story.see(hop, event, "dashboard:A.1")
    assert {found for found in bad(story.verdict()) if found[0] is Kind.PHANTOM} == {
        (Kind.PHANTOM, f"ghost/{seq}", Hop.DELIVERED) for seq in seqs
    }


@pytest.mark.parametrize("name", STORIES)
@given(count=some.integers(1, 6), late=some.booleans())
@settings(max_examples=8)
def test_more_that_goes_well_makes_no_run_lose(name: str, count: int, late: bool) -> None:
    more = Story(name, declared=()).open("A", "B").start("main")
    if name == "subscription":
        more.subscribe("A", "main").subscribe("B", "main")
    for index in range(count):
        if late and index == count // 2 and name != "subscription":
            more.open("C")
        more.emit("main", KINDS[index % 3])
    verdict = more.emit("main", "execution:completed").end("main").verdict()
    assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.unknowns)


@given(
    hops=some.sets(some.sampled_from([h for h in Hop if h is not Hop.EMITTED]), max_size=4), lost_at=some.integers(1, 6)
)
@quick
def test_taps_that_are_switched_off_never_move_the_blame_to_a_wrong_hop(hops: set[Hop], lost_at: int) -> None:
    story = healthy()
    story.contract = replace(story.contract, taps=tuple(hop for hop in Hop if hop not in hops))
    story.lose("main/5", Hop(lost_at), *("A" if lost_at >= Hop.ROUTED else ""))
    story.records = [record for record in story.records if not any(at(hop)(record) for hop in hops)]
    verdict = story.verdict()
    for outcome in verdict.outcomes:
        if outcome.kind is Kind.LOST:
            assert outcome.key == "main/5"
            assert Hop(lost_at) in outcome.hops
            assert outcome.hop in (None, Hop(lost_at))
    assert verdict.answer is not Answer.PASSED
