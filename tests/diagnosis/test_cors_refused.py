"""An origin that the server refuses is one bug, for a page and for a CLI that gives its server's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import ClientRefused, Refused
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
