"""The reference server's journal on disk: a server that is started again still replays, whatever ended the first."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from fixtures.server.journal import Entry
from fixtures.server.sessions import Sessions
from fixtures.server.store import NotKept, Store, StoreError
from tests.support.reference import Client, serving


def kept(path: Path, events: int = 100) -> Sessions:
    return Sessions(events, 10_000, Store(path))


def test_a_server_that_was_killed_and_started_again_replays_and_goes_on(tmp_path: Path, session: str) -> None:
    options = ("--journal", str(tmp_path / "journal"), "--lease-s", "30")
    with serving(tmp_path, "broadcast", *options) as server, server.producer() as producer:
        producer.open(session)
        for seq in (1, 2, 3):
            assert producer.publish(session, seq)["ok"]
    with serving(tmp_path, "broadcast", *options) as server, server.dashboard() as late:
        assert late.catch_up().seqs(session) == [1, 2, 3]
        with server.producer() as again:
            assert again.open(session, resume=True)["seq"] == 3
            assert again.publish(session, 3)["duplicate"], "the same number is stored once"
            assert again.publish(session, 4)["ok"]
            again.end(session)
        assert late.catch_up().seqs(session) == [1, 2, 3, 4]


def test_the_session_of_a_producer_that_never_comes_back_ends(tmp_path: Path, session: str) -> None:
    options = ("--journal", str(tmp_path / "journal"), "--lease-s", "0.1")
    with serving(tmp_path, "broadcast", *options) as server, server.producer() as producer:
        producer.open(session)
        producer.publish(session, 1)
    with serving(tmp_path, "broadcast", *options) as server, server.dashboard() as watching:
        watching.read_until(lambda: bool(watching.named("session:ended")))
        assert watching.named("session:ended")[0]["status"] == "abandoned"


def test_who_was_away_hears_of_sessions_that_began_and_ended_meanwhile(tmp_path: Path, session: str) -> None:
    options = ("--journal", str(tmp_path / "journal"))
    with serving(tmp_path, "broadcast", *options) as server:
        with server.dashboard() as first:
            place = first.named("connection:routing")[0]["data"]
        with server.producer() as producer:
            producer.open(session)
            producer.publish(session, 1)
            producer.end(session)
        since = {"journal": place["journal"], "opened": place["opened"]}
        with Client(server.url, {"role": "dashboard", "since": since}) as back:
            assert back.catch_up().seqs(session) == [1]
        elsewhere = {"journal": "another", "opened": 99}
        with Client(server.url, {"role": "dashboard", "since": elsewhere}) as stranger:
            assert stranger.catch_up().seqs(session) == [1], "numbers of another journal mean nothing here"
        with server.dashboard() as fresh:
            assert fresh.catch_up().seqs(session) == [], "a page that was never here gets what is active"


def test_sessions_events_and_ends_outlive_the_process_and_what_is_let_go_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    sessions = kept(path, events=2)
    one = sessions.open("one", "a task", "p", "then", is_continued=False)
    for seq in (1, 2, 3):
        one.journal.append(Entry(seq, "step", {"seq": seq, "text": "\ud800"}, 10))
    sessions.end(sessions.open("two", "", "p", "", is_continued=False), "failed")
    again = kept(path, events=2)
    assert again.journal == sessions.journal and again.count == 2
    found = again.known["one"]
    assert [(entry.seq, entry.envelope["text"]) for entry in found.journal.after(0)[0]] == [
        (2, "\ud800"),
        (3, "\ud800"),
    ]
    assert (found.task, found.is_active, found.producer, found.journal.last_seq) == ("a task", True, None, 3)
    assert again.known["two"].status == "failed"
    assert [each.id for each in again.since(1)] == ["two"]


def test_a_file_that_is_not_a_journal_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_text("no database at all, but long enough to be taken for one" * 20)
    with pytest.raises(StoreError, match=r"notes is not a journal of this server .*: choose another --journal"):
        Store(path)
    other = tmp_path / "other"
    Store(other)
    with sqlite3.connect(other) as file:
        file.execute("UPDATE meta SET value = '99' WHERE name = 'version'")
    with pytest.raises(StoreError, match="other was written by version 99"):
        Store(other)


def test_what_the_disk_does_not_take_has_not_happened_and_can_be_offered_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "journal")
    sessions = Sessions(100, 10_000, store)
    one = sessions.open("one", "task", "sid", "now", is_continued=False)
    first = Entry(1, "x", {}, 10)
    store._file.execute("PRAGMA query_only = ON")  # as a disk that is full: whatever would be written fails
    with pytest.raises(NotKept):
        sessions.open("two", "task", "sid", "now", is_continued=False)
    with pytest.raises(NotKept):
        one.journal.append(first)
    with pytest.raises(NotKept):
        sessions.end(one, "completed")
    assert (list(sessions.known), sessions.count, one.journal.last_seq, one.is_active) == (["one"], 1, 0, True)
    store._file.execute("PRAGMA query_only = OFF")
    one.journal.append(first)
    sessions.end(one, "completed")
    assert sessions.open("two", "task", "sid", "now", is_continued=False).number == 2
    again = kept(tmp_path / "journal")
    assert {name: (each.status, each.journal.last_seq) for name, each in again.known.items()} == {
        "one": ("completed", 1),
        "two": ("active", 0),
    }
