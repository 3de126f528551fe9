"""A list of the newest rows that is drawn at times: what was pushed out before nobody could have read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.diagnosis import verdict_of
from harness.model import NEWEST, OLDEST, Answer, Hop, Kind, Sighting, Verdict
from harness.model.facts import View
from harness.record.ledger import Ledger
from tests.support.causes_in_clis import told as story
from tests.support.facts import other
from tests.support.shown_rows import KEYS

LATER = 10_000


def drawn(shown: Sequence[str], first: int = 0, window: str = NEWEST, **view: bool) -> Verdict:
    """The verdict of a run whose dashboard A drew its `first` rows one by one, and those in the end all together."""
    ledger = story().ledger()

    def is_kept(sighting: Sighting) -> bool:
        is_row = sighting.hop is Hop.RENDERED and sighting.observer == "dashboard:A.1"
        return not is_row or sighting.event.key in {*KEYS[:first], *shown}

    def at_once(sighting: Sighting) -> Sighting:
        if sighting.hop is not Hop.RENDERED or sighting.observer != "dashboard:A.1":
            return sighting
        is_late = sighting.event.key in shown
        return replace(sighting, n=sighting.n + LATER * is_late, detail={**sighting.detail, "via": "row"})

    facts = [
        other(fact, rows=[*shown], texts=None, window=None, counter=None, **view)
        if isinstance(fact.body, View) and fact.observer == "dashboard:A.1"
        else fact
        for fact in ledger.facts
    ]
    contract = replace(ledger.contract, declared=(), terminal=(), panels=(), windowed=True, window=window)
    return verdict_of(Ledger.of(contract, [*map(at_once, filter(is_kept, ledger.sightings)), *facts]))


def lost(verdict: Verdict) -> list[str]:
    return sorted({str(each.key) for each in verdict.outcomes if each.kind is Kind.LOST})


@pytest.mark.parametrize("is_numbered", [True, False])
def test_what_is_older_than_the_rows_that_are_drawn_together_was_pushed_out(is_numbered: bool) -> None:
    verdict = drawn(KEYS[-3:], rows_numbered=is_numbered)
    assert lost(verdict) == [] and verdict.answer is not Answer.FAILED


@pytest.mark.parametrize(
    ("shown", "first", "gone"),
    [
        (KEYS[:3], 0, KEYS[3:]),  # the oldest of those that had gathered
        ([KEYS[3], *KEYS[-2:]], 0, [*KEYS[:3], KEYS[4]]),  # one between is left out
    ],
)
def test_rows_that_are_not_the_newest_pushed_nothing_out(shown: list[str], first: int, gone: list[str]) -> None:
    assert lost(drawn(shown, first)) == gone


def test_a_list_of_the_oldest_rows_pushes_nothing_out() -> None:
    assert lost(drawn(KEYS[-3:], window=OLDEST)) == KEYS[:4]


def test_one_that_is_left_out_of_all_was_not_pushed_out() -> None:
    assert lost(drawn([*KEYS[:1], *KEYS[2:]])) == [KEYS[1]]
