"""A list that is shown in part shows the newest rows, or those in sight: not the oldest for good, nor some between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.model import NEWEST, OLDEST, Answer, Aspect, Hop, Sighting, Verdict
from harness.model.facts import View
from harness.record.ledger import Ledger
from tests.support.causes_in_clis import told as story
from tests.support.facts import other
from tests.support.shown_rows import KEYS

NOTE = {"text": "3 of 7, older are hidden", "shown": 3, "total": None}


def seen(rows: Sequence[str], drawn: Sequence[str], window: str | None = None, **view: Any) -> Verdict:
    """The verdict of a run whose dashboard A shows such rows in the end, and drew rows of some events at all."""
    ledger = story().ledger()

    def by_the_counter(sighting: Sighting) -> Sighting:
        is_drawn = sighting.hop is not Hop.RENDERED or sighting.event.key in drawn or ".B" in sighting.event.key
        return replace(sighting, detail={**sighting.detail, "via": "row" if is_drawn else "counter"})

    def of_one_name(sighting: Sighting) -> Sighting:
        return replace(sighting, event=replace(sighting.event, name="x"))

    facts = [
        other(fact, **{"rows": [*rows], "texts": None, "window": NOTE, "counter": None, **view})
        if isinstance(fact.body, View) and fact.observer == "dashboard:A.1"
        else fact
        for fact in ledger.facts
    ]
    contract = replace(ledger.contract, declared=(), terminal=(), panels=(), windowed=True, window=window)
    sightings = [of_one_name(by_the_counter(s) if s.hop is Hop.RENDERED else s) for s in ledger.sightings]
    return verdict_of(Ledger.of(contract, [*sightings, *facts]))


def aspects(verdict: Verdict) -> set[Aspect]:
    return {o.finding.aspect for o in verdict.outcomes} & {Aspect.ROWS_OLDEST, Aspect.ROW_BETWEEN}


@pytest.mark.parametrize(("window", "answer"), [(None, Answer.UNKNOWN), (NEWEST, Answer.FAILED), (OLDEST, None)])
@pytest.mark.parametrize("rows", [KEYS[:3], KEYS[2::-1]])
def test_a_list_that_keeps_the_oldest_rows_is_told(rows: list[str], window: str | None, answer: Answer | None) -> None:
    verdict = seen(rows, KEYS[:3], window)
    assert aspects(verdict) == ({Aspect.ROWS_OLDEST} if answer else set())
    assert answer is None or verdict.answer is answer


def test_rows_that_are_in_sight_may_be_the_oldest_ones() -> None:
    assert aspects(seen(KEYS[:3], KEYS[:3], room=4.0)) == set()
    assert aspects(seen(KEYS[:3], KEYS[:3], room=0.5)) == {Aspect.ROWS_OLDEST}
    assert aspects(seen(KEYS[:3], KEYS)) == set(), "a person went back to them"


def test_the_newest_rows_are_a_window_however_many_were_drawn() -> None:
    assert aspects(seen(KEYS[-3:], KEYS[-3:], NEWEST)) == aspects(seen(KEYS[-3:], KEYS, NEWEST)) == set()


def test_an_event_without_a_row_between_others_is_told() -> None:
    rows = [*KEYS[2:4], *KEYS[5:]]
    verdict = seen(rows, [*KEYS[:4], *KEYS[5:]])
    [missing] = [o for o in verdict.outcomes if o.finding.aspect is Aspect.ROW_BETWEEN]
    assert (missing.key, missing.hops) == (KEYS[4], (Hop.RENDERED,))
    assert [blame.cause for blame in verdict.blame] == ["rows-left-out"]
    assert aspects(seen(rows, KEYS)) == set(), "it had a row, and was put away"


def test_what_has_no_row_as_a_rule_is_not_missing() -> None:
    rows = [KEYS[1], KEYS[5]]
    assert aspects(seen(rows, rows)) == set()
