"""Systems that announce sessions in words of their own: who was told, who asked for what, and what that mends."""

from __future__ import annotations

from typing import Any

import pytest

from harness.diagnosis._announcements import is_unannounced
from harness.model import Aspect, Finding, Hop, Kind, SessionNotice
from harness.model.facts import Joined, NoHandler, Notice, Requested, Unrouted
from harness.reporting import sentences
from tests.support.causes import gone
from tests.support.explained import evidence, explained, outcome, paper
from tests.support.ledgers import Story
from tests.support.other_systems import STOCK, lost
from tests.support.records import said

PAGE = (Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED)
KEYS = tuple(f"main/{number}" for number in range(1, len(STOCK) + 1))


def shifts(told: object = None, **contract: Any) -> Story:
    """A system whose `shift:opened` names a session, and that emits to a room which no dashboard has joined."""
    promised = {"asks": False, "declared": (), "notices": {"shift:opened": SessionNotice("shift")}, **contract}
    story = Story("auto-discovery", target="shifts", **promised).open("A", "B").start("main").emit("main", *STOCK)
    story.end("main").drop(said(Notice), said(Joined), said(Requested))
    sids = [story.pages[label].sid for label in "AB"]
    gone(story, KEYS, *PAGE, acknowledged=True)
    for key in KEYS:
        story.fact(Unrouted, "server", key=key, room="main", where="app.py:7 tell", connected=sids)
    for label in "AB" if told is not None else "":
        story.fact(Notice, f"dashboard:{label}.1", name="shift:opened", payload=told)
    return story


def causes(story: Story) -> set[str]:
    failed = lost(story, Hop.ROUTED, *range(1, len(STOCK) + 1))
    return {cause for cause in ("no-announcement", "room-mismatch") if explained(cause, story, *failed)}


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        (None, "no-announcement"),
        ({"shift": "other"}, "no-announcement"),
        ({"shift": "main"}, "room-mismatch"),
        ({"open": [{"id": "main"}]}, "room-mismatch"),
    ],
    ids=["nothing", "of another", "of it", "of it in a list"],
)
def test_who_was_told_of_a_session_in_whatever_words_was_told(told: object, cause: str) -> None:
    assert causes(shifts(told)) == {cause}


def test_a_notice_that_it_ended_announces_nothing() -> None:
    ended = SessionNotice("shift", ended={"over": ("day:closed",)})
    notices = {"shift:opened": SessionNotice("shift"), "shift:closed": ended}
    story = shifts(notices=notices).fact(Notice, "dashboard:A.1", name="shift:closed", payload={"shift": "main"})
    assert causes(story) == {"no-announcement"}


def test_where_announcements_are_not_described_the_room_is_what_is_known() -> None:
    assert causes(shifts(notices={})) == {"room-mismatch"}


def test_what_dashboards_asked_for_is_told() -> None:
    story = shifts().fact(Requested, "dashboard:A.1", name="watch", args=[{"shift": "x"}])
    [blame] = explained("no-announcement", story, *lost(story, Hop.ROUTED, 1))
    assert blame.evidence == ('dashboard A: was not told of it, and asked for watch {"shift": "x"}',)


def test_who_never_connected_could_not_be_told() -> None:
    story = shifts()
    story.drop(lambda each: getattr(getattr(each, "body", None), "kind", "") == "page-connected")
    assert "no-announcement" not in causes(story)


def asking(story: Story, **args: Any) -> Story:
    for label in "AB":
        told = {"name": "watch", "args": [args], "sid": story.pages[label].sid}
        story.fact(Requested, "server", **told).fact(Requested, f"dashboard:{label}.1", **told)
    return story


def remedy(story: Story) -> str:
    [blame] = explained("room-mismatch", story, *lost(story, Hop.ROUTED, *range(1, 8)))
    return f"{blame.remedy}\n" + "\n".join(sentences.evidence(blame))


def test_a_room_that_is_called_nearly_so_is_built_in_one_place() -> None:
    story = shifts({"shift": "main"})
    story.fact(Joined, "server", sid=story.pages["A"].sid, room="shift:main")
    assert "dashboards join 'shift:main',\nand the server emits to 'main'" in remedy(story)
    story = shifts({"shift": "main"})
    story.fact(Joined, "server", sid=story.pages["A"].sid, room="<number main>")
    assert "dashboards join main (number),\nand the server emits to 'main' (text)" in remedy(story)


def test_a_request_without_a_joining_is_what_to_look_at() -> None:
    story = asking(shifts({"shift": "main"}), shift="main")
    assert "ask for it by 'watch', and are in no such room afterwards" in remedy(story)
    assert 'dashboard A: asked for watch {"shift": "main"}' in remedy(story)


def test_a_request_without_a_handler_is_told() -> None:
    story = asking(shifts({"shift": "main"}), shift="main")
    story.fact(NoHandler, "server", sid=story.pages["A"].sid, name="watch")
    assert "the server has no handler of that name" in remedy(story)
    assert "server: has no handler for 'watch'" in remedy(story)


@pytest.mark.parametrize("shift", [None, "other"])
def test_who_was_told_of_a_session_and_asked_nothing_of_it_is_what_to_look_at(shift: str | None) -> None:
    story = shifts({"shift": "main"})
    told = remedy(story if shift is None else asking(story, shift=shift))
    assert "look at what the page does when it is told" in told
    assert "dashboard A: was told of session main, and asked nothing of it" in told


def test_a_session_that_was_never_joined_goes_with_its_empty_room() -> None:
    unjoined = outcome(Kind.LOST, Hop.DELIVERED, None, "A", Finding(Aspect.NEVER_JOINED, session="main"))
    failed = (*lost(shifts(), Hop.ROUTED, 1), unjoined)
    [blame] = explained("room-mismatch", shifts({"shift": "main"}), *failed)
    assert unjoined in blame.explains and blame.hop is Hop.ROUTED
    asked = asking(shifts({"shift": "main"}), shift="main")
    assert all(unjoined not in each.explains for each in explained("room-mismatch", asked, *failed))


def test_dashboards_that_were_told_of_a_session_and_those_that_were_not_are_named() -> None:
    story = shifts().fact(Notice, "dashboard:A.1", name="shift:opened", payload={"shift": "main"})
    [blame] = explained("no-announcement", story, *lost(story, Hop.ROUTED, 1, label="B"))
    assert blame.sentence == "dashboard B was not told of session main, and dashboard A was."
    assert blame.evidence[-1] == "dashboard A: was told of it"


def test_a_late_dashboard_misses_an_unannounced_session_for_the_same_reason() -> None:
    story = paper("no-announcement").open("C")
    assert is_unannounced(evidence(story), "main")
    assert not explained("late-join-stale", story, *lost(story, Hop.ROUTED, 1, label="C"))
    one = (
        paper("no-announcement")
        .open("C")
        .fact(Notice, "dashboard:A.1", name="session:announced", payload={"session": "main"})
    )
    assert not is_unannounced(evidence(one), "main")
    assert not is_unannounced(evidence(Story("broadcast").open("A").start("main").emit("main", *STOCK)), "main")
