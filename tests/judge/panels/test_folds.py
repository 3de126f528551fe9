"""What a panel shows beside numbers of events: its status, how much is done, what it lists, as its events make it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.judge.panels.items import wrong_item
from harness.judge.panels.marks import wrong_mark
from harness.judge.panels.reads import reads_as
from harness.model import Answer, Aspect, Finding, Hop, Items, Panel, Shows
from harness.record.ledger import Ledger
from tests.support.ledgers import Story

NAMES = ("run:started", "step:started", "step:done", "step:started", "step:done", "run:done")
DATA: tuple[dict[str, Any], ...] = (
    {"steps": 3},
    {"step": 0, "title": "Wash"},
    {"step": 0, "title": "Wash", "files": [{"path": "a"}, {"path": "b"}]},
    {"step": 1, "title": "Wash"},
    {"step": 1, "title": "Wash", "files": [{"path": "a"}]},
    {"steps": 3},
)
PANELS = (
    Panel(
        "overview",
        ("*",),
        shows={
            "status": Shows(says={"run:started": "Running", "run:done": "Completed", "run:off": "Not completed"}),
            "progress": Shows(share=("step:done",), total={"run:started": "steps"}, full=("run:done",)),
            "files": Shows(lists={"step:done": "files"}, by="path"),
            "changes": Shows(lists={"step:done": "files"}),
            "total": Shows(tells={"run:started": "steps"}),
            "sum": Shows(adds={"run:started": "steps", "run:done": "steps"}),
            "latest": Shows(tells={"step:started": "title", "step:done": "title"}),
        },
    ),
    Panel(
        "files",
        ("step:done",),
        items=Items("step:done", "path", "path", {"step:done": ""}, entities=True, each="files"),
    ),
    Panel(
        "steps",
        ("step:*",),
        items=Items("step:started", "step", "title", {"step:started": "runs$", "step:done": "ready$"}),
    ),
)
GOOD = {
    "status": "Completed",
    "progress": "100%",
    "files": "2",
    "changes": "3 changes",
    "total": "of 3",
    "sum": "6.00 in all",
    "latest": "Wash",
}
LISTED = "Steps Wash ready Wash ready"


def ledger(count: int, values: dict[str, str], listed: str = LISTED, files: str = "a b") -> Ledger:
    """A page that holds the first `count` events and shows this."""
    told = {f"digest-{place}": data for place, data in enumerate(DATA[:count], 1)}
    story = Story("broadcast", panels=PANELS, declared=(), terminal=("run:done",), terminal_ok=("run:done",))
    story.open("A").start("main").emit("main", *NAMES[:count])
    shown = {"session": "main", "text": "busy", "values": values}
    panels = {"overview": {**shown, "values": {"total": "3", "sum": "3", "latest": "Wash", **values}}}
    for name, text in {"steps": listed, "files": files}.items():
        panels[name] = {"session": "main", "text": text, "values": {}}
    story.end("main").shows("A", panels=panels)
    return replace(story.ledger(), payloads=told)


def wrong(count: int, values: dict[str, str], listed: str = LISTED) -> list[Finding]:
    found = [outcome.finding for outcome in verdict_of(ledger(count, values, listed)).outcomes]
    return [each for each in found if each.aspect in (Aspect.PANEL_VALUE, Aspect.PANEL_ITEM)]


def test_a_panel_that_shows_what_its_events_make_passes() -> None:
    assert verdict_of(ledger(6, GOOD)).answer is Answer.PASSED


@pytest.mark.parametrize(("field", "shown"), [("status", "✓ completed."), ("latest", "now: Wash…")])
def test_words_may_stand_among_others(field: str, shown: str) -> None:
    assert verdict_of(ledger(6, {**GOOD, field: shown})).answer is Answer.PASSED


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("status", "Running"),
        ("status", ""),
        ("status", "Incompleted"),
        ("status", "Not  completed"),
        ("latest", "Washing"),
        ("latest", "wash"),
        ("progress", "66%"),
        ("files", "3"),
        ("files", "none"),
        ("changes", "2"),
        ("total", "of 13"),
        ("total", ""),
        ("latest", "Rinse"),
        ("sum", "3"),
        ("sum", "6.02"),
    ],
)
def test_a_value_that_is_another_is_told_with_both(field: str, shown: str) -> None:
    [found] = wrong(6, {**GOOD, field: shown})
    assert (found.panel, found.field, found.found) == ("overview", field, shown)
    assert verdict_of(ledger(6, {**GOOD, field: shown})).answer is Answer.FAILED


@pytest.mark.parametrize(("count", "percent"), [(2, "0%"), (3, "33 %"), (3, "34%"), (5, "66%"), (5, "67%")])
def test_a_share_may_be_rounded_either_way(count: int, percent: str) -> None:
    states = [*("runs" if count < 3 else "ready",), *(() if count < 4 else ("ready",))]
    listed = "Steps " + " ".join(f"Wash {state}" for state in states)
    number = {2: ("0", "0"), 3: ("2", "2"), 5: ("2", "3")}[count]
    shown = {"status": "Running", "progress": percent, "files": number[0], "changes": number[1]}
    assert wrong(count, shown, listed) == []


@pytest.mark.parametrize(
    ("count", "listed", "is_right"),
    [
        (4, "Steps Wash ready Wash runs", True),
        (4, "Steps Wash runs Wash ready", False),  # the wrong one of two equal items
        (4, "Steps Wash runs Wash runs", False),  # the item with index 0 was taken for missing
        (4, "Steps Wash ready", False),
        (6, "Steps Wash ready Wash runs", False),
        (6, "Steps Wash ready Wash ready", True),
        (6, "x" * 400, True),  # what was cut off says nothing
        (6, "x" * 394, True),  # nor does it where spaces were joined after that
    ],
)
def test_each_item_is_in_its_place_and_in_the_state_of_its_last_event(count: int, listed: str, is_right: bool) -> None:
    numbers = {4: ("2", "2"), 6: ("2", "3")}[count]
    said = GOOD if count == 6 else {"status": "Running", "progress": "33%"}
    found = wrong(count, {**said, "files": numbers[0], "changes": numbers[1]}, listed)
    assert ([each.aspect for each in found] == []) is is_right


@pytest.mark.parametrize(("files", "wrong_one"), [("a b", None), ("b a", "b"), ("a a", "b"), ("a", "b")])
def test_each_member_of_a_list_in_an_event_is_an_item(files: str, wrong_one: str | None) -> None:
    found = verdict_of(ledger(6, GOOD, files=files)).outcomes
    assert next((o.finding.text for o in found if o.finding.aspect is Aspect.PANEL_ITEM), None) == wrong_one


@pytest.mark.parametrize(("listed", "is_right"), [("Wash", True), ("Rinse", True), ("Dry", False)])
def test_an_item_of_which_two_texts_were_said_shows_either(listed: str, is_right: bool) -> None:
    told = ledger(6, GOOD, f"Steps {listed} ready Wash ready")
    said = {**told.payloads, "digest-3": {**DATA[2], "title": "Rinse"}}
    found = [o.finding.aspect for o in verdict_of(replace(told, payloads=said)).outcomes]
    assert (Aspect.PANEL_ITEM not in found) is is_right


def test_what_has_no_other_state_than_its_first_need_not_end() -> None:
    mark = Panel("marks", ("mark",), items=Items("mark", "id", "label", {"mark": ""}))
    story = Story("broadcast", panels=(mark,), declared=(), terminal=("done",), terminal_ok=("done",))
    story.open("A").start("main").emit("main", "mark", "done").end("main")
    story.shows("A", panels={"marks": {"session": None, "text": "first", "values": {}}})
    told = replace(story.ledger(), payloads={"digest-1": {"id": 1, "label": "first"}, "digest-2": {}})
    assert verdict_of(told).answer is Answer.PASSED


def test_what_a_page_was_not_given_it_does_not_have_to_show() -> None:
    story = ledger(6, {**GOOD, "status": "Running", "progress": "66%", "sum": "3"})
    lost = [s for s in story.sightings if not (s.event.seq == 6 and s.hop >= Hop.DELIVERED)]
    found = [each.finding.aspect for each in verdict_of(replace(story, sightings=lost)).outcomes]
    assert Aspect.PANEL_VALUE not in found and Aspect.PANEL_ITEM not in found


DISHES = Items("step:started", "step", "title", {"step:started": "", "step:done": ""}, reads=("cook", "took_ms"))


@pytest.mark.parametrize(
    ("listed", "is_right"),
    [
        ("Wash Ann 3.2 s Dry Bob", True),
        ("Wash Ann 3200 ms Dry Bob", False),
        ("Wash Ann 3204 ms Dry Bob", True),
        ("Wash Ann 32 s Dry Bob", False),
        ("Wash Bob 3.2 s Dry Bob", False),
        ("Wash Ann Dry Bob", False),
        ("Wash Ann 3.2 s Dry", False),
    ],
)
def test_what_else_is_read_of_an_item_is_compared(listed: str, is_right: bool) -> None:
    said = [
        ("step:started", {"step": 0, "title": "Wash", "cook": "Ann"}),
        ("step:done", {"step": 0, "took_ms": 3204}),
        ("step:started", {"step": 1, "title": "Dry", "cook": "Bob"}),
    ]
    assert (wrong_item(DISHES, said, listed) is None) is is_right


MARKED = Items("step:started", "step", "title", {"step:started": "running$", "step:done": "ready$"})
SAID = [(name, data) for name, data in zip(NAMES, DATA, strict=True) if name.startswith("step")]


def marked(items: Items, *marks: str, said: Any = SAID) -> str | None:
    """The marks that are wrong, where the two items of a panel have these."""
    found = wrong_mark(items, said, [(f"Wash {place}", mark) for place, mark in enumerate(marks, 1)])
    return None if found is None else found[2]


def test_items_have_the_marks_of_their_states_where_the_target_says_which() -> None:
    items = replace(MARKED, marks={"step:started": "running", "step:done": "done"})
    assert marked(items, "sign done", "sign done") is None
    assert marked(items, "sign done", "sign running") == "sign running"
    assert marked(items, "sign done", "sign") == "sign"
    assert marked(items, "sign running done", "sign done") == "sign running done"
    assert marked(items, "sign done", "sign done", said=SAID[:-1]) == "sign done"  # the last one still runs


def test_without_that_items_are_compared_with_the_words_of_their_states() -> None:
    assert marked(MARKED, "is-done", "is-done") is None
    assert marked(MARKED, "started-at", "started-at") is None  # of all items, as of a column: it may be no state
    three = [*SAID, ("step:started", {"step": 2, "title": "Wash"}), ("step:done", {"step": 2, "title": "Wash"})]
    assert marked(MARKED, "is-done", "is-ready", "is-running", said=three) == "is-running"
    assert marked(MARKED, "is-done", "is-ready", "late", said=three) is None


def test_a_panel_that_says_that_there_is_nothing_beside_its_items_is_wrong() -> None:
    ledger_of = replace(MARKED, states={"step:started": "runs$", "step:done": "ready$"})
    panel = Panel("steps", ("step:*",), items=ledger_of)
    story = Story("broadcast", panels=(panel,), declared=(), terminal=("run:done",), terminal_ok=("run:done",))
    story.open("A").start("main").emit("main", *NAMES).end("main")
    shown = {"session": "main", "text": LISTED, "values": {}, "nothing": "No steps yet"}
    story.shows("A", panels={"steps": shown})
    payloads = {f"digest-{place}": data for place, data in enumerate(DATA, 1)}
    found = [o.finding for o in verdict_of(replace(story.ledger(), payloads=payloads)).outcomes]
    assert [(f.aspect, f.panel, f.count) for f in found if f.aspect is Aspect.NOTHING_YET] == [
        (Aspect.NOTHING_YET, "steps", 2)
    ]


@pytest.mark.parametrize("shows", [Shows(tells={"total": "files"}), Shows(lists={"total": "files"})])
@pytest.mark.parametrize(("text", "number"), [("1,499", 1499), ("of 1,499", 1499), ("1\u202f499 files", 1499)])
def test_marks_between_thousands_are_part_of_a_number(shows: Shows, text: str, number: int) -> None:
    assert reads_as(shows, number, text)
    assert not reads_as(shows, number + 1, text)
    assert not reads_as(shows, 1, text)


@pytest.mark.parametrize(
    ("path", "number", "texts", "others"),
    [
        ("files", 1499, ("1.499", "1.499 files", "1\u2019499"), ("1.4990", "14.99", "1,500")),
        ("left", -5, ("-5", "\u22125 °C", "(5)"), ("5", "15", "-6")),
        ("share", 0.996, ("99.6 %", "0,996", "99,6 %"), ("9.96", "89 %", "0.8")),
        ("rate", 20.6, ("21", "21 °C", "20,6 °C", "20.60"), ("26", "2.06", "20")),
        ("took_ms", 65_250, ("65250", "65.250 ms", "1 min 5 s", "1:05"), ("6 min", "66.250 ms", "1:50")),
    ],
)
def test_a_number_is_told_in_any_way_of_writing_it(
    path: str, number: float, texts: tuple[str, ...], others: tuple[str, ...]
) -> None:
    shows = Shows(tells={"told": path})
    assert [text for text in texts if not reads_as(shows, number, text)] == []
    assert [text for text in others if reads_as(shows, number, text)] == []


def test_of_a_panel_longer_than_what_is_kept_the_whole_items_are_compared() -> None:
    items = Items("job", "id", "id", {"job": "^runs$", "done": "^done$"}, entities=True)
    said = [(name, {"id": f"job-{n:02}"}) for n in range(1, 40) for name in ("job", "done")]
    shown = " ".join(f"job-{n:02} done" for n in range(1, 40))[:400]
    assert wrong_item(items, said, shown) is None
    assert wrong_item(items, said, shown.replace("job-07 done", "job-07 runs")) == ("job-07", "^done$")
    assert wrong_item(items, said, shown.replace("job-33 done", "job-33 runs")) is None, "it is cut off there"


NUMBERED = Items(
    "step:started", "step", "title", {"step:started": "running$", "step:failed": "failed$"}, reads=("name", "error")
)


@pytest.mark.parametrize(
    ("end", "shown", "is_right"),
    [
        ({"name": "dry", "error": "no towel"}, "Wash wash running Dry dry no towel failed", True),
        ({"name": "dry", "error": "no towel"}, "Wash wash no towel failed Dry dry running", False),
        ({"name": "wash", "error": "no soap"}, "Wash wash no soap failed Dry dry running", True),
        ({"error": "no towel"}, "Wash wash running Dry dry no towel failed", True),  # the latest
        ({"name": "dry", "error": "no towel"}, "Wash wash running Dry dry running", False),
    ],
)
def test_an_end_that_does_not_say_its_key_is_that_of_the_item_that_says_the_same(
    end: dict[str, Any], shown: str, is_right: bool
) -> None:
    said = [
        ("step:started", {"step": 1, "name": "wash", "title": "Wash"}),
        ("step:started", {"step": 2, "name": "dry", "title": "Dry"}),
        ("step:failed", end),
    ]
    assert (wrong_item(NUMBERED, said, shown) is None) is is_right
