"""What a server sent to a page when that page had been looked at: late or unknown, and not lost on its way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.diagnosis import verdict_of
from harness.model import Answer, Hop, Kind, Sighting
from harness.model.facts import Fence, View
from harness.record.ledger import Ledger
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at

KEY = "main/3"


def looked_at(before_ms: float, waited_ms: float, means: str = "wire") -> Ledger:
    """A run in which an event was routed so long after page A was looked at, and so long after it was emitted."""
    story = Story("broadcast").open("A", "B").start("main").emit("main", *TASK).end("main").settle()
    for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
        story.drop(at(hop, KEY, "A"))
    ledger = story.ledger()
    [view] = [fact for fact in ledger.facts if isinstance(fact.body, View) and fact.observer == "dashboard:A.1"]
    sent_ns = view.at_ns + int(before_ms * 1e6)

    def timed(sighting: Sighting) -> Sighting:
        if sighting.event.key != KEY or sighting.hop > Hop.ROUTED:
            return sighting
        return replace(sighting, at_ns=sent_ns - int(waited_ms * 1e6) * (sighting.hop < Hop.ROUTED))

    facts = [replace(f, body=replace(f.body, means=means)) if isinstance(f.body, Fence) else f for f in ledger.facts]
    return replace(ledger, sightings=[timed(each) for each in ledger.sightings], facts=facts)


@pytest.mark.parametrize(
    ("before_ms", "waited_ms", "answer", "kind"),
    [
        (100, 60_000, Answer.FAILED, Kind.LATE),
        (100, 150, Answer.UNKNOWN, Kind.UNDETERMINED),
        (-100, 60_000, Answer.FAILED, Kind.LOST),
    ],
)
def test_what_was_sent_after_a_page_was_looked_at_is_late(
    before_ms: float, waited_ms: float, answer: Answer, kind: Kind
) -> None:
    verdict = verdict_of(looked_at(before_ms, waited_ms))
    mine = [o for o in verdict.outcomes if o.key == KEY and o.dashboard == "A" and o.kind in (*BAD, Kind.UNDETERMINED)]
    assert {o.kind for o in mine} == {kind} and verdict.answer is answer
    assert all(o.hops == (Hop.ROUTED,) for o in mine if kind is Kind.LATE)


@pytest.mark.parametrize(
    ("means", "before_ms", "kind"),
    [("quiet", -100, Kind.LATE), ("quiet", -9_000, Kind.LOST), ("wire", -100, Kind.LOST)],
)
def test_what_was_sent_late_and_just_before_it_may_have_been_on_its_way_in_silence(
    means: str, before_ms: float, kind: Kind
) -> None:
    """A fence through the server comes behind what the server sent before; silence says nothing of that."""
    verdict = verdict_of(looked_at(before_ms, 60_000, means))
    assert {o.kind for o in verdict.outcomes if o.key == KEY and o.dashboard == "A" and o.kind in BAD} == {kind}


BAD = (Kind.LATE, Kind.LOST, Kind.INCOMPLETE)
