"""Events that a page leaves out because a request that it made for each of them failed, and what only looks so."""

from __future__ import annotations

from collections.abc import Callable

from harness.model import Fact, Hop, Sighting
from harness.model.facts import PageError
from harness.record.evidence import REQUEST
from tests.support.explained import explained
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, keys, lost
from tests.support.records import at

LOAD = "dashboard:A.1"


def refused(story: Story, *numbers: int, path: str = "details", load: str = LOAD) -> Story:
    """Requests of a page that fail, each in the moment after the event of that number came to dashboard A."""
    for number in numbers:
        [came] = [r for r in story.records if isinstance(r, Sighting) and at(Hop.DELIVERED, f"main/{number}", "A")(r)]
        said = f"console: {REQUEST}: the server responded with a status of 500 (http://x/{path}/{number})"
        story.records.append(Fact(load, 900 + number, came.at_ns + 1, PageError(said)))
    return story


@EACH
def test_a_request_that_failed_for_each_event_is_the_cause(system: Callable[[], Story]) -> None:
    mine = lost(system(), Hop.APPLIED, 2, 4)
    [blame] = explained("request-failed", refused(system(), 2, 4), *mine)
    assert blame.explains == tuple(mine)
    [line] = blame.evidence
    assert str(line).startswith("dashboard A: 2 requests failed after as many events came: Failed to load resource")


@EACH
def test_what_only_looks_like_a_request_that_failed_for_each_event(system: Callable[[], Story]) -> None:
    mine = lost(system(), Hop.APPLIED, 2, 4)
    assert keys(system(), "request-failed", *mine) == [], "none failed"
    assert keys(refused(system(), 2), "request-failed", *mine) == [], "one event is lacking without one"
    assert keys(refused(system(), 2, 3, 4), "request-failed", *mine) == [], "one failed, and its event was taken in"
    assert keys(refused(system(), 1, 2), "request-failed", *mine) == [], "the last came before the event"
    assert keys(refused(refused(system(), 2), 4, path="avatar"), "request-failed", *mine) == [], "to two addresses"
    assert keys(refused(system(), 2, 4, load="dashboard:B.1"), "request-failed", *mine) == [], "another page's"
    early = refused(system(), 2, 4)
    early.records = [
        Fact(r.observer, r.n, 0, r.body) if isinstance(r, Fact) and isinstance(r.body, PageError) else r
        for r in early.records
    ]
    assert keys(early, "request-failed", *mine) == [], "before any event came"
