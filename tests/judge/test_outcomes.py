"""One hand-written pathology for each kind of outcome, at the hop where it went wrong; and all of them together."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.model import Answer, Event, Hop, Kind, Sighting
from harness.model.facts import (
    ClientConnected,
    ClientDisconnected,
    Connected,
    Disconnected,
    HandlerError,
    PageConnected,
    PageError,
    PageIntrusion,
    PageRefused,
    Refused,
)
from harness.record.ledger import Ledger
from harness.reporting import sentences
from tests.support.ledgers import Story
from tests.support.paper_pages import OWN, TASK
from tests.support.records import at, said

EVENTS = (*TASK[:4], "skill:started", "skill:completed", TASK[4])


def told(strategy: str = "broadcast", **contract: Any) -> Story:
    story = Story(strategy, **contract).open("A", "B").start("main")
    if strategy == "subscription":
        story.subscribe("A", "main")
    return story.emit("main", *EVENTS).end("main")


def other_payload(sighting: Any) -> Any:
    return replace(sighting, event=replace(sighting.event, digest="something else"))


def corrupted_from(hop: Hop) -> Story:
    story = told()
    for later in (each for each in Hop if hop <= each < Hop.RENDERED):
        story.change(at(later, "main/4"), other_payload)
    return story


def phantom(hop: Hop) -> Story:
    return told().drop(*(at(each, "main/5") for each in Hop if each < hop))


def doubled(hop: Hop) -> Story:
    return told().double(at(hop, "main/2", "A" if hop > Hop.ROUTED else None))


def swapped_from(hop: Hop) -> Story:
    """Events 2 and 3 change places at a hop and at all after it; on the page, at dashboard A."""
    story = told()
    for later in (each for each in Hop if each >= hop):
        for label in (None,) if later <= Hop.ROUTED else ("A",) if hop > Hop.ROUTED else ("A", "B"):
            story.swap(at(later, "main/2", label), at(later, "main/3", label))
    return story


def late_by(milliseconds: float) -> Story:
    story = told()
    return story.change(at(Hop.RENDERED, "main/6", "B"), lambda r: replace(r, at_ns=r.at_ns + int(milliseconds * 1e6)))


def raced() -> Story:
    story = Story("single-session").open("A").start("main").emit("main", *TASK[:2]).start("second")
    return story.emit("second", *TASK).end("second").emit("main", *TASK[2:]).end("main")


def stuck() -> Story:
    story = Story("single-session").open("A").start("main").emit("main", *TASK).end("main")
    refusal = {"code": "session-active", "message": "main is active"}
    return story.start("next", ok=False, error=refusal).end("next", status=5)


def refused() -> Story:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *TASK).end("main")
    story.drop(said(PageConnected, "B"), said(Connected, "server", sid=story.pages["B"].sid))
    for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
        story.drop(at(hop, None, "B"))
    return story.fact(PageRefused, "dashboard:B.1", text="origin not allowed")


def short_list() -> Story:
    return told().shows("A", rows=[f"main/{seq}" for seq in range(7, 2, -1)])


PATHOLOGIES: dict[str, tuple[Callable[[], Story], Kind, Hop | None, Collection[str | None]]] = {
    "lost": (lambda: told().lose("main/3", Hop.ROUTED, "B"), Kind.LOST, Hop.ROUTED, {"main/3"}),
    "emitted twice": (lambda: doubled(Hop.EMITTED), Kind.DUPLICATED, Hop.EMITTED, {"main/2"}),
    "sent twice": (lambda: doubled(Hop.SENT), Kind.DUPLICATED, Hop.SENT, {"main/2"}),
    "received twice": (lambda: doubled(Hop.RECEIVED), Kind.DUPLICATED, Hop.RECEIVED, {"main/2"}),
    "routed twice": (lambda: doubled(Hop.ROUTED), Kind.DUPLICATED, Hop.ROUTED, {"main/2"}),
    "delivered twice": (lambda: doubled(Hop.DELIVERED), Kind.DUPLICATED, Hop.DELIVERED, {"main/2"}),
    "applied twice": (lambda: doubled(Hop.APPLIED), Kind.DUPLICATED, Hop.APPLIED, {"main/2"}),
    "rendered twice": (lambda: doubled(Hop.RENDERED), Kind.DUPLICATED, Hop.RENDERED, {"main/2"}),
    "emitted out of order": (lambda: swapped_from(Hop.EMITTED), Kind.REORDERED, Hop.EMITTED, {"main/2"}),
    "sent out of order": (lambda: swapped_from(Hop.SENT), Kind.REORDERED, Hop.SENT, {"main/2"}),
    "received out of order": (lambda: swapped_from(Hop.RECEIVED), Kind.REORDERED, Hop.RECEIVED, {"main/2"}),
    "routed out of order": (lambda: swapped_from(Hop.ROUTED), Kind.REORDERED, Hop.ROUTED, {"main/2"}),
    "delivered out of order": (lambda: swapped_from(Hop.DELIVERED), Kind.REORDERED, Hop.DELIVERED, {"main/2"}),
    "applied out of order": (lambda: swapped_from(Hop.APPLIED), Kind.REORDERED, Hop.APPLIED, {"main/2"}),
    "corrupted by the CLI": (lambda: corrupted_from(Hop.SENT), Kind.CORRUPTED, Hop.SENT, {"main/4"}),
    "corrupted by the server": (lambda: corrupted_from(Hop.ROUTED), Kind.CORRUPTED, Hop.ROUTED, {"main/4"}),
    "corrupted on the way": (lambda: corrupted_from(Hop.DELIVERED), Kind.CORRUPTED, Hop.DELIVERED, {"main/4"}),
    "corrupted by the page": (lambda: corrupted_from(Hop.APPLIED), Kind.CORRUPTED, Hop.APPLIED, {"main/4"}),
    "renamed by the server": (
        lambda: told().change(
            at(Hop.ROUTED, "main/4"), lambda r: replace(r, event=replace(r.event, name="skill_completed"))
        ),
        Kind.CORRUPTED, Hop.ROUTED, {"main/4"},
    ),
    "leaked": (
        lambda: told("subscription").change(
            at(Hop.ROUTED, "main/2"), lambda r: replace(r, recipients=(*r.recipients, "sid-B-leak"))
        ).fact(PageConnected, "dashboard:B.1", sid="sid-B-leak", transport="websocket"),
        Kind.LEAKED, Hop.ROUTED, {"main/2"},
    ),
    "leaked past the server": (
        lambda: told("subscription").see(
            Hop.DELIVERED, Event("main/2", TASK[1], "main", 2, "digest-2"), "dashboard:B.1"
        ),
        Kind.LEAKED, Hop.DELIVERED, {"main/2"},
    ),
    "phantom": (lambda: phantom(Hop.SENT), Kind.PHANTOM, Hop.SENT, {"main/5"}),
    "phantom of the server": (lambda: phantom(Hop.ROUTED), Kind.PHANTOM, Hop.ROUTED, {"main/5"}),
    "phantom of the page": (
        lambda: told().see(Hop.APPLIED, Event("main/9", "skill:started", "main", 9, None), "dashboard:A.1"),
        Kind.PHANTOM, Hop.APPLIED, {"main/9"},
    ),
    "late": (lambda: late_by(2500), Kind.LATE, Hop.RENDERED, {"main/6"}),
    "unhandled": (
        lambda: told().drop(*(at(hop, key) for hop in (Hop.APPLIED, Hop.RENDERED) for key in ("main/3", "main/5"))),
        Kind.UNHANDLED, Hop.APPLIED, {"main/3", "main/5"},
    ),
    "counter off": (lambda: told().shows("A", counter=8), Kind.MISRENDERED, Hop.RENDERED, {None}),
    "list cut short": (short_list, Kind.TRUNCATED, Hop.RENDERED, {None}),
    "never rendered by a short list": (
        lambda: short_list().lose("main/1", Hop.RENDERED, "A"), Kind.TRUNCATED, Hop.RENDERED, {None, "main/1"},
    ),
    "intrusion": (
        lambda: told().fact(PageIntrusion, "dashboard:A.1", what="a dialog: 1"),
        Kind.NOT_INERT, Hop.RENDERED, {None},
    ),
    "no end": (
        lambda: Story("broadcast").open("A").start("main").emit("main", *TASK[:4]).end("main"),
        Kind.INCOMPLETE, Hop.EMITTED, {None},
    ),
    "refused": (refused, Kind.REFUSED, Hop.DELIVERED, {None}),
    "two active": (raced, Kind.EXCLUSIVITY, Hop.RECEIVED, {None}),
    "stuck": (stuck, Kind.STUCK, Hop.RECEIVED, {None}),
}  # fmt: skip


@pytest.mark.parametrize("pathology", PATHOLOGIES)
def test_a_pathology_is_failed_with_its_kind_at_its_hop(pathology: str) -> None:
    tell, kind, hop, keys = PATHOLOGIES[pathology]
    verdict = tell().verdict()
    found = [outcome for outcome in verdict.outcomes if outcome.kind is kind]
    assert verdict.answer is Answer.FAILED
    assert {outcome.hop for outcome in found} == {hop}, found
    assert {outcome.key for outcome in found} == keys
    assert any(set(found) & set(blame.explains) for blame in verdict.blame)


def test_every_kind_of_outcome_is_found_by_some_test() -> None:
    proven = {kind for _, kind, _, _ in PATHOLOGIES.values()} | {Kind.DELIVERED, Kind.UNDETERMINED}
    assert proven == set(Kind)


@pytest.mark.parametrize(
    "harmless",
    [
        lambda: late_by(1900),
        lambda: told().shows("A", rows=["main/7"], window={"shown": 1, "total": 9, "text": "1 of 9"}),
        lambda: told().swap(at(Hop.RENDERED, "main/2", "A"), at(Hop.RENDERED, "main/3", "A")),
        lambda: told().change(at(Hop.RENDERED), lambda r: replace(r, event=replace(r.event, digest=None))),
        lambda: told().fact(HandlerError, "server", sid="x", name="ping", error="ValueError: 1", where="a:1"),
        lambda: told().fact(Refused, "server", sid="x", reason="bad-origin", origin="http://else", role=None),
        lambda: told().fact(PageError, "dashboard:A.1", text="a warning"),
    ],
)
def test_what_is_unusual_and_harmless_passes(harmless: Callable[[], Story]) -> None:
    verdict = harmless().verdict()
    assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.unknowns)


def test_what_a_producer_sends_again_over_a_new_connection_is_not_a_duplicate() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK[:2])
    story.fact(ClientDisconnected, "cli:main", reason="transport error")
    again = story.journal["main"][1]
    story.fact(ClientConnected, "cli:main", url="http://127.0.0.1:1", transport="websocket")
    story.fact(Connected, "server", sid="sid-main-2", role="producer").fact(Disconnected, "server", sid="sid-main-2")
    story.see(Hop.SENT, again, "cli:main").see(Hop.RECEIVED, again, "server", sid="sid-main-2")
    assert story.emit("main", *TASK[2:]).end("main").verdict().answer is Answer.PASSED


def test_only_the_first_hop_at_which_an_event_is_doubled_is_named() -> None:
    story = told()
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED):
        story.double(at(hop, "main/2"))
    for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
        story.double(at(hop, "main/2", "A"))
    found = [outcome for outcome in story.verdict().outcomes if outcome.kind is Kind.DUPLICATED]
    assert [(outcome.key, outcome.hop) for outcome in found] == [("main/2", Hop.SENT)]


def test_several_things_at_once_are_all_found() -> None:
    story = told().lose("main/2", Hop.DELIVERED, "A").double(at(Hop.APPLIED, "main/4", "B"))
    story.swap(at(Hop.ROUTED, "main/5"), at(Hop.ROUTED, "main/6")).change(at(Hop.APPLIED, "main/1", "B"), other_payload)
    found = {(o.kind, o.key, o.hop) for o in story.verdict().outcomes if o.kind is not Kind.DELIVERED}
    assert found >= {
        (Kind.LOST, "main/2", Hop.DELIVERED),
        (Kind.DUPLICATED, "main/4", Hop.APPLIED),
        (Kind.REORDERED, "main/5", Hop.ROUTED),
        (Kind.CORRUPTED, "main/1", Hop.APPLIED),
    }


@pytest.mark.parametrize(
    ("hop", "taps", "hops"),
    [
        (Hop.RECEIVED, tuple(Hop), (Hop.RECEIVED,)),
        (Hop.DELIVERED, tuple(Hop), (Hop.DELIVERED,)),
        (Hop.APPLIED, tuple(Hop), (Hop.APPLIED,)),
        (Hop.RENDERED, tuple(hop for hop in Hop if hop is not Hop.APPLIED), (Hop.APPLIED, Hop.RENDERED)),
    ],
)
def test_a_late_event_is_blamed_on_the_hop_before_which_the_time_passed(
    hop: Hop, taps: tuple[Hop, ...], hops: tuple[Hop, ...]
) -> None:
    story = told(taps=taps)
    ledger = story.ledger()

    def later(sighting: Sighting) -> Sighting:
        is_late = sighting.event.key == "main/6" and sighting.hop >= hop
        return replace(sighting, at_ns=sighting.at_ns + 2_500_000_000) if is_late else sighting

    verdict = verdict_of(Ledger.of(ledger.contract, [*map(later, ledger.sightings), *ledger.facts]))
    late = [each for each in verdict.outcomes if each.kind is Kind.LATE]
    assert {each.hops for each in late} == {hops}
    assert {each.key for each in late} == {"main/6"}


@pytest.mark.parametrize("answered_ms", [2490, 2500, 2600, 4800], ids="answered after {} ms".format)
def test_what_is_late_before_its_answer_is_late_somewhere_in_the_server(answered_ms: int) -> None:
    """Who sees the server's answers alone does not see when it received an event."""
    story = told(taps=tuple(hop for hop in Hop if hop is not Hop.ROUTED))
    ledger = story.ledger()

    def later(sighting: Sighting) -> Sighting:
        if sighting.event.key != "main/6" or sighting.hop < Hop.RECEIVED:
            return sighting
        if sighting.hop is Hop.RECEIVED:
            return replace(sighting, at_ns=sighting.at_ns + answered_ms * 1_000_000, detail={"forwarded": sighting.n})
        return replace(sighting, at_ns=sighting.at_ns + 2_500_000_000)

    seen = [later(each) for each in ledger.sightings if each.hop is not Hop.ROUTED]
    verdict = verdict_of(Ledger.of(ledger.contract, [*seen, *ledger.facts]))
    late = [each for each in verdict.outcomes if each.kind is Kind.LATE]
    assert {each.hops for each in late} == {(Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED)}


@pytest.mark.parametrize(("counter", "rows", "is_cut"), [(8, 7, False), (9, 7, True), (8, 6, True), (7, 6, True)])
def test_a_list_with_a_row_for_each_event_is_not_cut(counter: int, rows: int, is_cut: bool) -> None:
    """The page counts what came once more, and its list shows it once: that came twice is told, and no more."""
    taps = tuple(hop for hop in Hop if hop is not Hop.APPLIED)
    story = told(taps=taps).double(at(Hop.ROUTED, "main/2")).double(at(Hop.DELIVERED, "main/2", "A"))
    shown = [*OWN, *(f"main/{seq}" for seq in range(1, rows + 1))]
    story.shows("A", counter=counter + len(OWN), rows=shown[::-1])
    kinds = {outcome.kind for outcome in story.verdict().outcomes if outcome.dashboard == "A"}
    assert Kind.DUPLICATED in kinds
    assert (Kind.TRUNCATED in kinds) == is_cut
