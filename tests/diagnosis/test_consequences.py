"""A number that is wrong only because of what a page lacks or has twice is told with that, and is not a second bug."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.diagnosis import consequences
from harness.diagnosis.rule import blame
from harness.model import Aspect, Event, Fact, Finding, Hop, Kind, Panel, Verdict
from harness.model.facts import Acknowledged, CliExited, CliMessage, PageError
from tests.support.explained import evidence, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, floor, warehouse
from tests.support.paper_pages import TASK
from tests.support.records import at

SEEN = tuple(hop for hop in Hop if hop is not Hop.APPLIED)


def told() -> Story:
    """A page whose state can't be seen."""
    return Story("broadcast", taps=SEEN).open("A").start("main").emit("main", *TASK).end("main").drop(at(Hop.APPLIED))


OF_SERVER = {Hop.RECEIVED, Hop.ROUTED}


def reference() -> Story:
    return Story("broadcast", declared=()).open("A").start("main").emit("main", *TASK).end("main")


def is_exit(record: object) -> bool:
    return isinstance(record, Fact) and isinstance(record.body, CliExited)


def blamed(verdict: Verdict) -> list[tuple[tuple[Hop, ...], set[Kind]]]:
    return [(blame.hops, {o.kind for o in blame.explains}) for blame in verdict.blame]


IN_THE_PAGE = (Hop.APPLIED, Hop.RENDERED)


def test_a_counter_that_lacks_what_the_page_lost_is_told_with_the_loss() -> None:
    verdict = told().lose("main/2", Hop.APPLIED, "A").verdict()
    [(hops, kinds)] = blamed(verdict)
    assert hops == IN_THE_PAGE
    assert {Kind.LOST, Kind.MISRENDERED} <= kinds


@pytest.mark.parametrize(
    ("doubled", "is_one"), [(2, True), (1, True), (5, False)], ids=["its own", "of its name", "of another name"]
)
def test_a_row_out_of_place_is_told_with_an_event_of_its_name_alone(doubled: int, is_one: bool) -> None:
    cause = blame("listener-twice", "", (), "", [outcome(Kind.DUPLICATED, Hop.APPLIED, f"main/{doubled}")])
    wrong = outcome(Kind.MISRENDERED, Hop.RENDERED, "main/2", finding=Finding(Aspect.ROW_PLACE))
    [told_with] = consequences.with_consequences(evidence(floor()), [cause], [wrong])
    assert (wrong in told_with.explains) is is_one


def test_a_counter_that_lacks_more_than_that_is_another_bug() -> None:
    story = told().lose("main/2", Hop.APPLIED, "A")
    counter = len(TASK) + 1 - 2
    blames = blamed(story.shows("A", counter=counter).verdict())
    assert (IN_THE_PAGE, {Kind.MISRENDERED}) in blames


def test_a_page_without_a_list_is_wrong_in_its_state_or_in_drawing() -> None:
    """A counter compared with what was delivered does not tell the two apart."""
    [(hops, kinds)] = blamed(told().shows("A", counter=len(TASK) - 1, rows=None).verdict())
    assert (hops, kinds) == (IN_THE_PAGE, {Kind.MISRENDERED})


def test_where_the_state_is_seen_the_counter_is_wrong_in_drawing() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK).end("main")
    [(hops, _)] = blamed(story.shows("A", counter=len(TASK) - 1).verdict())
    assert hops == (Hop.RENDERED,)


def test_a_counter_that_lacks_what_two_causes_took_is_told_with_the_first_of_them() -> None:
    story = told().lose("main/2", Hop.APPLIED, "A")
    error = PageError("TypeError: no")
    [shown] = [r for r in story.records if at(Hop.DELIVERED, "main/4", "A")(r)]
    story.lose("main/4", Hop.APPLIED, "A").records.append(Fact("dashboard:A.1", shown.n, shown.at_ns, error))
    blames = blamed(story.verdict())
    assert len(blames) == 2 and all(Kind.LOST in kinds for _, kinds in blames), "no third one for the counter"


def test_a_status_that_contradicts_the_end_does_not_follow_from_an_unreported_event() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK)
    strange = Event("main/910", "progress", "main", 910, "d")
    story.see(Hop.SENT, strange, "cli:main").see(Hop.RECEIVED, strange, "server", sid="sid-main")
    story.see(Hop.ROUTED, strange, "server", tuple(page.sid for page in story.pages.values()), room="main")
    causes = {blame.cause for blame in story.end("main", status=1).verdict().blame}
    assert {"made-up", "status-disagrees"} <= causes


