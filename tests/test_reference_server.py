"""The reference server, by its protocol: who receives what, what is refused, and that bad input disturbs nobody."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import websocket

from fixtures.server.journal import Entry, Journal
from fixtures.server.sessions import KEPT_ENDED, Sessions
from tests.support.reference import PATIENCE_S, ROOT, Client, Refused, Server, envelope, serving

LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[INFO\] shannon\.server\.websocket: (.+)")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One broadcast server for the tests that leave it as it was."""
    with serving(tmp_path_factory.mktemp("shared"), "broadcast", "--lease-s", "0.2") as server:
        yield server


@pytest.fixture
def session() -> str:
    return f"s-{uuid4().hex[:12]}"


# Starting and stopping


def test_says_where_it_listens_and_how_it_is(tmp_path: Path) -> None:
    with serving(tmp_path, "subscription") as server:
        assert re.fullmatch(r"Listening on http://127\.0\.0\.1:\d+ \(strategy subscription\)", server.greeting)
        with server.dashboard(), server.producer() as producer:
            producer.open("one")
            status, body = server.get("/health")
        found = json.loads(body)
        assert status == 200
        assert found == {"status": "ok", "strategy": "subscription", "sessions": 1, "dashboards": 1, "version": 1}
        assert server.get("/other")[0] == 404


def test_stops_at_once_although_clients_are_connected(tmp_path: Path) -> None:
    with serving(tmp_path) as server, server.dashboard() as a, server.dashboard(), server.producer():
        server.get("/socket.io/?EIO=4&transport=polling")
        started = time.monotonic()
        server.process.terminate()
        assert server.process.wait(PATIENCE_S) == 0
        assert time.monotonic() - started < 5, "it waited for its clients"
        with pytest.raises(websocket.WebSocketException):
            a.read_until(lambda: False)
        assert server.process.stdout is not None
        assert server.process.stdout.read() == "", "one line on standard output, and no more"
        assert "Traceback" not in server.log


def test_makes_a_token_that_only_its_owner_reads(shared: Server) -> None:
    assert shared.token_file.stat().st_mode & 0o777 == 0o600
    assert len(shared.token_file.read_text().strip()) >= 32


def refused_start(folder: Path, *options: str) -> str:
    argv = [sys.executable, "-m", "fixtures.server", "--token-file", str(folder / "token"), *options]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_refuses_a_token_that_others_may_read(tmp_path: Path, mode: int) -> None:
    (tmp_path / "token").write_text("secret-secret\n")
    (tmp_path / "token").chmod(mode)
    told = refused_start(tmp_path)
    assert "chmod 600" in told
    assert "secret" not in told


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", "tökén".encode(), b"two\x00parts"])
def test_refuses_a_token_file_without_a_token(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    path.chmod(0o600)
    assert "holds no token" in refused_start(tmp_path)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--strategy", "telepathy"), "invalid choice"),
        (("--port", "70000"), "--port"),
        (("--port", "x"), "--port"),
        (("--lease-s", "-1"), "--lease-s"),
        (("--lease-s", "nan"), "--lease-s"),
        (("--journal-events", "0"), "--journal-events"),
        (("--transports", "pigeon"), "name websocket, polling or both"),
        (("--token-file", "/nowhere/at/all"), "No such file"),
    ],
)
def test_wrong_options_are_told(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    assert told in refused_start(tmp_path, *options)


def test_a_port_that_is_taken_is_told(tmp_path: Path, shared: Server) -> None:
    assert f"can't listen on 127.0.0.1:{shared.port}" in refused_start(tmp_path, "--port", str(shared.port))


def test_offers_only_the_transports_it_is_told_to(tmp_path: Path) -> None:
    with serving(tmp_path, "broadcast", "--transports", "polling") as server:
        assert server.get("/socket.io/?EIO=4&transport=polling")[0] == 200
        with pytest.raises(websocket.WebSocketBadStatusException):
            server.dashboard()


# Who is let in


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        (None, "bad-role"),
        ([], "bad-role"),
        ("producer", "bad-role"),
        ({"role": "admin"}, "bad-role"),
        ({"role": ["producer"]}, "bad-role"),
        ({"role": "producer"}, "bad-token"),
        ({"role": "producer", "token": ""}, "bad-token"),
        ({"role": "producer", "token": "guess"}, "bad-token"),
        ({"role": "producer", "token": "\ud800"}, "bad-token"),
        ({"role": "producer", "token": 5}, "bad-token"),
        ({"role": "dashboard", "follow": [1]}, "bad-request"),
        ({"role": "dashboard", "follow": []}, "bad-request"),
        ({"role": "dashboard", "follow": {"a b": 1}}, "bad-request"),
        ({"role": "dashboard", "follow": {"a": True}}, "bad-request"),
        ({"role": "dashboard", "follow": {"a": -1}}, "bad-request"),
        ({"role": "dashboard", "follow": {f"s{i}": 0 for i in range(1_001)}}, "bad-request"),
    ],
)
def test_refuses_a_connection_and_says_why(shared: Server, auth: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        Client(shared.url, auth)
    answer = refused.value.args[0]
    assert answer["data"]["code"] == code
    assert answer["message"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:5175", 200),
        ("http://127.0.0.1:1", 200),
        ("https://[::1]:8443", 200),
        ("https://allowed.example", 200),
        ("https://allowed.example.evil.example", 400),
        ("http://evil.example", 400),
        ("http://localhost.evil.example", 400),
        ("http://127.0.0.1:80@evil.example", 400),
        ("http://127.0.0.1:x", 400),
        ("null", 400),
    ],
)
def test_pages_come_from_this_machine_or_are_allowed_by_name(origins: Server, origin: str, status: int) -> None:
    assert origins.get("/socket.io/?EIO=4&transport=polling", {"Origin": origin})[0] == status


