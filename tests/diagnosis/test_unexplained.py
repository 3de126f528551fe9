"""What no rule explains is told with the facts: what a CLI said on standard error is one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.diagnosis import verdict_of
from harness.model import Hop, Items, Kind, Sighting
from harness.model.facts import CliMessage
from harness.reporting import sentences
from tests.support.causes import told
from tests.support.ledgers import PANELS, TASK, Story
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
