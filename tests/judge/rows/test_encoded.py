"""Rows that show a text in the form in which it is carried, against rows that show what looks like it and is meant."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from harness.model import Answer, Aspect, Kind
from tests.support.shown_rows import TITLES, found, shown

NOTES = {title: f"{title} → “{title}” & so on" for title in TITLES}


def noted(title: str) -> Any:
    return {"note": NOTES[title], "n": 1}


def in_program(text: str) -> str:
    return json.dumps(text)[1:-1]


def misread(text: str) -> str:
    return text.encode().decode("cp1252", "replace")


@pytest.mark.parametrize("is_all", [True, False])
@pytest.mark.parametrize(
    "form",
    [quote, quote_plus, html.escape, lambda text: json.dumps(text)[1:-1], misread],
    ids=lambda each: each.__name__,
)
def test_a_text_shown_as_it_is_carried_is_wrong(form: Callable[[str], str], is_all: bool) -> None:
    texts = [form(note) if is_all or at == 3 else note for at, note in enumerate(NOTES.values())]
    verdict = shown(texts=[f"x: {text}" for text in texts], carried=noted)
    wrong = [each for each in found(verdict, Aspect.ROW_TEXT) if each.kind is Kind.MISRENDERED]
    assert {each.key for each in wrong} >= ({f"main/{at}" for at in range(1, 8)} if is_all else {"main/4"})
    assert verdict.answer is Answer.FAILED


@pytest.mark.parametrize(
    "meant",
    [
        lambda note: note,
        lambda note: f"{note} ({quote(note)})",
        lambda note: f"/search?q={quote(note)}",
        lambda note: json.dumps({"note": note}),
    ],
    ids=["as it is", "both", "an address", "data as in a program"],
)
def test_a_text_that_is_meant_to_be_encoded_raises_no_alarm(meant: Callable[[str], str]) -> None:
    verdict = shown(texts=[f"x: {meant(note)}" for note in NOTES.values()], carried=noted)
    assert not found(verdict, Aspect.ROW_TEXT) and verdict.answer is not Answer.FAILED


def test_an_encoded_text_that_the_event_itself_says_raises_no_alarm() -> None:
    def carried(title: str) -> Any:
        return {"note": NOTES[title], "link": quote(NOTES[title])}

    verdict = shown(texts=[f"x: {quote(note)}" for note in NOTES.values()], carried=carried)
    assert not found(verdict, Aspect.ROW_TEXT) and verdict.answer is not Answer.FAILED
