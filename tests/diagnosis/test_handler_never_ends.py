"""A handler that still runs at the end: whose event it is, when that is a failure, and what only looks like it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model import Answer, Aspect, Hop, Kind
from harness.model.facts import HandlerRuns, InFlight, Starved
from harness.reporting import sentences
from tests.support.causes_in_servers import handler_never_ends
from tests.support.ends import with_data
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.other_systems import PAGE, SYSTEMS
from tests.support.records import at, said


def stands(system: Story, *numbers: int, ms: float = 3100.0) -> Story:
    """The handlers of some events still run, and nobody waits for an answer."""
    keys = [f"main/{number}" for number in numbers]
    for key in keys:
        system.drop(*(at(hop, key) for hop in (Hop.ROUTED, *PAGE)))
    system.settle().change(said(InFlight), lambda fact: other(fact, count=len(numbers)))
    system.change(at(Hop.RECEIVED), lambda s: replace(s, detail={**s.detail, "unasked": True}))
    ledger = system.ledger()
    for key in keys:
        came = next(s for s in ledger.sightings if s.hop is Hop.RECEIVED and s.event.key == key)
        runs = {"name": came.event.name, "sid": came.detail["sid"], "began_ns": came.at_ns + 1000, "ms": ms}
        system.fact(HandlerRuns, "server", **runs, where="depot.py:9 take")
    return system


@pytest.mark.parametrize("make", [each.values[0] for each in SYSTEMS])
def test_its_event_is_late_at_routed_and_the_handler_is_named(make: object) -> None:
    assert callable(make)
    verdict = stands(make(), 3).verdict()
    assert verdict.answer is Answer.FAILED
    first = verdict.blame[0]
    assert (first.cause, first.hop, first.places) == ("handler-never-ends", Hop.ROUTED, ("depot.py:9 take",))
    assert {(o.kind, o.key) for o in first.explains} == {(Kind.LATE, "main/3")}
    assert "has run for 3.1 s and has not ended (depot.py:9 take)" in sentences.verdict(verdict)


def test_of_several_events_of_a_name_the_one_that_came_when_it_began() -> None:
    """The other one was lost after a handler that returned: that is not known to be late, and not this cause."""
    story = handler_never_ends("main/6").drop(*(at(hop, "main/4") for hop in (Hop.ROUTED, *PAGE)))
    late = {o.key for o in story.verdict().outcomes if o.finding.aspect is Aspect.HANDLER_HOLDS}
    assert late == {"main/6"}


def test_within_the_bound_it_is_not_known_what_becomes_of_it_and_what_runs_is_told() -> None:
    story = with_data(handler_never_ends(), said(HandlerRuns), ms=1500.0)
    verdict = story.verdict()
    assert verdict.answer is Answer.UNKNOWN and not verdict.blame
    assert not [o for o in verdict.outcomes if o.finding.aspect is Aspect.STARVED]
    assert any("for 1.5 s (api.py:31 publish)" in each for each in sentences.unknowns(verdict))


def test_on_a_machine_without_a_processor_for_it_nothing_is_late() -> None:
    story = handler_never_ends()
    runs = next(fact.body for fact in story.ledger().facts if isinstance(fact.body, HandlerRuns))
    story.fact(Starved, "harness", since_ns=runs.began_ns, waited_ms=2900.0)
    story.change(said(Starved), lambda fact: replace(fact, at_ns=runs.began_ns + 3_000_000_000))
    assert story.verdict().answer is Answer.UNKNOWN


def test_a_handler_that_has_passed_its_event_on_holds_none() -> None:
    """It may run as long as it likes: what it is about is where it belongs."""
    story = handler_never_ends()
    story.change(said(HandlerRuns), lambda fact: other(fact, name="chat"))
    assert not [o for o in story.verdict().outcomes if o.kind is Kind.LATE]


def test_who_waits_for_the_answer_was_never_acknowledged() -> None:
    story = handler_never_ends()
    story.change(at(Hop.RECEIVED), lambda s: replace(s, detail={k: v for k, v in s.detail.items() if k != "unasked"}))
    first = story.verdict().blame[0]
    assert (first.cause, first.hop) == ("never-acknowledged", Hop.ROUTED)
    assert any("api.py:31 publish" in each for each in sentences.evidence(first))
