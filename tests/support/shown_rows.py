"""A healthy run on paper whose dashboard has rows that a test chooses: their texts, places and what stands beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.diagnosis import verdict_of
from harness.model import PAGE_SIDE, Aspect, Outcome, Sighting, Told, Verdict
from harness.model.facts import View
from harness.record.digests import digest
from harness.record.ledger import Ledger
from tests.support.causes_in_clis import told as story
from tests.support.facts import other
from tests.support.records import Where

TITLES = ("tidy the notes", "write a letter", "water the plants", "feed the cat", "call the bank", "buy bread", "rest")
KEYS = [f"main/{number}" for number in range(1, 8)]


def text(number: int, title: str) -> str:
    return f"{number}. {title.upper()} today"


TEXTS = [text(number, title) for number, title in enumerate(TITLES, start=1)]


def as_object(title: str) -> Any:
    return {"title": title, "n": 1}


def as_text(title: str) -> Any:
    return f"{title}|7.5|as usual"


def shown(
    keys: list[str] = KEYS,
    texts: list[str] | None = TEXTS,
    name: str | None = "x",
    carried: Callable[[str], Any] = as_object,
    order: str | None = None,
    dropped: Where | None = None,
    given: Callable[[str], Any] | None = None,
    **view: Any,
) -> Verdict:
    """The verdict of a healthy run of one name whose dashboard A has such rows; its events' data has a title each.

    `carried` makes the data of an event from its title; `given` those that pages have of it, where it is not the same.
    """
    ledger = (story() if dropped is None else story().drop(dropped)).ledger()

    def with_data(sighting: Sighting) -> Sighting:
        make = given if given is not None and sighting.hop in PAGE_SIDE else carried
        data = make(TITLES[int(sighting.event.key.partition("/")[2]) - 1])
        known = replace(sighting.event, told=Told(data), name=name or sighting.event.name)
        return replace(sighting, event=replace(known, digest=None if known.digest is None else digest(data)))

    facts = [
        other(fact, rows=keys, texts=texts, **{"counter": None, **view})
        if isinstance(fact.body, View) and fact.observer == "dashboard:A.1"
        else fact
        for fact in ledger.facts
    ]
    contract = replace(ledger.contract, declared=(), terminal=(), panels=(), list_order=order)
    return verdict_of(Ledger.of(contract, [*map(with_data, ledger.sightings), *facts]))


def found(verdict: Verdict, aspect: Aspect) -> list[Outcome]:
    return [each for each in verdict.outcomes if each.finding.aspect is aspect]
