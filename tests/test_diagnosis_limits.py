"""Where a rule stops: what is like its cause, and one step away from it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from harness.diagnosis import _divided, _is_consequence, _rank, _with_consequences, blame, rules
from harness.diagnosis._announcements import untold
from harness.diagnosis.concurrent_handlers import _behind
from harness.diagnosis.emit_while_reconnecting import _lost_connections
from harness.diagnosis.handler_raises import _raised
from harness.diagnosis.last_of_batch import MANY, _is_batch
from harness.diagnosis.listener_twice import _connected
from harness.diagnosis.name_style import _known
from harness.diagnosis.never_unsubscribed import _asked_instead
from harness.diagnosis.oversize_payload import FAR
from harness.diagnosis.refused import _refusals
from harness.diagnosis.slow_consumer_drop import _on_their_way
from harness.diagnosis.upgrade_drop import _behind as _right_behind
from harness.evidence import Evidence
from harness.model import Blame, Event, FactKind, Hop, Kind, Outcome, Panel, Sighting, Strength
from tests.support.causes import CAUSES, gone, told
from tests.support.causes_in_clis import BEHIND_SENT, EVENTS
from tests.support.causes_in_servers import subscribed
from tests.support.ledgers import TASK, Story
from tests.support.records import at, said


def paper(cause: str) -> Story:
    return CAUSES[cause][1]()


def evidence(story: Story) -> Evidence:
    return Evidence(story.ledger())


def explained(cause: str, story: Story, *outcomes: Outcome) -> list[Blame]:
    """What one rule makes of outcomes."""
    return list(rules()[cause].explain(evidence(story), outcomes))


def outcome(kind: Kind, hop: Hop, key: str | None = "main/3", label: str | None = "A", detail: str = "") -> Outcome:
    return Outcome(kind, "P1", key, label, hop, (hop,), detail)


SAYS_ITS_HOP = {
    *("terminal-twice", "status-disagrees", "killed-mid-run", "cli-namespace", "two-active", "rejected-without-code"),
    *("lease-stuck", "bad-token", "made-up", "payload-changed", "refused", "name-style", "counter-off", "panel-stale"),
    *("sessions-mixed", "html-unescaped", "says-connected"),
}
"""Causes of failures of which the kind, the property or the words say where they are: no rule asks for their hop."""


@pytest.mark.parametrize("cause", sorted({*CAUSES} - SAYS_ITS_HOP))
def test_the_same_kind_of_failure_at_another_hop_is_another_cause(cause: str) -> None:
    story = paper(cause)
    failed = [each for each in story.verdict().outcomes if each.kind is not Kind.DELIVERED]
    assert cause in {each.cause for each in explained(cause, story, *failed)}
    elsewhere = [replace(each, hop=Hop.EMITTED, hops=(Hop.EMITTED,)) for each in failed]
    assert explained(cause, story, *elsewhere) == []


@pytest.mark.parametrize("cause", sorted({*CAUSES} - {"made-up"}))
def test_another_kind_of_failure_at_the_same_hop_is_another_cause(cause: str) -> None:
    story = paper(cause)
    failed = [each for each in story.verdict().outcomes if each.kind is not Kind.DELIVERED]
    assert explained(cause, story, *(replace(each, kind=Kind.PHANTOM) for each in failed)) == []


LOST = outcome(Kind.LOST, Hop.ROUTED, "main/1")
MISRENDERED = outcome(Kind.MISRENDERED, Hop.RENDERED, None, "A", "panel overview shows 1")
NOWHERE = Outcome(Kind.EXCLUSIVITY, "X1", None, "A", None, (), "session main was let in twice")


def cause(*explains: Outcome, name: str = "cause", strength: Strength = Strength.NAMED) -> Blame:
    hops = tuple(sorted({hop for each in explains for hop in each.hops}))
    return Blame(None, hops, name, "", (), "", explains, strength)


def test_a_cause_keeps_of_what_it_explains_that_for_which_no_other_has_better_evidence() -> None:
    other = replace(LOST, key="main/2")
    best, weaker = cause(LOST, name="best"), cause(LOST, other, name="weaker", strength=Strength.AROUND)
    nothing = cause(LOST, name="nothing", strength=Strength.ABSENT)
    assert _divided([best, weaker, nothing]) == [best, replace(weaker, explains=(other,))]


@pytest.mark.parametrize(("status", "gave_up"), [(5, True), (1, True), (0, False), (None, False), (-9, False)])
def test_of_a_session_whose_cli_gave_up_only_its_open_end_follows_from_that(status: Any, gave_up: bool) -> None:
    story = Story("broadcast", declared=()).open("A").start("main").emit("main", *EVENTS[:4]).end("main", status=status)
    end = Outcome(Kind.INCOMPLETE, "P7", None, None, Hop.EMITTED, (Hop.EMITTED,), "session main has no end")
    again = cause(replace(LOST, key="main/2"), name="again")
    found = _with_consequences(evidence(story), [cause(LOST), again], [LOST, end, NOWHERE])
    assert [each.explains for each in found] == [(LOST, end) if gave_up else (LOST,), again.explains]


def test_what_a_page_shows_wrongly_because_it_lacks_events_is_of_the_first_cause_that_took_them() -> None:
    again, elsewhere = cause(replace(LOST, key="main/2")), cause(replace(LOST, dashboard="B"))
    failed = [LOST, MISRENDERED, replace(MISRENDERED, dashboard="C")]
    found = _with_consequences(evidence(told()), [elsewhere, cause(LOST), again], failed)
    assert [each.explains for each in found] == [elsewhere.explains, (LOST, MISRENDERED), again.explains]


def test_only_who_shows_the_wrong_thing_and_nothing_else_may_be_a_consequence() -> None:
    before = cause(LOST)
    assert _is_consequence(cause(MISRENDERED), [before])
    assert not _is_consequence(cause(MISRENDERED, LOST), [before])
    assert not _is_consequence(cause(LOST), [before])
    assert not _is_consequence(cause(MISRENDERED), [cause(replace(LOST, dashboard="B")), cause(NOWHERE)])


def test_a_cause_is_at_one_hop_where_all_that_it_explains_is() -> None:
    later = outcome(Kind.LOST, Hop.DELIVERED)
    assert blame("cause", "", (), "", [LOST, replace(LOST, key="main/2")]).hop is Hop.ROUTED
    assert (found := blame("cause", "", (), "", [LOST, later])).hop is None
    assert found.hops == (Hop.ROUTED, Hop.DELIVERED)
    assert blame("cause", "", (), "", [LOST, later], at=[later]).hops == (Hop.DELIVERED,)


def test_what_has_no_hop_comes_behind_what_has_one() -> None:
    assert _rank(cause(NOWHERE)) == (-Strength.NAMED, 0, Hop.RENDERED, "cause")
    assert _rank(cause(LOST)) == (-Strength.NAMED, -1, Hop.ROUTED, "cause")


# In the server


def reordered(story: Story, *hops: Hop) -> Event:
    """The first event of which `main/2` is the one behind; the two change places at these hops."""
    for hop in hops:
        story.swap(at(hop, "main/1"), at(hop, "main/2"))
    return story.journal["main"][0]


def test_an_event_is_overtaken_where_two_came_in_order_and_went_in_another() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK[:2])
    event = story.journal["main"][0]
    assert _behind(evidence(story), event) is None
    reordered(story, Hop.ROUTED)
    assert _behind(evidence(story), event) == "main/2"
    assert _behind(evidence(story), story.journal["main"][1]) is None
    reordered(story, Hop.RECEIVED)
    assert _behind(evidence(story), event) is None


@pytest.mark.parametrize("hop", [Hop.RECEIVED, Hop.ROUTED])
@pytest.mark.parametrize("missing", ["main/1", "main/2"])
def test_nothing_overtakes_what_was_not_seen(hop: Hop, missing: str) -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK[:2])
    event = reordered(story, Hop.ROUTED)
    assert _behind(evidence(story.drop(at(hop, missing))), event) is None


def test_who_left_the_room_is_not_who_stayed_in_it() -> None:
    """Two dashboards gave the session up; one of them never left its room, and is named."""
    story = (
        Story("subscription", declared=()).open("A", "B").start("main").subscribe("A", "main").subscribe("B", "main")
    )
    story.emit("main", *EVENTS[:2]).unsubscribe("A", "main").unsubscribe("B", "main").emit("main", *EVENTS[2:])
    sids = tuple(page.sid for page in story.pages.values())
    story.change(at(Hop.ROUTED, "main/4"), lambda s: replace(s, recipients=sids, detail={"room": "session:main"}))
    leaked = outcome(Kind.LEAKED, Hop.ROUTED, "main/4")
    assert explained("room-not-left", story, leaked) == []
    story.drop(said(FactKind.LEFT, sid=sids[1]))
    [blame] = explained("room-not-left", story, leaked)
    assert blame.evidence[0] == f"server: answered unsubscribe main of {sids[1]}; it never left 'session:main'"
    story.start("beside").emit("beside", *TASK)
    story.change(at(Hop.ROUTED, "beside/1"), lambda s: replace(s, recipients=sids, detail={"room": "session:beside"}))
    assert explained("room-not-left", story, outcome(Kind.LEAKED, Hop.ROUTED, "beside/1")) == []


def test_a_session_is_asked_for_instead_by_a_subscription_and_by_nothing_else() -> None:
    story = Story("subscription").open("A").start("main").start("beside").subscribe("A", "main")
    page = story.pages["A"]
    story.ask(page.sid, "status", {"ok": True}, page.observer, session="beside")
    assert _asked_instead(evidence(story), page.sid, "main") is None
    story.subscribe("A", "nobody's")
    assert _asked_instead(evidence(story), page.sid, "main") is None
    story.subscribe("A", "beside")
    assert _asked_instead(evidence(story), page.sid, "main") == "beside"


def test_events_are_sent_to_nobody_when_every_connected_dashboard_lacks_them_and_there_are_two() -> None:
    range_ = (Hop.ROUTED, Hop.DELIVERED)
    story = paper("sent-to-nobody")
    lost = [replace(outcome(Kind.LOST, Hop.ROUTED, "main/3", label), hop=None, hops=range_) for label in ("A", "B")]
    assert len(explained("sent-to-nobody", story, *lost)) == 1
    assert explained("sent-to-nobody", story, lost[0]) == []
    alone = paper("sent-to-nobody")
    alone.settle().drop(said(FactKind.FENCE, "B"))
    assert explained("sent-to-nobody", alone, lost[0]) == []
    three = paper("sent-to-nobody").open("C")
    assert explained("sent-to-nobody", three, *lost) == []


def test_of_events_for_an_empty_room_one_is_enough() -> None:
    story = told()
    empty = {"room": "main", "rooms": {}, "connected": [story.pages["A"].sid], "where": "server.py:7 publish"}
    story.fact(FactKind.UNROUTED, "server", key="main/3", **empty)
    [blame] = explained("room-mismatch", story, outcome(Kind.LOST, Hop.ROUTED))
    assert blame.evidence[0] == "server: 1 events emitted to room 'main', recipients: none (server.py:7 publish)"


def slow(behind_ms: float = 0.0, **clock: Any) -> Story:
    """Of seven events `main/7` is routed while those before it are on their way to A."""
    story = paper("slow-consumer-drop")
    routed = next(r.at_ns for r in story.records if at(Hop.ROUTED, "main/7")(r))
    arrived = routed + int(behind_ms * 1e6)
    return story.change(at(Hop.DELIVERED, None, "A"), lambda s: replace(s, at_ns=arrived))


def test_an_event_is_on_its_way_when_it_arrives_behind_the_routing_of_another_on_the_harness_s_clock() -> None:
    assert _on_their_way(evidence(slow(0.0)), "A", "main/7") == 0
    late = slow(0.000001)
    arrived = [r.event.key for r in late.records if isinstance(r, Sighting) and at(Hop.DELIVERED, None, "A")(r)]
    before = len({*arrived} - {"main/7"})
    assert _on_their_way(evidence(late), "A", "main/7") == before > 0
    ahead = late.change(said(FactKind.CLOCK, "A"), lambda f: replace(f, data={**f.data, "offset_ns": -1_000}))
    assert _on_their_way(evidence(ahead), "A", "main/7") == 0
    behind = slow(-0.5).change(said(FactKind.CLOCK, "A"), lambda f: replace(f, data={**f.data, "offset_ns": 1_000_000}))
    assert _on_their_way(evidence(behind), "A", "main/7") == before


def test_what_a_page_was_sent_before_it_was_loaded_again_is_not_on_its_way_to_it() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *EVENTS).reload("A")
    assert _on_their_way(evidence(story), "A", "main/7") == 6
    assert _on_their_way(evidence(story.reload("A").drop(said(FactKind.CLOCK))), "A", "main/7") is None


def test_how_much_is_on_its_way_is_unknown_of_whom_it_was_not_sent_to_and_of_pages_without_a_clock() -> None:
    story = slow(1.0)
    sid = story.pages["A"].sid
    assert _on_their_way(evidence(story), "A", "nobody's/1") is None
    assert _on_their_way(evidence(story), "Z", "main/7") is None
    story.change(at(Hop.ROUTED, "main/7"), lambda s: replace(s, recipients=tuple(x for x in s.recipients if x != sid)))
    assert _on_their_way(evidence(story), "A", "main/7") is None
    assert _on_their_way(evidence(slow(1.0).drop(said(FactKind.CLOCK, "A"))), "A", "main/7") is None


def test_a_gap_in_two_sessions_is_no_gap_of_one_upgrade() -> None:
    story = told().start("beside").emit("beside", *TASK).end("beside")
    story.change(at(Hop.DELIVERED), lambda s: replace(s, detail={"transport": "websocket"}))
    assert _right_behind(evidence(story), "A", {"main/3", "main/4"}) == "main/5"
    assert _right_behind(evidence(story), "A", {"main/3", "beside/4"}) is None
    assert _right_behind(evidence(story), "A", {"main/3", "main/5"}) is None
    assert _right_behind(evidence(story), "A", {f"main/{len(EVENTS)}"}) is None


def test_only_a_good_answer_to_a_subscription_to_that_session_comes_before_the_join() -> None:
    story = Story("subscription", declared=()).open("A").start("main").start("beside").subscribe("A", "beside")
    page = story.pages["A"]
    story.subscribe("A", "main", ok=False, error={"code": "?"}).ask(page.sid, "status", {"ok": True}, session="main")
    story.emit("main", *EVENTS[:2]).change(at(Hop.ROUTED), lambda s: replace(s, detail={"room": "session:main"}))
    story.subscribe("A", "main").emit("main", *EVENTS[2:])
    assert explained("ack-before-join", story, outcome(Kind.LOST, Hop.ROUTED, "main/1")) == []


def test_who_never_went_away_hides_nobody_who_came_back_without_its_rooms() -> None:
    story = subscribed("A", "B").emit("main", *EVENTS[:2])
    story.change(said(FactKind.JOINED), lambda f: replace(f, data={**f.data, "room": "main"}))
    for _ in range(2):
        story.disconnect("B").connect("B")
    story.emit("main", *EVENTS[2:])
    last = story.pages["B"].sid
    lost = outcome(Kind.LOST, Hop.ROUTED, "main/3", "B")
    missed = [outcome(Kind.LOST, Hop.DELIVERED, key, label) for key, label in (("main/4", "B"), ("main/4", "A"))]
    beside = outcome(Kind.LOST, Hop.DELIVERED, "beside/1", "B")
    story.start("beside").emit("beside", *TASK)
    [blame] = explained("no-resubscribe", story, lost, *missed, beside)
    assert blame.explains == (lost, missed[0])
    assert blame.evidence[0] == f"dashboard B: 3 connections, the last one {last}"
    back = story.fact(FactKind.JOINED, "server", sid=last, room="main")
    assert explained("no-resubscribe", back, lost) == []


def test_two_queues_are_why_events_are_lost_from_received_on_where_that_is_blind() -> None:
    range_ = (Hop.RECEIVED, Hop.ROUTED)
    lost = replace(outcome(Kind.LOST, Hop.RECEIVED, "main/1"), hop=None, hops=range_)
    assert len(explained("queue-mismatch", paper("queue-mismatch"), lost)) == 1
    lost = replace(outcome(Kind.LOST, Hop.SENT, "main/3"), hop=None, hops=(Hop.SENT, Hop.RECEIVED))
    story = told().fact(FactKind.UNSERVED_EMIT, "cli:main", event="x", key="main/3", where="agent.py:7 report")
    assert len(explained("wrong-process", story, lost)) == 1


def test_who_came_late_and_was_not_told_explains_what_the_properties_say_of_that_dashboard_alone() -> None:
    def untold_(prop: str, label: str, key: str | None = None) -> Outcome:
        return Outcome(Kind.LOST, prop, key, label, None, (Hop.ROUTED, Hop.DELIVERED), "not told")

    lost = outcome(Kind.LOST, Hop.ROUTED, "main/3", "B")
    mine = [untold_("A3", "B"), untold_("A4", "B")]
    others = [untold_("A4", "A"), untold_("A5", "B"), untold_("A3", "B", "main/4")]
    [blame] = explained("late-join-stale", paper("late-join-stale"), lost, *mine, *others)
    assert set(blame.explains) - {others[2]} == {lost, *mine}


def test_what_is_no_event_is_of_no_session_that_somebody_was_not_told_of() -> None:
    story = Story("auto-discovery").open("A").start("main").emit("main", *TASK)
    story.drop(said(FactKind.NOTICE, "A", name="session:announced"))
    assert untold(evidence(story), outcome(Kind.LOST, Hop.ROUTED)) == "main"
    assert untold(evidence(story), outcome(Kind.LOST, Hop.ROUTED, None)) is None
    other = replace(story.contract, strategy="broadcast")
    story.contract = other
    assert untold(evidence(story), outcome(Kind.LOST, Hop.ROUTED)) is None


def test_a_queue_is_full_with_four_events_in_it_and_a_page_that_changed_its_transport_is_another_cause() -> None:
    story = told().lose("main/5", Hop.DELIVERED, "B")
    story.change(at(Hop.DELIVERED, None, "B"), lambda s: replace(s, at_ns=s.at_ns + 1_000_000_000))
    lost = outcome(Kind.LOST, Hop.DELIVERED, "main/5", "B")
    [blame] = explained("slow-consumer-drop", story, lost)
    assert "4 others were still on their way" in blame.evidence[1]
    assert explained("slow-consumer-drop", story, lost, replace(lost, key="main/4")) == []
    by_polling = said(FactKind.CONNECTED, sid=story.pages["B"].sid)
    story.change(by_polling, lambda f: replace(f, data={**f.data, "transport": "polling"}))
    assert explained("slow-consumer-drop", story, lost) == []


def test_what_a_dashboard_missed_while_it_was_away_is_no_gap_when_it_was_there_or_was_sent_it() -> None:
    def is_gap(key: str, label: str = "A", story: Story | None = None) -> bool:
        found = explained(
            "gap-no-replay", story or paper("gap-no-replay"), outcome(Kind.LOST, Hop.DELIVERED, key, label)
        )
        return bool(found)

    assert is_gap("main/3")
    assert not is_gap("main/3", "Z")
    there = paper("gap-no-replay").change(at(Hop.ROUTED, "main/1"), lambda s: replace(s, recipients=()))
    assert not is_gap("main/1", story=there)
    sent = paper("gap-no-replay")
    [sid] = {page.sid for page in sent.pages.values() if page.label == "A"}
    assert not is_gap("main/3", story=sent.change(at(Hop.ROUTED, "main/3"), lambda s: replace(s, recipients=(sid,))))


def raising(*handlers: tuple[str, str]) -> Story:
    """Events that arrive and are not routed; handlers that raise behind them, by name, with what they say."""
    story = Story("broadcast").open("A").start("main").emit("main", *(name for name, _ in handlers))
    for number, (name, error) in enumerate(handlers, start=1):
        story.lose(f"main/{number}", Hop.ROUTED, "A").drop(at(Hop.ROUTED, f"main/{number}"))
        story.fact(FactKind.HANDLER_ERROR, "server", sid="sid-main", name=name, error=error, where="app.py:1 on")
    return story


def test_each_exception_is_that_of_the_first_event_that_it_fits_and_all_of_them_are_told() -> None:
    story = raising(*((f"step:{number}", f"ValueError: {number}") for number in range(1, 12)))
    found = _raised(evidence(story), {"main/2", "main/10"})
    assert {key: fact.data["error"] for key, fact in found.items()} == {
        "main/2": "ValueError: 2",
        "main/10": "ValueError: 10",
    }
    lost = [outcome(Kind.LOST, Hop.ROUTED, key) for key in ("main/1", "main/2")]
    [blame] = explained("handler-raises", raising(("one", "ValueError: 1"), ("two", "ValueError: 2")), *lost)
    assert [line.partition(": ")[2] for line in blame.evidence] == [
        "'one': ValueError: 1 (app.py:1 on)",
        "'two': ValueError: 2 (app.py:1 on)",
    ]


def test_exceptions_of_one_handler_for_all_are_given_out_in_the_order_of_arrival() -> None:
    story = raising(*((f"step:{number}", f"ValueError: {number}") for number in range(1, 12)))
    everything = said(FactKind.HANDLER_ERROR, "server")
    story.change(everything, lambda fact: replace(fact, data={**fact.data, "name": "publish"}))
    found = _raised(evidence(story), {"main/2", "main/10"})
    assert {key: fact.data["error"] for key, fact in found.items()} == {
        "main/2": "ValueError: 1",
        "main/10": "ValueError: 2",
    }


def test_a_place_is_kept_by_the_session_that_the_failure_names() -> None:
    def stuck(story: Story) -> list[Blame]:
        failed = [each for each in story.verdict().outcomes if each.kind is Kind.STUCK]
        return explained("lease-stuck", story, *failed)

    active = {"code": "session-active"}
    story = Story("single-session", declared=()).start("early").emit("early", *TASK).end("early").start("main")
    story.ask("sid-main", "session:rename", {"ok": True}, session="main")
    story.emit("main", *TASK[:2]).kill("main").wait(5_000).start("next", ok=False, error=active)
    [blame] = stuck(story)
    assert blame.sentence == "session main keeps the place although its producer is gone."
    assert blame.evidence == (
        "server: sid-main of main disconnected: transport close",
        "server: refused 1 openings behind that, the last with 'session-active'",
    )
    [nobody_s] = [each for each in story.verdict().outcomes if each.kind is Kind.STUCK]
    assert explained("lease-stuck", story, replace(nobody_s, detail="nobody's had ended")) == []


def test_a_refusal_without_a_code_is_that_of_the_session_of_which_somebody_was_turned_away() -> None:
    [failed] = [each for each in paper("rejected-without-code").verdict().outcomes if each.kind is Kind.EXCLUSIVITY]
    for kind in (Kind.EXCLUSIVITY, Kind.REFUSED):
        assert len(explained("rejected-without-code", paper("rejected-without-code"), replace(failed, kind=kind))) == 1


# In the CLI


def sizes(story: Story, **bytes_: int) -> Story:
    """Events by session and number, with how large they were when they were sent."""
    for name, size in bytes_.items():
        story.change(at(Hop.SENT, name.replace("_", "/")), partial(replace, detail={"bytes": size}))
    return story


def too_large(story: Story, *keys: str) -> list[str]:
    lost = [outcome(Kind.LOST, Hop.RECEIVED, key) for key in keys]
    return [blame.sentence.partition(" ")[0] for blame in explained("oversize-payload", story, *lost)]


def test_an_event_is_too_large_from_so_many_times_the_size_of_all_that_arrived() -> None:
    def story(largest: int, size: int) -> Story:
        return sizes(paper("oversize-payload"), **{f"main_{n}": largest for n in range(1, 8)} | {"main_4": size})

    assert too_large(story(200, 200 * FAR), "main/4") == ["main/4"]
    assert too_large(story(200, 200 * FAR - 1), "main/4") == []
    assert too_large(story(0, FAR), "main/4") == ["main/4"]
    assert too_large(story(0, FAR - 1), "main/4") == []


def test_what_nobody_saw_being_sent_and_another_session_whose_events_are_small_hide_no_large_one() -> None:
    story = paper("oversize-payload").start("small").emit("small", *TASK).end("small")
    story.start("unseen").emit("unseen", *TASK).end("unseen")
    story.drop(*(at(Hop.SENT, f"unseen/{n}") for n in range(1, 6)))
    gone(story, ("small/3", "unseen/3"), *BEHIND_SENT, acknowledged=True)
    assert too_large(story, "unseen/3", "small/3", "main/4") == ["main/4"]
    cut = said(FactKind.DISCONNECTED, "server", sid="sid-main")
    by_itself = paper("oversize-payload").change(
        cut, lambda f: replace(f, data={**f.data, "reason": "client disconnect"})
    )
    by_itself.start("other").emit("other", *TASK).end("other")
    sizes(by_itself, other_1=10, other_2=10, other_3=100_000, other_4=10, other_5=10)
    gone(by_itself, ("other/3",), *BEHIND_SENT, acknowledged=True)
    assert too_large(by_itself, "main/4", "other/3") == ["other/3"]


def test_an_event_is_sent_again_when_it_was_sent_twice_from_one_place() -> None:
    again = outcome(Kind.DUPLICATED, Hop.SENT, "main/4", None)
    story = told().double(at(Hop.SENT, "main/4"))
    [first] = {r.at_ns for r in story.records if at(Hop.SENT, "main/4")(r)}
    numbers = [r.n for r in story.records if isinstance(r, Sighting) and at(Hop.SENT, "main/4")(r)]
    second = max(numbers)
    story.change(
        lambda r: at(Hop.SENT, "main/4")(r) and isinstance(r, Sighting) and r.n == second,
        lambda s: replace(s, at_ns=first + 250_050_000_000),
    )
    [blame] = explained("retry-without-id", story, again)
    assert blame.evidence[1].startswith("the second time came at least 250050.0 ms behind the first")
    assert explained("retry-without-id", told(), again) == []
    assert explained("retry-without-id", paper("two-emit-paths"), again) == []


def test_who_was_not_let_in_lost_what_it_could_not_send_and_nothing_else() -> None:
    story = told().fact(FactKind.CLIENT_REFUSED, "cli:main", error="bad-token")
    out = Outcome(Kind.REFUSED, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), "cli:main was not let in")
    silenced = outcome(Kind.LOST, Hop.SENT, "main/3")
    others = [outcome(Kind.LOST, Hop.ROUTED, "main/4"), outcome(Kind.DUPLICATED, Hop.SENT, "main/5")]
    nobody_s = outcome(Kind.LOST, Hop.SENT, "other/1")
    [blame] = explained("refused", story, out, silenced, *others, nobody_s)
    assert blame.explains == (out, silenced)


def test_a_cli_that_was_connected_hides_no_other_that_never_was() -> None:
    story = paper("never-connected").start("other").emit("other", *TASK)
    lost = [outcome(Kind.LOST, Hop.SENT, key) for key in ("other/1", "main/1")]
    [blame] = explained("never-connected", story, *lost)
    assert blame.explains == (lost[1],)


def test_a_namespace_is_nobody_s_when_the_server_refuses_it_and_nobody_is_in_it() -> None:
    def wrong(story: Story, *more: Outcome) -> list[str]:
        failed = [each for each in paper("cli-namespace").verdict().outcomes if each.kind is Kind.REFUSED]
        return [blame.evidence[0] for blame in explained("cli-namespace", story, *failed, *more)]

    told_ = ["cli:main: /producers: Unable to connect"]
    assert wrong(paper("cli-namespace")) == told_
    shared = {"sid": "x", "role": "producer", "origin": None, "transport": "websocket", "namespace": "/producers"}
    assert wrong(paper("cli-namespace").fact(FactKind.CONNECTED, "server", **shared)) == []
    assert wrong(paper("cli-namespace").drop(said(FactKind.REFUSED, "server"))) == []
    story = Story("broadcast")
    for observer in ("cli:early", "server"):
        kind = FactKind.REFUSED if observer == "server" else FactKind.CLIENT_REFUSED
        story.fact(kind, observer, error="bad-token", reason="bad-token", namespace="/", sid=None, role="producer")
    story.records += paper("cli-namespace").records
    early = Outcome(Kind.REFUSED, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), "cli:early was not let in")
    assert wrong(story, early) == told_


def test_what_a_cli_reports_at_the_very_end_of_its_connection_is_not_behind_it() -> None:
    story = paper("emit-after-close")
    lost = outcome(Kind.LOST, Hop.SENT, "main/3")
    assert len(explained("emit-after-close", story, lost)) == 1
    [closed] = {r.at_ns for r in story.records if said(FactKind.CLIENT_DISCONNECTED, "main")(r)}
    story.change(at(Hop.EMITTED, "main/3"), lambda s: replace(s, at_ns=closed))
    assert explained("emit-after-close", story, lost) == []


def test_an_emit_that_was_confirmed_did_not_fail_and_one_cli_s_luck_is_not_another_s() -> None:
    error = "not sent: dropped: the connection was disconnected"
    confirmed = said(FactKind.ACKNOWLEDGED, "main", key="main/4")
    story = paper("emit-while-reconnecting")
    lost = outcome(Kind.LOST, Hop.SENT, "main/4")
    assert len(explained("emit-while-reconnecting", story, lost)) == 1
    story.start("other").emit("other", *TASK)
    lucky = outcome(Kind.LOST, Hop.SENT, "other/1")
    [blame] = explained("emit-while-reconnecting", story, lucky, lost)
    assert blame.explains == (lost,)
    story.change(confirmed, lambda f: replace(f, data={"key": "main/4", "ok": True, "error": error}))
    assert explained("emit-while-reconnecting", story, lost) == []


def test_a_message_of_a_page_that_nobody_handles_is_not_why_a_cli_s_events_were_not() -> None:
    story = gone(told(), ("main/3",), *BEHIND_SENT)
    lost = outcome(Kind.LOST, Hop.RECEIVED)
    story.fact(FactKind.NO_HANDLER, "server", sid=story.pages["A"].sid, name="hello")
    assert explained("ingress-name", story, lost) == []
    story.fact(FactKind.NO_HANDLER, "server", sid="sid-main", name="publish")
    assert len(explained("ingress-name", story, lost)) == 1


def test_a_cli_that_the_harness_killed_was_killed_on_purpose() -> None:
    def incomplete(session: str) -> Outcome:
        detail = f"session {session} was never ended"
        return Outcome(Kind.INCOMPLETE, "P7", None, None, Hop.EMITTED, (Hop.EMITTED,), detail)

    story = paper("killed-mid-run")
    assert len(explained("killed-mid-run", story, incomplete("main"))) == 1
    assert explained("killed-mid-run", story, incomplete("other")) == []
    assert explained("killed-mid-run", paper("killed-mid-run").start("next").kill("next"), incomplete("next")) == []


def test_a_cli_that_lost_its_connection_or_emits_elsewhere_did_not_forget_to_emit() -> None:
    failed = [each for each in paper("emit-unreached").verdict().outcomes if each.kind is Kind.LOST]

    def is_explained(kind: FactKind, cli: str, **data: Any) -> bool:
        return bool(explained("emit-unreached", paper("emit-unreached").fact(kind, cli, **data), *failed))

    elsewhere = {"event": "x", "key": "main/1", "where": "agent.py:7 report"}
    assert not is_explained(FactKind.CLIENT_DISCONNECTED, "cli:main", reason="transport close")
    assert not is_explained(FactKind.UNSERVED_EMIT, "cli:main", **elsewhere)
    assert is_explained(FactKind.CLIENT_DISCONNECTED, "cli:other", reason="transport close")
    assert is_explained(FactKind.UNSERVED_EMIT, "cli:other", **elsewhere)


def test_a_connection_that_a_cli_had_again_is_not_lost() -> None:
    story = Story("broadcast").start("main").fact(FactKind.CLIENT_DISCONNECTED, "cli:main", reason="transport close")
    assert [fact.data["reason"] for fact in _lost_connections(evidence(story), "cli:main")] == ["transport close"]
    story.fact(FactKind.CLIENT_CONNECTED, "cli:main", url="http://127.0.0.1:1", transport="websocket")
    assert _lost_connections(evidence(story), "cli:main") == []
    assert _lost_connections(evidence(story), "cli:other") == []


def test_what_was_lost_before_something_that_was_not_is_no_tail_that_was_left_behind() -> None:
    def tail(*lost: str, acknowledged: tuple[str, ...] = (), elsewhere: tuple[str, ...] = ()) -> list[str | None]:
        story = told()
        for key in {f"main/{place + 1}" for place in range(len(EVENTS))} - {*acknowledged}:
            story.drop(said(FactKind.ACKNOWLEDGED, key=key))
        outcomes = [outcome(Kind.LOST, Hop.RECEIVED, key) for key in lost]
        outcomes += [outcome(Kind.LOST, Hop.ROUTED, key) for key in elsewhere]
        return [each.key for blame in explained("exit-before-ack", story, *outcomes) for each in blame.explains]

    assert tail("main/6", "main/7") == ["main/6", "main/7"]
    assert tail("main/5", "main/7") == ["main/7"]
    assert tail("main/5", "main/6") == []
    assert tail("main/6", "main/7", acknowledged=("main/7",)) == []
    assert tail("main/6", elsewhere=("main/7",)) == []


# In the page


def seen(*at_ns: int) -> list[Sighting]:
    event = Event("main/1", "step", "main", 1, None)
    return [Sighting(Hop.DELIVERED, event, "dashboard:A.1", n, at, None, {}) for n, at in enumerate(at_ns)]


def test_what_a_counter_said_is_told_of_its_own_page() -> None:
    story = told().shows("A", counter=8)
    for label, value in (("A", 7), ("B", 9), ("A", 8)):
        story.fact(FactKind.COUNTER, f"dashboard:{label}.1", value=value)
    [blame] = explained("counter-off", story, outcome(Kind.MISRENDERED, Hop.RENDERED, None, "A", "the counter says 8"))
    assert blame.evidence[1] == "dashboard A: it said, in this order: 7, 8"


@pytest.mark.parametrize(("lost", "is_batch"), [(MANY - 1, False), (MANY, True)])
def test_a_batch_is_more_than_a_few_events(lost: int, is_batch: bool) -> None:
    """The last one of a batch, which is applied, is counted too."""
    outcomes = [outcome(Kind.LOST, Hop.APPLIED, f"main/{number + 1}") for number in range(1, 1 + lost)]
    assert bool(explained("last-of-batch", told(), *outcomes)) is is_batch


def test_a_counter_that_agrees_with_the_state_is_not_off() -> None:
    wrong = outcome(Kind.MISRENDERED, Hop.RENDERED, None, "A", "the counter says 9")
    assert explained("counter-off", told(), wrong) == []
    assert len(explained("counter-off", told().shows("A", counter=8), wrong)) == 1


def test_a_list_is_cut_when_the_counter_says_more_than_it_has_rows() -> None:
    cut = outcome(Kind.TRUNCATED, Hop.RENDERED, None, "A")
    rows = ["main/7", "main/6"]
    assert len(explained("list-sliced", told().shows("A", rows=rows, counter=3), cut)) == 1
    assert explained("list-sliced", told().shows("A", rows=rows, counter=2), cut) == []
    assert explained("list-sliced", told().shows("A", rows=rows, counter="many"), cut) == []
    assert explained("list-sliced", told(), replace(cut, dashboard="Z")) == []
    assert len(explained("list-sliced", told().shows("A", rows=None, counter=1), cut)) == 1
    assert explained("list-sliced", told().shows("A", rows=None, counter="many"), cut) == []


def test_only_the_load_that_took_an_event_in_twice_is_asked_how_often_it_connected() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *EVENTS[:2]).reload("A").emit("main", *EVENTS[2:])
    twice = outcome(Kind.DUPLICATED, Hop.APPLIED, "main/1")
    story.double(lambda r: at(Hop.APPLIED, "main/1")(r) and r.observer == "dashboard:A.2")
    assert [fact.observer for fact in _connected(evidence(story), twice)] == ["dashboard:A.2"]


def test_of_two_loads_that_took_an_event_in_twice_the_first_is_told() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *EVENTS[:2]).reload("A")
    for load in ("dashboard:A.1", "dashboard:A.2"):
        story.double(lambda r, load=load: at(Hop.APPLIED, "main/1")(r) and r.observer == load)  # type: ignore[misc]
    [blame] = explained("listener-twice", story, outcome(Kind.DUPLICATED, Hop.APPLIED, "main/1"))
    assert blame.evidence[0].startswith("dashboard:A.1: ")


def test_the_names_that_panels_count_are_known_and_their_patterns_are_not() -> None:
    panels = (Panel("skills", ("skill:*", "checkpoint:created"), {"done": ("skill:completed", "step:*")}),)
    story = Story("broadcast", declared=("task:begun",), terminal=("task:over",), panels=panels)
    assert _known(evidence(story)) == {"task:begun", "task:over", "checkpoint:created", "skill:completed"}


def test_one_event_of_a_name_that_nobody_takes_in_is_told_too() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK).end("main")
    gone(story, ("main/3",), Hop.APPLIED, Hop.RENDERED, acknowledged=True)
    [blame] = explained("no-reducer-case", story, outcome(Kind.UNHANDLED, Hop.APPLIED))
    assert blame.evidence == ("1 events named 'skill:started' delivered, 0 applied",)


WRONG = "panel skills shows 0"


def test_events_that_a_page_holds_without_their_session_and_number_are_lost_or_not_handled() -> None:
    for kind in (Kind.UNHANDLED, Kind.LOST):
        mine = [outcome(kind, Hop.APPLIED, f"main/{n}") for n in range(1, len(EVENTS) + 1)]
        assert len(explained("envelope-nesting", paper("envelope-nesting"), *mine)) == 1
    own = replace(paper("envelope-nesting").contract, own_events=EVENTS)
    story = paper("envelope-nesting")
    story.contract = own
    assert explained("envelope-nesting", story, *mine) == []


def test_a_panel_is_stale_when_it_was_seen_twice_with_the_same_numbers() -> None:
    other = outcome(Kind.MISRENDERED, Hop.RENDERED, None, "A", "the counter says 9")
    wrong = replace(other, detail=WRONG)
    assert len(explained("panel-stale", paper("panel-stale"), wrong)) == 1
    assert len(explained("panel-stale", paper("panel-stale"), other, wrong)) == 1
    assert explained("panel-stale", paper("panel-stale").drop(said(FactKind.PANEL)), wrong) == []
    changed = {"panel": "skills", "session": "main", "text": "busy", "values": {"started": "1", "completed": "0"}}
    elsewhere = paper("panel-stale").fact(FactKind.PANEL, "dashboard:B.1", **changed)
    assert len(explained("panel-stale", elsewhere, wrong)) == 1
    assert explained("panel-stale", elsewhere.fact(FactKind.PANEL, "dashboard:A.1", **changed), wrong) == []


def test_a_panel_mixes_sessions_where_the_page_holds_two() -> None:
    wrong = outcome(Kind.MISRENDERED, Hop.RENDERED, None, "A", "panel overview shows 12")
    other = replace(wrong, detail="the counter says 9")
    assert len(explained("sessions-mixed", paper("sessions-mixed"), wrong)) == 1
    assert len(explained("sessions-mixed", paper("sessions-mixed"), other, wrong)) == 1
    every = {"overview": {"session": "main", "text": "busy", "values": {"events": str(len(EVENTS))}}}
    assert explained("sessions-mixed", told().shows("A", panels=every), wrong) == []
    assert len(explained("sessions-mixed", paper("sessions-mixed").reload("A"), wrong)) == 1
    assert explained("sessions-mixed", paper("sessions-mixed"), replace(wrong, dashboard="Z")) == []


def test_a_page_that_says_connected_is_told_with_the_ends_of_its_own_connections() -> None:
    story = paper("says-connected").fact(FactKind.PAGE_CLOSED, "dashboard:A.1", transport="websocket", reason="other")
    [blame] = explained("says-connected", story, Outcome(Kind.MISRENDERED, "P15", None, "B", Hop.RENDERED, (), ""))
    assert blame.evidence == (
        "dashboard B: its connection ended: transport close",
        "dashboard B: it says 'Connected'",
    )


@pytest.mark.parametrize(("apart_ns", "is_batch"), [(0, True), (100_000_000, True), (100_000_001, False)])
def test_events_are_one_batch_up_to_a_tenth_of_a_second_apart(apart_ns: int, is_batch: bool) -> None:
    assert _is_batch(seen(0, 1_000_000_000, 1_000_000_000 + apart_ns)) is is_batch
    assert not _is_batch(seen(0))


# Refused


def refusal(story: Story, role: str | None) -> Story:
    told_ = {"reason": "bad-role", "origin": None, "sid": None, "role": role}
    return story.fact(FactKind.REFUSED, "server", **told_)


def test_a_refusal_by_the_server_is_of_the_role_that_it_names() -> None:
    story = refusal(refusal(refusal(told(), "dashboard"), "producer"), None)
    assert [fact.data["role"] for fact in _refusals(evidence(story), "dashboard:A")] == ["dashboard", None]
    assert [fact.data["role"] for fact in _refusals(evidence(story), "cli:main")] == ["producer", None]


def test_a_refusal_by_the_server_is_of_whom_was_refused_where_others_say_that_they_were() -> None:
    story = refusal(told(), "dashboard").fact(FactKind.PAGE_REFUSED, "dashboard:A.1", text="no")
    of_a = _refusals(evidence(story), "dashboard:A")
    assert [fact.observer for fact in of_a] == ["dashboard:A.1", "server"]
    assert _refusals(evidence(story), "dashboard:B") == []
    story.fact(FactKind.PAGE_REFUSED, "dashboard:B.1", text="no")
    assert [fact.observer for fact in _refusals(evidence(story), "dashboard:B")] == ["dashboard:B.1", "server"]
