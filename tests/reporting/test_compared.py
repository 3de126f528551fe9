"""A report says what was compared with what, and what was not, with what a target file has to say for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.judge.properties import TITLES
from harness.model import OWN_ORDER, Hop, Items, Panel, SessionNotice, Total
from harness.model.facts import Acknowledged, PanelShown, View
from harness.record.evidence import Evidence
from harness.record.ledger import Ledger
from harness.reporting.compared import COMPARED, uncompared
from tests.support.causes_in_clis import told as story
from tests.support.facts import other
from tests.support.records import said

DESCRIBED: dict[str, Any] = {
    "initial": ("run:started",),
    "notices": {"ended": SessionNotice()},
    "row_reads": ".",
    "row_says": ("*",),
    "zone": "local",
    "time": "at",
    "totals": {"run:done": {"steps": Total(counts=("step:done",))}},
}


ALWAYS = (
    "how late panels are while sessions go on, up to 2000 ms",
    *(
        "what else stands in a row",
        "what stands on a page outside",
        "titles and labels",
        "what a page's state holds beside",
    ),
    "what a server answers to a page",
)
"""What is not compared until it is shown in a panel."""


def told(**contract: Any) -> list[str]:
    return without_always(uncompared(Evidence(story(**{**DESCRIBED, **contract}).ledger())))


def without_always(lines: Iterable[str]) -> list[str]:
    return [each for each in lines if not each.startswith(ALWAYS)]


def test_every_property_that_all_strategies_share_says_what_it_compares() -> None:
    assert {prop for prop in TITLES if prop[0] in "PR"} == {*COMPARED}


def test_nothing_is_left_out_where_everything_is_described() -> None:
    assert told() == []


def test_what_no_panel_shows_is_never_compared_and_told() -> None:
    lines = [*uncompared(Evidence(story(**DESCRIBED).ledger()))]
    assert [each.startswith(start) for each, start in zip(lines, ALWAYS, strict=True)] == [True] * 6
    keys = (
        "`[bounds]`",
        "`[page.list]`",
        "`[[page.panels]]`",
        "`[[page.panels]]`",
        "`[page.store]`",
        "`[[page.panels]]`",
    )
    assert all(key in each for key, each in zip(keys, lines, strict=True))
    blind = tuple(hop for hop in Hop if hop not in (Hop.APPLIED, Hop.RENDERED))
    lines = [*uncompared(Evidence(story(**DESCRIBED, taps=blind, asks=False).ledger()))]
    assert not any(each.startswith(ALWAYS) for each in lines)


def test_what_a_panel_never_showed_is_told_and_what_is_not_on_record() -> None:
    marks = {"skill:started": "running"}
    items = Items("skill:started", "index", "title", {"skill:started": ""}, reads=("skill",), marks=marks)
    run = story(**DESCRIBED, panels=(Panel("steps", ("*",), {"done": ("skill:completed",)}, items=items),))
    observer = run.pages["A"].observer
    run.fact(PanelShown, observer, panel="steps", session="another", text="", values={})
    run.shows("A", panels={"steps": {"session": "another", "text": "x" * 400, "values": {}}})
    assert without_always(uncompared(Evidence(run.ledger()))) == [
        "what panel steps shows of `main`, which it never showed",
        "items of panel steps, whose text is longer than what is on record of it (400 characters)",
    ]


def test_a_value_that_is_not_described_is_not_compared() -> None:
    shown = {"steps": {"session": "main", "text": "3 of 5", "values": {"done": "3", "of": "5"}}}
    ledger = story(**DESCRIBED, panels=(Panel("steps", ("*",), {"done": ("skill:completed",)}),)).ledger()
    facts = [other(fact, panels=shown) if isinstance(fact.body, View) else fact for fact in ledger.facts]
    assert without_always(uncompared(Evidence(Ledger.of(ledger.contract, facts)))) == [
        "value `of` of panel steps, which is not described (`values` of the panel)"
    ]


def test_what_is_not_observed_or_not_described_is_not_compared() -> None:
    taps = tuple(hop for hop in Hop if hop not in (Hop.APPLIED, Hop.ROUTED))
    assert told(taps=taps, panels=(), list_order=OWN_ORDER) == [
        "hop routed, which is not observed (`seen_by` of the server, an agent)",
        "the state of the page, which is not observed (`[page.store]`)",
        "panels: none is described (`[[page.panels]]`)",
        "the order of the list, which has one of its own",
    ]
    assert told(panels=(Panel("files", ("*",)),)) == ["panel files, beyond that it changed (its `values` and `items`)"]


def test_what_is_not_described_of_sessions_rows_and_items_is_not_compared() -> None:
    listed = Panel("steps", ("*",), items=Items("a", "id", "name", {"a": ""}))
    found = told(initial=(), notices={}, row_reads=None, panels=(listed,), totals={}, row_says=(), zone=None, time=None)
    assert [each.rpartition("(")[2] for each in found] == [
        "`events.totals`)",
        "`events.initial`)",
        "`events.time`)",
        "`events.notices`)",
        "`reads` of its `items`)",
        "`marks` of its `items`)",
        "`reads` of `[page.list]`)",
        "`says` of `[page.list]`)",
        "`zone` of `[page]`)",
    ]
    assert "`events.terminal`" in told(terminal=())[0]


def test_unanswered_events_are_told_where_others_were_answered() -> None:
    run = story(**DESCRIBED)
    for key in ("main/2", "main/3"):
        run.drop(said(Acknowledged, key=key))
    assert without_always(uncompared(Evidence(run.ledger()))) == [
        "whether a producer waited for the answers to what it sent: 2 events were never answered, and others were"
    ]


def test_what_a_page_does_not_say_was_not_compared() -> None:
    ledger = story(**DESCRIBED).ledger()
    nothing = {"rows": None, "counter": None, "status": None}
    facts = [other(fact, **nothing) if isinstance(fact.body, View) else fact for fact in ledger.facts]
    lines = without_always(uncompared(Evidence(Ledger.of(ledger.contract, facts))))
    keys = [each.rpartition("(")[2] for each in lines]
    assert keys == ["`[page.list]`)", "`[page.count]`)", "`[page.connection]`)"]
