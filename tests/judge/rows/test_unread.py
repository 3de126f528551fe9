"""Rows that the target's words for them don't fit: what they show is not known, and nothing is blamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.diagnosis import verdict_of
from harness.model import Answer, Aspect, Hop, Sighting, Told, Verdict
from harness.model.facts import View
from harness.record.digests import digest
from harness.record.ledger import Ledger
from tests.support.causes_in_clis import told as story
from tests.support.facts import other

TITLES = ("tidy the notes", "write a letter", "water the plants", "feed the cat", "call the bank", "buy bread", "rest")


def judged(rows: Sequence[str], texts: Sequence[str], counter: int | None = None) -> Verdict:
    """A healthy run of seven events up to its pages, whose rows are read so, as unnumbered ones."""
    ledger = story().ledger()

    def with_data(sighting: Sighting) -> Sighting:
        data = {"title": TITLES[int(sighting.event.key.partition("/")[2]) - 1]}
        known = replace(sighting.event, told=Told(data))
        return replace(sighting, event=replace(known, digest=None if known.digest is None else digest(data)))

    facts = [
        other(fact, rows=[*rows], texts=[*texts], rows_numbered=False, counter=counter)
        if isinstance(fact.body, View)
        else fact
        for fact in ledger.facts
    ]
    seen = [with_data(each) for each in ledger.sightings if each.hop is not Hop.RENDERED]
    contract = replace(ledger.contract, declared=(), terminal=(), panels=(), properties=())
    return verdict_of(Ledger.of(contract, [*seen, *facts]))


def aspects(verdict: Verdict) -> set[Aspect]:
    return {each.finding.aspect for each in verdict.unknowns}


@pytest.mark.parametrize("rows", [["None"] * 7, [f"/van-{n}~" for n in range(7)]], ids=["no name", "no event's name"])
def test_rows_that_show_the_events_and_are_not_read_as_such_are_unknown(rows: list[str]) -> None:
    verdict = judged(rows, [f"do: {title}" for title in TITLES])
    assert (verdict.answer, aspects(verdict), verdict.blame) == (Answer.UNKNOWN, {Aspect.ROWS_UNREAD}, ())


def test_as_many_rows_as_events_are_unknown_where_none_of_them_can_be_read() -> None:
    assert aspects(judged(["None"] * 7, [f"row number {n}" for n in range(7)])) == {Aspect.ROWS_UNREAD}


def test_a_placeholder_in_place_of_rows_is_a_loss() -> None:
    verdict = judged(["None"], ["Nothing here yet"])
    assert verdict.answer is Answer.FAILED
    assert verdict.blame[0].hops[-1] is Hop.RENDERED


def test_rows_of_other_names_that_show_nothing_of_the_events_are_a_loss() -> None:
    assert judged([f"/demo-{n}~" for n in range(7)], [f"demo {n}" for n in range(7)]).answer is Answer.FAILED


def test_rows_of_which_one_is_read_are_judged() -> None:
    first = story().ledger().sightings[0].event
    verdict = judged([f"/{first.name}~", *["None"] * 6], [f"do: {title}" for title in TITLES])
    assert verdict.answer is Answer.FAILED


def test_a_counter_that_is_off_is_wrong_beside_unreadable_rows() -> None:
    verdict = judged(["None"] * 7, [f"do: {title}" for title in TITLES], counter=3)
    assert verdict.answer is Answer.FAILED
    assert {each.finding.aspect for each in verdict.outcomes if each.finding.aspect is Aspect.COUNTER}
