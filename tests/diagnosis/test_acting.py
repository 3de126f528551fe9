"""A producer that is a page gives up over what pages do: its end follows from that."""

from __future__ import annotations

import pytest

from harness.model import Blame, Hop, Kind, Verdict
from harness.model.facts import CliExited, CliMessage, CliStarted
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import said

PAGE = ("python", "-m", "harness.launch.acting", '{"page": {"url": "http://127.0.0.1/"}}')
REQUESTS = ("python", "-m", "harness.launch.acting", '{"requests": []}')


def gave_up(argv: tuple[str, ...]) -> Story:
    """The last event never came about, for the producer ended with an error before it."""
    story = Story("broadcast").open("A").start("main").emit("main", *TASK[:-1]).end("main")
    story.fact(CliMessage, "cli:main", text="the page http://127.0.0.1/: Timeout 15000ms exceeded")
    story.change(said(CliStarted, "cli:main"), lambda f: other(f, argv=list(argv)))
    return story.change(said(CliExited), lambda f: other(f, status=1))


def ends(verdict: Verdict) -> list[Blame]:
    return [each for each in verdict.blame if any(o.kind is Kind.INCOMPLETE for o in each.explains)]


@pytest.mark.parametrize(("argv", "causes"), [(PAGE, ["unexplained"]), (REQUESTS, ["cli-failed", "unexplained"])])
def test_where_pages_lack_an_event_the_end_of_a_page_follows(argv: tuple[str, ...], causes: list[str]) -> None:
    verdict = gave_up(argv).lose("main/2", Hop.APPLIED, "A").verdict()
    assert sorted(each.cause for each in verdict.blame) == causes
    assert verdict.blame[0].hops == ((Hop.APPLIED,) if argv is PAGE else (Hop.EMITTED,))
    assert len(ends(verdict)) == 1


def test_where_pages_show_all_a_page_that_gives_up_has_failed_by_itself() -> None:
    [blame] = gave_up(PAGE).verdict().blame
    assert (blame.cause, blame.hops) == ("cli-failed", (Hop.EMITTED,))
