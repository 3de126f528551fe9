"""The agent inside real servers and clients: what it records of connections, rooms and what is still at work."""

from __future__ import annotations

import http.client

from tests.support.observed import PATIENCE_S, Client, Observed, about, event


def test_a_foreign_origin(observed: Observed) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", observed.port, timeout=PATIENCE_S)
    connection.request("GET", "/socket.io/?EIO=4&transport=polling", headers={"Origin": "http://evil.example"})
    assert connection.getresponse().status == 400
    connection.close()
    refused = observed.records.one("bad_origin")
    assert (refused["origin"], refused["status"]) == ("http://evil.example", 400)


def test_refused_connections_on_both_sides(observed: Observed) -> None:
    stranger = Client(observed, "cli:stranger")
    assert stranger("connect", {"role": "stranger"}, ["/"]) == "ConnectionError"
    assert stranger("connect", {"role": "lost"}, ["/nowhere"]) == "ConnectionError"
    stranger.close()
    handler = observed.records.one("refused", ns="/")
    assert (handler["reason"], handler["data"]) == ("not you", {"code": "bad-role"}) and handler["sid"]
    namespace = observed.records.one("refused", ns="/nowhere")
    assert (namespace["reason"], namespace["sid"]) == ("Unable to connect", None)
    assert [record["ns"] for record in observed.records.of("client_refused")] == ["/", "/nowhere"]
    assert not observed.records.of("connect", role="stranger") and not observed.records.of("connect", role="lost")


def test_a_fence_is_refused_in_order_and_no_handler_sees_it(observed: Observed, client: Client) -> None:
    prober = Client(observed, "cli:prober")
    assert prober("connect", {"role": "prober"}, ["/__fence_1__"]) == "ConnectionError"
    prober.close()
    assert client("call", "publish", {"type": "after", "seq": 1}) == {"ok": True, "seq": 1}
    assert observed.records.one("client_refused", ns="/__fence_1__")
    assert not observed.records.of("refused", ns="/__fence_1__"), "for the server's side it never was"


def test_a_connection_from_beginning_to_end(observed: Observed) -> None:
    guest = Client(observed, "cli:guest")
    guest("connect", {"role": "guest"}, ["/"])
    connected = observed.records.one("connect", role="guest")
    origin = {"websocket": f"http://127.0.0.1:{observed.port}", "polling": None}[observed.transport]
    assert (connected["transport"], connected["origin"]) == (observed.transport, origin)
    guest("disconnect")
    guest.close()
    assert observed.records.one("disconnect", sid=connected["sid"])
    mine = observed.records.every("cli:guest")
    url = f"http://127.0.0.1:{observed.port}?api_token=[redacted]"
    assert [record["url"] for record in mine if record["k"] == "client_connected"] == [url]
    assert [record["reason"] for record in mine if record["k"] == "client_disconnected"] == ["client disconnect"]


def test_what_engine_io_drops_without_a_word_was_not_sent(observed: Observed, client: Client, sid: str) -> None:
    client("emit while away", "publish", event(9))
    failed = observed.records.one("send_failed", **about(9))
    assert failed["error"] == "dropped: the connection was disconnecting"
    assert not observed.records.of("send", **about(9)) and not observed.records.of("receive", **about(9))


def test_an_emit_in_a_namespace_without_a_connection_was_not_sent(observed: Observed, client: Client, sid: str) -> None:
    assert client("emit", "publish", event(91), "/nowhere") == "BadNamespaceError"
    failed = observed.records.one("send_failed", **about(91))
    assert failed["error"].startswith("BadNamespaceError") and failed["ns"] == "/nowhere"
    assert not observed.records.of("send", **about(91))


def test_joining_and_leaving(observed: Observed, client: Client, sid: str) -> None:
    """Leaving a room that one isn't in is nothing; closing a room is leaving for those in it."""
    client("call", "rooms", 0)
    assert observed.records.one("join", room="first")["n"] < observed.records.one("leave", room="first")["n"]
    assert observed.records.one("join", room="second")["n"] < observed.records.one("leave", room="second")["n"]
    assert {record["sid"] for record in observed.records.of("leave")} == {sid}
    assert {record["where"].partition(" ")[2] for record in observed.records.of("leave")} <= {"rooms", "done"}
    assert not [record for record in observed.records.of("join") if record["room"] in (sid, "None", None)]


def test_a_task_that_a_handler_left_running_is_in_flight(observed: Observed, client: Client, sid: str) -> None:
    assert client("call", "later", 0) == "started"
    busy = observed.hub.sync("server", PATIENCE_S)
    assert busy is not None and busy.in_flight == 1 and busy.handlers == 0
    client("emit", "open_gate", 0)
    observed.records.one("route", event="worked")
    while (idle := observed.hub.sync("server", PATIENCE_S)) is not None and idle.in_flight:
        pass
    assert idle is not None
    assert idle.namespaces["/"].connected == (sid,) and idle.namespaces["/"].rooms == {"dashboards": (sid,)}
    assert set(idle.queued) == {sid}


def test_a_worker_that_a_handler_started_and_that_waits_for_more_is_not_in_flight(
    observed: Observed, client: Client
) -> None:
    """Started with the first event, it never ends: it would be in flight for ever."""
    for number in (1, 2):
        client("emit", "lazily", number)
        observed.records.one("route", event="consumed", args=[{"item": number}])
    while (idle := observed.hub.sync("server", PATIENCE_S)) is not None and idle.in_flight:
        pass
    assert idle is not None
