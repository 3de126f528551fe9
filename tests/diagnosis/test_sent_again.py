"""A page that comes back, and is sent what it has; and what only looks like that."""

from __future__ import annotations

import pytest

from harness.diagnosis import verdict_of
from harness.model import Hop, Sighting
from harness.model.facts import Answered, Requested
from harness.reporting import sentences
from tests.support.causes_in_routing import comes_back
from tests.support.records import at, said
from tests.support.sent_twice import EACH, SYSTEMS, begun, blamed


@EACH
def test_what_a_page_had_over_its_former_connection_is_sent_again_at_routed(target: str) -> None:
    story = comes_back(begun(target))
    assert blamed(target, story) == [("sent-again", Hop.ROUTED)]
    [blame] = [each for each in verdict_of(story.ledger()).blame if each.cause == "sent-again"]
    assert {o.key for o in blame.explains} == {"main/1", "main/2"} and blame.places == ("app.py:4 history",)
    assert "dashboard A came back" in sentences.line(blame.sentence)


UNSENT = tuple(hop for hop in Hop if hop not in (Hop.SENT, Hop.RECEIVED, Hop.APPLIED))
"""Hops that are seen where a producer posts its events over HTTP."""


@EACH
@pytest.mark.parametrize("asks", [True, False])
def test_what_comes_while_a_page_is_answered_came_twice_for_that_whatever_is_blind(target: str, asks: bool) -> None:
    """Else a producer that is not seen may have sent it twice, after the page had come back."""
    story = comes_back(begun(target, taps=UNSENT), asks=asks)
    assert blamed(target, story) == ([("sent-again", Hop.ROUTED)] if asks else [("unexplained", None)])


@EACH
def test_pages_that_come_back_side_by_side_are_each_given_what_they_ask_for(target: str) -> None:
    story = comes_back(begun(target), asks=True)
    story.disconnect("B").connect("B")
    b = story.pages["B"]
    again = [
        r
        for r in story.records
        if isinstance(r, Sighting) and r.hop is Hop.ROUTED and r.detail.get("where") == "app.py:4 history"
    ]
    for record in again:  # what A is sent comes after B, and before A, has asked
        story.records.remove(record)
    [answered] = [r for r in story.records if said(Answered, id=77)(r)]
    story.records.remove(answered)
    story.fact(Requested, story.server, name="join", args=["main"], id=78, sid=b.sid)
    for record in again:
        story.see(Hop.ROUTED, record.event, story.server, record.recipients, **record.detail)
    story.fact(Answered, story.server, name="join", args=[{"joined": "main"}], id=77, sid=story.pages["A"].sid)
    assert [cause for cause, _ in blamed(target, story)] == ["sent-again"]


@EACH
def test_what_a_page_did_not_get_before_is_no_repetition(target: str) -> None:
    story = begun(target).drop(*(at(hop, key, "A") for hop in Hop for key in ("main/1", "main/2") if hop > Hop.ROUTED))
    assert blamed(target, comes_back(story)) == []


@EACH
def test_two_connections_at_once_are_another_matter(target: str) -> None:
    assert "sent-again" not in dict(blamed(target, comes_back(begun(target), is_over=False)))


@EACH
def test_what_the_server_recovers_is_doubled_where_it_was_delivered(target: str) -> None:
    assert [hop for _, hop in blamed(target, comes_back(begun(target), recovered=True))] == [Hop.DELIVERED]


@EACH
def test_what_is_emitted_twice_over_one_connection_is_routed_twice(target: str) -> None:
    names, _ = SYSTEMS[target]
    story = begun(target).emit("main", *names[2:]).end("main")
    verdict = verdict_of(story.double(at(Hop.ROUTED, "main/4")).ledger())
    assert "sent-again" not in {blame.cause for blame in verdict.blame}
