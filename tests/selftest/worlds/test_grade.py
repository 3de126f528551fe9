"""A verdict graded: each way of being wrong about a world whose truth is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from harness.model import Answer, Blame, Hop, Kind, Outcome, Verdict
from harness.model.findings import Aspect, Finding
from harness.selftest.worlds.draw import Bug, World, draw, uses_aside
from harness.selftest.worlds.grade import Wrong, grade, is_right
from harness.selftest.worlds.mechanisms import BY_ID
from harness.selftest.worlds.parts import Parts
from harness.selftest.worlds.result import Result
from harness.selftest.worlds.score import document, sides, with_worlds
from harness.selftest.worlds.shrink import PLAIN as PLAINEST
from harness.selftest.worlds.shrink import shrink
from harness.selftest.worlds.truth import Truth

PAGES = {"A": "pa", "B": "pb"}

PLAIN = Parts(
    server="aiohttp",
    processes="one",
    when="handler",
    to="everyone",
    replay=False,
    producer="python",
    acknowledged=True,
    shape="fields",
    ids=True,
    lines="plain",
    page="plain",
    view="attributes",
    direction="append",
    state=True,
    transport="websocket",
    noise="none",
    seen_by="agent",
    contract="broadcast",
)
HEALTHY = replace(draw(0), parts=PLAIN, bugs=())


def world(*bugs: str) -> World:
    return replace(HEALTHY, bugs=tuple(Bug(BY_ID[each], ("K02",)) for each in bugs))


def truth(world: World, *pages: str) -> Truth:
    """Every bug happened, at these pages."""
    mechanisms = [bug.mechanism for bug in world.bugs]
    return Truth(
        world.bugs,
        tuple(frozenset(each.kinds) for each in mechanisms),
        tuple(frozenset({each.hop}) for each in mechanisms),
        tuple(frozenset(pages) for _ in mechanisms),
    )


def blame(cause: str, *hops: Hop, kind: Kind = Kind.LOST, dashboards: Iterable[str] = ("A", "B")) -> Blame:
    hop = hops[0] if len(hops) == 1 else None
    explains = tuple(Outcome(kind, "P1", "s/2", label, hop, hops, Finding(Aspect.COUNTER)) for label in dashboards)
    return Blame(hop, hops, cause, "told", (), "", explains)


def verdict(*blames: Blame, answer: Answer = Answer.FAILED) -> Verdict:
    return Verdict(answer, 3, 2, {}, (), "session and seq", "fence", blame=blames)


def wrong_of(world: World, said: Verdict, *pages: str) -> tuple[Wrong, ...]:
    return grade(world, truth(world, *pages), said, PAGES).wrong


PASSED, UNKNOWN = verdict(answer=Answer.PASSED), verdict(answer=Answer.UNKNOWN)
FORGOTTEN = world("handler-forgets")


def test_a_healthy_world_passes_and_any_failure_is_a_false_alarm() -> None:
    assert wrong_of(HEALTHY, PASSED) == ()
    assert wrong_of(HEALTHY, verdict(blame("unexplained", Hop.ROUTED))) == (Wrong.FALSE_ALARM,)


def test_a_bug_that_passes_is_a_silent_pass_and_not_to_know_is_told_apart() -> None:
    assert wrong_of(FORGOTTEN, PASSED) == (Wrong.SILENT,)
    assert wrong_of(FORGOTTEN, UNKNOWN) == (Wrong.UNKNOWN,)
    assert wrong_of(HEALTHY, UNKNOWN) == (Wrong.UNKNOWN,)


def test_the_right_hop_and_cause_are_right_and_unexplained_is_counted() -> None:
    assert wrong_of(FORGOTTEN, verdict(blame("never-routed", Hop.ROUTED))) == ()
    given = grade(FORGOTTEN, truth(FORGOTTEN), verdict(blame("unexplained", Hop.ROUTED)), PAGES)
    assert (given.wrong, given.unexplained, given.widths) == ((), 1, (1,))


def test_another_cause_on_the_right_hop_is_a_wrong_cause() -> None:
    assert wrong_of(FORGOTTEN, verdict(blame("room-mismatch", Hop.ROUTED))) == (Wrong.WRONG_CAUSE,)


def test_another_hop_is_wrong_and_the_bug_is_missed() -> None:
    assert wrong_of(FORGOTTEN, verdict(blame("unexplained", Hop.DELIVERED))) == (Wrong.WRONG_HOP, Wrong.MISSED)


def test_a_second_blame_on_a_hop_where_nothing_happened_is_wrong() -> None:
    said = verdict(blame("never-routed", Hop.ROUTED), blame("counter-off", Hop.RENDERED, kind=Kind.MISRENDERED))
    assert wrong_of(FORGOTTEN, said) == (Wrong.WRONG_HOP,)


def test_of_two_bugs_both_have_to_be_blamed() -> None:
    both = world("handler-forgets", "draws-twice")
    said = verdict(blame("never-routed", Hop.ROUTED))
    assert wrong_of(both, said) == (Wrong.MISSED,)
    assert wrong_of(both, verdict(*said.blame, blame("row-twice", Hop.RENDERED, kind=Kind.DUPLICATED))) == ()


def test_what_was_done_and_for_whom_are_compared() -> None:
    assert wrong_of(FORGOTTEN, verdict(blame("unexplained", Hop.ROUTED, kind=Kind.DUPLICATED))) == (Wrong.WRONG_KIND,)
    for_one = world("skips-one")
    assert wrong_of(for_one, verdict(blame("left-out", Hop.ROUTED)), "pa") == (Wrong.WRONG_PAGE,)
    assert wrong_of(for_one, verdict(blame("left-out", Hop.ROUTED, dashboards="A")), "pa") == ()


ALL_SEEN = tuple(Hop)


@pytest.mark.parametrize(
    ("said", "blind", "is_right_then"),
    [
        ((Hop.ROUTED,), (), True),
        ((Hop.DELIVERED,), (), False),
        ((Hop.ROUTED, Hop.DELIVERED), (), False),
        ((Hop.ROUTED, Hop.DELIVERED), (Hop.ROUTED,), True),
        ((Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED), (Hop.ROUTED,), False),
        ((Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED), (Hop.RECEIVED, Hop.ROUTED), True),
        ((Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED), (Hop.ROUTED, Hop.APPLIED), True),
        ((), (), False),
    ],
)
def test_only_blind_hops_widen_a_range(said: tuple[Hop, ...], blind: tuple[Hop, ...], is_right_then: bool) -> None:
    seen = tuple(hop for hop in ALL_SEEN if hop not in blind)
    assert is_right(said, Hop.ROUTED, seen) is is_right_then


def test_a_result_is_handed_on_as_a_line() -> None:
    given = grade(FORGOTTEN, truth(FORGOTTEN), PASSED, PAGES)
    result = Result.scored(FORGOTTEN, ("handler-forgets",), "passed", "all well", given).within(1.5, "there")
    assert Result.from_line(result.to_line()) == result
    assert result.is_wrong


def test_the_score_tells_training_and_test_apart() -> None:
    results = [Result(seed, "scored", happened=("x",), answer="passed", wrong=("silent pass",)) for seed in range(40)]
    results += [Result(40, "broken", "KeyError")]
    tried = with_worlds(results)
    tallies = sides(tried)
    assert sum(tally.wrong[Wrong.SILENT] for tally in tallies.values()) == 40
    assert tallies["test"].worlds == sum(world.has_aside for world, _ in tried)
    told = document(tried, 3.0)
    assert told["training"]["silent"] + told["test"]["silent"] == 40
    assert told["training"]["broken"] + told["test"]["broken"] == 1
    assert len(told["worlds"]) == 41


def test_a_failing_world_is_shrunk_to_the_parts_that_it_needs() -> None:
    big = next(w for w in map(draw, range(400)) if len(w.bugs) == 2 and w.parts.page == "vue" and len(w.script) > 9)
    needed = big.bugs[0]

    def fails(smaller: World) -> bool:
        return needed in smaller.bugs and smaller.parts.page == "vue"

    small = shrink(big, fails)
    assert small.bugs == (needed,)
    assert small.parts.page == "vue"
    assert len(small.script) < len(big.script)
    assert small.parts.server == PLAINEST["server"] or not needed.mechanism.fits(replace(small.parts, server="aiohttp"))
    assert not uses_aside(Parts(**PLAINEST))