@pytest.mark.parametrize(
    ("lost_at", "last", "words", "follows"),
    [
        (Hop.SENT, False, "main/2 could not be sent", True),
        (Hop.SENT, False, "", False),
        (Hop.SENT, True, "", True),
        (Hop.RECEIVED, False, "main/2 could not be sent", False),
    ],
    ids=["it says so", "nobody knew", "it ended early", "the server may have had it"],
)
@pytest.mark.parametrize("system", [reference, warehouse])
def test_a_status_follows_from_what_its_cli_may_know_to_be_unsent(
    system: Callable[[], Story], lost_at: Hop, last: bool, words: str, follows: bool
) -> None:
    """Where the server is not seen, it may have had what never came to a page."""
    story = system().change(is_exit, lambda f: replace(f, body=replace(f.body, status=1)))
    key = evidence(story).events_of("main")[-1 if last else 1].key
    story.lose(key, lost_at)
    if lost_at is Hop.RECEIVED:
        story.contract = replace(story.contract, taps=tuple(h for h in story.contract.taps if h not in OF_SERVER))
        story.records = [r for r in story.records if getattr(r, "hop", None) not in OF_SERVER]
    story.drop(lambda r: isinstance(r, Fact) and isinstance(r.body, Acknowledged) and r.body.key == key)
    if words:
        story.fact(CliMessage, "cli:main", text=words)
    blames = [{o.kind for o in each.explains} for each in story.verdict().blame]
    with_losses = [Kind.INCOMPLETE in kinds for kinds in blames if Kind.LOST in kinds]
    assert with_losses == [follows] and any(Kind.INCOMPLETE in kinds for kinds in blames)


def test_what_a_page_loses_is_nothing_that_its_cli_could_fail_over() -> None:
    story = (
        Story("broadcast", declared=()).open("A").start("main").emit("main", *TASK[:3], TASK[1]).end("main", status=1)
    )
    [shown] = [r for r in story.records if at(Hop.DELIVERED, "main/4", "A")(r)]
    error = Fact("dashboard:A.1", shown.n, shown.at_ns, PageError("TypeError: no"))
    story.lose("main/4", Hop.APPLIED, "A").records.append(error)
    told_ = {blame.cause: {o.kind for o in blame.explains} for blame in story.verdict().blame}
    assert Kind.INCOMPLETE not in told_["page-error"] and told_["unexplained"] == {Kind.INCOMPLETE}


@EACH
@pytest.mark.parametrize(
    ("changed", "hop", "shown", "is_one"),
    [
        ('"10:30"', Hop.ROUTED, "10:30", True),
        ('"10:30"', Hop.ROUTED, "10:31", False),
        ('"1"', Hop.ROUTED, "10:30", False),
        ('"10:30"', Hop.RENDERED, "10:30", False),
    ],
    ids=["its value", "another", "by chance", "after it"],
)
def test_an_item_that_shows_a_value_that_was_changed_before_is_told_with_the_change(
    system: Callable[[], Story], changed: str, hop: Hop, shown: str, is_one: bool
) -> None:
    known = evidence(system())
    payload = Finding(Aspect.PAYLOAD, field="at", found=changed, expected='"Ada"')
    cause = blame("payload-changed", "", (), "", [outcome(Kind.CORRUPTED, hop, "main/3", None, payload)])
    item = Finding(Aspect.PANEL_ITEM, panel="x", text="the item", found=f"{shown} Ada", expected="moved")
    wrong = outcome(Kind.MISRENDERED, Hop.RENDERED, None, finding=item)
    [told_with] = consequences.with_consequences(known, [cause], [wrong])
    assert (wrong in told_with.explains) is is_one


def counted(found: str) -> Verdict:
    """A page whose state has an event falsified, and whose panel shows such a number of events."""
    panels = (Panel("orders", ("*",), {"number": ("*",)}),)
    story = Story("broadcast", panels=panels).open("A").start("main").emit("main", *TASK).end("main")
    story.change(at(Hop.APPLIED, "main/3"), lambda s: replace(s, event=replace(s.event, digest="other")))
    return story.shows(
        "A", panels={"orders": {"session": "main", "text": found, "values": {"number": found}}}
    ).verdict()


def test_a_number_of_events_is_not_wrong_by_what_they_say() -> None:
    assert [kinds for _, kinds in blamed(counted(str(len(TASK))))] == [{Kind.CORRUPTED}]
    assert [kinds for _, kinds in blamed(counted("2"))] == [{Kind.CORRUPTED}, {Kind.MISRENDERED}]
