"""What only the data of lost events, or only the texts of rows, can tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.diagnosis._in_common import in_common
from harness.model import Event, Hop, Sighting
from harness.model.facts import View
from harness.record.ledger import Ledger
from harness.reporting import sentences
from tests.diagnosis.test_in_common import gone, orders
from tests.support.explained import evidence
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.records import at
from tests.support.saying import saying


def told(data: Callable[[int], Any], *lost: int) -> list[str]:
    """What some events have in common in a run of seven, of which each says something."""
    story = orders()
    for hop in Hop:
        story.change(at(hop), lambda s: saying(s, dict.fromkeys(Hop, data(s.event.seq or 0))))
    return [each for each in in_common(evidence(story), gone(*lost)) if each.startswith("all have ")]


@pytest.mark.parametrize(
    ("data", "lost", "line"),
    [
        (
            lambda n: {"to": {"city": "Oslo" if n in (2, 7) else "Rome"}, "n": n},
            (2, 7),
            'all have to.city "Oslo"; no other has',
        ),
        (
            lambda n: {"qty": 20 + n if n in (2, 7) else n},
            (2, 7),
            "all have qty of 22 or more; of the others none has more than 6",
        ),
        (
            lambda n: {"qty": -n if n in (2, 7) else n},
            (2, 7),
            "all have qty of -2 or less; of the others none has less than 1",
        ),
        (
            lambda n: f"{n} {'ü' if n == 2 else 'u'}",
            (2,),
            "all have characters beyond ASCII in their data; no other has",
        ),
        (
            lambda n: {"x": "a<b" if n == 2 else "ab"},
            (2,),
            "all have a character that HTML has a meaning for in their data; no other has",
        ),
        (lambda n: {"x": "" if n == 2 else "ab"}, (2,), "all have an empty text in their data; no other has"),
    ],
    ids=["value", "above", "below", "ascii", "html", "empty"],
)
def test_what_the_lost_say_and_no_other_does(data: Callable[[int], Any], lost: tuple[int, ...], line: str) -> None:
    assert told(data, *lost) == [line]


@pytest.mark.parametrize(
    ("data", "lost"),
    [
        (lambda n: {"city": "Oslo" if n in (2, 4, 7) else "Rome", "n": n % 3}, (2, 7)),
        (lambda n: {"n": n}, (2,)),  # each has one of its own
        (lambda n: {"n": n}, (2, 4)),
        (lambda n: {"on": n in (2, 7)}, (1, 2, 3, 4, 7)),  # too few others
        (lambda n: {"on": True} if n in (2, 7) else None, (2, 7)),  # the others say nothing
    ],
    ids=["one more", "alone", "among", "few", "none"],
)
def test_what_others_have_too_or_is_not_known_is_not_told(data: Callable[[int], Any], lost: tuple[int, ...]) -> None:
    assert told(data, *lost) == []


def rows(texts: Sequence[str]) -> str:
    """The first blame of a page whose rows have no numbers, and show the texts of some of seven events of a name."""
    story = Story("broadcast", declared=(), terminal=(), panels=()).open("A", "B").start("main")
    story.emit("main", *("line",) * 7).end("main")
    for key in (f"main/{number}" for number in range(len(texts) + 1, 8)):
        story.lose(key, Hop.RENDERED, "A")
    ledger = story.ledger()

    def plain(sighting: Sighting) -> Sighting:
        known = saying(sighting, {hop: {"title": f"task no. {sighting.event.seq}"} for hop in Hop})
        if known.hop is Hop.RENDERED and known.observer == "dashboard:A.1":
            return replace(known, event=Event("/line~", "line", None, None, None), detail={"via": "row"})
        return known

    facts = [
        other(fact, rows=["/line~"] * len(texts), texts=[*texts], rows_numbered=False, counter=None)
        if isinstance(fact.body, View) and fact.observer == "dashboard:A.1"
        else fact
        for fact in ledger.facts
    ]
    verdict = verdict_of(Ledger.of(ledger.contract, [*map(plain, ledger.sightings), *facts]))
    [blame] = verdict.blame
    assert blame.cause == "unexplained" and {o.dashboard for o in blame.explains} == {"A"}
    return "\n".join([sentences.line(blame.sentence), *sentences.evidence(blame)])


def test_which_events_have_no_row_is_read_from_the_texts_of_those_that_have_one() -> None:
    said = rows([f"done: task no. {number}" for number in (1, 2, 4, 5, 6)])
    assert "main/3, main/7" in said and "main/6" not in said and "all from" not in said
    assert 'main/3 is \'line\' with {"title": "task no. 3"}' in said


def test_rows_that_say_nothing_leave_open_which_events_have_none() -> None:
    said = rows(["done"] * 5)
    assert "2 of 7 events" in said and "rows of one name don't say which event they show" in said
    assert "main/6" not in said and "all from" not in said
