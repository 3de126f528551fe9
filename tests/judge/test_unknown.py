"""Every piece of evidence that is missing makes a verdict unknown, and says which; never passed, never failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.model import Answer, Body, Hop, Kind, Standing
from harness.model.facts import (
    CliExited,
    CliMessage,
    ClockCompared,
    Connected,
    Fence,
    InFlight,
    Members,
    Notice,
    PageConnected,
    Still,
    TapTried,
    View,
)
from harness.record.ledger import Ending
from harness.reporting import sentences
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TAPS_OF_PAGE, TASK
from tests.support.records import at, said


def told(**contract: Any) -> Story:
    return Story("broadcast", **contract).open("A", "B").start("main").emit("main", *TASK).end("main").settle()


def set_to(story: Story, kind: type[Body], party: str, **data: Any) -> Story:
    return story.change(said(kind, party), lambda fact: other(fact, **data))


def without_a_tap(tap: str, phase: str, party: str) -> Callable[[], Story]:
    return lambda: told().drop(said(TapTried, party, tap=tap, phase=phase))


def dead(tap: str, phase: str, party: str) -> Callable[[], Story]:
    def tell() -> Story:
        where = said(TapTried, party, tap=tap, phase=phase)
        return told().change(where, lambda fact: other(fact, alive=False, why="silent"))

    return tell


TAPS = [("output", "main"), ("agent", "main"), ("received", "server"), ("routed", "server")]
TAPS += [(tap, "B") for tap in TAPS_OF_PAGE]

MISSING: dict[str, tuple[Callable[[], Story], str]] = {
    "no fence": (lambda: told().drop(said(Fence, "A")), "no fence was sent to dashboard A"),
    "fence lost": (lambda: set_to(told(), Fence, "A", back=False, why="timeout"), "no fence came back"),
    "event after the fence": (
        lambda: told().change(at(Hop.DELIVERED, "main/5", "A"), lambda sighting: replace(sighting, n=1 << 20)),
        "after its last fence",
    ),
    "page not still": (lambda: set_to(told(), Still, "B", still=False, why="timers"), "did not come to rest"),
    "rest unseen": (lambda: told().drop(said(Still, "B")), "it was not observed whether"),
    "in flight": (lambda: set_to(told(), InFlight, "server", count=2), "2 handlers still ran"),
    "handlers uncounted": (lambda: told().drop(said(InFlight)), "it is not known whether handlers"),
    "torn ledger": (lambda: torn(told()), "stops before its end"),
    "declared type": (lambda: told(declared=(*TASK, "file:written")), "never seen at any hop: file:written"),
    "not exercised": (lambda: told(properties=("B3",)), "B3 was to be exercised"),
    "exit unseen": (lambda: told().drop(said(CliExited)), "the exit of the CLI of session main was not observed"),
    "members unseen": (lambda: told(properties=("P15",)).drop(said(Members)), "P15 was to be exercised"),
    "connected elsewhere": (
        lambda: set_to(told().drop(said(PageConnected, "A")), Fence, "A", back=False, why="no connection"),
        "whether one of them is its own is not known",
    ),
    "clock unknown": (lambda: told(properties=("P11",)).drop(said(ClockCompared)), "P11 was to be exercised"),
    "page unclaimed": (
        lambda: told().fact(Connected, "server", sid="stranger", role="dashboard", origin=None, transport="?"),
        "no page of the run holds",
    ),
    "never loaded": (lambda: told(dashboards=("A", "B", "C")), "dashboard C was not seen to connect"),
    "no event found": (
        lambda: nested(told(taps=tuple(hop for hop in Hop if hop is not Hop.APPLIED))),
        "in which none is found where [events] says that its fields are, such as",
    ),
    "tap asleep": (lambda: told().drop(at(Hop.RECEIVED)), "the tap of hop received saw nothing"),
}


def nested(story: Story) -> Story:
    """Events that pages show, and that their messages hold in another place."""
    for hop in (Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED):
        story.drop(at(hop))
    for label in "AB":
        for name in TASK:
            story.fact(Notice, f"dashboard:{label}.1", name=name, payload={"payload": {"of": name}})
    return story


def torn(story: Story) -> Story:
    story.ending = Ending.CUT
    return story


@pytest.mark.parametrize("what", MISSING)
def test_missing_evidence_is_unknown_and_named(what: str) -> None:
    tell, words = MISSING[what]
    verdict = tell().verdict()
    assert verdict.answer is Answer.UNKNOWN, sentences.verdict(verdict)
    assert any(words in unknown for unknown in sentences.unknowns(verdict)), sentences.unknowns(verdict)
    assert sentences.verdict(verdict).startswith("Unknown: ")
    assert verdict.blame == ()


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize(("tap", "party"), TAPS)
@pytest.mark.parametrize("how", [without_a_tap, dead])
def test_a_tap_that_is_not_proven_alive_is_unknown(
    how: Callable[[str, str, str], Callable[[], Story]], tap: str, party: str, phase: str
) -> None:
    verdict = how(tap, phase, party)().verdict()
    assert verdict.answer is Answer.UNKNOWN
    assert any(
        phase in unknown and f"tap of {('cli:' * (party == 'main'))}" in unknown
        for unknown in sentences.unknowns(verdict)
    )


@pytest.mark.parametrize(("tap", "party"), TAPS)
def test_a_loss_at_a_dead_tap_is_blamed_on_a_range_and_open_at_the_last_hop(tap: str, party: str) -> None:
    hop = {"output": Hop.SENT, "agent": Hop.SENT, "received": Hop.RECEIVED, "routed": Hop.ROUTED, **TAPS_OF_PAGE}[tap]
    labels = "B" if hop >= Hop.ROUTED else ""
    story = dead(tap, "after", party)().lose("main/3", hop, *labels)
    outcomes = [o for o in story.verdict().outcomes if o.dashboard == "B" and o.key == "main/3"]
    if tap == "dom":
        assert {outcome.kind for outcome in outcomes} == {Kind.UNDETERMINED}
    elif tap == "output":  # what the CLI reported is known, and is not where the event was lost
        assert {(outcome.kind, outcome.hop) for outcome in outcomes} == {(Kind.LOST, hop)}
    else:
        assert {(outcome.kind, outcome.hops) for outcome in outcomes} == {(Kind.LOST, (hop, Hop(hop + 1)))}


def test_a_server_whose_tap_is_dead_accuses_no_page_of_a_status_that_lies() -> None:
    """A proxy that can't read what a server says knows of no members: that says nothing of what a page says."""
    story = set_to(dead("received", "after", "server")(), Members, "server", connected=[])
    verdict = story.verdict()
    assert not [each for each in verdict.outcomes if each.prop == "P15" and each.kind is not Kind.UNDETERMINED]
    assert verdict.answer is Answer.UNKNOWN


