"""Who must, may and must never receive an event, for each strategy and each way of coming and going."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.evidence import END, Evidence, Position
from harness.model import Answer, Event, FactKind, Hop, Level, Standing
from harness.strategies import strategies
from harness.strategies.watch import Due, Span, Watch, _Promise, absences, dues
from tests.support.ledgers import TASK, Story
from tests.support.records import at, said

MUST, MAY, NEVER = Level.MUST, Level.MAY, Level.NEVER


def levels(story: Story, label: str, session: str = "main") -> list[Level]:
    """What a dashboard is promised of a session, event by event."""
    evidence = Evidence(story.ledger())
    expected = strategies()[evidence.contract.strategy].expectations(evidence)
    mine = {each.key: each for each in expected if each.dashboard == label}
    return [mine[event.key].level for event in evidence.sessions[session]]


def why(story: Story, label: str, key: str) -> str:
    evidence = Evidence(story.ledger())
    expected = strategies()[evidence.contract.strategy].expectations(evidence)
    [found] = [each for each in expected if (each.dashboard, each.key) == (label, key)]
    return found.why


def begun(strategy: str, *labels: str, **contract: Any) -> Story:
    return Story(strategy, **contract).open(*labels).start("main")


FOLLOWING = ["broadcast", "auto-discovery", "single-session"]


@pytest.mark.parametrize("name", FOLLOWING)
def test_who_is_there_throughout_is_owed_everything(name: str) -> None:
    story = begun(name, "A", "B").emit("main", *TASK).end("main")
    assert levels(story, "A") == levels(story, "B") == [MUST] * 5


@pytest.mark.parametrize("name", FOLLOWING)
def test_who_comes_late_is_owed_the_whole_active_session_where_replay_is_promised(name: str) -> None:
    story = begun(name, "A").emit("main", *TASK[:2]).open("B").emit("main", *TASK[2:]).end("main")
    assert levels(story, "B") == [MUST] * 5


def test_who_comes_late_is_owed_what_follows_where_no_replay_is_promised() -> None:
    story = begun("broadcast", "A", replays=False).emit("main", *TASK[:2]).open("B").emit("main", *TASK[2:]).end("main")
    assert levels(story, "B") == [MAY] * 2 + [MUST] * 3


@pytest.mark.parametrize("name", FOLLOWING)
def test_who_comes_when_all_is_over_is_owed_nothing(name: str) -> None:
    story = begun(name, "A").emit("main", *TASK).end("main").open("B")
    assert levels(story, "B") == [MAY] * 5


def test_who_leaves_is_owed_nothing_from_then_on() -> None:
    story = begun("broadcast", "A", "B").emit("main", *TASK[:2]).disconnect("B").emit("main", *TASK[2:]).end("main")
    assert levels(story, "B") == [MUST] * 2 + [MAY] * 3


def test_who_was_away_is_owed_what_it_missed_only_where_replay_is_promised() -> None:
    def told(**contract: Any) -> Story:
        story = begun("broadcast", "A", **contract).emit("main", TASK[0]).disconnect("A").emit("main", *TASK[1:3])
        return story.connect("A").emit("main", *TASK[3:]).end("main")

    assert levels(told(), "A") == [MUST] * 5
    assert levels(told(replays=False), "A") == [MUST, MAY, MAY, MUST, MUST]


def test_what_a_reloaded_page_is_owed_it_is_owed_in_its_last_load() -> None:
    story = begun("broadcast", "A").emit("main", *TASK[:2]).reload("A").emit("main", *TASK[2:]).end("main")
    evidence = Evidence(story.ledger())
    expected = list(strategies()["broadcast"].expectations(evidence))
    assert {each.observer for each in expected} == {"dashboard:A.2"}
    story.drop(at(Hop.DELIVERED, "main/1", "A"), at(Hop.APPLIED, "main/1", "A"), at(Hop.RENDERED, "main/1", "A"))
    assert story.verdict().answer == "failed"


def test_what_a_first_load_showed_is_no_replay() -> None:
    story = begun("broadcast", "A").emit("main", *TASK[:2]).reload("A").emit("main", *TASK[2:]).end("main")
    for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
        again = [r for r in story.records if at(hop, "main/1")(r) and r.observer == "dashboard:A.2"]
        story.drop(lambda r, again=again: any(r is each for each in again))  # type: ignore[misc]
    verdict = story.verdict()
    assert ("main/1", Hop.DELIVERED) in {(o.key, o.hop) for o in verdict.outcomes if o.kind == "lost"}


def test_a_rejected_session_is_never_shown() -> None:
    refusal = {"code": "session-active", "message": "?"}
    story = begun("single-session", "A").start("loser", ok=False, error=refusal)
    story.journal["loser"] = []
    story.emit("loser", TASK[0]).end("loser", status=5).emit("main", *TASK).end("main")
    assert levels(story, "A", "loser") == [NEVER]
    assert "rejected (session-active)" in why(story, "A", "loser/1")


# Subscription


def test_who_never_asked_must_never_see_it() -> None:
    story = begun("subscription", "A", "B").subscribe("A", "main").emit("main", *TASK).end("main")
    assert levels(story, "A") == [MUST] * 5
    assert levels(story, "B") == [NEVER] * 5
    assert why(story, "B", "main/1") == "dashboard B never asked for session main"


def test_who_asked_late_is_owed_what_was_before_where_replay_is_promised() -> None:
    def told(**contract: Any) -> Story:
        story = begun("subscription", "A", **contract).emit("main", *TASK[:2]).subscribe("A", "main")
        return story.emit("main", *TASK[2:]).end("main")

    assert levels(told(), "A") == [MUST] * 5
    assert levels(told(replays=False), "A") == [MAY] * 2 + [MUST] * 3


def test_what_lies_before_the_number_that_a_page_asked_for_is_not_owed() -> None:
    story = begun("subscription", "A").emit("main", *TASK[:3])
    story.pages["A"].sessions["main"] = 2
    assert levels(story.subscribe("A", "main").emit("main", *TASK[3:]).end("main"), "A") == [MAY] * 2 + [MUST] * 3


def test_what_is_routed_between_request_and_answer_may_come() -> None:
    story = begun("subscription", "A", replays=False).subscribe("A", "main").emit("main", *TASK).end("main")
    asked = next(record for record in story.records if said(FactKind.REQUEST, "server", name="subscribe")(record))
    answered = next(record for record in story.records if said(FactKind.ANSWER, "server", name="subscribe")(record))
    story.swap(lambda r: r is answered, at(Hop.ROUTED, "main/1"))
    assert asked.n < answered.n
    assert levels(story, "A") == [MAY, *[MUST] * 4]


def test_who_gave_a_session_up_must_not_see_more_of_it() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK[:2]).unsubscribe("A", "main")
    story.emit("main", *TASK[2:]).end("main")
    assert levels(story, "A") == [MUST] * 2 + [NEVER] * 3
    assert "had given the session up" in why(story, "A", "main/4")


def test_who_asks_again_is_owed_what_it_missed() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK[:2]).unsubscribe("A", "main")
    story.emit("main", TASK[2]).subscribe("A", "main").emit("main", *TASK[3:]).end("main")
    assert levels(story, "A") == [MUST] * 5


def chose_another(story: Story) -> Story:
    return story.start("beside").choose("A", "beside")


def test_who_chooses_another_session_must_not_see_more_of_the_former_one_though_the_page_never_gave_it_up() -> None:
    story = chose_another(begun("subscription", "A").choose("A", "main").emit("main", *TASK[:2]))
    assert levels(story.emit("main", *TASK[2:]).end("main"), "A") == [MUST] * 2 + [NEVER] * 3
    [switched] = [each for each in story.verdict().properties if each.prop == "S3"]
    assert [each.key for each in switched.outcomes] == ["main/3", "main/4", "main/5"]


def test_a_server_that_leaves_the_former_session_by_itself_loses_nothing_and_leaks_nothing() -> None:
    story = begun("subscription", "A", "B").choose("A", "main").choose("B", "main").emit("main", *TASK[:2])
    chose_another(story)
    del story.pages["A"].sessions["main"]
    story.emit("main", *TASK[2:]).emit("beside", *TASK).end("main").end("beside")
    assert story.verdict().answer is Answer.PASSED
    [switched] = [each for each in story.verdict().properties if each.prop == "S3"]
    assert switched.standing is Standing.PROVEN


def test_who_asks_for_two_sessions_of_its_own_accord_is_owed_both() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK[:2]).start("beside")
    story.subscribe("A", "beside").emit("main", *TASK[2:]).emit("beside", *TASK).end("main").end("beside")
    assert levels(story, "A") == levels(story, "A", "beside") == [MUST] * 5


def test_who_gives_the_former_session_up_behind_its_choice_may_see_it_until_that_is_answered() -> None:
    story = chose_another(begun("subscription", "A").choose("A", "main").emit("main", *TASK[:2])).emit("main", TASK[2])
    story.unsubscribe("A", "main").emit("main", *TASK[3:]).end("main")
    assert levels(story, "A") == [MUST] * 2 + [MAY] + [NEVER] * 2


def test_a_choice_that_was_refused_leaves_everything_as_it_was() -> None:
    story = begun("subscription", "A").choose("A", "main").emit("main", *TASK[:2]).choose("A", "nobody's")
    assert levels(story.emit("main", *TASK[2:]).end("main"), "A") == [MUST] * 5


def test_a_subscription_that_was_refused_promises_nothing() -> None:
    story = begun("subscription", "A")
    story.subscribe("A", "main", ok=False, error={"code": "bad-request", "message": "?"})
    assert levels(story.emit("main", *TASK).end("main"), "A") == [NEVER] * 5


def test_a_subscription_outlives_a_reload() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK[:2]).reload("A")
    story.pages["A"].sessions.clear()  # the page forgets it
    story.emit("main", *TASK[2:]).end("main")
    assert levels(story, "A") == [MUST] * 5
    lost = {(o.key, o.hop) for o in story.verdict().outcomes if o.kind == "lost"}
    assert lost == {(f"main/{seq}", Hop.ROUTED) for seq in (3, 4, 5)}


def test_what_the_journal_did_not_keep_is_not_owed_when_the_page_is_told() -> None:
    story = begun("subscription", "A").emit("main", *TASK[:3]).subscribe("A", "main")
    gap = {"session": "main", "missed": 2, "from_seq": 3}
    story.fact(FactKind.NOTICE, "dashboard:A.1", name="session:gap", payload=gap).emit("main", *TASK[3:]).end("main")
    assert levels(story, "A") == [MAY] * 2 + [MUST] * 3


def test_what_the_journal_did_not_keep_is_not_owed_to_who_was_there_all_the_time() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK).end("main")
    gap = {"session": "main", "missed": 2, "from_seq": 3}
    story.fact(FactKind.NOTICE, "dashboard:A.1", name="session:gap", payload=gap)
    assert levels(story, "A") == [MAY] * 2 + [MUST] * 3


def test_a_gap_notice_with_nonsense_in_it_promises_nothing_less() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK).end("main")
    nonsense: list[Any] = [None, [], {"session": "main", "from_seq": "many"}, {"session": None}]
    for payload in nonsense:
        story.fact(FactKind.NOTICE, "dashboard:A.1", name="session:gap", payload=payload)
    assert levels(story, "A") == [MUST] * 5


def test_of_two_watches_that_owe_the_same_the_first_one_says_why_and_where() -> None:
    story = begun("subscription", "A").subscribe("A", "main").emit("main", *TASK[:2]).unsubscribe("A", "main")
    story.reload("A").subscribe("A", "main").emit("main", *TASK[2:]).end("main")
    evidence = Evidence(story.ledger())
    found = {each.key: each for each in strategies()["subscription"].expectations(evidence)}
    assert [found[f"main/{seq}"].observer for seq in (1, 2, 3)] == ["dashboard:A.1", "dashboard:A.1", "dashboard:A.2"]
    assert found["main/1"].why == "the dashboard watched when it was routed"


# A restarted server


def test_connections_of_a_server_that_ended_are_over() -> None:
    story = begun("broadcast", "A", "B").emit("main", *TASK[:2]).disconnect("B").restart_server()
    story.active.append("main")
    assert levels(story.emit("main", *TASK[2:]).end("main"), "B") == [MUST] * 2 + [MAY] * 3
    assert levels(story, "A") == [MUST] * 5


def test_a_page_that_stays_away_from_the_new_server_is_owed_nothing_of_it() -> None:
    story = begun("broadcast", "A", "B").emit("main", *TASK[:2]).restart_server().disconnect("B")
    story.active.append("main")
    story.emit("main", *TASK[2:]).end("main")
    assert levels(story, "B") == [MUST] * 2 + [MAY] * 3


# Events whose place in the server's record nobody knows


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
    story.drop(said(FactKind.ACKNOWLEDGED))
    assert levels(story, "A") == [MUST] * 5
    assert levels(story, "B") == [MAY] * 5


@pytest.mark.parametrize("name", FOLLOWING)
def test_a_dashboard_that_never_connected_is_owed_nothing(name: str) -> None:
    story = begun(name, "A", dashboards=("Z",)).emit("main", *TASK).end("main")
    assert levels(story, "Z") == [MAY] * 5


def test_a_page_with_two_connections_counts_as_one_dashboard() -> None:
    """React's StrictMode mounts twice: the first connection is closed at once."""
    story = Story("broadcast").open("A")
    first = story.pages["A"].sid
    story.connect("A").fact(FactKind.DISCONNECTED, "server", sid=first, reason="transport close")
    story.start("main").emit("main", *TASK).end("main")
    assert levels(story, "A") == [MUST] * 5
    assert story.verdict().answer == "passed"


