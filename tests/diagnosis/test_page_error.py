"""A script of the page that fails, and a text that it takes for markup."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatch

import pytest

from harness.diagnosis import verdict_of
from harness.model import Aspect, Fact, Finding, Hop, Kind, Outcome, Strength
from harness.model.facts import PageError, View
from tests.support.causes_in_clis import EVENTS
from tests.support.explained import explained, outcome
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at

UNHANDLED = outcome(Kind.UNHANDLED, Hop.APPLIED, "main/3", "B")


def failing(*after: str, text: str = "Error: no.\n  at on (app.js:1)", load: str = "dashboard:B.1") -> Story:
    """All is well but for the errors after the deliveries of these events to dashboard B."""
    story = Story("broadcast").open("A", "B").start("main")
    for number, name in enumerate(EVENTS, start=1):
        story.emit("main", name)
        if f"main/{number}" in after:
            story.fact(PageError, load, text=text)
    return story.end("main")


def test_a_script_error_right_after_an_event_names_it_and_one_before_does_not() -> None:
    later = replace(UNHANDLED, kind=Kind.LOST, key="main/7")
    before = replace(UNHANDLED, key="main/2")
    named, around = explained("page-error", failing("main/3"), before, UNHANDLED, later)
    assert (named.explains, named.strength) == ((UNHANDLED,), Strength.NAMED)
    assert (around.explains, around.strength) == ((later,), Strength.AROUND)
    assert named.sentence == around.sentence == "a script of the page fails: Error: no."
    assert named.evidence == ("dashboard B: the error came after the delivery of main/3",)


@pytest.mark.parametrize(
    ("pause_ms", "is_lacking", "cause"), [(0, True, "page-error"), (3000, True, None), (0, False, None)]
)
def test_a_rejection_is_told_after_what_came_in_the_same_turn(
    pause_ms: int, is_lacking: bool, cause: str | None
) -> None:
    """The page took what came between: the event that it lacks is the one, where the error came soon after it."""
    story = Story("broadcast").open("A", "B").start("main").emit("main", *EVENTS[:5]).wait(pause_ms)
    for label in "AB":
        story.fact(PageError, f"dashboard:{label}.1", text="unhandled rejection: TypeError: no")
    story.emit("main", *EVENTS[5:]).end("main")
    for label in "AB" if is_lacking else "":
        story.lose("main/3", Hop.APPLIED, label)
    lost = [replace(UNHANDLED, dashboard=label) for label in "AB"]
    blames = explained("page-error", story, *lost)
    assert [each.cause for each in blames] == ([cause] if cause else [])
    assert [each.strength for each in blames] == ([Strength.AROUND] if cause else [])
    if cause:
        assert blames[0].evidence[0] == "dashboard A: the error came after the delivery of main/3"
        assert explained("no-reducer-case", story, *lost) == [], "it is not about its name"


def test_a_panel_is_wrong_by_an_error_after_an_event_that_concerns_it() -> None:
    wrong = outcome(Kind.MISRENDERED, Hop.RENDERED, None, "B")
    panel = next(each for each in failing().contract.panels if any(fnmatch(EVENTS[2], each) for each in each.events))
    mine = replace(wrong, finding=Finding(Aspect.PANEL_VALUE, panel=panel.name))
    [blame] = explained("page-error", failing("main/3"), mine)
    assert (blame.explains, blame.strength) == ((mine,), Strength.NAMED)
    other = replace(mine, finding=Finding(Aspect.PANEL_VALUE, panel="another"))
    assert explained("page-error", failing("main/3"), other) == []
    without = failing("main/3").lose("main/3", Hop.APPLIED, "B")
    assert explained("page-error", without, mine) == [], "what the page does not hold makes no panel of it wrong"
    assert explained("page-error", failing(), mine) == []


def test_each_event_with_an_error_of_its_own_is_named() -> None:
    both = [UNHANDLED, replace(UNHANDLED, key="main/6")]
    [blame] = explained("page-error", failing("main/3", "main/6"), *both)
    assert (blame.explains, blame.strength) == (tuple(both), Strength.NAMED)
    assert blame.evidence == ("dashboard B: the error came after the delivery of main/3",)


def test_a_failed_request_or_another_page_or_an_undelivered_event_is_not_page_error() -> None:
    request = failing("main/3", text="console: Failed to load resource: 404")
    assert explained("page-error", request, UNHANDLED) == []
    assert explained("page-error", failing("main/3", load="dashboard:A.1"), UNHANDLED) == []
    assert explained("page-error", failing(), UNHANDLED) == []
    story = failing("main/3")
    for wrong in (replace(UNHANDLED, kind=Kind.CORRUPTED), outcome(Kind.LOST, Hop.DELIVERED, "main/3", "B")):
        assert explained("page-error", story, wrong) == []
    early = Story("broadcast").open("B").fact(PageError, "dashboard:B.1", text="Error: early")
    assert explained("page-error", early.start("main").emit("main", *TASK).end("main"), UNHANDLED) == []


def test_of_an_error_the_first_line_is_told_and_of_that_the_beginning() -> None:
    [blame] = explained("page-error", failing("main/3", text="Error: axis X\nat on"), UNHANDLED)
    assert blame.sentence == "a script of the page fails: Error: axis X."
    twice = Story("broadcast").open("B").start("main").emit("main", *EVENTS[:3])
    for text in ("Error: first", "Error: second"):
        twice.fact(PageError, "dashboard:B.1", text=text)
    [blame] = explained("page-error", twice, UNHANDLED)
    assert blame.sentence == "a script of the page fails: Error: first."
    [blame] = explained("page-error", failing("main/3", text=f" {'y' * 300}"), UNHANDLED)
    assert blame.sentence == f"a script of the page fails: {'y' * 200}."


def test_the_errors_of_the_page_that_is_open_in_the_end_count() -> None:
    story = Story("broadcast").open("B").start("main").emit("main", *TASK[:3])
    story.fact(PageError, "dashboard:B.1", text="Error: before").reload("B").emit("main", *TASK[3:])
    assert explained("page-error", story.end("main"), UNHANDLED) == []


def test_pages_with_the_same_error_share_a_line() -> None:
    story = failing("main/3")
    record = next(r for r in story.records if isinstance(r, Fact) and isinstance(r.body, PageError))
    [same] = [r.n for r in story.records if at(Hop.DELIVERED, "main/4", "A")(r)]
    story.records.append(replace(record, observer="dashboard:A.1", n=same - 1))
    [blame] = explained("page-error", story, UNHANDLED, replace(UNHANDLED, dashboard="A"))
    assert len(blame.evidence) == 2 and len(blame.explains) == 2


def test_a_text_that_is_shown_without_its_tags_was_taken_for_markup() -> None:
    def row(expected: str, found: str) -> Outcome:
        why = Finding(Aspect.ROW_TEXT, field="text", expected=expected, found=found)
        return replace(outcome(Kind.MISRENDERED, Hop.RENDERED, "main/3", "B"), finding=why)

    bare = [row("<b>third</b> one", "zoe : third one"), row("salt &amp; pepper", "salt & pepper")]
    [blame] = explained("html-unescaped", failing(), *bare)
    assert (blame.explains, blame.strength) == ((*bare,), Strength.AROUND)
    others = [row("<b>third</b>", "zoe : second"), row("third", "zoe"), row("a < b", "a"), row("<br>", "zoe")]
    assert explained("html-unescaped", failing(), *others) == []


@pytest.mark.parametrize(
    ("errors", "counter", "cause"),
    [(2, 2, "page-error"), (2, 3, "counter-off"), (1, 3, "page-error"), (0, 2, "counter-off")],
)
def test_a_counter_that_stands_still_since_an_error_is_that_error(errors: int, counter: int, cause: str) -> None:
    """Two promises are rejected in one turn, of the events 3 and 4; where the counter went on it is another thing."""
    story = Story("broadcast").open("A", "B").start("main").emit("main", *EVENTS[:4])
    for _ in range(errors):
        story.fact(PageError, "dashboard:B.1", text="unhandled rejection: TypeError: no")
    story.end("main")
    ledger = story.ledger()
    facts = [
        other(fact, counter=counter) if isinstance(fact.body, View) and fact.observer == "dashboard:B.1" else fact
        for fact in ledger.facts
    ]
    found = verdict_of(replace(ledger, facts=tuple(facts)))
    about = {o.finding.aspect: blame.cause for blame in found.blame for o in blame.explains if o.dashboard == "B"}
    assert about[Aspect.COUNTER] == cause


@pytest.mark.parametrize(("total", "is_claimed"), [(5, True), (6, False)])
def test_a_list_that_lacks_one_for_each_error_lacks_what_failed(total: int, is_claimed: bool) -> None:
    finding = Finding(Aspect.LIST_TOTAL, expected=7, found=total)
    lacking = replace(outcome(Kind.MISRENDERED, Hop.RENDERED, None, "B"), finding=finding)
    assert bool(explained("page-error", failing("main/3", "main/6"), lacking)) is is_claimed