def test_the_dead_tap_of_one_dashboard_does_not_excuse_another() -> None:
    verdict = dead("dom", "after", "B")().lose("main/3", Hop.DELIVERED, "A").verdict()
    assert verdict.answer is Answer.FAILED
    assert [(o.key, o.dashboard) for o in verdict.outcomes if o.kind is Kind.LOST] == [("main/3", "A")]


def test_no_event_at_all_is_unknown() -> None:
    verdict = Story("broadcast").open("A").start("main").end("main").verdict()
    assert verdict.answer is Answer.UNKNOWN
    assert any("no event was sighted anywhere" in unknown for unknown in sentences.unknowns(verdict))


def test_a_cli_that_ended_before_it_emitted_is_named_with_its_status_and_last_words() -> None:
    story = Story("broadcast", properties=("B3", "P7")).open("A").start("main")
    for line in ("Traceback", "no module named shop"):
        story.fact(CliMessage, "cli:main", text=line)
    told = sentences.unknowns(story.end("main", status=2).verdict())
    assert told[0] == (
        "P16: no event was sighted anywhere: CLI main ended with status 2, and said: no module named shop"
    )
    (idle,) = [each for each in told if "to be exercised" in each]
    assert idle == "P7, B3 were to be exercised, and were never checked"


def test_a_declared_type_that_only_another_session_shows_is_missing() -> None:
    story = Story("broadcast").open("A").start("main").start("beside")
    story.emit("main", *TASK[:2], TASK[-1]).emit("beside", *TASK).end("main").end("beside")
    assert any("skill:started, skill:completed" in unknown for unknown in sentences.unknowns(story.verdict()))


def test_an_unread_page_is_unknown() -> None:
    story = told()
    ledger = story.ledger()
    from harness.diagnosis import verdict_of

    kept = tuple(f for f in ledger.facts if not (isinstance(f.body, View) and f.observer == "dashboard:A.1"))
    verdict = verdict_of(replace(ledger, facts=kept))
    assert verdict.answer is Answer.UNKNOWN
    assert any("the page of dashboard A was not read at the end" in unknown for unknown in sentences.unknowns(verdict))


def test_a_violation_is_failed_whatever_else_is_missing() -> None:
    story = told(declared=(*TASK, "file:written")).drop(said(Fence, "B"))
    verdict = story.double(at(Hop.APPLIED, "main/2", "A")).verdict()
    assert verdict.answer is Answer.FAILED
    assert verdict.unknowns != ()


def test_waiting_for_quiet_instead_of_a_fence_is_said() -> None:
    verdict = set_to(told(), Fence, "A", means="quiet").verdict()
    assert (verdict.answer, verdict.confidence) == (Answer.PASSED, "quiet")


def test_a_property_without_a_check_is_not_exercised() -> None:
    verdict = told().verdict()
    assert {r.prop for r in verdict.properties if r.standing is Standing.NOT_EXERCISED} == {"P6", "P7", "B3", "B4"}
