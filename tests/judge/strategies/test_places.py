"""What is promised of events whose due time is not known, or only between which places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.judge.strategies.owed import Due, _Promise, dues
from harness.judge.strategies.watch import Span, Watch, absences
from harness.model import Aspect, Event, Finding, Hop
from harness.model.facts import Acknowledged, Disconnected, Requested
from harness.record.evidence import END, Evidence, Position
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.promised import MAY, MUST, begun, levels, why
from tests.support.records import at, said


def test_an_event_that_never_reached_the_server_was_due_between_its_neighbours() -> None:
    story = begun("broadcast", "A").emit("main", *TASK[:2]).open("B").emit("main", *TASK[2:]).end("main")
    story.contract = replace(story.contract, replays=False)
    assert levels(story.lose("main/4", Hop.RECEIVED), "B") == [MAY, MAY, MUST, MUST, MUST]
    story.lose("main/2", Hop.RECEIVED)
    assert levels(story, "B")[1] is MAY


def test_when_nothing_of_a_session_reached_the_server_it_is_owed_to_who_stays() -> None:
    story = begun("broadcast", "A", "B").emit("main", *TASK).end("main").disconnect("B")
    for hop in [hop for hop in Hop if hop > Hop.EMITTED]:
        story.drop(at(hop))
    story.drop(said(Acknowledged))
    assert levels(story, "A") == [MUST] * 5
    assert levels(story, "B") == [MAY] * 5


def places(story: Story) -> tuple[Evidence, dict[str, Due]]:
    evidence = Evidence(story.ledger())
    return evidence, dues(evidence, "main")


def place(evidence: Evidence, name: str, session: str = "main", **answer: Any) -> tuple[Position, Position | None]:
    [found] = [
        e for e in evidence.exchanges if (e.name, e.session) == (name, session) and answer.items() <= e.result.items()
    ]
    return found.asked, found.answered


def test_events_were_due_between_the_good_answer_to_the_opening_and_the_closing() -> None:
    story = Story("broadcast").open("A").start("main", ok=False, error={"code": "again"}).start("main")
    story.emit("main", *TASK).end("main").ask("sid-foreign", "subscribe", {"ok": True}, session="main")
    for key in ("main/1", "main/5"):
        story.lose(key, Hop.RECEIVED)
    evidence, found = places(story)
    opened, closed = place(evidence, "session:open", ok=True)[1], place(evidence, "session:close")[0]
    assert found["main/1"] == (opened, evidence.places["main/2"])
    assert found["main/5"] == (evidence.places["main/4"], closed)


def test_an_unseen_opening_or_closing_is_bounded_by_neighbours_and_the_record_s_end() -> None:
    story = begun("broadcast", "A").emit("main", *TASK).end("main")
    story.lose("main/1", Hop.RECEIVED).lose("main/5", Hop.RECEIVED)
    story.drop(said(Requested, "server")).start("main")
    evidence, found = places(story)
    assert found["main/1"] == (evidence.places["main/2"], evidence.places["main/2"])
    assert found["main/5"] == (evidence.places["main/4"], END)


# Events that only the proxy saw: routed somewhere between two places


def through_the_proxy(story: Story) -> Story:
    """The server is not observed; its answers say what it received, and after which record that was."""
    story.drop(at(Hop.ROUTED))
    for sighting in [r for r in story.records if at(Hop.RECEIVED)(r)]:
        told = {"forwarded": sighting.n - 1}
        story.change(lambda r, it=sighting: r is it, lambda r, told=told: replace(r, detail=told))  # type: ignore[misc]
    return story


def test_what_was_routed_somewhere_before_a_late_subscription_is_owed_as_a_replay() -> None:
    story = (
        begun("subscription", "A").emit("main", *TASK[:2]).subscribe("A", "main").emit("main", *TASK[2:]).end("main")
    )
    assert levels(through_the_proxy(story), "A") == [MUST] * 5


def test_what_was_routed_somewhere_in_a_stretch_stays_so_beside_one_without_a_place() -> None:
    story = begun("broadcast", "A").emit("main", *TASK).end("main").lose("main/3", Hop.RECEIVED)
    through_the_proxy(story)
    evidence, found = places(story)
    at = evidence.places
    assert found["main/2"] == ((1, at["main/2"][1] - 1), at["main/2"])
    assert found["main/3"] == (found["main/2"][0], found["main/4"][1])


def test_a_dashboard_with_overlapping_connections_is_away_when_the_last_one_ends() -> None:
    story = begun("broadcast", "A")
    first = story.pages["A"].sid
    story.connect("A").disconnect("A").emit("main", TASK[0])
    gone = {"sid": first, "reason": "ping timeout"}
    story.fact(Disconnected, "server", **gone).emit("main", TASK[1]).connect("A").emit("main", *TASK[2:])
    evidence = Evidence(story.ledger())
    [gap] = absences(evidence)["A"]
    assert gap[0] < evidence.places["main/2"] < gap[1]
    assert evidence.places["main/1"] < gap[0]


def test_what_was_routed_somewhere_around_a_subscription_may_come() -> None:
    story = begun("subscription", "A", replays=False).subscribe("A", "main").emit("main", *TASK).end("main")
    through_the_proxy(story)
    story.change(at(Hop.RECEIVED, "main/1"), lambda s: replace(s, detail={"forwarded": 1}))
    assert levels(story, "A") == [MAY, *[MUST] * 4]
    assert why(story, "A", "main/1") == "it is not known whether the dashboard watched when this was due"


def test_an_event_without_a_number_routed_before_is_not_in_the_journal_by_number() -> None:
    watch = Watch("A", "main", (1, 10), (1, 12), END, END, "dashboard:A.1", (), whole=True)
    unnumbered = Event("main/x", "step", "main", None, None)
    promise = _Promise(watch, replays=True, goes_on=True, kept_from=0, isolated=True)
    assert promise.of(unnumbered, ((1, 3), (1, 3)), True) == (MAY, Finding(Aspect.ROUTED_BEFORE))
    assert promise.of(unnumbered, ((1, 3), (1, 5)), True) == (MAY, Finding(Aspect.ROUTED_BEFORE))


def test_an_event_without_a_number_lies_before_everything_that_the_journal_kept() -> None:
    spans = (Span("sid", "dashboard:A.1", (1, 1), END),)
    watch = Watch("A", "main", (1, 10), (1, 12), END, END, "dashboard:A.1", spans)
    promise = _Promise(watch, replays=True, goes_on=True, kept_from=1, isolated=True)
    unnumbered = Event("main/x", "step", "main", None, None)
    kept = MAY, Finding(Aspect.JOURNAL_SHORT)
    assert promise.of(unnumbered, ((1, 20), (1, 20)), True) == kept


@pytest.mark.parametrize("whole", [False, True])
def test_what_comes_while_subscribing_may_come_where_no_replay_is_promised(whole: bool) -> None:
    watch = Watch("A", "main", (1, 10), (1, 12), END, END, "dashboard:A.1", (), whole=whole)
    promise = _Promise(watch, replays=False, goes_on=True, kept_from=0, isolated=True)
    event = Event("main/1", "step", "main", 1, None)
    assert promise.of(event, ((1, 11), (1, 11)), True) == (MAY, Finding(Aspect.SUBSCRIBING))