@pytest.fixture(scope="module")
def origins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(
        tmp_path_factory.mktemp("origins"), "broadcast", "--allow-origin", "https://allowed.example"
    ) as server:
        yield server


# Bad input


@pytest.mark.parametrize(
    "frame",
    [
        "42[",
        '42["publish",{"a":NaN}]',
        '42["publish",{"a":Infinity}]',
        '42["publish",{"a":1e999}]',
        "42" + "[" * 5_000,
        '42["publish",' + '{"a":' * 3_000 + "1" + "}" * 3_000 + "]",
        '42{"publish":1}',
        "42[]",
        "42[5]",
        "42[null]",
        '42"publish"',
        "42",
        '42["connect",{},{"role":"producer"}]',
        '42["disconnect"]',
        '451-["publish",{"_placeholder":true,"num":7}]',
        '461-[{"_placeholder":true,"num":0}]',
        "44{}",
        "47",
        "4x",
        "4",
        b"\x00\x01",
        "4" + json.dumps({"no": "packet"}),
        '42["input:malformed"]',
    ],
)
def test_what_cannot_be_read_is_told_to_its_sender_alone(shared: Server, session: str, frame: str | bytes) -> None:
    with shared.dashboard() as watching, shared.producer() as producer, shared.producer() as hostile:
        producer.open(session)
        hostile.send(frame)
        hostile.read_until(lambda: bool(hostile.named("error")))
        assert hostile.named("error")[0]["code"] == "bad-json"
        assert producer.publish(session, 1) == {"ok": True, "seq": 1}
        assert watching.catch_up().seqs(session) == [1]
        assert not watching.named("error")
        assert hostile.open(session + "-b")["ok"], "its connection still serves"
        hostile.end(session + "-b")
        producer.end(session)


def test_unreadable_requests_are_answered_too(shared: Server) -> None:
    with shared.producer() as producer:
        producer.send('4277["publish",{')
        assert producer.answer(77)["error"]["code"] == "bad-json"


@pytest.mark.parametrize("frame", ["9", "x", "40/other,", "41/other,", '43999["late"]', '42/other,["publish",{}]'])
def test_frames_that_mean_nothing_disturb_nobody(shared: Server, session: str, frame: str) -> None:
    with shared.dashboard() as watching, shared.producer() as producer:
        stranger = shared.dashboard()
        stranger.send(frame)
        stranger.close()
        producer.open(session)
        producer.publish(session, 1)
        assert watching.catch_up().seqs(session) == [1]
        producer.end(session)


