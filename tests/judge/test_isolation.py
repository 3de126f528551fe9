"""P6: what isolation is compared with where one task is watched; a page that is turned away is not of the run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model import PAGE_SIDE, Answer, Aspect, Hop, Kind, PropertyResult, Standing, Verdict
from harness.model.facts import ActionTaken, Disconnected, Overheard, Requested, Stranger
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said


def opened(*labels: str) -> Story:
    """Each of them chose the session, and "stranger" an unknown one."""
    story = Story("subscription", asks=False, declared=(), panels=()).open(*labels).start("main")
    for label in labels:
        chosen = "nobody's" if label == "stranger" else "main"
        story.fact(ActionTaken, "harness", name="choose", dashboard=label, detail=chosen)
        if chosen == "main":
            story.pages[label].sessions["main"] = 0
    return story


def asking(story: Story, why: str | None = None) -> Story:
    return story.fact(Stranger, "harness", dashboard="stranger", session="nobody's", turned_away=why)


def isolation(verdict: Verdict) -> PropertyResult:
    [found] = [each for each in verdict.properties if each.prop == "P6"]
    return found


def test_isolation_is_compared_with_a_page_that_asked_for_an_unknown_session() -> None:
    verdict = asking(opened("A", "B", "stranger")).emit("main", *TASK).end("main").verdict()
    found = isolation(verdict)
    assert (verdict.answer, found.standing, found.checks) == (Answer.PASSED, Standing.PROVEN, len(TASK))
    assert found.note == "a dashboard asked for an unknown session"


def test_what_goes_to_all_clients_is_seen_at_it() -> None:
    story = asking(opened("A", "B", "stranger"))
    story.pages["stranger"].sessions["main"] = 0
    found = isolation(story.emit("main", *TASK).end("main").verdict())
    assert found.standing is Standing.VIOLATED
    assert {each.dashboard for each in found.outcomes} == {"stranger"} and len(found.outcomes) == len(TASK)


def test_without_a_view_of_the_server_what_went_to_another_came_as_far_as_that() -> None:
    """Only the stranger is sent it: lost and leaked where the server resolves or sends it, and not before."""
    taps = tuple(hop for hop in Hop if hop not in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED))
    story = asking(opened("A", "stranger"))
    story.contract = replace(story.contract, taps=taps, dashboards=("A", "stranger"))
    story.pages["stranger"].sessions["main"] = 0
    story.emit("main", *TASK).end("main").drop(*(at(hop, "main/2", "A") for hop in PAGE_SIDE))
    story.drop(*(at(hop) for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED)))
    story.drop(*(at(hop, key, "stranger") for hop in PAGE_SIDE for key in ("main/1", "main/3", "main/4", "main/5")))
    wrong = {
        (o.kind, o.key, o.dashboard): o.hops for o in story.verdict().outcomes if o.kind in (Kind.LOST, Kind.LEAKED)
    }
    between = (Hop.ROUTED, Hop.DELIVERED)
    assert wrong == {(Kind.LOST, "main/2", "A"): between, (Kind.LEAKED, "main/2", "stranger"): between}


def test_a_page_that_is_turned_away_is_not_a_dashboard_of_the_run() -> None:
    """Nothing is owed to it, nothing demanded of its page; that isolation was not compared is said with the reason."""
    story = asking(opened("A", "B"), "no such build").emit("main", *TASK).end("main")
    story.contract = replace(story.contract, dashboards=("A", "B", "stranger"))
    verdict = story.verdict()
    assert (verdict.answer, verdict.dashboards) == (Answer.PASSED, 2)
    found = isolation(verdict)
    assert found.standing is Standing.NOT_EXERCISED and found.note.endswith("turned away: no such build")


def test_without_a_request_for_another_session_it_is_said_what_would_do() -> None:
    found = isolation(opened("A", "B").emit("main", *TASK).end("main").verdict())
    assert found.standing is Standing.NOT_EXERCISED and "`{session}`" in found.note


@pytest.mark.parametrize(("label", "answer"), [("stranger", Answer.PASSED), ("B", Answer.FAILED)])
def test_a_page_that_watches_an_unknown_session_may_be_disconnected(label: str, answer: Answer) -> None:
    story = asking(opened("A", "B", "stranger")).emit("main", *TASK[:2]).disconnect(label)
    story.change(said(Disconnected, sid=story.pages[label].sid), lambda f: other(f, reason="server disconnect"))
    assert story.emit("main", *TASK[2:]).end("main").verdict().answer is answer


def overhearing(story: Story, *events: str, is_there: bool = True, asked: bool = True) -> Verdict:
    """A page was connected and watched nothing, and this came to it."""
    story.emit("main", *TASK).end("main")
    for key in events:
        story.change(at(Hop.ROUTED, key), lambda r: replace(r, recipients=(*(r.recipients or ()), "bystander")))
    body = {"dashboard": "stranger", "asked": asked, "is_there": is_there, "sids": ["bystander"]}
    return story.fact(Overheard, "harness", **body, events=list(events)).verdict()


@pytest.mark.parametrize(("asked", "why"), [(True, "no such build"), (False, "gone"), (False, None)])
def test_who_watches_nothing_proves_isolation_where_nothing_came_to_it(asked: bool, why: str | None) -> None:
    story = opened("A", "B") if why is None else asking(opened("A", "B"), why)
    verdict = overhearing(story, asked=asked)
    found = isolation(verdict)
    assert (verdict.answer, found.standing, found.checks) == (Answer.PASSED, Standing.PROVEN, len(TASK))


def test_who_lost_its_connection_proves_no_isolation() -> None:
    assert isolation(overhearing(opened("A", "B"), is_there=False)).standing is Standing.NOT_EXERCISED


def test_what_came_to_who_watches_nothing_was_resolved_for_it_by_the_server() -> None:
    verdict = overhearing(asking(opened("A", "B"), "no such build"), "main/2", "main/3")
    wrong = isolation(verdict).outcomes
    assert verdict.answer is Answer.FAILED and len(wrong) == 2
    assert {(o.kind, o.key, o.hop, o.finding.aspect) for o in wrong} == {
        (Kind.LEAKED, key, Hop.ROUTED, Aspect.NEVER_ASKED) for key in ("main/2", "main/3")
    }


def test_events_without_ids_that_came_to_who_watches_nothing_are_told_as_one() -> None:
    story = opened("A", "B").emit("main", *TASK).end("main")
    body = {"dashboard": "stranger", "asked": True, "is_there": True, "sids": ["x"], "events": ["~1", "~2"]}
    [wrong] = isolation(story.fact(Overheard, "harness", **body).verdict()).outcomes
    assert (wrong.kind, wrong.key, wrong.hops) == (Kind.LEAKED, None, (Hop.ROUTED, Hop.DELIVERED))


def test_which_events_they_were_the_server_says_where_the_page_can_not() -> None:
    story = opened("A", "B").emit("main", *TASK).end("main")
    story.change(at(Hop.ROUTED, "main/2"), lambda r: replace(r, recipients=(*(r.recipients or ()), "x")))
    body = {"dashboard": "stranger", "asked": False, "is_there": True, "sids": ["x"], "events": ["~1"]}
    [wrong] = isolation(story.fact(Overheard, "harness", **body).verdict()).outcomes
    assert (wrong.kind, wrong.key, wrong.hop) == (Kind.LEAKED, "main/2", Hop.ROUTED)


@pytest.mark.parametrize(
    ("asks", "chooses_by", "is_leak"),
    [
        ([], "subscribe", True),
        (["hello"], "subscribe", True),  # a greeting asks for no session
        (["subscribe"], "subscribe", False),  # all of them, or the newest
        (["subscribeAll"], "subscribe", False),
        (["hello"], None, False),  # how a dashboard of this system asks is not known
    ],
)
def test_a_page_that_asks_by_itself_as_dashboards_do_may_be_owed_what_comes(
    asks: list[str], chooses_by: str | None, is_leak: bool
) -> None:
    story = opened("A", "B")
    if chooses_by is not None:
        story.fact(Requested, "dashboard:A.1", name=chooses_by, args=[{"build": "main"}], sid=story.pages["A"].sid)
    story.emit("main", *TASK).end("main")
    body = {"dashboard": "stranger", "asked": False, "is_there": True, "sids": ["x"], "events": ["main/2"]}
    found = isolation(story.fact(Overheard, "harness", **body, requests=asks).verdict())
    assert [each.kind for each in found.outcomes] == ([Kind.LEAKED] if is_leak else [])
    assert found.standing is (Standing.VIOLATED if is_leak else Standing.NOT_EXERCISED)
