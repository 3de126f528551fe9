"""What no rule explains is told with the facts: what a CLI said on standard error is one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import consequences, verdict_of
from harness.diagnosis.rule import blame as made
from harness.diagnosis.unexplained import unexplained
from harness.model import Answer, Aspect, Finding, Hop, Items, Kind, Panel, Sighting
from harness.model.facts import CliMessage, ProcessEnded
from harness.reporting import sentences
from tests.support.causes import told
from tests.support.explained import evidence, outcome
from tests.support.ledgers import Story
from tests.support.paper_pages import PANELS, TASK
from tests.support.records import at

WARNING = "RuntimeWarning: coroutine 'AsyncClient.emit' was never awaited"


def test_what_a_cli_said_on_standard_error_belongs_to_what_went_wrong_in_it() -> None:
    items = Items("skill:started", "skill", "title", {"skill:started": "", "skill:completed": ""})
    story = Story("broadcast", panels=(replace(PANELS[0], items=items),), declared=()).open("A").start("main")
    story.emit("main", TASK[0], "skill:started", TASK[-1]).fact(CliMessage, "cli:main", text=WARNING).end("main")
    payloads = {f"digest-{seq}": {"skill": "tidy"} for seq in (1, 2, 3)}
    [blame] = verdict_of(replace(story.ledger(), payloads=payloads)).blame
    assert blame.cause == "unexplained"
    assert f"cli:main: on standard error: {WARNING}" in [sentences.line(each) for each in blame.evidence]


@pytest.mark.parametrize("names", [("goods:in", "goods:moved"), ("cycle", "alarm", "cycle")], ids=["goods", "line"])
@pytest.mark.parametrize(("status", "said", "is_told"), [(3, "", True), (3, WARNING, False), (0, "", False)])
def test_of_a_cli_that_fails_and_says_nothing_that_is_told(
    names: tuple[str, ...], status: int, said: str, is_told: bool
) -> None:
    story = Story("broadcast", declared=(), panels=(), terminal=("day:closed",)).open("A").start("main")
    story.emit("main", *names).fact(CliMessage, "cli:main", text=said).end("main", status=status)
    told_of = [line for blame in story.verdict().blame for line in sentences.evidence(blame)]
    silent = f"cli:main: exited with status {status}, and no line of its standard error is on record"
    assert (silent in told_of) is is_told


HELD_NS = 3_000_000_000


def held_back(*waiting: str, longer_ns: int = 0, until: Hop = Hop.DELIVERED, waits_at: Hop = Hop.ROUTED) -> Story:
    """`main/4` is late from `until` on; what waits for it in the server is there when it has come, or still later."""

    def by(ns: int) -> Callable[[Sighting], Sighting]:
        return lambda sighting: replace(sighting, at_ns=sighting.at_ns + ns)

    story = told()
    for hop in (each for each in Hop if each >= until):
        story.change(at(hop, "main/4"), by(HELD_NS))
    for key in waiting:
        for hop in (each for each in Hop if each >= waits_at):
            story.change(at(hop, key), by(HELD_NS + longer_ns))
    return story


def test_what_waited_in_the_server_for_a_late_event_is_late_with_it() -> None:
    [blame] = held_back("main/5", "main/6").verdict().blame
    assert (blame.cause, blame.hops) == ("unexplained", (Hop.DELIVERED,))
    assert {o.key for o in blame.explains} == {"main/4", "main/5", "main/6"}
    assert "server: emitted main/5, main/6 when it was through: they waited for it" in sentences.evidence(blame)


def test_what_waited_to_be_taken_until_a_late_event_was_routed_is_late_with_it() -> None:
    [blame] = held_back("main/5", "main/6", until=Hop.ROUTED, waits_at=Hop.RECEIVED).verdict().blame
    assert (blame.cause, blame.hops) == ("unexplained", (Hop.ROUTED,))
    assert {o.key for o in blame.explains} == {"main/4", "main/5", "main/6"}
    assert "server: took main/5, main/6 when it was through: they waited for it" in sentences.evidence(blame)


def test_what_is_late_to_be_taken_for_longer_than_that_did_not_wait_for_it() -> None:
    blames = held_back("main/5", longer_ns=2 * HELD_NS, until=Hop.ROUTED, waits_at=Hop.RECEIVED).verdict().blame
    assert {each.hops for each in blames} == {(Hop.RECEIVED,), (Hop.ROUTED,)}


def test_what_is_late_in_the_server_for_longer_than_that_did_not_wait_for_it() -> None:
    blames = held_back("main/5", longer_ns=2 * HELD_NS).verdict().blame
    assert {(each.hops, *{o.key for o in each.explains}) for each in blames} == {
        ((Hop.DELIVERED,), "main/4"),
        ((Hop.ROUTED,), "main/5"),
    }


def test_a_late_event_that_others_overtook_is_late() -> None:
    story = told().swap(at(Hop.APPLIED, "main/4", "A"), at(Hop.APPLIED, "main/5", "A"))
    for hop in (Hop.APPLIED, Hop.RENDERED):
        story.change(at(hop, "main/4", "A"), lambda s: replace(s, at_ns=s.at_ns + HELD_NS))
    [blame] = story.verdict().blame
    assert (blame.cause, blame.hops) == ("unexplained", (Hop.APPLIED,))
    assert {(o.kind, o.key) for o in blame.explains} == {(Kind.LATE, "main/4"), (Kind.REORDERED, "main/4")}


SYSTEMS = {
    "goods": ("goods:in", "goods:moved", "goods:moved", "label:printed", "goods:moved", "day:closed"),
    "line": ("cycle", "cycle", "alarm", "cycle", "alarm", "cycle"),
}
EACH = pytest.mark.parametrize("names", SYSTEMS.values(), ids=SYSTEMS)


def shown(names: tuple[str, ...], **contract: Any) -> Story:
    promised: dict[str, Any] = {"declared": (), "panels": (), "terminal": (), "terminal_ok": ()}
    return Story("broadcast", **{**promised, **contract}).open("A", "B").start("main").emit("main", *names).end("main")


@EACH
def test_rows_that_are_lost_and_doubled_and_misdrawn_are_one_thing(names: tuple[str, ...]) -> None:
    known = evidence(shown(names))
    wrong = [outcome(kind, Hop.RENDERED, f"main/{n}") for n, kind in ((2, Kind.LOST), (3, Kind.DUPLICATED))]
    [blame] = unexplained(known, [*wrong, outcome(Kind.MISRENDERED, Hop.RENDERED, "main/4")])
    assert blame.hops == (Hop.RENDERED,) and len(blame.explains) == 3
    assert str(blame.sentence).startswith(
        "no rule explains why main/2, main/3, main/4 were lost and duplicated and misrendered"
    )


@EACH
def test_what_goes_wrong_in_several_ways_before_the_page_shows_it_is_told_apart(names: tuple[str, ...]) -> None:
    known = evidence(shown(names))
    wrong = [outcome(kind, Hop.ROUTED, f"main/{n}") for n, kind in ((2, Kind.LOST), (3, Kind.CORRUPTED))]
    assert len(unexplained(known, wrong)) == 2
    panel = outcome(
        Kind.MISRENDERED, Hop.RENDERED, None, finding=Finding(Aspect.PANEL_VALUE, panel="x", found=1, expected=2)
    )
    assert len(unexplained(known, [outcome(Kind.LOST, Hop.RENDERED, "main/2"), panel])) == 2


@EACH
def test_which_events_a_counter_lacks_is_not_known(names: tuple[str, ...]) -> None:
    story = shown(names)
    story.change(at(Hop.RENDERED), lambda s: replace(s, detail={"via": "counter"}))
    story.drop(at(Hop.RENDERED, "main/5", "A"), at(Hop.RENDERED, "main/6", "A"))
    [blame] = unexplained(evidence(story), [outcome(Kind.LOST, Hop.RENDERED, f"main/{n}") for n in (5, 6)])
    assert str(blame.sentence) == "no rule explains why 2 of 6 events were lost."
    assert not any("main/" in line for line in sentences.evidence(blame))
    story.change(at(Hop.RENDERED), lambda s: replace(s, detail={"via": "row"}))
    [blame] = unexplained(evidence(story), [outcome(Kind.LOST, Hop.RENDERED, f"main/{n}") for n in (5, 6)])
    assert "main/5, main/6 were lost: all from main/5 on" in str(blame.sentence)


@EACH
def test_a_finding_that_is_about_no_event_is_told_once(names: tuple[str, ...]) -> None:
    counter = outcome(Kind.MISRENDERED, Hop.RENDERED, None, finding=Finding(Aspect.COUNTER, found=3, expected=6))
    [blame] = unexplained(evidence(shown(names)), [counter, replace(counter, dashboard="B")])
    said = "no rule explains it: the counter shows 3, and the page holds 6 events."
    assert sentences.line(blame.sentence) == said
    assert [line for line in sentences.evidence(blame) if "the counter shows" in line] == [
        "P1 misrendered for dashboard B (the counter shows 3, and the page holds 6 events)"
    ]
    verdict = replace(shown(names).verdict(), answer=Answer.FAILED, blame=(blame,))
    assert sentences.verdict(verdict) == f"Misrendered at rendered: {said}"


@EACH
@pytest.mark.parametrize("is_its", [True, False], ids=["its own", "others"])
def test_a_panel_is_not_stale_over_events_of_its_own_that_the_page_lost(names: tuple[str, ...], is_its: bool) -> None:
    """A page whose state is not observed: what its panels lack may never have come into it."""
    name = names[2]
    story = shown(names, panels=(Panel("those", (name,)),), taps=tuple(hop for hop in Hop if hop is not Hop.APPLIED))
    lost = [n for n, each in enumerate(names, 1) if (each == name) is is_its]
    told_of = Finding(Aspect.PANEL_VALUE, panel="those", found="0", expected=names.count(name))
    stale = outcome(Kind.MISRENDERED, Hop.RENDERED, None, finding=told_of)
    others = consequences.unnamed((), [stale, *(outcome(Kind.LOST, Hop.RENDERED, f"main/{n}") for n in lost)])
    assert consequences.is_consequence(evidence(story), made("panel-stale", "", (), "", [stale]), others) is is_its


@pytest.mark.parametrize(
    ("hop", "status", "is_told"), [(Hop.RECEIVED, 1, True), (Hop.RECEIVED, 0, False), (Hop.RENDERED, 1, False)]
)
def test_a_process_beside_the_servers_that_failed_is_told_of_what_was_lost_before_the_pages(
    hop: Hop, status: int, is_told: bool
) -> None:
    """A bridge that takes events over plain HTTP may have had them; one that ends well was started to end."""
    story = told().fact(ProcessEnded, "harness", process="bridge", status=status)
    [blame] = unexplained(evidence(story), [outcome(Kind.LOST, hop)])
    lines = [line for line in sentences.evidence(blame) if "process bridge" in line]
    assert (
        lines
        == ["process bridge of the system had ended by itself with status 1: its log is in the run's folder"][
            : int(is_told)
        ]
    )