BAD_EVENTS: list[tuple[str, Any]] = [
    ("no object", "text"),
    ("a list", [1]),
    ("nothing", None),
    ("no type", {"seq": 1, "data": {}}),
    ("type is a number", {"type": 5, "seq": 1, "data": {}}),
    ("type in capitals", {"type": "Step", "seq": 1, "data": {}}),
    ("type too long", {"type": "a" * 65, "seq": 1, "data": {}}),
    ("type with a newline", {"type": "step\n", "seq": 1, "data": {}}),
    ("Socket.IO's own type", {"type": "disconnect", "seq": 1, "data": {}}),
    ("the server's own type", {"type": "session:ended", "seq": 1, "data": {}}),
    ("the connection's type", {"type": "connection:established", "seq": 1, "data": {}}),
    ("the notice error", {"type": "error", "seq": 1, "data": {}}),
    ("no seq", {"type": "a", "data": {}}),
    ("seq is a text", {"type": "a", "seq": "1", "data": {}}),
    ("seq is true", {"type": "a", "seq": True, "data": {}}),
    ("seq is 0", {"type": "a", "seq": 0, "data": {}}),
    ("seq is a fraction", {"type": "a", "seq": 1.5, "data": {}}),
    ("seq is beyond pages", {"type": "a", "seq": 2**53, "data": {}}),
    ("data is a list", {"type": "a", "seq": 1, "data": []}),
    ("data is null", {"type": "a", "seq": 1, "data": None}),
    ("data is too deep", {"type": "a", "seq": 1, "data": {"a": json.loads("[" * 120 + "]" * 120)}}),
    ("at is a number", {"type": "a", "seq": 1, "at": 5, "data": {}}),
    ("at is too long", {"type": "a", "seq": 1, "at": "x" * 65, "data": {}}),
]


@pytest.mark.parametrize("body", [body for _, body in BAD_EVENTS], ids=[name for name, _ in BAD_EVENTS])
def test_a_bad_event_is_refused_and_routed_to_nobody(shared: Server, session: str, body: Any) -> None:
    with shared.dashboard() as watching, shared.producer() as producer:
        producer.open(session)
        answer = producer.ask("publish", {"session": session, **body} if isinstance(body, dict) else body)
        assert answer["ok"] is False
        assert answer["error"]["code"] == "bad-request"
        assert answer["error"]["message"]
        assert watching.catch_up().seqs(session) == []
        assert producer.publish(session, 1)["ok"], "the number is still free"
        producer.end(session)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "../up", "x" * 101, 5, None, ["a"], "ü", "a\n"])
def test_session_ids_are_checked_everywhere(shared: Server, name: Any) -> None:
    with shared.producer() as producer:
        for request in ("session:open", "publish", "session:close"):
            body = {"session": name, "type": "a", "seq": 1, "data": {}, "status": "completed"}
            assert producer.ask(request, body)["error"]["code"] == "bad-request", request


@pytest.mark.parametrize(
    "more", [{"task": 5}, {"task": "x" * 10_001}, {"project": []}, {"resume": "yes"}, {"resume": 1}]
)
def test_a_bad_opening_is_refused(shared: Server, session: str, more: dict[str, Any]) -> None:
    with shared.producer() as producer:
        assert producer.open(session, **more)["error"]["code"] == "bad-request"
        assert producer.publish(session, 1)["error"]["code"] == "unknown-session"


@pytest.mark.parametrize("status", ["", "abandoned", None, 1])
def test_a_bad_closing_is_refused(shared: Server, session: str, status: Any) -> None:
    with shared.producer() as producer:
        producer.open(session)
        assert producer.ask("session:close", {"session": session, "status": status})["error"]["code"] == "bad-request"
        assert producer.publish(session, 1)["ok"]
        assert producer.end(session) == {"ok": True}


