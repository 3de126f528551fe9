"""What messages tell a page of the id of its connection is its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from harness.model import Answer, Aspect, Hop, Outcome
from harness.model.facts import Notice
from tests.support.ledgers import Story


def wrong(told: Mapping[str, Any], ids: Mapping[str, str] | None = None) -> list[Outcome]:
    """What is found where pages A, B and C are told these ids; `own` is that of the page."""
    story = Story("broadcast", declared=(), ids=ids or {}).open(*told)
    for label, said in told.items():
        page = story.pages[label]
        payload = {"data": {} if said is None else {"id": page.sid if said == "own" else story.pages.get(said, said)}}
        if said in story.pages:
            payload = {"data": {"id": story.pages[said].sid}}
        story.fact(Notice, page.observer, name="hello", payload=payload)
    verdict = story.start("one").emit("one", "execution:started", "execution:completed").end("one").verdict()
    found = [o for o in verdict.outcomes if o.finding.aspect is Aspect.OWN_ID]
    assert verdict.answer is (Answer.FAILED if found else Answer.PASSED)
    return found


@pytest.mark.parametrize(
    ("told", "ids", "labels"),
    [
        ({"A": "own", "B": "own", "C": "own"}, {"hello": "data.id"}, []),
        ({"A": "own", "B": "A", "C": "own"}, {"hello": "data.id"}, ["B"]),
        ({"A": "own", "B": "A", "C": "own"}, {}, ["B"]),  # most are told their own
        ({"A": "C", "B": "A", "C": "B"}, {}, []),  # they may be told of each other
        ({"A": "strange", "B": "strange", "C": "strange"}, {"hello": "data.id"}, ["A", "B", "C"]),
        ({"A": "own", "B": None, "C": "own"}, {"hello": "data.id"}, ["B"]),
        ({"A": "own", "B": None, "C": "own"}, {}, []),
        ({"A": "own", "B": "A"}, {}, []),
    ],
)
def test_an_id_that_is_another_one_is_told(told: Any, ids: Any, labels: list[str]) -> None:
    found = wrong(told, ids)
    assert [each.dashboard for each in found] == labels
    assert {each.hops for each in found} <= {(Hop.ROUTED, Hop.DELIVERED)}
