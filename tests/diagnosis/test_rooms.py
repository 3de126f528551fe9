"""Who was in which room when: what the rules make of dashboards that come late, leave early or are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.diagnosis._rooms import Membership, memberships
from harness.model import Aspect, Body, Event, Fact, Finding, Hop, Json, Kind
from harness.model.facts import Answered, Connected, Disconnected, Joined, Left, Requested, Unrouted
from harness.reporting import sentences
from tests.support.explained import evidence, explained, outcome, paper
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.records import at, said

EVENT = Event("main/3", "step", "main", 3, "d")
LOST = outcome(Kind.LOST, Hop.ROUTED)
"""`main/3` for dashboard A."""


def room(*steps: str, to: str | None = "room", recipients: tuple[str, ...] = ()) -> Story:
    """Dashboards A and B, and what happens to A's connection in a room until, at "emit", `main/3` goes there."""
    story = Story("broadcast").open("A", "B").drop(said(Joined))
    sid = story.pages["A"].sid
    for step in steps:
        if step == "emit":
            story.see(Hop.ROUTED, EVENT, "server", recipients, room=to, where="app.py:1 route")
        elif step == "end":
            story.fact(Disconnected, "server", sid=sid, reason="transport close")
        else:
            kind = {"join": Joined, "leave": Left}[step.split()[0]]
            story.fact(kind, "server", sid=sid, room=step.partition(" ")[2] or "room", where="app.py:7 sweep")
    return story


def place(story: Story) -> Membership | None:
    """A's one membership when `main/3` was emitted."""
    found = list(memberships(evidence(story), LOST))
    assert len(found) < 2
    return found[0] if found else None


def numbers(story: Story, kind: type[Body]) -> list[int]:
    return [record.n for record in story.records if said(kind)(record)]


def test_who_has_joined_is_in_until_it_leaves() -> None:
    entered = place(room("join", "emit"))
    assert entered is not None and (entered.is_in, entered.is_out, entered.later) == (True, False, None)
    back = place(room("join", "leave", "join", "emit", "leave"))
    assert back is not None and (back.is_in, back.is_out) == (True, False)
    gone = place(room("join", "leave", "emit"))
    assert gone is not None and (gone.is_in, gone.is_out) == (False, True)


def test_who_never_joined_is_neither_in_nor_out() -> None:
    never = place(room("emit"))
    assert never is not None and (never.is_in, never.is_out, never.later) == (False, False, None)
    elsewhere = place(room("join other", "leave other", "emit"))
    assert elsewhere is not None and (elsewhere.joined, elsewhere.left) == (None, None)
    only_left = place(room("leave", "emit"))
    assert only_left is not None and (only_left.is_in, only_left.is_out) == (False, False)


def test_the_last_times_before_an_event_and_the_first_one_after_it_count() -> None:
    story = room("join", "leave", "join", "leave", "emit", "join", "join")
    found, joins, leaves = place(story), numbers(story, Joined), numbers(story, Left)
    assert found is not None and found.joined and found.left and found.later
    assert (found.joined.n, found.left.n, found.later.n) == (joins[1], leaves[1], joins[2])
    assert (found.sid, found.room, found.at) == (story.pages["A"].sid, "room", (1, leaves[1] + 1))


def test_a_connection_that_has_ended_is_in_no_room_and_one_that_ends_later_is() -> None:
    assert place(room("join", "end", "emit")) is None
    still = place(room("join", "emit", "end"))
    assert still is not None and still.is_in


def test_the_room_of_all_is_joined_by_connecting() -> None:
    entered = place(room("emit", to=None))
    assert entered is not None and entered.is_in and entered.joined is not None
    assert (type(entered.joined.body), entered.room) == (Connected, None)


def test_the_members_of_an_unnamed_room_or_without_a_routing_are_not_known() -> None:
    unnamed = room("join", "emit").change(at(Hop.ROUTED), lambda s: replace(s, detail={}))
    assert place(unnamed) is None
    assert place(room("join")) is None


# Room left


def test_one_that_was_taken_out_of_a_room_is_told_with_the_place_that_did_it() -> None:
    story = room("join", "leave", "emit")
    [blame] = explained("room-left", story, LOST, outcome(Kind.LOST, Hop.ROUTED, "main/3", "B"))
    sid = story.pages["A"].sid
    assert blame.evidence == (
        f"server: {sid} (dashboard A) left room 'room' at app.py:7 sweep",
        "server: 1 event emitted to the room after that",
    )
    assert blame.sentence == "the server takes dashboard A out of room 'room' before its first event."
    assert blame.explains == (LOST,)
    unplaced = story.change(said(Left), lambda f: other(f, where=None))
    [blame] = explained("room-left", unplaced, LOST)
    assert "at an unknown place" in sentences.evidence(blame)[0]


