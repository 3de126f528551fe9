"""What would mend a file by which no line of the producer reports an event, and items that don't say their name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.check.lines import of_lines
from harness.check.mends import mends
from harness.check.vocabulary import Mend
from harness.lib.patterns import compiled
from harness.model import Event, Hop
from harness.model.facts import CliMessage, View
from harness.record.evidence import Evidence
from harness.taps.page import PageSpec, RowSpec
from tests.support.facts import other
from tests.support.paper_pages import TASK
from tests.support.records import at
from tests.target.test_other_words import BARE, told

LINES = [f"INFO now {name} was sent" for name in TASK]


def found(
    printed: list[str], errors: list[str] | None = None, payloads: dict[str, Any] | None = None
) -> dict[str, Mend]:
    story = told().drop(at(Hop.EMITTED))
    for text in errors or []:
        story.fact(CliMessage, "cli:main", text=text)
    ledger = replace(story.ledger(), payloads=payloads or {})
    return {".".join(each.key): each for each in of_lines(BARE, Evidence(ledger), [*printed, *(errors or [])])}


def test_lines_that_name_each_event_once_are_found_with_their_stream() -> None:
    mended = found(["starting", *LINES, "done"])
    pattern = compiled(mended["cli.output.event"].value)
    assert [match["name"] for line in LINES if (match := pattern.search(line))] == [*TASK]
    assert pattern.search("starting") is None
    assert "cli.output.stream" not in mended
    assert found(["done"], LINES)["cli.output.stream"].value == "stderr"


def test_the_json_at_the_end_of_each_line_is_the_data() -> None:
    pattern = compiled(found([f'{line} {{"n": 1}}' for line in LINES])["cli.output.event"].value)
    match = pattern.search(f'{LINES[0]} {{"n": 1}}')
    assert match is not None and (match["name"], match["payload"]) == (TASK[0], '{"n": 1}')


@pytest.mark.parametrize("hop", [Hop.SENT, Hop.ROUTED])
@pytest.mark.parametrize(
    ("said", "is_found"),
    [
        (('{"a": 1}', '{"a": 2}'), True),
        (('{"a": 2}', '{"a": 1}'), False),
        (('{"a": 1}',), False),
        (("{}", "{}"), False),
    ],
    ids=["these", "in another order", "fewer", "nothing"],
)
def test_lines_that_end_with_the_data_of_one_message_are_events_of_its_name(
    hop: Hop, said: tuple[str, ...], is_found: bool
) -> None:
    story = told().drop(at(Hop.EMITTED)).drop(at(Hop.SENT)).drop(at(Hop.RECEIVED)).drop(at(Hop.ROUTED))
    for number in (0, 1):
        story.see(hop, Event(f"main/line~{number}", "line", "main", None, f"d{number}"), "server", ())
    payloads = {f"d{number}": {"a": number + 1, "at": 5} for number in (0, 1)}
    evidence = Evidence(replace(story.ledger(), payloads=payloads))
    mended = {".".join(m.key): m.value for m in of_lines(BARE, evidence, ["hi", *(f"posting {each}" for each in said)])}
    assert (mended.get("cli.output.called") == "line") is is_found
    if is_found:
        pattern = compiled(mended["cli.output.event"])
        assert [pattern.search(line) is not None for line in ("posting {1}", "hi {1}")] == [True, False]


@pytest.mark.parametrize("printed", [[], ["all went well"], [LINES[0], *LINES]], ids=["none", "others", "too often"])
def test_where_no_line_names_events_nothing_is_read(printed: list[str]) -> None:
    assert {key: mend.value for key, mend in found(printed).items()} == {"cli.output": None}


def test_lines_that_are_understood_are_left() -> None:
    assert not [*of_lines(BARE, Evidence(told().ledger()), LINES)]


@pytest.mark.parametrize("printed", [["a 1", "b 2"], ["a 1"], ["a 1", "b 2", "c 3"]], ids=["these", "fewer", "more"])
def test_lines_that_a_message_says_word_for_word_are_events_of_its_name(printed: list[str]) -> None:
    story = told().drop(at(Hop.EMITTED)).drop(at(Hop.SENT)).drop(at(Hop.RECEIVED)).drop(at(Hop.ROUTED))
    for number in (0, 1):
        event = Event(f"main/line~{number}", "line", "main", None, f"d{number}")
        for page in story.pages.values():
            story.see(Hop.ROUTED, event, "server", (page.sid,))
    ledger = replace(story.ledger(), payloads={"d0": "a 1", "d1": "b 2"})
    mended = {".".join(each.key): each.value for each in of_lines(BARE, Evidence(ledger), printed)}
    assert (mended.get("cli.output.called") == "line") is (len(printed) == 2)
    assert len(printed) != 2 or compiled(mended["cli.output.event"]).search("b 2")["payload"] == "b 2"  # type: ignore[index]


def called(rows: int, name: str | None = "tick") -> list[Mend]:
    story = told()
    story.change(at(Hop.DELIVERED), lambda s: replace(s, event=replace(s.event, name=name or s.event.name)))
    ledger = story.ledger()
    facts = [
        other(fact, rows=["None"] * rows, texts=["a row"] * rows, rows_numbered=False)
        if isinstance(fact.body, View)
        else fact
        for fact in ledger.facts
    ]
    ledger = replace(ledger, facts=tuple(facts))
    target = replace(BARE, page=PageSpec(row=RowSpec("li", pattern="^Tick (?P<type>x)")))
    return [each for each in mends(target, ledger, Evidence(ledger)) if each.key == ("page", "list", "called")]


def test_items_that_are_as_many_as_the_events_of_the_one_name_are_called_by_it() -> None:
    (mend,) = called(len(TASK))
    assert (mend.value, mend.instead_of) == ("tick", ("page", "list", "pattern"))
    assert not called(len(TASK) - 1), "one is missing"
    assert not called(len(TASK), name=None), "several names"