def test_what_is_too_large_is_answered_and_900_kb_pass(shared: Server, session: str) -> None:
    with shared.dashboard() as watching, shared.producer() as producer:
        producer.open(session)
        assert producer.publish(session, 1, text="é" * 600_000)["error"]["code"] == "too-large"
        assert producer.publish(session, 1, text="x" * 5_000_000)["error"]["code"] == "too-large"
        assert producer.publish(session, 1, text="é" * 450_000)["ok"]
        (event,) = watching.catch_up().named("step:done")
        assert event["data"]["text"] == "é" * 450_000
        producer.end(session)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\x1b[31mred", "\u202eabc", "\ud800", "\x00", "🙂" * 50])
def test_hostile_text_arrives_as_it_was(shared: Server, session: str, text: str) -> None:
    with shared.dashboard() as watching, shared.producer() as producer:
        producer.open(session)
        producer.publish(session, 1, text=text)
        (event,) = watching.catch_up().named("step:done")
        assert event["data"] == {"text": text}
        producer.end(session)


def test_dashboards_do_not_publish_and_producers_do_not_subscribe(shared: Server, session: str) -> None:
    with shared.dashboard() as dashboard, shared.producer() as producer:
        producer.open(session)
        for request in ("publish", "session:open", "session:close"):
            assert dashboard.ask(request, envelope(session, 1))["error"]["code"] == "forbidden", request
        for request in ("subscribe", "unsubscribe"):
            assert producer.ask(request, {"session": session})["error"]["code"] == "forbidden", request
        assert dashboard.catch_up().seqs(session) == []
        producer.end(session)


def test_a_producer_cannot_publish_to_another_ones_session(shared: Server, session: str) -> None:
    with shared.producer() as owner, shared.producer() as other:
        owner.open(session)
        assert other.publish(session, 1)["error"]["code"] == "unknown-session"
        assert other.end(session)["error"]["code"] == "unknown-session"
        assert other.open(session)["error"] | {"message": ""} == {
            "code": "session-exists",
            "message": "",
            "status": "active",
        }
        assert owner.publish(session, 1)["ok"]
        owner.end(session)


def test_the_log_is_in_the_documented_style_and_tells_no_secret(shared: Server, session: str) -> None:
    with shared.dashboard() as dashboard, shared.producer() as producer:
        producer.open(session)
        producer.ask("publish", {"session": session})
        producer.end(session)
    shared.get("/socket.io/?EIO=4&transport=%1b%5b31mred")
    said = [match[1] for line in shared.log.splitlines() if (match := LOG_LINE.fullmatch(line))]
    for wanted in (
        f"Dashboard connected: {dashboard.sid}",
        f"Connection added: {dashboard.sid}, session: None",
        f"Room joined: {dashboard.sid}, room: dashboards",
        f"Session opened: {session}, producer: {producer.sid}",
        f"Request refused: {producer.sid}, publish: bad-request",
        f"Session ended: {session}, completed",
    ):
        assert wanted in said
    assert shared.token_file.read_text().strip() not in shared.log
    assert "\x1b" not in shared.log


def test_a_polling_producer_may_send_many_packets_at_once(shared: Server, session: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", shared.port, timeout=PATIENCE_S)
    token = shared.token_file.read_text().strip()

    def call(method: str, path: str, body: str | None = None) -> str:
        connection.request(method, f"/socket.io/?EIO=4&transport=polling{path}", body)
        return connection.getresponse().read().decode()

    with shared.dashboard() as watching:
        sid = json.loads(call("GET", "")[1:])["sid"]
        packets = ["40" + json.dumps({"role": "producer", "token": token})]
        packets += ["42" + json.dumps(["session:open", {"session": session}])]
        packets += ["42" + json.dumps(["publish", envelope(session, seq)]) for seq in range(1, 101)]
        packets += ["42" + json.dumps(["session:close", {"session": session, "status": "completed"}])]
        assert call("POST", f"&sid={sid}", "\x1e".join(packets)) == "OK"
        watching.read_until(lambda: bool(watching.named("session:ended")))
        assert watching.seqs(session) == list(range(1, 101))
        call("POST", f"&sid={sid}", "1")
    connection.close()


# Sessions


def test_events_come_once_and_in_order(shared: Server, session: str) -> None:
    with shared.producer() as producer:
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


def test_coming_back_takes_a_session_over_from_a_dead_connection(shared: Server, session: str) -> None:
    with shared.producer() as half_open, shared.producer() as again:
        half_open.open(session)
        assert again.open(session, resume=True)["ok"]
        assert half_open.publish(session, 1)["error"]["code"] == "unknown-session"
        half_open.close()
        assert again.publish(session, 1)["ok"]
        again.end(session)


def test_a_session_is_abandoned_when_the_lease_is_over(shared: Server, session: str) -> None:
    with shared.dashboard() as watching:
        with shared.producer() as producer:
            producer.open(session)
            producer.publish(session, 1)
        watching.read_until(lambda: bool(watching.named("session:ended")))
        assert watching.named("session:ended") == [{"session": session, "status": "abandoned", "seq": 1}]
        with shared.producer() as late:
            assert late.open(session, resume=True)["error"]["status"] == "abandoned"


def test_a_session_of_another_server_goes_on_where_it_was(shared: Server, session: str) -> None:
    with shared.dashboard() as watching, shared.producer() as producer:
        assert producer.open(session, resume=True)["seq"] == 0
        assert producer.publish(session, 5)["ok"]
        assert producer.publish(session, 7)["error"]["code"] == "out-of-order"
        assert producer.publish(session, 6)["ok"]
        assert watching.catch_up().seqs(session) == [5, 6]
        with shared.dashboard() as late:
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


# Routing


def test_broadcast_reaches_everybody_and_late_ones_hear_it_all(shared: Server, session: str) -> None:
    with shared.dashboard() as early, shared.producer() as producer:
        producer.open(session)
        producer.publish(session, 1)
        producer.publish(session, 2)
        with shared.dashboard() as late, shared.dashboard({session: 1}) as again:
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


def test_subscription_reaches_who_asked_and_nobody_else(tmp_path: Path) -> None:
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
