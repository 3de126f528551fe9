"""Raw records in, the words of the harness out."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model import AnyFact, Body, Event, Fact, Hop, Record, Sighting
from harness.model.facts import (
    Acknowledged,
    Answered,
    ClientConnected,
    ClientDisconnected,
    ClientRefused,
    Connected,
    Disconnected,
    HandlerError,
    Joined,
    Left,
    NoHandler,
    NoticeRouted,
    Published,
    Refused,
    Requested,
    Unrouted,
    UnservedEmit,
)
from harness.record.digests import digest
from harness.record.identity import Envelope
from harness.taps.agent import Translator, missing_hooks
from harness.taps.agent.translate import OUTSIDE
from tests.support.facts import body_of

INGRESS = Envelope(carrier="publish")
EGRESS = Envelope()
SERVER = Translator("server", "server", INGRESS.read, EGRESS.read)
CLIENT = Translator("cli:main", "client", INGRESS.read, EGRESS.read)

PAYLOAD = {"session": "s", "seq": 3, "type": "skill:started", "data": {"name": "x"}}
EVENT = Event("s/3", "skill:started", "s", 3, digest({"name": "x"}))


def raw(kind: str, **more: Any) -> dict[str, Any]:
    return {"k": kind, "n": 7, "t": 70, "ns": "/", **more}


def route(**more: Any) -> dict[str, Any]:
    told = {"event": "skill:started", "args": [PAYLOAD], "room": "s", "where": "app.py:1 f", "served": True}
    return raw("route", **{**told, "publishes": False, "recipients": ["A", "B"], **more})


def fact(by: Translator, kind: type[Body], **data: Any) -> AnyFact:
    return Fact(by.observer, 7, 70, body_of(kind, **data))


def test_who_emits_an_event_is_told_where_its_own_handler_does_not() -> None:
    def emitted_by(**more: Any) -> Any:
        (routed,) = by(route(**more))
        return routed.detail.get("emitted_by")  # type: ignore[union-attr]

    by = Translator("server", "server", INGRESS.read, EGRESS.read)
    for seq in (3, 4):
        by(raw("receive", event="publish", args=[{**PAYLOAD, "seq": seq}], id=1, sid="P", request=seq + 1))
    assert emitted_by() is None, "of who does not tell"
    assert emitted_by(request=4) is None
    assert emitted_by(request=5) == "s/4"
    assert emitted_by(request=None) == OUTSIDE


def test_an_event_is_sighted_sent_received_and_routed() -> None:
    sent = raw("send", event="publish", args=[PAYLOAD], id=1)
    assert CLIENT(sent) == [Sighting(Hop.SENT, EVENT, "cli:main", 7, 70, None, {"namespace": "/"})]
    received = raw("receive", event="publish", args=[PAYLOAD], id=1, sid="P")
    detail = {"sid": "P", "namespace": "/", "carrier": "publish"}
    assert SERVER(received) == [Sighting(Hop.RECEIVED, EVENT, "server", 7, 70, None, detail)]
    (routed,) = SERVER(route())
    assert isinstance(routed, Sighting)
    assert (routed.hop, routed.event, routed.recipients) == (Hop.ROUTED, EVENT, ("A", "B"))
    assert (routed.detail["room"], routed.detail["where"], routed.detail["namespace"]) == ("s", "app.py:1 f", "/")


def test_a_message_other_than_an_event_is_a_request() -> None:
    opened = {"event": "session:open", "args": [{"session": "s"}], "id": 1}
    told = {"name": "session:open", "args": [{"session": "s"}], "id": 1, "namespace": "/"}
    assert CLIENT(raw("send", **opened)) == [fact(CLIENT, Requested, sid=None, **told)]
    assert SERVER(raw("receive", sid="P", **opened)) == [fact(SERVER, Requested, sid="P", **told)]


def test_what_a_recovered_connection_is_handed_on_again_says_so() -> None:
    [again] = SERVER(route(recovered=True))
    assert isinstance(again, Sighting) and again.detail["recovered"] is True


def test_what_is_emitted_without_an_event_in_it_is_told_as_a_message() -> None:
    [told] = SERVER(route(event="session:announced", args=[{"session": "s"}]))
    assert isinstance(told, Fact) and told.body == NoticeRouted(
        "session:announced", {"session": "s"}, ("A", "B"), "app.py:1 f", "/"
    )


def test_an_emit_without_recipients_is_a_fact_with_all_that_explains_it() -> None:
    sighting, unrouted = SERVER(route(recipients=[], rooms={"r": ["A"]}, connected=["A"]))
    assert isinstance(sighting, Sighting) and sighting.recipients == ()
    told = {"room": "s", "where": "app.py:1 f", "rooms": {"r": ["A"]}, "connected": ["A"], "namespace": "/"}
    assert unrouted == fact(SERVER, Unrouted, key="s/3", **told)


def test_an_emit_in_the_cli_on_an_object_without_clients() -> None:
    alone = route(recipients=[], rooms={}, connected=[], served=False)
    told = {"event": "skill:started", "key": "s/3", "where": "app.py:1 f", "room": "s", "namespace": "/"}
    assert CLIENT(alone) == [fact(CLIENT, UnservedEmit, **told)]
    assert [type(each) for each in CLIENT(route())] == [Sighting], "this client serves: it routes"


def test_publishing_through_a_queue_is_sending_and_no_unserved_emit() -> None:
    queue = {"queue": "redis://127.0.0.1:6379", "channel": "socketio"}
    published = raw("publish", event="skill:started", args=[PAYLOAD], room="s", where="app.py:1 f", **queue)
    assert CLIENT(route(recipients=[], rooms={}, connected=[], served=False, publishes=True)) == []
    (sent,) = CLIENT(published)
    assert isinstance(sent, Sighting) and (sent.hop, sent.event) == (Hop.SENT, EVENT)
    told = {"key": "s/3", "room": "s", "where": "app.py:1 f", "namespace": "/"}
    assert SERVER(published) == [fact(SERVER, Published, **told, **queue)], "each process's emit follows"
    assert SERVER({**published, "event": "pong", "args": []}) == []


def test_an_emit_that_its_server_passes_on_by_a_queue_is_both() -> None:
    """As Node.js has it: the adapter tells its own clients, and publishes for all others."""
    queue = {"queue": "redis://127.0.0.1:6379", "channel": "socket.io"}
    routed = {**route(publishes=True), "published": True, **queue}
    sighting, told = SERVER(routed)
    about = {"key": "s/3", "room": "s", "where": "app.py:1 f", "namespace": "/"}
    assert isinstance(sighting, Sighting) and sighting.hop is Hop.ROUTED
    assert told == fact(SERVER, Published, **about, **queue)
    unserved = {**routed, "recipients": [], "rooms": {}, "connected": [], "served": False}
    (sent,) = CLIENT(unserved)
    assert isinstance(sent, Sighting) and (sent.hop, sent.detail["channel"]) == (Hop.SENT, "socket.io")


def test_what_a_queue_does_not_take_was_not_sent() -> None:
    queue = {"queue": "redis://127.0.0.1:6379", "channel": "socketio"}
    given_up = raw("not_queued", event="skill:started", args=[PAYLOAD], room="s", where="app.py:1 f", **queue)
    (told,) = CLIENT(given_up)
    why = "not sent: the message queue at redis://127.0.0.1:6379 did not take it, and the library went on"
    about = {"namespace": "/", "where": "app.py:1 f", "queue": queue["queue"]}
    assert told == fact(CLIENT, Acknowledged, key="s/3", ok=False, error=why, **about)
    assert SERVER(given_up) == [], "each process's emit follows"


def test_who_of_several_processes_emitted_and_let_in_stands_with_it() -> None:
    [sighting] = SERVER({**route(), "process": "east:41"})
    assert isinstance(sighting, Sighting) and sighting.detail["process"] == "east:41"
    [alone] = CLIENT({**route(recipients=[], rooms={}, connected=[], served=False), "process": "worker:42"})
    assert isinstance(alone, Fact) and isinstance(alone.body, UnservedEmit) and alone.body.process == "worker:42"


@pytest.mark.parametrize(
    ("result", "ok", "error"),
    [
        ([{"ok": True}], True, None),
        ([], True, None),
        (["fine"], True, None),
        ([{"ok": False, "error": {"code": "too-large", "message": "…"}}], False, "too-large"),
        ([{"ok": False, "error": "no"}], False, "no"),
        ([{"ok": False}], False, "refused without a reason"),
    ],
)
def test_an_acknowledgement(result: list[Any], ok: bool, error: str | None) -> None:
    told = raw("ack", event="publish", args=[PAYLOAD], id=1, result=result)
    said = {"says": "fine"} if result == ["fine"] else {}
    assert CLIENT(told) == [fact(CLIENT, Acknowledged, key="s/3", ok=ok, error=error, namespace="/", **said)]


def test_the_answer_to_a_request_and_to_what_is_not_known_any_more() -> None:
    told = {"sid": None, "id": 1, "args": [1], "namespace": "/"}
    opened = raw("ack", event="session:open", args=[{}], id=1, result=[1])
    assert CLIENT(opened) == [fact(CLIENT, Answered, name="session:open", **told)]
    forgotten = raw("ack", event=None, args=None, id=1, result=[1])
    assert CLIENT(forgotten) == [fact(CLIENT, Answered, name=None, **told)]


def test_what_was_not_sent_is_not_acknowledged() -> None:
    failed = raw("send_failed", event="publish", args=[PAYLOAD], id=None, error="dropped")
    (told,) = CLIENT(failed)
    assert told == fact(CLIENT, Acknowledged, key="s/3", ok=False, error="not sent: dropped", namespace="/")
    assert CLIENT(raw("send_failed", event="x", args=[], id=None, error="dropped")) == []


def test_a_payload_with_a_secret_taken_out_has_no_digest() -> None:
    hidden = {**PAYLOAD, "data": {"name": "x", "token": ["[redacted]"]}}
    (sent,) = CLIENT(raw("send", event="publish", args=[hidden], id=1))
    assert isinstance(sent, Sighting) and sent.event.digest is None and sent.event.key == "s/3"


FACTS: list[tuple[dict[str, Any], type[Body], dict[str, Any]]] = [
    (
        raw("connect", sid="A", role="dashboard", origin="http://h", transport="websocket"),
        Connected,
        {"sid": "A", "role": "dashboard", "origin": "http://h", "transport": "websocket"},
    ),
    (raw("disconnect", sid="A", reason="gone"), Disconnected, {"sid": "A", "reason": "gone"}),
    (
        raw("refused", sid="A", reason="no", origin=None, role="x", data={"code": "bad-role"}),
        Refused,
        {"sid": "A", "reason": "no", "origin": None, "role": "x", "data": {"code": "bad-role"}},
    ),
    (raw("join", sid="A", room="r"), Joined, {"sid": "A", "room": "r"}),
    (raw("leave", sid="A", room="r", where="a.py:1 f"), Left, {"sid": "A", "room": "r", "where": "a.py:1 f"}),
    (
        raw("answer", sid="A", event="subscribe", id=2, args=[{}]),
        Answered,
        {"sid": "A", "name": "subscribe", "id": 2, "args": [{}]},
    ),
    (
        raw("client_connected", url="http://h", transport="polling"),
        ClientConnected,
        {"url": "http://h", "transport": "polling"},
    ),
    (raw("client_disconnected", reason="gone"), ClientDisconnected, {"reason": "gone"}),
    (raw("client_refused", error={"message": "no"}), ClientRefused, {"error": {"message": "no"}}),
]


@pytest.mark.parametrize(("record", "kind", "data"), FACTS, ids=[kind.kind for _, kind, _ in FACTS])
def test_facts(record: dict[str, Any], kind: type[Body], data: dict[str, Any]) -> None:
    assert SERVER(record) == [fact(SERVER, kind, **data, namespace="/")]


def test_facts_that_know_no_namespace() -> None:
    def without(kind: str, **more: Any) -> list[Record]:
        return SERVER({"k": kind, "n": 7, "t": 70, **more})

    assert without("no_handler", sid="A", event="x") == [fact(SERVER, NoHandler, sid="A", name="x")]
    failed = {"sid": "A", "error": "ValueError: 1", "where": "app.py:3 f"}
    assert without("handler_error", event="x", **failed) == [fact(SERVER, HandlerError, name="x", **failed)]
    refused = {"reason": "bad-origin", "origin": "http://evil", "sid": None, "status": 400}
    assert without("bad_origin", origin="http://evil", status=400) == [fact(SERVER, Refused, **refused)]


@pytest.mark.parametrize("kind", ["hello", "hooks", "sync", "agent_error", "something new"])
def test_what_says_nothing_to_a_judge(kind: str) -> None:
    assert SERVER(raw(kind)) == []


def test_a_hop_is_blind_without_its_hooks() -> None:
    assert missing_hooks(Hop.ROUTED, {"route": True, "recipients": False}) == ("recipients",)
    assert missing_hooks(Hop.RECEIVED, {"receive": True}) == ()
    assert missing_hooks(Hop.SENT, {}) == ("send",)


def test_what_is_posted_is_an_event_where_the_target_says_how() -> None:
    posting = Envelope(carrier="*", name="type")
    cli = Translator("cli:main", "client", posting.read, EGRESS.read)
    server = Translator("server", "server", posting.read, EGRESS.read)
    post = {"event": "/lines/2", "args": [PAYLOAD], "ns": None}
    [sent] = cli(raw("post", **post | {"bytes": 9, "where": None}))
    [received] = server(raw("posted", **post))
    assert isinstance(sent, Sighting) and isinstance(received, Sighting)
    assert (sent.hop, sent.event, sent.detail) == (Hop.SENT, EVENT, {"path": "/lines/2", "bytes": 9})
    assert (received.hop, received.event.key, received.detail) == (Hop.RECEIVED, "s/3", {"path": "/lines/2"})
    assert server(raw("post", **post)) == cli(raw("posted", **post)) == []
    bare = Translator("cli:main", "client", Envelope(name=None, session=None, seq=None, data="").read, EGRESS.read)
    assert bare(raw("post", **post)) == [], "no word of the target says that a path is an event"


@pytest.mark.parametrize(
    ("status", "ok", "refuses", "told"),
    [
        (202, True, False, None),
        (404, False, False, NoHandler(None, "/lines/2")),
        (413, False, False, NoHandler(None, "/lines/2", "HTTP 413")),
        (422, False, True, None),
        (500, False, False, HandlerError(None, "/lines/2", "it was answered with HTTP 500")),
    ],
)
def test_the_status_of_what_was_posted(status: int, ok: bool, refuses: bool, told: Body | None) -> None:
    posting = Envelope(carrier="*", name="type")
    post = {"event": "/lines/2", "args": [PAYLOAD], "ns": None}
    [answer] = Translator("cli:main", "client", posting.read, EGRESS.read)(raw("post_answer", **post, status=status))
    assert isinstance(answer, Fact) and isinstance(answer.body, Acknowledged)
    assert (answer.body.key, answer.body.ok, answer.body.is_refusal) == ("s/3", ok, refuses)
    server = Translator("server", "server", posting.read, EGRESS.read)
    failed = {"event": "/lines/2", "status": status}
    assert server(raw("post_failed", **failed)) == [], "no event was posted to that path"
    server(raw("posted", **post))
    assert [each.body for each in server(raw("post_failed", **failed))] == ([told] if told else [])  # type: ignore[union-attr]


def test_one_message_with_several_events_is_one_record_of_each() -> None:
    envelope = Envelope("changes", "type", "session", "seq", "data", each="")
    server = Translator("server", "server", envelope, envelope)
    both = [PAYLOAD, {**PAYLOAD, "seq": 4}]
    routed = server(route(event="changes", args=[both], recipients=[], rooms={}, connected=[]))
    assert [(type(each), each.n) for each in routed] == [(Sighting, 7), (Fact, 7), (Sighting, 7), (Fact, 7)]
    about = {"sid": "x", "id": 1, "request": 5}
    assert len(server(raw("receive", event="changes", args=[both], **about))) == 2
    for seq in (3, 4):  # each is emitted by the handler of the message that brought both
        [alone] = server(route(event="changes", args=[[{**PAYLOAD, "seq": seq}]], request=5))
        assert isinstance(alone, Sighting) and alone.event.seq == seq and "emitted_by" not in alone.detail
    answered = server(raw("ack", event="changes", args=[both], id=1, result=[]))
    bodies = [each.body for each in answered if isinstance(each, Fact)]
    assert [body.key for body in bodies if isinstance(body, Acknowledged)] == ["s/3", "s/4"]
    [other] = server(raw("receive", event="hello", args=[both], **about))
    assert isinstance(other, Fact) and isinstance(other.body, Requested)
