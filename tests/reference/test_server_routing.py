"""The reference server's strategies, by their protocol: who receives what."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.reference import PATIENCE_S, Client, Server, envelope, serving


def test_broadcast_reaches_every_dashboard_and_replays_to_late_ones(server: Server, session: str) -> None:
    with server.dashboard() as early, server.producer() as producer:
        producer.open(session)
        producer.publish(session, 1)
        producer.publish(session, 2)
        with server.dashboard() as late, server.dashboard({session: 1}) as again:
            producer.publish(session, 3)
            assert early.catch_up().seqs(session) == [1, 2, 3]
            assert late.catch_up().seqs(session) == [1, 2, 3]
            assert again.catch_up().seqs(session) == [2, 3]
            names = [name for name, _ in late.events]
            assert names[:2] == ["connection:established", "connection:routing"]
            routing = late.named("connection:routing")[0]
            assert routing["session"] is None
            assert routing["data"]["active"][-1] == {"session": session, "task": "a task", "seq": 2}
            assert not late.named("session:announced")
            assert early.ask("subscribe", {"session": session})["error"]["code"] == "not-offered"
        producer.end(session)
        assert early.catch_up().named("session:ended")[-1] == {"session": session, "status": "completed", "seq": 3}


@pytest.mark.parametrize("routing", ["broadcast", "single-session"])
def test_nothing_is_lost_between_replay_and_live_events(tmp_path: Path, routing: str) -> None:
    with serving(tmp_path, routing) as server, server.producer() as producer:
        producer.open("busy")
        late: list[Client] = []

        def come() -> None:
            late.extend(server.dashboard() for _ in range(5))

        coming = threading.Thread(target=come)
        numbers = [producer.request("publish", envelope("busy", seq)) for seq in range(1, 51)]
        coming.start()
        numbers += [producer.request("publish", envelope("busy", seq)) for seq in range(51, 401)]
        assert all(producer.answer(number)["ok"] for number in numbers)
        coming.join(PATIENCE_S)
        for dashboard in late:
            assert dashboard.catch_up().seqs("busy") == list(range(1, 401))
            dashboard.close()
        assert len(late) == 5


def test_subscription_reaches_its_subscribers_and_no_other(tmp_path: Path) -> None:
    with serving(tmp_path, "subscription") as server, server.producer() as producer:
        producer.open("a")
        producer.open("b")
        with server.dashboard() as dashboard, server.dashboard() as idle:
            producer.publish("a", 1)
            assert dashboard.ask("subscribe", {"session": "nobody"})["error"]["code"] == "unknown-session"
            assert dashboard.ask("subscribe", {"session": "a"}) == {
                "ok": True, "session": "a", "state": "active", "replayed": 1, "missed": 0,
            }  # fmt: skip
            assert dashboard.ask("subscribe", {"session": "a"})["replayed"] == 0, "once is enough"
            producer.publish("a", 2)
            producer.publish("b", 1)
            assert dashboard.ask("unsubscribe", {"session": "a"}) == {"ok": True}
            producer.publish("a", 3)
            assert dashboard.ask("subscribe", {"session": "b", "after": 1})["replayed"] == 0
            producer.publish("b", 2)
            producer.end("b", "failed")
            dashboard.catch_up()
            assert dashboard.seqs("a") == [1, 2]
            assert dashboard.seqs("b") == [2]
            assert dashboard.named("session:ended") == [{"session": "b", "status": "failed", "seq": 2}]
            assert [name for name, _ in idle.catch_up().events] == ["connection:established", "connection:routing"]


def test_subscribing_early_and_late(tmp_path: Path) -> None:
    with serving(tmp_path, "subscription") as server, server.producer() as producer:
        with server.dashboard() as early, server.dashboard({"later": 0}) as following:
            assert early.ask("subscribe", {"session": "later", "wait": True})["state"] == "waiting"
            producer.open("later")
            producer.publish("later", 1)
            producer.end("later")
            assert early.catch_up().seqs("later") == [1]
            assert following.catch_up().seqs("later") == [1]
        with server.dashboard() as late:
            assert late.ask("subscribe", {"session": "later"})["state"] == "ended"
            assert late.seqs("later") == [1]
            assert late.named("session:ended")


@pytest.mark.parametrize(
    "body", [{}, {"session": "a", "after": -1}, {"session": "a", "after": "0"}, {"session": "a", "wait": 1}, None]
)
def test_a_bad_subscription_is_refused(subscribed: Server, body: Any) -> None:
    with subscribed.dashboard() as dashboard:
        assert dashboard.ask("subscribe", body)["error"]["code"] == "bad-request"


@pytest.fixture(scope="module")
def subscribed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("subscribed"), "subscription", "--journal-events", "3") as server:
        yield server


def test_what_the_journal_no_longer_has_is_told(subscribed: Server, session: str) -> None:
    with subscribed.producer() as producer, subscribed.dashboard() as dashboard:
        producer.open(session)
        for seq in range(1, 8):
            producer.publish(session, seq)
        answer = dashboard.ask("subscribe", {"session": session, "after": 2})
        assert (answer["replayed"], answer["missed"]) == (3, 2)
        assert dashboard.named("session:gap") == [{"session": session, "missed": 2, "from_seq": 5}]
        assert dashboard.seqs(session) == [5, 6, 7]
        producer.end(session)


def test_auto_discovery_announces_before_the_first_event(tmp_path: Path) -> None:
    with serving(tmp_path, "auto-discovery") as server, server.producer() as producer, server.dashboard() as dashboard:
        producer.open("a")
        dashboard.read_until(lambda: bool(dashboard.named("session:announced")))
        assert dashboard.named("session:announced")[0] | {"at": ""} == {"session": "a", "task": "a task", "at": ""}
        producer.publish("a", 1)
        assert dashboard.catch_up().seqs("a") == [], "it goes to who subscribed"
        dashboard.ask("subscribe", {"session": "a"})
        producer.publish("a", 2)
        assert dashboard.catch_up().seqs("a") == [1, 2]
        with server.dashboard() as late, server.dashboard({"a": 1}) as again:
            assert [each["session"] for each in late.named("session:announced")] == ["a"]
            assert late.seqs("a") == []
            assert again.seqs("a") == [2]
            producer.end("a")
            for each in (dashboard, late, again):
                assert len(each.catch_up().named("session:ended")) == 1
            assert len(dashboard.named("session:announced")) == 1


def test_single_session_takes_one_at_a_time(tmp_path: Path) -> None:
    with serving(tmp_path, "single-session", "--lease-s", "0.1") as server, server.dashboard() as dashboard:
        with server.producer() as holder, server.producer() as second:
            assert holder.open("first")["ok"]
            refused = second.open("second")["error"]
            assert (refused["code"], refused["holder"]) == ("session-active", "first")
            assert second.publish("second", 1)["error"]["code"] == "unknown-session"
            assert holder.publish("first", 1)["ok"], "the holder is undisturbed"
            holder.end("first")
            assert second.open("second")["ok"]
        dashboard.read_until(lambda: len(dashboard.named("session:ended")) == 2)
        assert [each["status"] for each in dashboard.named("session:ended")] == ["completed", "abandoned"]
        assert [each["session"] for each in dashboard.named("session:announced")] == ["first", "second"]
        assert (dashboard.seqs("first"), dashboard.seqs("second")) == ([1], [])
        with server.producer() as third:
            assert third.open("third")["ok"], "the lease of the one that left is over"


def test_of_racing_openings_one_wins(tmp_path: Path) -> None:
    with serving(tmp_path, "single-session") as server:
        producers = [server.producer() for _ in range(6)]
        numbers = [
            producer.request("session:open", {"session": f"s{index}"}) for index, producer in enumerate(producers)
        ]
        answers = [producer.answer(number) for producer, number in zip(producers, numbers, strict=True)]
        (winner,) = [answer["session"] for answer in answers if answer["ok"]]
        assert {answer["error"]["holder"] for answer in answers if not answer["ok"]} == {winner}
        for producer in producers:
            producer.close()


def test_room_mismatch_is_the_documented_bug(tmp_path: Path) -> None:
    with serving(tmp_path, "room-mismatch") as server, server.producer() as producer, server.dashboard() as dashboard:
        producer.open("a")
        assert producer.publish("a", 1) == {"ok": True, "seq": 1}, "the producer hears nothing of it"
        producer.end("a")
        assert [name for name, _ in dashboard.catch_up().events] == ["connection:established", "connection:routing"]


def test_members_are_who_is_connected(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        clients = [server.dashboard() for _ in range(20)]
        for client in clients[:10]:
            client.drop()
        for client in clients[10:]:
            client.close()
        deadline = time.monotonic() + PATIENCE_S
        while json.loads(server.get("/health")[1])["dashboards"]:
            assert time.monotonic() < deadline, "dashboards that left are still counted"
        assert os.waitpid(server.process.pid, os.WNOHANG) == (0, 0)
