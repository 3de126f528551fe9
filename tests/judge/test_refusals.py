"""Events that the server refused: they are not owed, and a CLI that ends well has swallowed the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model import PAGE_SIDE, Answer, Event, Hop, Kind, Sighting
from harness.model.facts import Acknowledged, CliExited, CliMessage, Faulted, Phase
from harness.reporting import sentences
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said


def turned_away(*keys: str, strategy: str = "broadcast", status: int = 0, word: str | None = None) -> Story:
    """A session of which the server refused some events, which then went nowhere."""
    story = Story(strategy, declared=()).open("A", "B").start("main")
    if strategy == "subscription":
        story.subscribe("A", "main").subscribe("B", "main")
    story.emit("main", *TASK)
    if word is not None:
        story.fact(CliMessage, "cli:main", text=word)
    story.end("main", status=status)
    for key in keys:
        story.change(said(Acknowledged, key=key), lambda fact: other(fact, ok=False, error="too-large"))
        for hop in (Hop.ROUTED, *PAGE_SIDE):
            story.drop(at(hop, key))
    return story


@pytest.mark.parametrize("strategy", ["broadcast", "subscription"])
def test_a_refusal_that_its_cli_swallows_is_failed_with_one_cause(strategy: str) -> None:
    verdict = turned_away("main/3", "main/4", strategy=strategy).verdict()
    assert verdict.answer is Answer.FAILED
    found = [each for each in verdict.outcomes if each.kind is not Kind.DELIVERED]
    assert [(each.kind, each.key, each.hop) for each in found] == [
        (Kind.REFUSED, "main/3", Hop.ROUTED),
        (Kind.REFUSED, "main/4", Hop.ROUTED),
    ]
    assert [(blame.cause, blame.hop) for blame in verdict.blame] == [("rejection-swallowed", Hop.ROUTED)]
    assert "too-large" in sentences.verdict(verdict)


def test_what_its_cli_said_of_it_leaves_it_open_whether_that_is_right() -> None:
    verdict = turned_away("main/3", word="main/3: too large, left out").verdict()
    assert verdict.answer is Answer.UNKNOWN
    assert any("the server refused it" in each for each in sentences.unknowns(verdict))


def test_what_was_taken_in_the_end_is_not_refused() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK)
    story.fact(Acknowledged, "cli:main", key="main/3", ok=False, error="busy")
    assert story.end("main").verdict().answer is Answer.PASSED


def test_what_was_sent_again_under_another_key_is_not_an_event() -> None:
    """Events without numbers are known by how often they came: one that was sent again is another."""
    story = turned_away("main/3")
    story.change(at(Hop.EMITTED, "main/3"), unnumbered)
    assert Kind.REFUSED in kinds(story)
    story.see(Hop.SENT, TWIN, "cli:main").fact(Acknowledged, "cli:main", key="main/3b", ok=True)
    assert Kind.REFUSED not in kinds(story)


def unnumbered(sighting: Any) -> Any:
    return replace(sighting, event=replace(sighting.event, seq=None))


def kinds(story: Story) -> set[Kind]:
    verdict = story.verdict()
    assert verdict.broken == ()
    return {each.kind for each in verdict.outcomes}


TWIN = Event("main/3b", TASK[2], "main", None, "digest-3")


@pytest.mark.parametrize(
    "other_event",
    [replace(TWIN, session="beside"), replace(TWIN, name="skill:other")],
    ids=["session", "name"],
)
def test_what_was_taken_of_another_event_is_not_a_second_try(other_event: Event) -> None:
    story = turned_away("main/3").change(at(Hop.EMITTED, "main/3"), unnumbered)
    story.see(Hop.SENT, other_event, "cli:main").fact(Acknowledged, "cli:main", key="main/3b", ok=True)
    assert Kind.REFUSED in kinds(story)


def test_a_numbered_event_is_not_another_that_says_the_same() -> None:
    twin = replace(TWIN, key="main/9", seq=9)
    story = turned_away("main/3").see(Hop.SENT, twin, "cli:main")
    assert Kind.REFUSED in kinds(story.fact(Acknowledged, "cli:main", key="main/9", ok=True))


@pytest.mark.parametrize("hop", [Hop.ROUTED, Hop.DELIVERED, Hop.RENDERED])
def test_what_went_on_all_the_same_was_not_refused(hop: Hop) -> None:
    story = turned_away("main/3")
    event, page = story.journal["main"][2], story.pages["A"]
    if hop is Hop.ROUTED:
        story.see(hop, event, "server", (page.sid,))
    else:
        story.see(hop, event, page.observer)
    assert not [o for o in story.verdict().outcomes if o.kind is Kind.REFUSED]


@pytest.mark.parametrize(("party", "is_blamed"), [("cli:main", False), ("server", False), ("cli:other", True)])
def test_what_a_fault_touched_may_be_refused_by_that(party: str, is_blamed: bool) -> None:
    story = turned_away("main/3")
    after = {"cli:main": 0, "server": 0, "cli:other": 0}
    for phase in (Phase.BEGAN, Phase.HEALED, Phase.RECOVERED):
        story.fact(Faulted, "harness", fault="cut", phase=int(phase), parties=[party], after=after)
        after = dict.fromkeys(after, 1 << 30)
    assert (Kind.REFUSED in kinds(story)) is is_blamed


def test_who_sent_an_event_of_no_session_is_known_by_its_sighting() -> None:
    story = turned_away("main/3").change(
        lambda r: isinstance(r, Sighting) and r.event.key == "main/3",
        lambda s: replace(s, event=replace(s.event, session=None)),
    )
    [refused] = [o for o in story.verdict().outcomes if o.kind is Kind.REFUSED]
    assert refused.finding.party == "cli:main"


def test_a_cli_whose_end_was_not_observed_is_not_said_to_have_ended_well() -> None:
    story = turned_away("main/3").drop(said(CliExited))
    assert Kind.REFUSED not in kinds(story)


@pytest.mark.parametrize("how", ["it fails", "it never left", "it died"])
def test_a_cli_that_says_so_or_could_not_is_not_blamed(how: str) -> None:
    story = turned_away("main/3", status=3 if how == "it fails" else 0)
    if how == "it never left":
        story.drop(at(Hop.SENT, "main/3"), at(Hop.RECEIVED, "main/3"))
    elif how == "it died":
        story.change(said(CliExited), lambda fact: other(fact, status=-9))
    assert Kind.REFUSED not in kinds(story)
