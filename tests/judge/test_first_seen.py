"""What went wrong is blamed where it was first seen, and on a range where the hop before that is not observed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model import Answer, Event, Hop, Kind
from harness.model.facts import Answered, ClientConnected, ClientRefused
from tests.support.causes import gone, told
from tests.support.ledgers import Story
from tests.support.records import at, said

BLIND_SENT = tuple(hop for hop in Hop if hop is not Hop.SENT)


def corrupted(story: Story) -> Story:
    return story.change(at(Hop.RECEIVED, "main/4"), lambda s: replace(s, event=replace(s.event, digest="other")))


@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        (Kind.DUPLICATED, lambda story: story.double(at(Hop.RECEIVED, "main/4"))),
        (Kind.CORRUPTED, corrupted),
        (Kind.REORDERED, lambda story: story.swap(at(Hop.RECEIVED, "main/4"), at(Hop.RECEIVED, "main/5"))),
    ],
)
def test_a_blind_hop_before_it_makes_the_blame_a_range(kind: Kind, spoil: object) -> None:
    assert callable(spoil)
    seeing, blind = spoil(told()), spoil(told(taps=BLIND_SENT).drop(at(Hop.SENT)))
    for story, hop, hops in ((seeing, Hop.RECEIVED, (Hop.RECEIVED,)), (blind, None, (Hop.SENT, Hop.RECEIVED))):
        first = next(o for o in story.verdict().outcomes if o.kind is kind)
        assert (first.hop, first.hops) == (hop, hops)


def test_an_unreported_event_is_a_phantom_and_disturbs_no_order_and_no_end() -> None:
    story = told()
    made_up = Event("main/99", "progress", "main", 99, "d")
    verdict = story.see(Hop.ROUTED, made_up, "server", (story.pages["A"].sid,)).verdict()
    assert {(o.kind, o.hop) for o in verdict.blame[0].explains} == {(Kind.PHANTOM, Hop.ROUTED)}
    assert not {Kind.REORDERED, Kind.INCOMPLETE} & {o.kind for o in verdict.outcomes}


@pytest.mark.parametrize(("status", "answer"), [(3, Answer.FAILED), (-9, Answer.PASSED)])
def test_an_opening_without_an_answer_is_a_failure_unless_its_cli_died(status: int, answer: Answer) -> None:
    story = Story("single-session", declared=()).open("A").start("main").emit("main", "execution:started")
    story.start("other", ok=False).end("other", status=status).emit("main", "execution:completed").end("main")
    story.drop(said(Answered, sid="sid-other"))
    verdict = story.verdict()
    assert verdict.answer is answer
    assert (Kind.EXCLUSIVITY in {o.kind for o in verdict.outcomes}) is (answer is Answer.FAILED)


def test_a_cli_of_which_the_server_saw_nothing_never_left_its_own_side() -> None:
    story = gone(told().drop(said(ClientConnected)), ("main/7",), Hop.SENT, Hop.RECEIVED, Hop.ROUTED)
    verdict = story.fact(ClientRefused, "cli:main", error="Connection error").verdict()
    assert [o.hop for o in verdict.outcomes if o.kind is Kind.REFUSED] == [Hop.SENT]


def test_what_comes_again_is_out_of_no_order() -> None:
    """Two connections of one page: each event comes twice, the second one after events that follow it."""
    story = told()
    first, *rest = [r for r in story.records if at(Hop.DELIVERED, party="A")(r)]
    story.records += [replace(each, n=each.n + 1000, at_ns=each.at_ns + 10) for each in (first, *rest)]
    kinds = {o.kind for o in story.verdict().outcomes}
    assert Kind.DUPLICATED in kinds
    assert Kind.REORDERED not in kinds
