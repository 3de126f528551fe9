"""The reference server's sessions: leases, resumption and the journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.server.journal import Entry, Journal
from fixtures.server.sessions import KEPT_ENDED, Sessions
from tests.support.reference import Server, serving


def test_events_come_once_and_in_order(server: Server, session: str) -> None:
    with server.producer() as producer:
        assert producer.open(session) == {"ok": True, "session": session, "seq": 0}
        assert producer.publish(session, 2)["error"]["code"] == "out-of-order", "a session begins with 1"
        assert producer.publish(session, 1) == {"ok": True, "seq": 1}
        assert producer.publish(session, 1) == {"ok": True, "seq": 1, "duplicate": True}
        assert producer.publish(session, 3)["error"]["code"] == "out-of-order"
        assert producer.publish(session, 2)["ok"]
        producer.end(session)
        assert producer.publish(session, 3)["error"]["code"] == "unknown-session"
        assert producer.open(session)["error"]["status"] == "completed"
        assert producer.open(session, resume=True)["error"]["code"] == "session-exists"


def test_a_producer_comes_back_within_the_lease(tmp_path: Path, session: str) -> None:
    with serving(tmp_path, "broadcast", "--lease-s", "30") as server, server.dashboard() as watching:
        with server.producer() as producer:
            producer.open(session)
            producer.publish(session, 1)
        with server.producer() as again:
            assert again.open(session)["error"]["code"] == "session-exists"
            assert again.open(session, resume=True) == {"ok": True, "session": session, "seq": 1}
            assert again.publish(session, 1)["duplicate"]
            assert again.publish(session, 2)["ok"]
            again.end(session)
        watching.read_until(lambda: bool(watching.named("session:ended")))
        assert watching.seqs(session) == [1, 2]


def test_coming_back_takes_a_session_over_from_a_dead_connection(server: Server, session: str) -> None:
    with server.producer() as half_open, server.producer() as again:
        half_open.open(session)
        assert again.open(session, resume=True)["ok"]
        assert half_open.publish(session, 1)["error"]["code"] == "unknown-session"
        half_open.close()
        assert again.publish(session, 1)["ok"]
        again.end(session)


def test_a_session_is_abandoned_when_the_lease_is_over(server: Server, session: str) -> None:
    with server.dashboard() as watching:
        with server.producer() as producer:
            producer.open(session)
            producer.publish(session, 1)
        watching.read_until(lambda: bool(watching.named("session:ended")))
        assert watching.named("session:ended") == [{"session": session, "status": "abandoned", "seq": 1}]
        with server.producer() as late:
            assert late.open(session, resume=True)["error"]["status"] == "abandoned"


def test_a_session_of_another_server_goes_on_where_it_was(server: Server, session: str) -> None:
    with server.dashboard() as watching, server.producer() as producer:
        assert producer.open(session, resume=True)["seq"] == 0
        assert producer.publish(session, 5)["ok"]
        assert producer.publish(session, 7)["error"]["code"] == "out-of-order"
        assert producer.publish(session, 6)["ok"]
        assert watching.catch_up().seqs(session) == [5, 6]
        with server.dashboard() as late:
            assert late.named("session:gap") == [{"session": session, "missed": 4, "from_seq": 5}]
            assert late.seqs(session) == [5, 6]
        producer.end(session)


def test_ended_sessions_are_forgotten_in_the_order_of_their_ends() -> None:
    sessions = Sessions(10, 1_000)
    first = sessions.open("first", "", "p", "", is_continued=False)
    for number in range(KEPT_ENDED + 5):
        sessions.end(sessions.open(f"s{number}", "", "p", "", is_continued=False), "completed")
    assert len(sessions.known) == KEPT_ENDED + 1
    sessions.end(first, "completed")
    assert sessions.get("first") is first
    assert sessions.get("s5") is None
    assert len(sessions.known) == KEPT_ENDED


@pytest.mark.parametrize(("events", "size", "kept"), [(3, 10_000, [8, 9, 10]), (100, 250, [9, 10]), (100, 5, [10])])
def test_a_journal_is_bounded_in_events_and_in_bytes(events: int, size: int, kept: list[int]) -> None:
    journal = Journal(events, size)
    for seq in range(1, 11):
        journal.append(Entry(seq, "a", {}, 100))
    found, missed = journal.after(0)
    assert [entry.seq for entry in found] == kept
    assert missed == kept[0] - 1
    assert journal.after(10) == ([], 0)
    assert journal.after(9) == (found[-1:], 0)
