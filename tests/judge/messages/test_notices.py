"""What a server tells pages of sessions is compared with their events, and with what it was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model import Answer, Aspect, Event, Hop, Panel, SessionNotice, Shows, Verdict
from harness.model.facts import Answered, Notice, NoticeRouted, PanelPart, Requested, View
from tests.support.history import History, clean, load, sid
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK

ENDED = SessionNotice(status="status", ended={"completed": ("run:completed",), "failed": ("run:failed",), "gone": ()})
NOTICES = {"ended": ENDED, "begun": SessionNotice()}
STATUS = Shows(says={"begun": "on", "run:completed": "done"}, statuses={"completed": "done", "failed": "bad"})


def told(
    said: Any = None,
    *,
    asked: str | None = "completed",
    early: bool = False,
    in_server: bool = True,
    name: str = "ended",
) -> History:
    """A clean run whose end is asked for, emitted by the server, and told to both pages; `early`: before all events."""
    history = clean().promising(notices=NOTICES)
    body = {"session": "s", "status": "completed"} if said is None else said
    if asked is not None:
        request = {"session": "s", "status": asked, "task": "tidy"}
        history.tell(Requested, "server", name="session:close", args=[request], id=7, sid="cli")
        history.tell(Answered, "server", name="session:close", args=[{"ok": True}], id=7, sid="cli")
    if in_server and said != "nothing":
        history.tell(NoticeRouted, "server", name=name, payload=body, recipients=[sid("A"), sid("B")])
    for label in "AB" if said != "nothing" else "":
        history.tell(Notice, load(label), name=name, payload=body)
    if early:
        for kind in (NoticeRouted, Notice):
            moved = [r for r in history.records if isinstance(getattr(r, "body", None), kind)]
            history.without(lambda r, moved=moved: r in moved)  # type: ignore[misc]
            history.records = [*(_first(r) for r in moved), *history.records]
    return history


def _first(record: Any) -> Any:
    return type(record)(record.observer, 0, record.at_ns, record.body)


def wrong(verdict: Verdict) -> set[tuple[Aspect, tuple[Hop, ...]]]:
    return {(o.finding.aspect, o.hops) for o in verdict.outcomes if o.prop == "P13" and o.kind.value != "delivered"}


def test_a_session_that_was_broken_off_may_go_on() -> None:
    history = told({"session": "s", "status": "gone"}, early=True, asked=None)
    assert Aspect.ENDED_EARLY not in {aspect for aspect, _ in wrong(history.verdict())}


def test_a_notice_of_an_unknown_session_contradicts_nothing() -> None:
    assert not wrong(told({"session": "other", "status": "failed"}, asked=None).verdict())


def test_an_end_that_is_told_right_passes() -> None:
    assert told().verdict().answer is Answer.PASSED


@pytest.mark.parametrize(
    ("history", "aspect", "hops"),
    [
        (told({"session": "s", "status": "failed"}), Aspect.ENDED_AS, (Hop.ROUTED,)),
        (told({"session": "s", "status": "failed"}, asked="failed"), Aspect.ENDED_AS, (Hop.SENT,)),
        (told({"session": "s", "status": "gone"}, asked=None), Aspect.ENDED_AS, (Hop.SENT,)),
        (told({"session": "s", "status": "what"}), Aspect.ENDED_AS, (Hop.ROUTED,)),
        (
            told({"session": "s", "status": "failed"}, in_server=False),
            Aspect.ENDED_AS,
            (Hop.ROUTED, Hop.DELIVERED),
        ),
        (told(early=True), Aspect.ENDED_EARLY, (Hop.ROUTED,)),
        (told(early=True, in_server=False), Aspect.ENDED_EARLY, (Hop.ROUTED, Hop.DELIVERED)),
        (told("nothing"), Aspect.END_UNTOLD, (Hop.ROUTED,)),
        (
            told({"session": "s", "status": "completed", "task": "other"}),
            Aspect.NOTICE_DATA,
            (Hop.ROUTED,),
        ),
    ],
)
def test_what_contradicts_its_session_is_told_with_its_hop(
    history: History, aspect: Aspect, hops: tuple[Hop, ...]
) -> None:
    verdict = history.verdict()
    assert verdict.answer is Answer.FAILED
    assert wrong(verdict) == {(aspect, hops)}
    assert {blame.hops for blame in verdict.blame} == {hops}


def test_an_end_says_which_event_was_the_last() -> None:
    def said(last: int) -> Verdict:
        body = {"session": "s", "status": "completed", "seq": last}
        return told(body).promising(notices={"ended": replace(ENDED, last="seq")}).verdict()

    last = max(event.seq or 0 for event in (r.event for r in told().records if hasattr(r, "event")))
    assert said(last).answer is Answer.PASSED
    assert wrong(said(last - 1)) == {(Aspect.NOTICE_LAST, (Hop.ROUTED,))}
    assert wrong(said(0)) == {(Aspect.NOTICE_LAST, (Hop.ROUTED,))}


@pytest.mark.parametrize(("says", "is_wrong"), [(0, False), (-1, False), (-2, True), (1, True)])
def test_an_event_that_the_server_failed_at_may_be_the_last_or_not(says: int, is_wrong: bool) -> None:
    """Seen under disk-full: it is received, sent to no dashboard, and an end that leaves it out was told as wrong."""
    sightings = [r for r in told().records if hasattr(r, "event")]
    last = max(r.event.seq or 0 for r in sightings)
    history = told({"session": "s", "status": "completed", "seq": last + says})
    history.promising(notices={"ended": replace(ENDED, last="seq")})
    history.without(lambda r: getattr(r, "hop", 0) >= Hop.ROUTED and getattr(r, "event").seq == last)  # noqa: B009
    assert (Aspect.NOTICE_LAST in {aspect for aspect, _ in wrong(history.verdict())}) is is_wrong


@pytest.mark.parametrize(("says", "is_wrong"), [(0, False), (1, True)])
def test_a_session_of_which_nothing_was_routed_ends_at_none(says: int, is_wrong: bool) -> None:
    """All that the server took of it was refused; the last that it took may be said as well."""
    history = told({"session": "s", "status": "completed", "seq": says})
    history.promising(notices={"ended": replace(ENDED, last="seq")})
    history.without(lambda r: getattr(r, "hop", 0) >= Hop.ROUTED)
    assert (Aspect.NOTICE_LAST in {aspect for aspect, _ in wrong(history.verdict())}) is is_wrong


def test_an_end_need_not_say_what_was_refused_or_never_answered() -> None:
    """The session had ended before, for another reason."""
    other = {"session": "s", "status": "completed", "task": "other"}
    refused = told(other).changed(_is_close_answered, lambda f: replace(f, body=replace(f.body, args=[{"ok": False}])))
    unanswered = told(other).without(_is_close_answered)
    for history in (refused, unanswered):
        assert Aspect.NOTICE_DATA not in {aspect for aspect, _ in wrong(history.verdict())}


def _is_close_answered(record: Any) -> bool:
    return isinstance(getattr(record, "body", None), Answered) and record.body.name == "session:close"


def test_a_page_shows_what_it_was_told() -> None:
    """The last word of a session's status may be a notice's; each session that a page knows of has its own part."""
    panel = Panel("list", ("*",), {"count": ("*",)}, {"status": STATUS}, each_session=True)

    def shown(**values: str) -> Verdict:
        parts = {"list s": PanelPart("s", "", {"count": "4", **values})} if values else {}
        history = told().promising(panels=(panel,))
        return history.changed(_is_view, lambda r: _with_panels(r, parts)).verdict()

    assert shown(status="done").answer is Answer.PASSED
    assert {b.hops for b in shown(status="on").blame} == {(Hop.RENDERED,)}
    assert {o.finding.aspect for o in shown().outcomes if o.prop == "P9" and o.dashboard} >= {Aspect.PANEL_ABSENT}


def _is_view(record: Any) -> bool:
    return isinstance(getattr(record, "body", None), View)


def _with_panels(record: Any, parts: dict[str, PanelPart]) -> Any:
    return replace(record, body=replace(record.body, panels=parts))


def _late(replays: bool = True) -> Story:
    """All dashboards are told that a session ended, and one that asks for it after that has its events replayed."""
    story = Story("subscription", notices={"ended": ENDED}, session="main").open("A", "B").subscribe("A", "main")
    story.start("main").emit("main", *TASK).end("main")
    body = {"session": "main", "status": "completed"}
    story.fact(NoticeRouted, "server", name="ended", payload=body, recipients=None)
    for page in story.pages.values():
        story.fact(Notice, page.observer, name="ended", payload=body)
    return story.subscribe("B", "main") if replays else story


def test_what_is_replayed_to_who_asks_after_the_end_came_before_it() -> None:
    early = {o.finding.aspect for o in _late().verdict().outcomes} & {Aspect.ENDED_EARLY}
    assert not early
    late = _late(replays=False)
    event = Event("main/1", TASK[0], "main", 1, "digest-1")
    late.see(Hop.DELIVERED, event, late.pages["B"].observer, transport="websocket")
    found = {o.dashboard for o in late.verdict().outcomes if o.finding.aspect is Aspect.ENDED_EARLY}
    assert found == {"B"}, "it was never routed to it after the end"


def announced(count: int, *, ended: int = 0, strategy: str = "auto-discovery") -> set[tuple[Aspect, tuple[Hop, ...]]]:
    """What is wrong where a server that is not the reference system tells each page so often that a session began.

    Of its end it tells after the `ended`-th time.
    """
    history = clean().promising(notices=NOTICES, strategy=strategy, asks=False)
    for number in range(count):
        history.tell(NoticeRouted, "server", name="begun", payload={"session": "s"}, recipients=[sid("A"), sid("B")])
        for label in "AB":
            history.tell(Notice, load(label), name="begun", payload={"session": "s"})
            if ended == number + 1:
                history.tell(Notice, load(label), name="ended", payload={"session": "s", "status": "completed"})
    return {each for each in wrong(history.verdict()) if each[0] is Aspect.ANNOUNCED_OFTEN}


def test_pages_that_discover_sessions_are_told_of_each_once() -> None:
    assert announced(1) == announced(2, ended=1) == announced(2, strategy="broadcast") == set()
    assert announced(2) == announced(2, ended=2) == {(Aspect.ANNOUNCED_OFTEN, (Hop.ROUTED,))}
