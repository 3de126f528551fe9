"""Polls that go to a process that does not know their connection, and what only looks like it. On two systems."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import ClientRefused, PageClosed, PageRefused, ServerStarted, ServerStopped
from harness.reporting import sentences
from tests.support.explained import explained, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import EACH

PYTHON, NODE = 'HTTP 400 "Invalid session abc"', 'HTTP 400 {"code":1,"message":"Session ID unknown"}'


def outside(label: str, text: str) -> Outcome:
    why = Finding(Aspect.DASHBOARD_OUTSIDE, party=f"dashboard:{label}", text=text)
    return Outcome(Kind.REFUSED, "P14", None, label, Hop.DELIVERED, (Hop.DELIVERED,), why)


def polled(story: Story, label: str, *answers: str) -> Story:
    for text in answers:
        story.fact(PageRefused, f"dashboard:{label}.1", text=f"polling connection to http://127.0.0.1:1/: {text}")
    return story


@EACH
@pytest.mark.parametrize("answer", [PYTHON, NODE], ids=["python", "node"])
def test_a_page_that_is_unknown_again_and_again_is_balanced_without_stickiness(
    system: Callable[[], Story], answer: str
) -> None:
    story = polled(system(), "A", answer, answer)
    story.fact(PageClosed, "dashboard:A.1", sid="x", transport="polling", code=400, reason=answer)
    [blame] = explained("not-sticky", story, outside("A", answer))
    assert blame.hops == (Hop.DELIVERED,)
    assert sentences.line(blame.sentence) == (
        "requests of dashboard A go to a server process that does not know the connection."
    )
    assert sentences.evidence(blame)[0].startswith("dashboard A: 3 requests were answered so: polling connection to ")


@EACH
def test_what_is_owed_to_no_page_goes_with_it_only_where_every_page_is_outside(system: Callable[[], Story]) -> None:
    unrouted = Outcome(Kind.LOST, "R2", "main/1", None, Hop.ROUTED, (Hop.ROUTED,), Finding(Aspect.UNDECLARED))
    one = polled(system(), "A", PYTHON, PYTHON)
    [blame] = explained("not-sticky", one, outside("A", PYTHON), unrouted)
    assert unrouted not in blame.explains
    [blame] = explained("not-sticky", polled(one, "B", NODE, NODE), outside("A", PYTHON), unrouted)
    assert unrouted in blame.explains and blame.hops == (Hop.DELIVERED,)


@EACH
def test_a_restarted_server_or_a_single_or_another_answer_is_not_not_sticky(system: Callable[[], Story]) -> None:
    anew = {"pid": 2, "url": "http://127.0.0.1:1"}
    for story, text in (
        (polled(system(), "A", PYTHON, PYTHON).fact(ServerStarted, "server.2", **anew), PYTHON),
        (polled(system(), "A", PYTHON, PYTHON).fact(ServerStopped, "server", why="restarted by the run"), PYTHON),
        (polled(system(), "A", PYTHON), PYTHON),
        (polled(system(), "B", PYTHON, PYTHON), PYTHON),
        (polled(system(), "A", *["HTTP 403 no"] * 2), "HTTP 403 no"),
    ):
        assert explained("not-sticky", story, outside("A", text)) == []


@EACH
def test_a_cli_that_is_unknown_again_and_again_is_told_with_its_pages(system: Callable[[], Story]) -> None:
    """An answer by HTTP is part of what the client's library says of its failure."""
    error = f"Error: xhr post error ({NODE})"
    why = Finding(Aspect.CLI_UNREACHED, party="cli:main", text=error)
    never = Outcome(Kind.REFUSED, "P14", None, None, Hop.SENT, (Hop.SENT,), why)
    story = system().fact(ClientRefused, "cli:main", error=error, url="http://127.0.0.1:1")
    assert explained("not-sticky", story, never) == [], "once"
    story.fact(ClientRefused, "cli:main", error=error, url="http://127.0.0.1:1")
    [blame] = explained("not-sticky", story, never)
    assert sentences.line(blame.sentence) == (
        "requests of cli:main go to a server process that does not know the connection."
    )
    assert sentences.evidence(blame)[0].startswith("cli:main: 2 requests were answered so: Error: xhr post error")


@EACH
def test_what_such_a_cli_could_not_send_is_lost_with_it_and_what_another_lost_is_not(
    system: Callable[[], Story],
) -> None:
    error, cli = f"Error: xhr post error ({NODE})", "cli:main"
    story = system().start("other").emit("other", "day:closed").end("other")
    for _ in range(2):
        story.fact(ClientRefused, cli, error=error, url="http://127.0.0.1:1")
    why = Finding(Aspect.CLI_OUTSIDE, party=cli, text=error)
    never = Outcome(Kind.REFUSED, "P14", None, None, Hop.SENT, (Hop.SENT,), why)
    unsent, others = (outcome(Kind.LOST, Hop.SENT, key) for key in ("main/1", "other/1"))
    [blame] = explained("not-sticky", story, never, unsent, others)
    assert blame.explains == (never, unsent)
    assert (
        sentences.line(blame.sentence) == f"requests of {cli} go to a server process that does not know the connection."
    )
