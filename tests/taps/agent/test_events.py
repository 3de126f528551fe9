"""The agent inside real servers and clients: what it records of an event on its way."""

from __future__ import annotations

import json

from tests.support.observed import PATIENCE_S, Client, Observed, about, event


def test_every_hook_finds_its_place(observed: Observed, client: Client) -> None:
    told = observed.hub.sync("server", PATIENCE_S)
    assert told is not None and all(told.hooks.values()) and len(told.hooks) > 15 and told.troubles == 0


def test_an_event_is_recorded_at_each_hop_in_the_order_of_time(observed: Observed, client: Client, sid: str) -> None:
    assert client("call", "publish", event(1)) == {"ok": True, "seq": 1}
    sent = observed.records.one("send", event="publish", **about(1))
    received = observed.records.one("receive", event="publish", **about(1))
    routed = observed.records.one("route", event="skill:started", **about(1))
    answered = observed.records.one("answer", sid=sid, id=received["id"])
    acknowledged = observed.records.one("ack", event="publish", **about(1))
    times = [record["t"] for record in (sent, received, routed, answered, acknowledged)]
    assert times == sorted(times)
    assert received["request"] == routed["request"], "the event's own handler emits it"
    assert received["sid"] == sid and sent["id"] == received["id"] == acknowledged["id"]
    assert (routed["room"], routed["recipients"], routed["served"]) == ("dashboards", [sid], True)
    assert "rooms" not in routed and "namespace" not in routed
    assert answered["event"] == "publish" and answered["args"] == acknowledged["result"] == [{"ok": True, "seq": 1}]


def test_where_the_emit_stands_in_the_targets_own_code(observed: Observed, client: Client, sid: str) -> None:
    client("call", "publish", event(2))
    line = 1 + next(
        number
        for number, text in enumerate(observed.program.read_text().splitlines())
        if 'sio.emit(data["type"]' in text
    )
    assert observed.records.one("route", **about(2))["where"] == f"server.py:{line} publish"


def test_an_empty_room_is_told_with_the_connected_clients_and_their_rooms(
    observed: Observed, client: Client, sid: str
) -> None:
    client("call", "publish", event(3, to={"room": "nobody"}))
    routed = observed.records.one("route", room="nobody")
    assert routed["recipients"] == [] and routed["connected"] == [sid]
    assert routed["rooms"] == {"dashboards": [sid]}


def test_a_namespace_without_clients_is_unknown(observed: Observed, client: Client, sid: str) -> None:
    client("call", "publish", event(4, to={"namespace": "/elsewhere"}))
    routed = observed.records.one("route", ns="/elsewhere")
    assert (routed["recipients"], routed["namespace"], routed["connected"]) == ([], "unknown", [])


def test_a_skipped_client_is_not_a_recipient(observed: Observed, client: Client, sid: str) -> None:
    client("call", "publish", event(5, to={"skip_me": True}))
    assert observed.records.one("route", args=[event(5, to={"skip_me": True})])["recipients"] == []


def test_arguments_are_recorded_as_they_were(observed: Observed, client: Client, sid: str) -> None:
    """The handler changes its argument after it was received and routed."""
    client("call", "publish", event(6))
    assert observed.records.one("receive", **about(6)) and observed.records.one("route", **about(6))


def test_a_handler_that_raises(observed: Observed, client: Client, sid: str) -> None:
    """Deep in a library; what is named is the target's own code."""
    client("emit", "boom", "way")
    failed = observed.records.one("handler_error", event="boom")
    assert failed["error"].startswith("JSONDecodeError: Expecting value") and failed["sid"] == sid
    assert failed["where"].startswith("server.py:") and failed["where"].endswith(" boom")


def test_an_answer_that_can_not_be_sent_is_its_handlers(observed: Observed, client: Client, sid: str) -> None:
    """The handler has ended when the library fails over what it returned: no frame of it is in the traceback."""
    client("emit", "unsayable", "x", None, True)  # which asks for an answer
    failed = observed.records.one("handler_error", event="unsayable")
    assert failed["error"].startswith("TypeError: Object of type set is not JSON serializable") and failed["sid"] == sid
    assert failed["where"].startswith("server.py:") and failed["where"].endswith(" unsayable")


def test_an_event_without_a_handler(observed: Observed, client: Client, sid: str) -> None:
    client("emit", "unheard", 1)
    assert observed.records.one("no_handler")["event"] == "unheard"


def test_a_burst_in_one_handler_loses_no_record(observed: Observed, client: Client, sid: str) -> None:
    client("call", "burst", 2000)
    told = observed.hub.sync("server", PATIENCE_S)
    assert told is not None
    assert [record["args"][0] for record in observed.records.of("route", event="burst")] == list(range(2000))
    numbers = [record["n"] for record in observed.records.every("server")]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_payload_of_900_kb_is_recorded_whole(observed: Observed, client: Client, sid: str) -> None:
    text = "ü" * 100_000 + "x" * 300_000  # six characters of JSON for each ü
    client("call", "publish", event(7, text=text, to={"room": "big"}))
    assert observed.records.one("route", room="big")["args"][0]["text"] == text


def test_bytes_are_described(observed: Observed, client: Client, sid: str) -> None:
    client("bytes")
    described = {"_bytes": 5, "sha1": "8cb2237d0679ca88db6464eac60da96345513964"}
    told = [{"type": "binary", "seq": 1, "data": described}]
    assert observed.records.one("receive", args=told)
    assert observed.records.one("send", args=told)["bytes"] == len(json.dumps(told, separators=(",", ":"))) + 5


def test_secrets_never_leave_the_process_and_numbers_do(observed: Observed, client: Client, sid: str) -> None:
    client("call", "publish", event(8, api_token="hush", Cookie=["hush"], tokens=42))
    assert observed.records.one("receive", args=[event(8, api_token="[redacted]", Cookie=["[redacted]"], tokens=42)])
    everything = observed.records.every("server") + observed.records.every("cli:main")
    assert "hush" not in json.dumps(everything)
    assert observed.records.of("hello", name="cli:main")[0]["argv"][-2:] == ["--token", "[redacted]"]
