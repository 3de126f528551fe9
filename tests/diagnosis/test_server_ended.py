"""A server's process that ended by itself in the middle of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.model import Answer, Aspect, Finding, Hop, Kind, Outcome, Strength
from harness.model.facts import Acknowledged, HandlerError, ServerStopped
from harness.reporting import sentences
from tests.support.causes import told
from tests.support.ends import ENDED, INCOMPLETE, found, unfenced, unfenced_by
from tests.support.explained import evidence, explained, outcome, paper
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, PAGE
from tests.support.records import at, said


def test_a_server_that_failed_mid_run_is_a_failure_and_one_that_ended_well_is_not() -> None:
    why = "the server's process 'api' ended by itself with status 70"
    assert found(told().fact(ServerStopped, "server", **ENDED)) == [(Kind.INCOMPLETE, None, Hop.RECEIVED, why)]
    assert found(told().fact(ServerStopped, "server", **{**ENDED, "status": 0})) == []
    assert found(told().fact(ServerStopped, "harness", why="restarted by the run")) == []


def test_a_page_that_no_server_is_there_for_any_more_gets_nothing_more() -> None:
    gone = unfenced(told(), "A")
    assert evidence(gone).why_unfenced("A") == unfenced_by("no connection")
    assert evidence(gone.fact(ServerStopped, "server", **ENDED)).why_unfenced("A") is None
    another = unfenced(told(), "A").fact(ServerStopped, "server", **{**ENDED, "running": 1})
    assert evidence(another).why_unfenced("A") is not None
    replaced = unfenced(told(), "A").fact(ServerStopped, "server", **{**ENDED, "status": 0})
    assert evidence(replaced).why_unfenced("A") is not None
    silent = unfenced(told(), "A", "timeout").fact(ServerStopped, "server", **ENDED)
    assert evidence(silent).why_unfenced("A") is not None
    after = at(Hop.DELIVERED, "main/5", "A")
    more = gone.change(after, lambda s: replace(s, n=1 << 20))
    assert evidence(more).why_unfenced("A") == Finding(Aspect.AFTER_FENCE, party="dashboard:A")


def test_what_a_server_had_not_routed_when_it_ended_was_lost_with_it() -> None:
    verdict = paper("server-ended").verdict()
    [blame] = verdict.blame
    assert (blame.cause, blame.hop, blame.strength) == ("server-ended", Hop.RECEIVED, Strength.GONE)
    assert blame.evidence == (
        "server: the server's process 'server' ended with status 70",
        "the last event that the server had: main/4",
    )
    kinds = {(each.kind, each.prop) for each in blame.explains}
    assert {(Kind.LOST, "P1"), (Kind.INCOMPLETE, "P13"), (Kind.INCOMPLETE, "P14")} <= kinds
    expected = "3 of 7 events lost at received: the server's process 'server' ended with status 70 in the middle of"
    assert verdict.answer is Answer.FAILED and sentences.verdict(verdict).startswith(expected)


def test_a_signal_is_told_as_one_and_every_server_that_ended() -> None:
    story = told().fact(ServerStopped, "server", **{**ENDED, "status": -11, "running": 1})
    story.fact(ServerStopped, "server", **{**ENDED, "process": "worker"})
    story.fact(ServerStopped, "server", **{**ENDED, "process": "third", "status": 0})
    [blame] = explained("server-ended", story, INCOMPLETE)
    assert blame.sentence == (
        "the server's process 'api' was ended by signal 11 and the server's process 'worker' ended with status 70 "
        "in the middle of the run."
    )
    assert len(blame.evidence) == 3


def test_a_server_that_ended_does_not_explain_what_was_lost_before_or_in_a_page() -> None:
    story = told().lose("main/2", Hop.ROUTED, "A").fact(ServerStopped, "server", **ENDED)
    story.drop(at(Hop.ROUTED, "main/7"), at(Hop.RECEIVED, "main/7"))
    before, last, never = (outcome(Kind.LOST, Hop.ROUTED, key) for key in ("main/2", "main/6", "main/7"))
    in_page = outcome(Kind.LOST, Hop.APPLIED, "main/7")
    [blame] = explained("server-ended", story, INCOMPLETE, before, last, never, in_page)
    assert set(blame.explains) == {INCOMPLETE, last, never}
    healthy = told().fact(ServerStopped, "server", **{**ENDED, "status": 0})
    assert explained("server-ended", healthy, INCOMPLETE, never) == []
    assert explained("server-ended", story, never) == []


def test_what_pages_show_wrongly_after_a_server_ended_follows_from_that() -> None:
    story = paper("server-ended")
    lost = outcome(Kind.LOST, Hop.RECEIVED, "main/6")
    wrong, outside = outcome(Kind.MISRENDERED, Hop.RENDERED, None), outcome(Kind.REFUSED, Hop.SENT, None)
    [blame] = explained("server-ended", story, lost, wrong, outside)
    assert (set(blame.explains), blame.hop) == ({lost, wrong, outside}, Hop.RECEIVED)


def test_a_server_that_ended_before_it_had_anything_says_so() -> None:
    story = Story("broadcast").open("A").fact(ServerStopped, "server", **ENDED)
    [blame] = explained("server-ended", story, INCOMPLETE)
    assert blame.evidence[1] == "the last event that the server had: none"


def crashed(system: Callable[[], Story], *, raised: bool, early: bool = False) -> Story:
    """Handlers of events 3 and 4 wait when the server ends; that of 3 has raised, at last or before others went on."""
    story, name = system(), evidence(system()).events["main/3"].name
    [n] = {r.n for r in story.records if at(Hop.ROUTED, "main/3")(r)}
    for key in ("main/3", "main/4"):
        story.drop(at(Hop.ROUTED, key), said(Acknowledged, key=key), *(at(hop, key) for hop in PAGE))
    if raised:
        story.fact(HandlerError, "server", sid="sid-main", name=name, error="KeyError: 'bed'", where="a.py:3")
    if early:
        story.change(said(HandlerError), lambda fact: replace(fact, n=n))
    return story.fact(ServerStopped, "server", **ENDED)


def owed(*numbers: int) -> list[Outcome]:
    return [outcome(Kind.LOST, Hop.ROUTED, f"main/{number}") for number in numbers]


@EACH
def test_what_handlers_had_taken_and_not_answered_ends_with_the_server(system: Callable[[], Story]) -> None:
    for raised in (False, True):
        [blame] = explained("server-ended", crashed(system, raised=raised), *owed(3, 4), INCOMPLETE)
        assert {*owed(3, 4)} <= {*blame.explains}
        assert any("KeyError" in line for line in sentences.evidence(blame)) is raised


@EACH
def test_what_a_handler_failed_over_before_the_server_went_on_is_not_part_of_its_end(
    system: Callable[[], Story],
) -> None:
    [blame] = explained("server-ended", crashed(system, raised=True, early=True), *owed(3, 4), INCOMPLETE)
    assert {*owed(4)} <= {*blame.explains} and not {*owed(3)} & {*blame.explains}
    [raised] = explained("handler-raises", crashed(system, raised=True, early=True), *owed(3, 4))
    assert [*raised.explains] == owed(3)


@EACH
def test_without_a_requested_answer_it_is_not_known_what_a_handler_still_had(system: Callable[[], Story]) -> None:
    story = crashed(system, raised=False).drop(said(Acknowledged, key="main/1"), said(Acknowledged, key="main/2"))
    [blame] = explained("server-ended", story, *owed(3, 4), INCOMPLETE)
    assert not {*owed(3, 4)} & {*blame.explains}
