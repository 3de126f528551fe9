"""What is late on a machine that had no processor for the run is not known; what is late all the same is late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.model import Answer, Hop, Kind
from harness.model.facts import (
    Acknowledged,
    Answered,
    ClientDisconnected,
    ClientRefused,
    CliExited,
    CliStarted,
    PageRefused,
    Requested,
    Starved,
)
from harness.reporting import sentences
from tests.support.causes_in_clis import told as story
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK, Page
from tests.support.records import at, said

MS = 1_000_000


def late(took_ms: int, *starved: tuple[int, int, float]) -> Story:
    """A run whose third event is drawn so much later; by when it was starved (from, to, in ms of that) and how much."""
    run = story()
    start_ns = next(r.at_ns for r in run.records if at(Hop.EMITTED, "main/3")(r))
    run.change(at(Hop.RENDERED, "main/3", "A"), lambda r: replace(r, at_ns=start_ns + took_ms * MS))
    for since_ms, until_ms, waited_ms in starved:
        run.wait((start_ns + until_ms * MS - run.now_ns) / MS)
        run.fact(Starved, "harness", since_ns=start_ns + since_ms * MS, waited_ms=waited_ms, load=30.0)
    return run


@pytest.mark.parametrize(
    ("starved", "answer"),
    [
        ([], Answer.FAILED),
        ([(0, 3000, 1400.0)], Answer.UNKNOWN),
        ([(0, 3000, 300.0)], Answer.FAILED),
        ([(0, 1000, 300.0), (1000, 2000, 300.0), (2000, 3000, 300.0)], Answer.UNKNOWN),
        ([(4000, 9000, 5000.0)], Answer.FAILED),
        ([(-3000, 300, 3300.0)], Answer.FAILED),
    ],
)
def test_only_the_time_without_a_processor_excuses(starved: list[tuple[int, int, float]], answer: Answer) -> None:
    verdict = late(2800, *starved).verdict()
    assert verdict.answer is answer
    found = [o for o in verdict.outcomes if o.prop == "P11" and o.kind is not Kind.DELIVERED]
    assert {o.kind for o in found} == {Kind.LATE if answer is Answer.FAILED else Kind.UNDETERMINED}
    if answer is Answer.UNKNOWN:
        assert "the machine was starved" in sentences.outcome(found[0])


def test_a_starved_machine_alone_does_not_cause_doubt() -> None:
    assert late(800, (0, 3000, 3000.0)).verdict().answer is Answer.PASSED


def test_a_line_that_a_buffer_held_back_hides_no_lateness() -> None:
    run = late(2800).change(at(Hop.EMITTED, "main/3"), lambda r: replace(r, at_ns=r.at_ns + 2000 * MS))
    [told] = [o for o in run.verdict().outcomes if o.kind is Kind.LATE]
    assert (told.key, told.hop, round(told.finding.measured_ms or 0)) == ("main/3", Hop.RENDERED, 2799)


def opening(strategy: str = "broadcast") -> Story:
    """A session whose opening is never answered, and whose CLI gives up three seconds later."""
    run = Story(strategy, declared=()).open("A").start("main").emit("main", *TASK).end("main").start("next")
    run.active.remove("next")
    return run.drop(said(Answered, "server", id=run.last_id)).wait(3000).end("next", status=4)


def contest() -> Story:
    return opening("single-session")


def slow_rejection() -> Story:
    run = Story("single-session", declared=()).open("A").start("main")
    run.start("other", ok=False, error={"code": "session-active"})
    [asked] = [r for r in run.records if said(Requested, "server", id=run.last_id)(r)]
    run.wait(2900).change(said(Answered, "server", id=run.last_id), lambda r: replace(r, at_ns=asked.at_ns + 2900 * MS))
    return run.end("other", status=5).emit("main", *TASK).end("main")


def subscription() -> Story:
    """A page that is not answered, up to the end of the record three seconds later."""
    run = Story("broadcast", declared=()).open("A").start("main").subscribe("A", "main")
    run.drop(said(Answered, id=run.last_id)).emit("main", *TASK).end("main")
    return run.wait(3000 - (run.now_ns - 1_000_000_000) / MS)


def joining() -> Story:
    run = Story("auto-discovery", declared=()).open("A").start("main").emit("main", *TASK).end("main")
    run.drop(said(Answered, "A", name="subscribe"))
    return run.wait(3000)


def outside() -> Story:
    """A page that loads, and has not connected three seconds later."""
    run = Story("broadcast", declared=()).open("A").start("main").emit("main", *TASK).end("main")
    page = run.pages["B"] = Page("B")
    run.contract = replace(run.contract, dashboards=("A", "B"))
    run.load(page)
    return run.wait(3000)


def last_event() -> Story:
    """A CLI that waits three seconds for the answer to its last event, and gives up."""
    run = Story("broadcast", declared=()).open("A").start("main").emit("main", *TASK[:3])
    return run.drop(said(Acknowledged, key="main/3")).wait(3000).end("main", status=3)


def late_return() -> Story:
    """A CLI that loses its connection, and gives up three seconds later what it reported meanwhile."""
    run = Story("broadcast", declared=()).open("A").start("main").emit("main", *TASK[:3])
    run.fact(ClientDisconnected, "cli:main", reason="transport close").emit("main", TASK[3])
    run.lose("main/4", Hop.SENT).drop(said(Acknowledged, key="main/4"))
    run.active.remove("main")
    return run.wait(3000).end("main", status=6)


def unreached() -> Story:
    """A CLI whose client gives up after three seconds; the server never heard of it."""
    run = Story("broadcast", declared=()).open("A").start("main").emit("main", *TASK).end("main")
    run.fact(CliStarted, "cli:next", argv=["shannon"], cwd="/tmp/project").wait(3000)
    return run.fact(ClientRefused, "cli:next", error="timeout").fact(CliExited, "cli:next", status=4, killed=False)


def refused_page() -> Story:
    """A page whose client gives up after three seconds, of which the server knows nothing."""
    run = outside()
    return run.fact(PageRefused, run.pages["B"].observer, text="timeout")


WAITS = [opening, contest, slow_rejection, subscription, joining, outside, last_event, late_return, unreached]
WAITS += [refused_page]


@pytest.mark.parametrize("waits", WAITS)
@pytest.mark.parametrize(("waited_ms", "answer"), [(0, Answer.FAILED), (700, Answer.FAILED), (2950, Answer.UNKNOWN)])
def test_what_never_came_is_not_known_where_there_was_hardly_a_processor(
    waits: Callable[[], Story], waited_ms: int, answer: Answer
) -> None:
    run = waits()
    run.fact(Starved, "harness", since_ns=run.now_ns - 3000 * MS, waited_ms=float(waited_ms), load=30.0)
    assert run.verdict().answer is answer, sentences.verdict(run.verdict())


def test_who_came_back_in_time_and_failed_all_the_same_was_not_kept_waiting() -> None:
    run = late_return()
    [lost] = [r for r in run.records if said(ClientDisconnected, "main", reason="transport close")(r)]
    opened = [r for r in run.records if said(Requested, "server", name="session:open")(r)]
    run.change(said(Requested, "server", name="session:open"), lambda r: replace(r, at_ns=lost.at_ns + MS))
    run.fact(Starved, "harness", since_ns=run.now_ns - 3000 * MS, waited_ms=2950.0, load=30.0)
    assert len(opened) == 1
    assert run.verdict().answer is Answer.FAILED
