"""How rows call their events: by their names, by words of those, or in the page's own words."""

from __future__ import annotations

import pytest

from harness.judge.rows.names import compare
from harness.judge.rows.row import Looked, Row
from harness.model import Aspect, Event
from harness.record.evidence import Evidence
from tests.support.ledgers import Story

NAMES = ("order:placed", "order:paid", "order:placed", "order:placed", "order:paid", "order:paid", "run:done")
WORDS = {"order:placed": "Placed", "order:paid": "Paid", "run:done": "Done"}
OWN = {"order:placed": "Neu:", "order:paid": "Bezahlt:", "run:done": "Ende:"}


def looked(texts: list[str]) -> Looked:
    evidence = Evidence(Story("broadcast").open("A").ledger())
    found = Looked()
    events = [Event(f"s/{number}", name, "s", number, None) for number, name in enumerate(NAMES, 1)]
    compare(found, evidence, [(event, Row(event.key, text, False)) for event, text in zip(events, texts, strict=True)])
    return found


def wrong(texts: list[str]) -> list[tuple[str | None, object, object]]:
    return [(key, why.expected, why.found) for _, key, why in looked(texts).wrong]


@pytest.mark.parametrize("called", [{name: name for name in WORDS}, WORDS, OWN])
def test_a_row_that_is_called_as_events_of_another_name_are_is_wrong(called: dict[str, str]) -> None:
    right = [f"{number}. {called[name]} tea" for number, name in enumerate(NAMES, 1)]
    assert wrong(right) == [] and looked(right).doubts == []
    [(key, _, _)] = wrong([right[0], f"2. {called['order:placed']} tea", *right[2:]])
    assert key == "s/2"


@pytest.mark.parametrize("called", [{name: name for name in WORDS}, WORDS])
def test_rows_of_two_names_that_are_all_called_alike_are_wrong(called: dict[str, str]) -> None:
    same = [f"{number}. {called['order:placed']} tea" for number in range(1, 7)]
    assert [key for key, _, _ in wrong([*same, f"7. {called['run:done']}"])] == ["s/2", "s/5", "s/6"]


def test_a_row_that_says_neither_its_name_nor_another_was_not_compared() -> None:
    right = [f"{WORDS[name]} tea" for name in NAMES]
    found = looked([*right[:3], "Cancelled tea", *right[4:]])
    assert not found.wrong and [why.aspect for why in found.doubts] == [Aspect.ROW_UNEXPLAINED]
    assert looked([*right[:3], "Tea", *right[4:]]).wrong == []


def test_a_word_that_rows_of_several_names_say_calls_none() -> None:
    texts = [f"order {number} of tea" for number in range(1, 8)]
    assert wrong(texts) == [] and looked(texts).doubts == []


def test_one_row_alone_is_wrong_where_the_list_calls_events_by_their_names() -> None:
    right = [f"{WORDS[name]} tea" for name in NAMES]
    assert [key for key, _, _ in wrong([*right[:6], "Paid tea"])] == ["s/7"]