def test_all_that_were_taken_out_of_one_room_are_one_cause() -> None:
    story = paper("room-left")
    story.fact(Left, "server", sid=story.pages["B"].sid, room="main", where="app.py:7 sweep")
    late = Event("main/8", "step", "main", 8, "d")
    story.see(Hop.ROUTED, late, "server", (), room="main")
    mine = [outcome(Kind.LOST, Hop.ROUTED, "main/8", label) for label in ("B", "A")]
    [blame] = explained("room-left", story, outcome(Kind.LOST, Hop.ROUTED, "main/3", "A"), *mine)
    assert sentences.line(blame.sentence).startswith("the server takes dashboard A and B out of room 'main'")
    assert [line.partition(" (")[2][:11] for line in sentences.evidence(blame)[:2]] == ["dashboard A", "dashboard B"]
    assert blame.evidence[2] == "server: 2 events emitted to the room after that"
    assert len(blame.explains) == 3


def test_who_is_in_the_room_or_was_never_there_was_not_taken_out_of_it() -> None:
    for steps in (("join", "emit", "leave"), ("emit",), ("emit", "join", "leave"), ("join", "leave", "end", "emit")):
        assert explained("room-left", room(*steps), LOST) == []


# No replay


def test_what_was_emitted_before_a_dashboard_came_was_not_replayed_to_it() -> None:
    story = room("emit", "join")
    [blame] = explained("no-replay", story, LOST)
    assert blame.evidence == ("server: main/3 emitted before dashboard A entered room 'room', and never to it",)
    assert blame.explains == (LOST,)


def test_who_was_in_the_room_or_never_comes_waits_for_no_replay() -> None:
    for steps in (("join", "emit"), ("join", "leave", "emit", "join"), ("emit",), ("emit", "join other")):
        assert explained("no-replay", room(*steps), LOST) == []


def test_what_the_server_said_of_its_replay_is_told() -> None:
    story = paper("no-replay")
    said_so = said(Answered, sid=story.pages["B"].sid, name="subscribe")
    story.change(said_so, lambda f: other(f, args=[{**f.body.args[0], "replayed": 2}]))
    lost = [outcome(Kind.LOST, Hop.ROUTED, key, "B") for key in ("main/2", "main/1")]
    [blame] = explained("no-replay", story, *lost)
    sid = story.pages["B"].sid
    assert blame.evidence == (
        "server: main/1, main/2 emitted before dashboard B entered room 'main', and never to it",
        f"server: said to {sid} that it replayed 2 events of main",
    )


def test_where_every_dashboard_gets_all_it_enters_by_connecting() -> None:
    story = Story("broadcast").open("A").see(Hop.ROUTED, EVENT, "server", (), room=None).open("B")
    [blame] = explained("no-replay", story, outcome(Kind.LOST, Hop.ROUTED, "main/3", "B"))
    assert "before dashboard B entered (by connecting)" in sentences.evidence(blame)[0]
    assert explained("no-replay", story, LOST) == []


# Joins late

WATCHED = replace(LOST, finding=Finding(Aspect.WATCHED))


def test_a_dashboard_that_had_connected_and_joined_after_an_event_joined_late() -> None:
    story = room("emit", "join")
    [blame] = explained("joins-late", story, WATCHED)
    assert blame.explains == (WATCHED,)
    assert blame.evidence == (
        "server: main/3 emitted to room 'room' after dashboard A had connected and before it joined",
    )
    assert sentences.line(blame.sentence) == (
        "dashboard A had connected, and joined room 'room' only after events were emitted to it."
    )


def test_who_was_in_the_room_never_joins_or_asked_for_it_first_did_not_join_late() -> None:
    for steps in (("join", "emit"), ("join", "leave", "emit", "join"), ("emit",), ("emit", "join other")):
        assert explained("joins-late", room(*steps), WATCHED) == []
    story = room("emit", "join")
    sid, joined = story.pages["A"].sid, numbers(story, Joined)[-1]
    asked = Fact("server", joined - 1, 1, Requested("subscribe", [], 1, sid))
    story.records.append(asked)
    assert explained("joins-late", story, WATCHED) == []


def test_a_dashboard_that_connected_after_the_event_comes_late_and_did_not_join_late() -> None:
    story = paper("joins-late")
    lost = replace(WATCHED, key="main/1", dashboard="B")
    assert explained("joins-late", story, lost)
    sid = story.pages["B"].sid
    last = max(record.n for record in story.records if record.observer == "server")
    story.change(said(Connected, sid=sid), lambda f: replace(f, n=last + 1))
    assert explained("joins-late", story, lost) == []


def asking(*args: Json, is_answered: bool = True, room_of_it: str = "line:7") -> Story:
    """A asks "watch" before `main/3` is emitted to a room, and joins that room only after it."""
    story = Story("broadcast").open("A", "B").drop(said(Joined))
    sid = story.pages["A"].sid
    story.fact(Requested, "server", name="watch", args=args, id=1, sid=sid)
    if is_answered:
        story.fact(Answered, "server", name="watch", args=["ok"], id=1, sid=sid)
    story.see(Hop.ROUTED, EVENT, "server", (), room=room_of_it)
    return story.fact(Joined, "server", sid=sid, room=room_of_it)


