"""What rows say beside their text: titles, labels, classes and data attributes, and places that are read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from harness.judge.rows.beside import compare
from harness.judge.rows.positions import troubles
from harness.judge.rows.row import Looked, Row
from harness.model import Answer, Aspect, Event, Verdict
from harness.model.facts import View, WindowShown
from harness.record.evidence import Evidence
from tests.support.history import clean, event, load

NAMES = ("bid:placed", "bid:placed", "bid:refused", "bid:placed", "lot:sold")
BIDDERS = ("Anna Meyer", "Ben Okoro", "Anna Meyer", "Ben Okoro", "Carla Diaz")
STATES = ("open", "open", "late", "open", "done")
PRICES = (120, 135, 150, 165, 180)


def wrong(channel: str, texts: Sequence[str]) -> list[tuple[str, str | None, object]]:
    """Which rows are wrong with such labels or marks, in which field, and what stands there."""
    events: list[Event] = []
    payloads: dict[str, Any] = {}
    for place, name in enumerate(NAMES):
        digest = f"d-{place}"
        payloads[digest] = {"bidder": BIDDERS[place], "state": STATES[place], "price": PRICES[place]}
        events.append(replace(event(place + 1, name=name), digest=digest))
    looked = Looked()
    is_label = channel == "label"
    rows = [
        Row(each.key, "", False, 0, text if is_label else "", "" if is_label else text)
        for each, text in zip(events, texts, strict=True)
    ]
    evidence = Evidence(replace(clean().ledger(), payloads=payloads))
    compare(looked, evidence, [*zip(events, rows, strict=True)])
    return [(str(key).rpartition("/")[2], why.field, why.found) for _, key, why in looked.wrong]


@pytest.mark.parametrize(
    "texts",
    [
        [f"{name} by {who}" for name, who in zip(NAMES, BIDDERS, strict=True)],
        [f"bid of € {price}.00" for price in PRICES],
        ["a row of the list"] * 5,
        ["", "", "", "", ""],
        [f"row {place} of 5" for place in (5, 4, 3, 2, 1)],  # a place in the list is not the event's number
        [f"after {who}" if at == 1 else who for at, who in enumerate(BIDDERS)],
        ["in reply to Anna Meyer", "", "", "", ""],
        ["in reply to Ben Okoro", "", "in reply to Carla Diaz", "", ""],
    ],
)
def test_labels_that_say_what_their_events_say_or_something_else_are_right(texts: list[str]) -> None:
    assert wrong("label", texts) == []


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ([*BIDDERS[:4], "Ben Okoro"], [("5", "bidder", "ben okoro")]),
        (["Ben Okoro", "Carla Diaz", "Ben Okoro", "Carla Diaz", "Anna Meyer"], ["1", "2", "3", "4", "5"]),
        ([*NAMES[:2], "bid:placed", *NAMES[3:]], [("3", "name", "bid placed")]),
        ([*NAMES[:2], "bid failed", *NAMES[3:]], [("3", "name", "bid failed")]),
        ([*(f"no. {at} at {price}" for at, price in enumerate(PRICES[:4], 1)), "no. 4 at 180"], [("5", "seq", "4")]),
    ],
)
def test_a_label_that_says_what_another_event_says_is_wrong(texts: list[str], found: list[Any]) -> None:
    told = wrong("label", texts)
    assert (told if isinstance(found[0], tuple) else [key for key, _, _ in told]) == found


def test_marks_of_another_state_are_wrong_where_others_have_their_own() -> None:
    assert wrong("marks", [f"row is-{state} #icon-{state}" for state in STATES]) == []
    marks = [f"row is-{state}" for state in (*STATES[:2], "open", *STATES[3:])]
    assert wrong("marks", marks) == [("3", "state", "open")]
    assert wrong("marks", [f"row {style}" for style in ("odd", "even", "odd", "even", "odd")]) == []
    assert wrong("marks", [f"{name} lot bid tail" for name in NAMES]) == []  # each mark is read by itself
    assert wrong("marks", [f"{name.partition(':')[0]} tail" for name in NAMES]) == []
    assert wrong("label", [f"{name.partition(':')[0]} of the list" for name in NAMES]) == []  # no name is whole there
    assert wrong("marks", ["row open"] * 5) == []  # a word that all have tells nothing, right for some or not


def shown(**view: Any) -> Verdict:
    """The verdict of a clean run whose dashboard A shows this at its end."""

    def is_last(record: Any) -> bool:
        return isinstance(getattr(record, "body", None), View) and record.observer == load("A")

    return clean().changed(is_last, lambda r: replace(r, body=replace(r.body, **view))).verdict()


def test_a_page_that_says_that_there_is_nothing_beside_its_rows_is_wrong() -> None:
    verdict = shown(nothing="No events yet")
    assert verdict.answer is Answer.FAILED
    assert [o.finding.found for o in verdict.outcomes if o.finding.aspect is Aspect.NOTHING_YET] == ["No events yet"]


KEYS = ("s/4", "s/3", "s/2", "s/1")


@pytest.mark.parametrize(
    ("places", "window", "found"),
    [
        ([(1, 4), (2, 4), (3, 4), (4, 4)], None, []),
        ([(1, None), (2, None), (3, None), (4, None)], None, []),
        ([(1, -1), (2, -1), (3, -1), (4, -1)], None, []),
        ([(3, 9), (4, 9), (5, 9), (6, 9)], WindowShown("", 4, 9), []),
        ([(0, 4), (1, 4), (2, 4), (3, 4)], None, [("s/4", 1, 0)]),
        ([(0, 9), (1, 9), (2, 9), (3, 9)], WindowShown("", 4, 9), [("s/4", 1, 0)]),
        ([(7, 9), (8, 9), (9, 9), (10, 9)], WindowShown("", 4, 9), [("s/1", 9, 10)]),
        ([(1, 4), (2, 4), (2, 4), (4, 4)], None, [("s/2", 3, 2)]),
        ([(1, 5), (2, 5), (3, 5), (4, 5)], None, [("s/4", 4, 5)]),
    ],
)
def test_the_places_that_rows_say_they_have(places: Any, window: Any, found: list[Any]) -> None:
    view = View(rows=KEYS, places=tuple(places), window=window)
    assert [(key, why.expected, why.found) for key, why in troubles(view)] == found


def test_a_wrong_place_fails_a_run() -> None:
    rows = len(next(f.body for f in clean().ledger().facts if isinstance(f.body, View)).rows or ())
    assert shown(places=tuple((at + 1, rows) for at in range(rows))).answer is Answer.PASSED
    verdict = shown(places=tuple((at, rows) for at in range(rows)))
    assert [o.finding.aspect for o in verdict.outcomes if o.prop == "P9"].count(Aspect.ROW_POSITION) == 1


REPEATED = ("Spandau 1,204 aboard", "Mitte 987 aboard", "Mitte 12 aboard", "late by a signal", "Ost 3 aboard")


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (REPEATED, []),
        (tuple(f"{text[:9]}" for text in REPEATED), []),  # too few words to know a row by
        (("Anna's row of five",) * 5, []),
        (("", *REPEATED[:1], "", "", ""), []),  # one that speaks of another, as an answer does
        ((REPEATED[0], *REPEATED[:4]), ["2", "3", "4", "5"]),
        ((*REPEATED[:4], REPEATED[1]), ["5"]),
        (REPEATED[1:] + REPEATED[:1], ["1", "2", "3", "4", "5"]),
    ],
)
def test_a_label_that_repeats_its_row_repeats_no_other(labels: Sequence[str], found: list[str]) -> None:
    looked = Looked()
    events = [event(place + 1, name=name) for place, name in enumerate(NAMES)]
    rows = [Row(e.key, text, False, 0, label, "") for e, text, label in zip(events, REPEATED, labels, strict=True)]
    compare(looked, Evidence(clean().ledger()), [*zip(events, rows, strict=True)])
    assert [str(key).rpartition("/")[2] for _, key, why in looked.wrong if why.field == "its text"] == found