def places(story: Story) -> tuple[Evidence, dict[str, Due]]:
    evidence = Evidence(story.ledger())
    return evidence, dues(evidence, "main")


def place(evidence: Evidence, name: str, session: str = "main", **answer: Any) -> tuple[Position, Position | None]:
    [found] = [
        e for e in evidence.exchanges if (e.name, e.session) == (name, session) and answer.items() <= e.result.items()
    ]
    return found.asked, found.answered


def test_the_first_event_was_due_behind_the_good_answer_to_the_opening_and_the_last_before_the_closing() -> None:
    story = Story("broadcast").open("A").start("main", ok=False, error={"code": "again"}).start("main")
    story.emit("main", *TASK).end("main").ask("sid-foreign", "subscribe", {"ok": True}, session="main")
    for key in ("main/1", "main/5"):
        story.lose(key, Hop.RECEIVED)
    evidence, found = places(story)
    opened, closed = place(evidence, "session:open", ok=True)[1], place(evidence, "session:close")[0]
    assert found["main/1"] == (opened, evidence.places["main/2"])
    assert found["main/5"] == (evidence.places["main/4"], closed)


def test_where_nobody_saw_a_session_open_or_close_its_neighbours_and_the_end_of_the_record_bound_it() -> None:
    story = begun("broadcast", "A").emit("main", *TASK).end("main")
    story.lose("main/1", Hop.RECEIVED).lose("main/5", Hop.RECEIVED)
    story.drop(said(FactKind.REQUEST, "server")).start("main")
    evidence, found = places(story)
    assert found["main/1"] == (evidence.places["main/2"], evidence.places["main/2"])
    assert found["main/5"] == (evidence.places["main/4"], END)


