"""An origin that the server refuses is one bug, for a page and for a CLI that gives its server's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import ClientRefused, PageError, Refused
from tests.support.explained import explained
from tests.support.ledgers import Story
from tests.support.other_systems import EACH

AT = "http://127.0.0.1:8000"
OUTSIDE = Finding(Aspect.CLI_REFUSED, party="cli:main")
CLI = Outcome(Kind.REFUSED, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), OUTSIDE)
PAGE = Outcome(Kind.REFUSED, "P14", None, "B", Hop.DELIVERED, (Hop.DELIVERED,), Finding(Aspect.CLI_REFUSED))


@EACH
@pytest.mark.parametrize("url", [AT, f"{AT}/", "ws://127.0.0.1:8000/socket.io/"])
def test_a_cli_from_its_server_s_address_is_refused_with_the_pages(system: Callable[[], Story], url: str) -> None:
    story = system().fact(ClientRefused, "cli:main", error="Connection error", url=url)
    for origin in (AT, "http://pages.example"):
        story.fact(Refused, "server", reason="bad-origin", origin=origin, sid=None, status=403)
    [blame] = explained("cors-refused", story, CLI, PAGE)
    assert {*blame.explains} == {CLI, PAGE} and blame.hop is Hop.DELIVERED
    assert "pages from http://pages.example" in str(blame.sentence)
    [blame] = explained("cors-refused", story, CLI)
    assert "clients from http" in str(blame.sentence)


@EACH
def test_a_cli_that_is_refused_from_elsewhere_is_not_refused_for_its_origin(system: Callable[[], Story]) -> None:
    story = system().fact(ClientRefused, "cli:main", error="bad-token", url="http://127.0.0.1:9000")
    story.fact(Refused, "server", reason="bad-origin", origin=AT, sid=None, status=403)
    assert explained("cors-refused", story, CLI) == []


def kept_away(story: Story, asked: str) -> Story:
    """B's browser keeps an answer from the page."""
    words = "has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present"
    said = f"console: Access to XMLHttpRequest at '{asked}' from origin 'http://pages.example' {words}"
    return story.fact(PageError, "dashboard:B.1", text=said)


@EACH
def test_a_page_whose_browser_keeps_the_answers_from_it_is_refused_for_its_origin(system: Callable[[], Story]) -> None:
    [blame] = explained("cors-refused", kept_away(system(), f"{AT}/socket.io/?EIO=4&transport=polling&t=1"), PAGE)
    assert blame.explains == (PAGE,)
    assert blame.sentence == "the server does not accept pages from http://pages.example."
    assert str(blame.evidence[0]).startswith(f"dashboard B: its browser kept 1 answer of {AT}/socket.io/ from the page")


@EACH
def test_what_else_a_page_may_not_read_says_nothing_of_its_connection(system: Callable[[], Story]) -> None:
    assert explained("cors-refused", kept_away(system(), "http://fonts.example/x.css?v=4"), PAGE) == []
    other_page = Outcome(Kind.REFUSED, "P14", None, "A", Hop.DELIVERED, (Hop.DELIVERED,), Finding(Aspect.CLI_REFUSED))
    assert explained("cors-refused", kept_away(system(), f"{AT}/socket.io/?EIO=4"), other_page) == []
