"""What the reference server holds for others is bounded: queues of slow dashboards, and what is waited for."""

from __future__ import annotations

from pathlib import Path

import pytest
import websocket

from tests.support.reference import Client, serving

MUCH = "x" * 100_000
"""Of an event: a few of them fill the buffers between the processes, and the rest waits in the server."""


def test_a_dashboard_that_reads_too_slowly_is_told_so_and_comes_back_for_the_rest(tmp_path: Path, session: str) -> None:
    with (
        serving(tmp_path, "broadcast", "--queue-events", "5") as server,
        Client(server.url, {"role": "dashboard"}, buffer=4096) as slow,
        server.dashboard() as quick,
        server.producer() as producer,
    ):
        producer.open(session)
        last = 0
        while "Dashboard left behind: " not in server.log:
            last += 1
            assert producer.publish(session, last, text=MUCH)["ok"]
            quick.catch_up()
            assert last < 100, "the queue has no bound"
        last += 1
        assert producer.publish(session, last)["ok"]
        assert quick.catch_up().seqs(session) == [*range(1, last + 1)], "no other dashboard is affected"
        slow.read_until(lambda: bool(slow.named("error")))
        assert slow.named("error")[0]["code"] == "too-slow"
        with pytest.raises(websocket.WebSocketException):
            slow.catch_up()
        had = slow.seqs(session)
        assert had == [*range(1, len(had) + 1)], "in order"
        assert len(had) < last, "and then no more"
        with server.dashboard(follow={session: had[-1]}) as again:
            assert again.catch_up().seqs(session) == [*range(had[-1] + 1, last + 1)]


def test_what_one_dashboard_waits_for_is_bounded(tmp_path: Path) -> None:
    with serving(tmp_path, "subscription") as server, server.dashboard() as greedy:
        for number in range(1000):
            greedy.request("subscribe", {"session": f"later-{number}", "wait": True})
        assert greedy.ask("subscribe", {"session": "one-more", "wait": True})["error"]["code"] == "too-many"
        assert greedy.ask("subscribe", {"session": "later-7", "wait": True})["ok"], "it has that one"
        assert greedy.ask("unsubscribe", {"session": "later-7"})["ok"]
        assert greedy.ask("subscribe", {"session": "one-more", "wait": True})["state"] == "waiting"
