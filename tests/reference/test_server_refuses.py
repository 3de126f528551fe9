"""The reference server's answers to bad input, and that it disturbs no other client."""

from __future__ import annotations

import http.client
import json
import re
from typing import Any

import pytest

from tests.support.reference import PATIENCE_S, Server, envelope

LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[INFO\] shannon\.server\.websocket: (.+)")


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
def test_what_cannot_be_read_is_told_to_its_sender_alone(server: Server, session: str, frame: str | bytes) -> None:
    with server.dashboard() as watching, server.producer() as producer, server.producer() as hostile:
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


def test_unreadable_requests_are_answered_too(server: Server) -> None:
    with server.producer() as producer:
        producer.send('4277["publish",{')
        assert producer.answer(77)["error"]["code"] == "bad-json"


@pytest.mark.parametrize("frame", ["9", "x", "40/other,", "41/other,", '43999["late"]', '42/other,["publish",{}]'])
def test_frames_that_mean_nothing_disturb_no_client(server: Server, session: str, frame: str) -> None:
    with server.dashboard() as watching, server.producer() as producer:
        stranger = server.dashboard()
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
def test_a_bad_event_is_refused_and_not_routed(server: Server, session: str, body: Any) -> None:
    with server.dashboard() as watching, server.producer() as producer:
        producer.open(session)
        answer = producer.ask("publish", {"session": session, **body} if isinstance(body, dict) else body)
        assert answer["ok"] is False
        assert answer["error"]["code"] == "bad-request"
        assert answer["error"]["message"]
        assert watching.catch_up().seqs(session) == []
        assert producer.publish(session, 1)["ok"], "the number is still free"
        producer.end(session)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "../up", "x" * 101, 5, None, ["a"], "ü", "a\n"])
def test_session_ids_are_checked_everywhere(server: Server, name: Any) -> None:
    with server.producer() as producer:
        for request in ("session:open", "publish", "session:close"):
            body = {"session": name, "type": "a", "seq": 1, "data": {}, "status": "completed"}
            assert producer.ask(request, body)["error"]["code"] == "bad-request", request


@pytest.mark.parametrize(
    "more", [{"task": 5}, {"task": "x" * 10_001}, {"project": []}, {"resume": "yes"}, {"resume": 1}]
)
def test_a_bad_opening_is_refused(server: Server, session: str, more: dict[str, Any]) -> None:
    with server.producer() as producer:
        assert producer.open(session, **more)["error"]["code"] == "bad-request"
        assert producer.publish(session, 1)["error"]["code"] == "unknown-session"


@pytest.mark.parametrize("status", ["", "abandoned", None, 1])
def test_a_bad_closing_is_refused(server: Server, session: str, status: Any) -> None:
    with server.producer() as producer:
        producer.open(session)
        assert producer.ask("session:close", {"session": session, "status": status})["error"]["code"] == "bad-request"
        assert producer.publish(session, 1)["ok"]
        assert producer.end(session) == {"ok": True}


def test_what_is_too_large_is_answered_and_900_kb_pass(server: Server, session: str) -> None:
    with server.dashboard() as watching, server.producer() as producer:
        producer.open(session)
        assert producer.publish(session, 1, text="é" * 600_000)["error"]["code"] == "too-large"
        assert producer.publish(session, 1, text="x" * 5_000_000)["error"]["code"] == "too-large"
        assert producer.publish(session, 1, text="é" * 450_000)["ok"]
        (event,) = watching.catch_up().named("step:done")
        assert event["data"]["text"] == "é" * 450_000
        producer.end(session)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\x1b[31mred", "\u202eabc", "\ud800", "\x00", "🙂" * 50])
def test_hostile_text_arrives_as_it_was(server: Server, session: str, text: str) -> None:
    with server.dashboard() as watching, server.producer() as producer:
        producer.open(session)
        producer.publish(session, 1, text=text)
        (event,) = watching.catch_up().named("step:done")
        assert event["data"] == {"text": text}
        producer.end(session)


def test_dashboards_do_not_publish_and_producers_do_not_subscribe(server: Server, session: str) -> None:
    with server.dashboard() as dashboard, server.producer() as producer:
        producer.open(session)
        for request in ("publish", "session:open", "session:close"):
            assert dashboard.ask(request, envelope(session, 1))["error"]["code"] == "forbidden", request
        for request in ("subscribe", "unsubscribe"):
            assert producer.ask(request, {"session": session})["error"]["code"] == "forbidden", request
        assert dashboard.catch_up().seqs(session) == []
        producer.end(session)


def test_a_producer_cannot_publish_to_another_ones_session(server: Server, session: str) -> None:
    with server.producer() as owner, server.producer() as other:
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


def test_the_log_is_in_the_documented_style_and_tells_no_secret(server: Server, session: str) -> None:
    with server.dashboard() as dashboard, server.producer() as producer:
        producer.open(session)
        producer.ask("publish", {"session": session})
        producer.end(session)
    server.get("/socket.io/?EIO=4&transport=%1b%5b31mred")
    said = [match[1] for line in server.log.splitlines() if (match := LOG_LINE.fullmatch(line))]
    for wanted in (
        f"Dashboard connected: {dashboard.sid}",
        f"Connection added: {dashboard.sid}, session: None",
        f"Room joined: {dashboard.sid}, room: dashboards",
        f"Session opened: {session}, producer: {producer.sid}",
        f"Request refused: {producer.sid}, publish: bad-request",
        f"Session ended: {session}, completed",
    ):
        assert wanted in said
    assert server.token_file.read_text().strip() not in server.log
    assert "\x1b" not in server.log


def test_a_polling_producer_may_send_many_packets_at_once(server: Server, session: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
    token = server.token_file.read_text().strip()

    def call(method: str, path: str, body: str | None = None) -> str:
        connection.request(method, f"/socket.io/?EIO=4&transport=polling{path}", body)
        return connection.getresponse().read().decode()

    with server.dashboard() as watching:
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
