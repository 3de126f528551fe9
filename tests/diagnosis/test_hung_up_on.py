"""A server that hangs up on a CLI: what was on its way, and what only looks like it. On two systems."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.model import Hop
from harness.model.facts import Acknowledged, ClientDisconnected, Disconnected
from harness.reporting import sentences
from tests.support.explained import explained
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, PAGE, keys, lost
from tests.support.records import at, said

CAUSE = "emit-while-reconnecting"
BY_SERVER, BY_CLIENT = "server disconnect", "client disconnect"


def hung_up(system: Callable[[], Story], reason: str = BY_SERVER, *later: str) -> Story:
    """The connection ends when event 5 has been sent; 6 and 7 never leave, `later` reach the server all the same."""
    story = system().drop(*(at(hop, f"main/{n}") for n in (6, 7) for hop in (Hop.SENT, Hop.ROUTED, *PAGE)))
    story.drop(*(at(hop, "main/5") for hop in (Hop.RECEIVED, Hop.ROUTED, *PAGE)))
    story.drop(*(said(Acknowledged, "main", key=f"main/{n}") for n in (5, 6, 7)))
    story.drop(*(at(Hop.RECEIVED, f"main/{n}") for n in (6, 7) if f"main/{n}" not in later))
    story.change(said(Disconnected, sid="sid-main"), lambda fact: other(fact, reason=reason))
    return story.change(said(ClientDisconnected, "main"), lambda fact: other(fact, reason="transport close"))


@EACH
def test_what_was_sent_to_a_server_that_had_hung_up_is_lost_by_that(system: Callable[[], Story]) -> None:
    story = hung_up(system)
    [blame] = explained(CAUSE, story, *lost(story, Hop.RECEIVED, 5))
    assert sentences.line(blame.sentence).startswith("the server disconnected the CLI")
    assert "cli:main: sent main/5 when the server had hung up" in sentences.evidence(blame)
    assert "disconnect()" in blame.remedy


@EACH
@pytest.mark.parametrize(
    "how", [{"reason": BY_CLIENT}, {"reason": "transport close"}, {"reason": BY_SERVER, "later": "main/6"}]
)
def test_who_left_by_itself_or_was_heard_after_it_was_not_hung_up_on(
    system: Callable[[], Story], how: dict[str, str]
) -> None:
    story = hung_up(system, *how.values())
    assert keys(story, CAUSE, *lost(story, Hop.RECEIVED, 5)) == []


@EACH
def test_what_was_answered_was_not_on_its_way(system: Callable[[], Story]) -> None:
    story = hung_up(system).fact(Acknowledged, "cli:main", key="main/5", ok=True, error=None)
    assert keys(story, CAUSE, *lost(story, Hop.RECEIVED, 5)) == []
