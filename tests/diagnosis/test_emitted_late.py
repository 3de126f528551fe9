"""What is answered and emitted later, on two systems; and what only looks so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.diagnosis._in_common import in_common
from harness.model import Hop, Kind, Sighting
from harness.model.facts import Acknowledged, Blocked
from harness.record.identity import unnumbered_key
from tests.support.explained import evidence, explained, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import EACH
from tests.support.records import at, said

CAUSE = "emitted-late"
System = Callable[[], Story]


def overtaken(story: Story) -> Story:
    return story.swap(at(Hop.ROUTED, "main/3"), at(Hop.ROUTED, "main/4"))


def named(story: Story, kind: Kind = Kind.REORDERED, hop: Hop = Hop.ROUTED) -> list[str]:
    failed = [outcome(kind, hop, "main/3", label) for label in ("A", "B")]
    return [o.event_key for blame in explained(CAUSE, story, *failed) for o in blame.explains]


@EACH
@pytest.mark.parametrize("kind", [Kind.REORDERED, Kind.LATE])
def test_what_was_answered_and_emitted_after_a_later_one_came(system: System, kind: Kind) -> None:
    assert named(overtaken(system()), kind) == ["main/3", "main/3"]


@EACH
def test_concurrent_handlers_have_not_answered_the_first(system: System) -> None:
    story = overtaken(system()).drop(said(Acknowledged, "main", key="main/3"))
    assert named(story) == []
    failed = outcome(Kind.REORDERED, Hop.ROUTED, "main/3", "A")
    assert [each.cause for each in explained("concurrent-handlers", story, failed)] == ["concurrent-handlers"]


@EACH
def test_concurrent_handlers_do_not_claim_what_was_answered(system: System) -> None:
    failed = outcome(Kind.REORDERED, Hop.ROUTED, "main/3", "A")
    assert explained("concurrent-handlers", overtaken(system()), failed) == []


@EACH
@pytest.mark.parametrize("is_numbered", [True, False])
def test_what_another_handler_emits_was_kept_back(system: System, is_numbered: bool) -> None:
    """Who saw the handler of an event without a number calls the event by what it says."""
    story = overtaken(system())
    [later] = [r.event for r in story.records if isinstance(r, Sighting) and at(Hop.RECEIVED, "main/4")(r)]
    by = "main/4" if is_numbered else unnumbered_key(later.name, None, None, later.digest)
    story.change(at(Hop.ROUTED, "main/3"), lambda s: replace(s, detail={**s.detail, "emitted_by": by}))
    assert named(story) == []
    lost = [outcome(Kind.REORDERED, Hop.ROUTED, "main/3", "A")]
    assert any(line.startswith("main/3: the handler of main/") for line in in_common(evidence(story), lost))


@EACH
def test_a_loop_that_stood_still_meanwhile_is_another_cause(system: System) -> None:
    story = overtaken(system())
    until = next(r.at_ns for r in story.records if at(Hop.ROUTED, "main/3")(r))
    story.fact(Blocked, "server", ms=900.0, name="x", where="a.py:1 x")
    assert named(story.change(said(Blocked), lambda f: replace(f, at_ns=until - 1))) == []


@EACH
def test_what_was_emitted_before_the_next_came_is_not_late_by_this(system: System) -> None:
    assert named(system(), Kind.LATE) == []


@EACH
def test_what_waited_in_a_queue_is_overtaken_by_none(system: System) -> None:
    """Both had come when the first of them was emitted, and they left in the order in which they came."""
    story = system()
    [first, last] = (next(r for r in story.records if at(Hop.ROUTED, f"main/{number}")(r)) for number in (3, 4))
    [came] = [r for r in story.records if at(Hop.RECEIVED, "main/4")(r)]
    assert first.n < came.n < last.n
    story.change(at(Hop.ROUTED, "main/3"), lambda s: replace(s, n=came.n, at_ns=came.at_ns))
    story.change(lambda r: r is came, lambda s: replace(s, n=first.n, at_ns=first.at_ns))
    assert named(story, Kind.LATE) == []