@pytest.mark.parametrize("args", [["7"], [7], [{"line": "7"}], ["line:7"], [None, ["line:7"]]])
def test_a_page_that_has_its_answer_before_it_joins_was_answered_too_early(args: Sequence[Json]) -> None:
    story = asking(*args)
    [blame] = explained("ack-before-join", story, WATCHED)
    assert blame.evidence[0] == f"server: answered 'watch' of {story.pages['A'].sid} to main before it joined the room"
    assert explained("joins-late", story, WATCHED) == explained("no-replay", story, WATCHED) == []


def test_a_page_that_asked_before_the_event_and_has_no_answer_joins_late() -> None:
    for story in (asking("7", is_answered=False), asking("hello"), asking("77", {"ok": True})):
        assert explained("joins-late", story, WATCHED) != []
        assert explained("ack-before-join", story, WATCHED) == explained("no-replay", story, WATCHED) == []


def test_a_page_that_asks_again_after_the_event_may_have_joined_by_that() -> None:
    story = asking("hello")
    sid, joined = story.pages["A"].sid, numbers(story, Joined)[-1]
    story.change(said(Joined), lambda f: replace(f, n=joined + 1))
    story.records.append(Fact("server", joined, 1, Requested("watch", ["7"], 2, sid)))
    assert explained("ack-before-join", story, WATCHED) == explained("joins-late", story, WATCHED) == []
    assert explained("no-replay", story, WATCHED) != []


def test_a_page_that_asks_for_what_had_passed_is_owed_a_replay() -> None:
    owed = replace(WATCHED, finding=Finding(Aspect.JOURNAL_PROMISED))
    assert explained("no-replay", asking("hello"), owed) != []


def test_what_is_owed_as_a_replay_was_not_lost_by_a_late_join() -> None:
    assert (
        explained("joins-late", room("emit", "join"), replace(WATCHED, finding=Finding(Aspect.JOURNAL_PROMISED))) == []
    )


# Left out


def test_left_out_is_who_is_in_the_room_and_no_recipient_where_others_are() -> None:
    others = ("sid-of-B",)
    [blame] = explained("left-out", room("join", "emit", recipients=others), LOST)
    assert blame.evidence == (
        "server: 1 event resolved for others in the room, and not for dashboard A",
        "emitted at app.py:1 route",
    )
    assert explained("left-out", room("join", "emit"), LOST) == []
    for steps in (("join", "leave", "emit"), ("emit", "join"), ("emit",)):
        assert explained("left-out", room(*steps, recipients=others), LOST) == []
    shared = room("join", "emit", recipients=others)
    shared.change(at(Hop.ROUTED), lambda s: replace(s, detail={**s.detail, "publishes": True}))
    assert explained("left-out", shared, LOST) == []
    reloaded = room("join", "emit", recipients=(*others, sid_of_a()))
    assert explained("left-out", reloaded, LOST) == [], "it is lost for a later load, and this one had it"
    skipped = room("emit", to=None, recipients=others)
    assert len(explained("left-out", skipped, LOST)) == 1


def resolved_for_nobody(members: dict[str, list[str]], to: str | None = "room") -> Story:
    story = room("join", "emit", to=to)
    here = [page.sid for page in story.pages.values()]
    return story.fact(Unrouted, "server", key="main/3", room=to, rooms=members, connected=here, where="app.py:1 route")


def test_members_of_the_room_of_an_emit_without_recipients_are_left_out() -> None:
    [blame] = explained("left-out", resolved_for_nobody({"room": ["sid-of-B", sid_of_a()]}), LOST)
    assert blame.evidence[0] == "server: 1 event resolved for no client, with dashboard A in the room"
    assert explained("left-out", resolved_for_nobody({"room": ["sid-of-B"], "other": [sid_of_a()]}), LOST) == []
    assert len(explained("left-out", resolved_for_nobody({}, to=None), LOST)) == 1


def test_a_room_that_an_emit_leaves_out_is_named_also_where_nobody_else_is_in_the_other() -> None:
    story = resolved_for_nobody({"room": [sid_of_a()], "quiet": [sid_of_a()]})
    story.change(at(Hop.ROUTED), lambda s: replace(s, detail={**s.detail, "except": ["quiet"]}))
    assert "in the room" in str(explained("left-out", story, LOST)[0].evidence[0]), "A did not join it"
    joined = Fact("server", 1, 1, Joined(sid_of_a(), "quiet"))
    story.records.insert(0, joined)
    [blame] = explained("left-out", story, LOST)
    assert blame.evidence[0] == "server: 1 event emitted except to room 'quiet', in which there is dashboard A"


def sid_of_a() -> str:
    return room().pages["A"].sid


def test_one_of_several_rooms_is_enough_to_be_in() -> None:
    story = room("join other").see(Hop.ROUTED, EVENT, "server", (), room=("room", "other"), where="app.py:1 route")
    found = place(story)
    assert found is not None and found.is_in and found.room == "room or other"
