"""A page that comes back, and is sent what it has; and what only looks like that."""

from __future__ import annotations

from harness.diagnosis import verdict_of
from harness.model import Hop
from harness.reporting import sentences
from tests.support.causes_in_routing import comes_back
from tests.support.records import at
from tests.support.sent_twice import EACH, SYSTEMS, begun, blamed


@EACH
def test_what_a_page_had_over_its_former_connection_is_sent_again_at_routed(target: str) -> None:
    story = comes_back(begun(target))
    assert blamed(target, story) == [("sent-again", Hop.ROUTED)]
    [blame] = [each for each in verdict_of(story.ledger()).blame if each.cause == "sent-again"]
    assert {o.key for o in blame.explains} == {"main/1", "main/2"} and blame.places == ("app.py:4 history",)
    assert "dashboard A came back" in sentences.line(blame.sentence)


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
