"""What a server hands on again to a connection that it has recovered, and what was changed at an unobserved hop."""

from __future__ import annotations

from dataclasses import replace

from harness.diagnosis import verdict_of
from harness.model import Answer, Hop, Kind, Sighting
from tests.support.causes import told
from tests.support.causes_in_clis import EVENTS
from tests.support.ledgers import Story
from tests.support.records import at


def _again(is_recovered: bool) -> Story:
    """An event is routed a second time to the same connections."""
    story = told().double(at(Hop.ROUTED, "main/4"))
    [_, second] = [r for r in story.records if at(Hop.ROUTED, "main/4")(r)]
    assert isinstance(second, Sighting)
    detail = {**second.detail, **({"recovered": True} if is_recovered else {})}
    return story.change(lambda r: r is second, lambda s: replace(s, detail=detail))


def test_a_recovered_connection_may_be_handed_what_it_may_have_had() -> None:
    assert verdict_of(_again(is_recovered=True).ledger()).answer is Answer.PASSED
    assert [blame.cause for blame in verdict_of(_again(is_recovered=False).ledger()).blame] == ["routed-twice"]


def test_what_a_page_takes_twice_of_it_is_a_duplicate() -> None:
    story = _again(is_recovered=True).double(at(Hop.DELIVERED, "main/4", "A"))
    [blame] = verdict_of(story.ledger()).blame
    assert {outcome.kind for outcome in blame.explains} == {Kind.DUPLICATED}
    assert blame.hop is Hop.DELIVERED


def test_what_has_another_name_on_the_page_was_changed_at_any_unobserved_hop_before() -> None:
    """The message says no name: it is none at routed and delivered, and the row is its event's by its number."""
    story = told(taps=tuple(hop for hop in Hop if hop is not Hop.APPLIED))
    for hop in (Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED):
        story.drop(at(hop, "main/4"))
    story.change(at(Hop.RENDERED, "main/4"), lambda s: replace(s, event=replace(s.event, name="undefined")))
    blamed = {blame.hops for blame in verdict_of(story.ledger()).blame for o in blame.explains if o.key == "main/4"}
    assert blamed == {(Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED)}


def test_what_is_routed_while_all_are_disconnected_is_their_gap() -> None:
    story = Story("broadcast", replays=False).open("A", "B").start("main").emit("main", *EVENTS[:2])
    story.disconnect("A").disconnect("B")
    story.emit("main", *EVENTS[2:4]).connect("A").connect("B").emit("main", *EVENTS[4:]).end("main")
    for key in ("main/3", "main/4"):
        story.lose(key, Hop.DELIVERED).change(at(Hop.ROUTED, key), lambda s: replace(s, recipients=()))
    [blame] = verdict_of(story.ledger()).blame
    assert (blame.cause, blame.hop, len(blame.explains)) == ("gap-no-replay", Hop.DELIVERED, 4)