# Events that only the proxy saw: routed somewhere between two places


def through_the_proxy(story: Story) -> Story:
    """Nobody looks into the server; its answers say what it received, and behind which record that was."""
    story.drop(at(Hop.ROUTED))
    for sighting in [r for r in story.records if at(Hop.RECEIVED)(r)]:
        told = {"forwarded": sighting.n - 1}
        story.change(lambda r, it=sighting: r is it, lambda r, told=told: replace(r, detail=told))  # type: ignore[misc]
    return story


def test_what_was_routed_between_two_places_before_a_late_subscription_is_owed_from_the_journal() -> None:
    story = (
        begun("subscription", "A").emit("main", *TASK[:2]).subscribe("A", "main").emit("main", *TASK[2:]).end("main")
    )
    assert levels(through_the_proxy(story), "A") == [MUST] * 5


def test_what_was_routed_somewhere_in_a_stretch_stays_so_beside_an_event_that_has_no_place() -> None:
    story = begun("broadcast", "A").emit("main", *TASK).end("main").lose("main/3", Hop.RECEIVED)
    through_the_proxy(story)
    evidence, found = places(story)
    at = evidence.places
    assert found["main/2"] == ((1, at["main/2"][1] - 1), at["main/2"])
    assert found["main/3"] == (found["main/2"][0], found["main/4"][1])


