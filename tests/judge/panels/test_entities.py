"""Items that are changed and removed: a panel lists what there is, as its last event says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.judge.panels.items import wrong_item
from harness.judge.panels.whole import whole_text
from harness.model import NEWEST_FIRST, OLDEST_FIRST, OWN_ORDER, Aspect, Items, Panel
from harness.model.facts import PanelPart
from tests.support.ledgers import Story

VISITS = ("booked", "booked", "booked", "moved", "cancelled", "closed")
ABOUT: tuple[dict[str, Any], ...] = (
    {"id": 1, "patient": "Ada"},
    {"id": 2, "patient": "Grace"},
    {"id": 3, "patient": "Emmy"},
    {"id": 1, "patient": "Ada B."},
    {"id": 2},
    {},
)
TODAY = Panel(
    "today",
    ("booked", "moved", "cancelled"),
    items=Items("booked", "id", "patient", {"booked": "^$", "moved": "^moved$"}, entities=True, removes=("cancelled",)),
)


def test_a_panel_whose_entities_are_all_removed_is_empty() -> None:
    told = {"digest-1": ABOUT[0], "digest-2": {"id": 1}}
    story = Story("broadcast", panels=(TODAY,), declared=(), terminal=(), terminal_ok=())
    story.open("A").start("main").emit("main", "booked", "cancelled").end("main")
    for listed, text in (("", None), ("Ada", "Ada")):
        story.shows("A", panels={"today": {"session": None, "text": listed, "values": {}}})
        found = verdict_of(replace(story.ledger(), payloads=told))
        assert next((o.finding.text for o in found.outcomes if o.finding.aspect is Aspect.PANEL_ITEM), None) == text
        assert not found.broken


@pytest.mark.parametrize(
    ("count", "listed", "text"),
    [
        (6, "Ada B. moved Emmy", None),
        (3, "Ada Grace Emmy", None),
        (6, "Ada B. moved Grace Emmy", "Grace"),  # a removed one stays
        (6, "Ada moved Emmy", "Ada B."),  # it is read by what was said last
        (6, "Ada B. Emmy", "Ada B."),  # it was moved
        (6, "Emmy", "Ada B."),
        (6, "Emmy Ada B. moved", "Emmy"),  # an entity keeps its place
    ],
)
def test_entities_are_changed_and_removed(count: int, listed: str, text: str | None) -> None:
    told = {f"digest-{place}": data for place, data in enumerate(ABOUT[:count], 1)}
    story = Story("broadcast", panels=(TODAY,), declared=(), terminal=("closed",), terminal_ok=("closed",))
    story.open("A").start("main").emit("main", *VISITS[:count]).end("main")
    story.shows("A", panels={"today": {"session": None, "text": listed, "values": {}}})
    found = verdict_of(replace(story.ledger(), payloads=told)).outcomes
    assert next((each.finding.text for each in found if each.finding.aspect is Aspect.PANEL_ITEM), None) == text
    assert Aspect.NOT_ENDED_WELL not in {each.finding.aspect for each in found}, "what was booked need not be moved"


def test_an_entity_is_read_as_its_last_event_says() -> None:
    items = Items("job", "id", "kind", {"job": ".*"}, entities=True, reads=("state",))
    said = [("job", {"id": 1, "kind": "resize", "state": each}) for each in ("runs", "ready")]
    said += [("job", {"id": 2, "kind": "mail", "state": "fails"})]
    assert wrong_item(items, said, "resize ready mail fails") is None
    assert wrong_item(items, said, "resize runs mail fails") == ("resize", "state ready")
    assert wrong_item(items, said, "resize ready mail ready") is not None


def test_an_entity_is_removed_by_an_event_that_is_its_key_alone() -> None:
    items = Items("made", "id", "title", {"made": ".*"}, entities=True, removes=("gone",))
    said = [("made", {"id": "a", "title": "milk"}), ("made", {"id": 7, "title": "bread"})]
    assert wrong_item(items, [*said, ("gone", "a")], "bread") is None
    assert wrong_item(items, [*said, ("gone", "a")], "milk bread") == ("milk", "it was removed")
    assert wrong_item(items, [*said, ("gone", 7)], "milk bread") == ("bread", "it was removed")


def test_an_entity_whose_beginning_never_came_may_be_shown_and_belongs_to_no_other() -> None:
    items = Items("job", "id", "id", {"job": "^runs$", "done": "^done$"}, entities=True)
    said = [("job", {"id": "one"}), ("done", {"id": "two"})]
    assert wrong_item(items, said, "one runs two done") is wrong_item(items, said, "one runs") is None
    assert wrong_item(items, said, "one done two done") == ("one", "^runs$")


SORTED = Items(
    "asked", "id", "title", {"asked": "open$", "done": "done$"}, entities=True, order=OWN_ORDER, reads=("by",)
)
ASKED: list[tuple[str, Any]] = [
    ("asked", {"id": 1, "title": "tea", "by": "Ida"}),
    ("asked", {"id": 2, "title": "tea, green", "by": "Mo"}),
    ("asked", {"id": 3, "title": "milk", "by": "Ida"}),
    ("asked", {"id": 4, "title": "milk", "by": "Ida"}),
    ("done", {"id": 4}),
]


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("tea Ida open tea, green Mo open milk Ida open milk Ida done", None),
        ("milk Ida done tea, green Mo open milk Ida open tea Ida open", None),
        ("milk Ida done tea, green Mo open milk Ida done tea Ida open", "milk"),  # one of two of the name
        ("milk Ida done tea, green Ida open milk Ida open tea Ida open", "tea, green"),
        ("milk Ida done milk Ida open tea Ida open", "tea, green"),
        ("milk Ida done milk Ida open tea, green Mo open", "tea"),
    ],
)
def test_a_sorted_table_has_its_items_in_any_order(shown: str, text: str | None) -> None:
    wrong = wrong_item(SORTED, ASKED, shown)
    assert (None if wrong is None else wrong[0]) == text


def test_items_may_stand_with_the_newest_above() -> None:
    newest_first = replace(SORTED, order=NEWEST_FIRST)
    assert wrong_item(newest_first, ASKED[:3], "milk Ida open tea, green Mo open tea Ida open") is None
    assert wrong_item(newest_first, ASKED[:3], "tea Ida open tea, green Mo open milk Ida open") is not None


MANY = [(name, {"id": n, "title": f"ticket-{n:02}", "by": "Ida"}) for n in range(1, 40) for name in ("asked", "done")]


@pytest.mark.parametrize("stale", [None, 3, 39])
def test_items_past_the_end_of_what_is_kept_of_a_panel_are_compared(stale: int | None) -> None:
    told = {f"digest-{place}": data for place, (_, data) in enumerate(MANY, 1)}
    panel = Panel("board", ("asked", "done"), items=replace(SORTED, order=OLDEST_FIRST))
    story = Story("broadcast", panels=(panel,), declared=(), terminal=(), terminal_ok=())
    story.open("A").start("main").emit("main", *(name for name, _ in MANY)).end("main")
    rows = [f"ticket-{n:02} Ida {'open' if n == stale else 'done'}" for n in range(1, 40)]
    part: dict[str, Any] = {
        "session": None,
        "text": " ".join(rows)[:400],
        "values": {},
        "items": [[row, ""] for row in rows],
    }
    story.shows("A", panels={"board": part})
    found = verdict_of(replace(story.ledger(), payloads=told)).outcomes
    wrong = [each.finding.text for each in found if each.finding.aspect is Aspect.PANEL_ITEM]
    assert wrong == ([] if stale is None else [f"ticket-{stale:02}"])


def test_what_is_cut_off_and_not_on_record_is_not_compared() -> None:
    rows = tuple((f"ticket-{n:02} Ida done", "") for n in range(1, 40))
    text = " ".join(row for row, _ in rows)
    assert whole_text(PanelPart(text=text[:400], items=rows)) == text
    assert whole_text(PanelPart(text=text[:400], items=rows[:10])) is None  # others stand apart from those
    assert whole_text(PanelPart(text=text[:400], items=(*rows, *rows))) is None
    assert whole_text(PanelPart(text=text[:400], items=((text[:200], ""), *rows[8:]))) is None
