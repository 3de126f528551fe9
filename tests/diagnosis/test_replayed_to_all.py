"""What a dashboard that comes has missed is emitted to others; and what only looks like that."""

from __future__ import annotations

from harness.diagnosis import verdict_of
from harness.model import Hop, Kind, Sighting
from harness.reporting import sentences
from tests.support.causes_in_routing import comes_back, history_to_all
from tests.support.sent_twice import EACH, begun, blamed


@EACH
def test_what_is_emitted_again_when_another_came_is_a_replay_to_all(target: str) -> None:
    story = history_to_all(begun(target))
    assert blamed(target, story) == [("replayed-to-all", Hop.ROUTED)]
    [blame] = [each for each in verdict_of(story.ledger()).blame if each.cause == "replayed-to-all"]
    assert {o.key for o in blame.explains if o.kind is Kind.DUPLICATED} == {"main/1", "main/2"}
    assert sentences.line(blame.sentence).startswith("what had passed when dashboard C came was emitted again")
    assert blame.places == ("app.py:4 history",)


@EACH
def test_one_place_that_emits_everything_is_one_where_several_go_out_in_one_go(target: str) -> None:
    story = begun(target)
    [where] = {str(s.detail.get("where")) for s in story.records if isinstance(s, Sighting) and s.hop is Hop.ROUTED}
    assert where == "None", "the paper system does not say where it emits"
    assert blamed(target, history_to_all(story, where="None")) == [("replayed-to-all", Hop.ROUTED)]


@EACH
def test_what_goes_to_the_one_that_came_is_as_it_should_be(target: str) -> None:
    assert blamed(target, history_to_all(begun(target), to=("C",))) == []


@EACH
def test_what_is_sent_to_the_one_that_is_back_is_another_matter(target: str) -> None:
    assert "replayed-to-all" not in dict(blamed(target, comes_back(begun(target))))


@EACH
def test_what_is_emitted_twice_while_no_one_comes_is_another_matter(target: str) -> None:
    story = begun(target)
    first, second = (s for s in [*story.records] if isinstance(s, Sighting) and s.hop is Hop.ROUTED)
    for each in (first, second):
        story.see(Hop.ROUTED, each.event, each.observer, each.recipients, where="app.py:9 again")
        for page in story.pages.values():
            story.see(Hop.DELIVERED, each.event, page.observer, transport="websocket")
    assert [cause for cause, _ in blamed(target, story.open("C"))] == ["routed-twice"]


@EACH
def test_one_that_is_back_while_another_comes_is_another_matter(target: str) -> None:
    """It is handed what it had, by its id; the other wants nothing that has passed."""
    story = history_to_all(begun(target), to=())
    story.drop(lambda record: isinstance(record, Sighting) and record.recipients == ())
    assert blamed(target, comes_back(story)) == [("sent-again", Hop.ROUTED)]
