"""Two values of a message in each other's place; and messages whose values are changed in other ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.diagnosis.values_swapped import swapped
from harness.model import Hop
from tests.support.causes_in_servers import with_data
from tests.support.ledgers import Story
from tests.support.other_systems import floor, warehouse

SYSTEMS = pytest.mark.parametrize("system", [warehouse, floor])


@pytest.mark.parametrize(
    ("before", "after", "pair"),
    [
        ({"from": "a", "to": "b", "n": 1}, {"from": "b", "to": "a", "n": 1}, ("from", "to")),
        (["tea", 2], [2, "tea"], ("0", "1")),
        ({"at": {"x": 1, "y": 2}}, {"at": {"x": 2, "y": 1}}, ("at.x", "at.y")),
        ({"a": {"id": 1}, "b": {"sum": 2}}, {"a": {"sum": 2}, "b": {"id": 1}}, ("a", "b")),
        ({"from": "a", "to": "b", "n": 1}, {"from": "b", "to": "a", "n": 2}, None),
        ({"from": "a", "to": "b"}, {"from": "b", "to": "b"}, None),
        ({"from": "a", "to": "b"}, {"from": "a", "to": "b"}, None),
        ({"qty": 2}, {"amount": 2}, None),
        ({"a": 1, "b": True}, {"a": True, "b": True}, None),
        ([1, 2, 3], [2, 3, 1], None),
        ("ab", "ba", None),
        (None, {"a": 1}, None),
    ],
)
def test_only_two_values_that_changed_places_are_swapped(before: Any, after: Any, pair: object) -> None:
    assert swapped(before, after) == pair


@SYSTEMS
@pytest.mark.parametrize(
    ("after", "cause"),
    [
        ({"item": 2, "qty": "tea"}, "values-swapped"),
        ({"item": "tea", "qty": "tea"}, "payload-changed"),
        ({"item": 2, "qty": "Tea"}, "payload-changed"),
    ],
)
def test_a_swap_is_told_as_what_it_is(system: Callable[[], Story], after: object, cause: str) -> None:
    verdict = verdict_of(with_data(system(), "main/4", {"item": "tea", "qty": 2}, after).ledger())
    assert [blame.cause for blame in verdict.blame] == [cause]


@SYSTEMS
@pytest.mark.parametrize(
    ("after", "cause"), [({"item": 2, "qty": "tea"}, "values-swapped"), ({"item": "te", "qty": 2}, "payload-changed")]
)
def test_what_changed_over_blind_hops_is_told_of_all_of_them(
    system: Callable[..., Story], after: object, cause: str
) -> None:
    seen = tuple(hop for hop in Hop if hop not in (Hop.RECEIVED, Hop.ROUTED))
    story = with_data(system(taps=seen), "main/4", {"item": "tea", "qty": 2}, after)
    story.records = [r for r in story.records if getattr(r, "hop", None) not in (Hop.RECEIVED, Hop.ROUTED)]
    [blame] = verdict_of(story.ledger()).blame
    assert blame.cause == cause
    assert blame.hops[:2] == (Hop.RECEIVED, Hop.ROUTED)
    assert "somewhere from received to delivered" in str(blame.sentence)