def test_who_connects_again_before_the_first_connection_is_known_to_be_gone_is_away_when_the_last_one_is() -> None:
    story = begun("broadcast", "A")
    first = story.pages["A"].sid
    story.connect("A").disconnect("A").emit("main", TASK[0])
    gone = {"sid": first, "reason": "ping timeout"}
    story.fact(FactKind.DISCONNECTED, "server", **gone).emit("main", TASK[1]).connect("A").emit("main", *TASK[2:])
    evidence = Evidence(story.ledger())
    [gap] = absences(evidence)["A"]
    assert gap[0] < evidence.places["main/2"] < gap[1]
    assert evidence.places["main/1"] < gap[0]


def test_what_was_routed_somewhere_between_before_and_behind_a_subscription_may_come() -> None:
    story = begun("subscription", "A", replays=False).subscribe("A", "main").emit("main", *TASK).end("main")
    through_the_proxy(story)
    story.change(at(Hop.RECEIVED, "main/1"), lambda s: replace(s, detail={"forwarded": 1}))
    assert levels(story, "A") == [MAY, *[MUST] * 4]
    assert why(story, "A", "main/1") == "nobody knows whether the dashboard watched when this was due"


def test_an_event_without_a_number_that_was_routed_before_the_dashboard_came_is_not_in_the_journal_by_number() -> None:
    watch = Watch("A", "main", (1, 10), (1, 12), END, END, "dashboard:A.1", (), whole=True)
    unnumbered = Event("main/x", "step", "main", None, None)
    promise = _Promise(watch, replays=True, goes_on=True, kept_from=0, isolated=True)
    assert promise.of(unnumbered, ((1, 3), (1, 3)), True) == (MAY, "routed before the dashboard watched")
    assert promise.of(unnumbered, ((1, 3), (1, 5)), True) == (MAY, "routed before the dashboard watched")


def test_an_event_without_a_number_lies_before_everything_that_the_journal_kept() -> None:
    spans = (Span("sid", "dashboard:A.1", (1, 1), END),)
    watch = Watch("A", "main", (1, 10), (1, 12), END, END, "dashboard:A.1", spans)
    promise = _Promise(watch, replays=True, goes_on=True, kept_from=1, isolated=True)
    unnumbered = Event("main/x", "step", "main", None, None)
    kept = MAY, "the journal kept too little, and the page was told so"
    assert promise.of(unnumbered, ((1, 20), (1, 20)), True) == kept


@pytest.mark.parametrize("whole", [False, True])
def test_what_comes_while_a_subscription_is_on_its_way_and_no_replay_is_promised_may_come(whole: bool) -> None:
    watch = Watch("A", "main", (1, 10), (1, 12), END, END, "dashboard:A.1", (), whole=whole)
    promise = _Promise(watch, replays=False, goes_on=True, kept_from=0, isolated=True)
    event = Event("main/1", "step", "main", 1, None)
    assert promise.of(event, ((1, 11), (1, 11)), True) == (MAY, "routed while the subscription was on its way")
