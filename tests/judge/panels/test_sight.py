"""What a page says in words, against what it says in attributes; and what no person can see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model import Answer, Aspect, Hop, Panel, Verdict
from harness.model.facts import StatusShown, View, WindowShown
from tests.support.history import History, clean, load


def shown(history: History | None = None, **view: Any) -> Verdict:
    """The verdict of a clean run whose dashboard A shows this at its end."""

    def changed(record: Any) -> Any:
        return replace(record, body=replace(record.body, **view))

    def is_last(record: Any) -> bool:
        return isinstance(getattr(record, "body", None), View) and record.observer == load("A")

    return (history or clean()).changed(is_last, changed).verdict()


def aspects(verdict: Verdict) -> set[Aspect]:
    return {o.finding.aspect for o in verdict.outcomes if o.prop == "P9"}


@pytest.mark.parametrize("text", ["5 events", "events: five", "", "1 of 5"])
def test_a_counter_may_say_its_number_in_any_words(text: str | None) -> None:
    assert Aspect.TEXT_OTHERWISE not in aspects(shown(counter=5, counter_text=text))


def test_a_text_that_says_another_number_than_its_attribute_is_wrong() -> None:
    verdict = shown(counter_text="3 events")
    assert (verdict.answer, aspects(verdict)) == (Answer.FAILED, {Aspect.TEXT_OTHERWISE})
    assert [blame.hop for blame in verdict.blame] == [Hop.RENDERED]


def test_the_note_of_a_list_says_the_number_of_its_attribute() -> None:
    assert Aspect.TEXT_OTHERWISE not in aspects(shown(window=WindowShown("1-5 of 5", 5, 5)))
    assert Aspect.TEXT_OTHERWISE in aspects(shown(window=WindowShown("1-5 of 9", 5, 6)))


@pytest.mark.parametrize(
    ("before", "after", "wrong"),
    [("Connecting", "Connected", False), ("Offline", "Offline", True), ("127.0.0.1", "127.0.0.1", False)],
)
def test_a_status_says_something_else_when_it_is_connected(before: str, after: str, wrong: bool) -> None:
    history = clean()
    history.tell(StatusShown, load("A"), text=before, connected=False)
    history.tell(StatusShown, load("A"), text=after, connected=True)
    assert (Aspect.STATUS_TEXT in aspects(shown(history, status=StatusShown(after, True)))) is wrong


@pytest.mark.parametrize("unseen", ["counter", "status", "steps", "steps: done"])
def test_what_no_person_can_see_is_not_passed(unseen: str) -> None:
    verdict = shown(unseen=(unseen,))
    assert (verdict.answer, aspects(verdict)) == (Answer.UNKNOWN, {Aspect.PART_HIDDEN})


def test_a_part_that_nothing_concerns_may_be_hidden() -> None:
    panels = (Panel("others", ("other:*",), {"count": ("other:*",)}),)
    assert shown(clean().promising(panels=panels), unseen=("others",)).answer is Answer.PASSED
