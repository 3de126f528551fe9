"""Who came, was refused and left, and which rooms they were in: from an agent's records to facts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.model import Record
from harness.model.facts import (
    ClientConnected,
    ClientDisconnected,
    ClientRefused,
    Connected,
    Disconnected,
    Joined,
    Left,
    Refused,
)
from harness.taps.agent.observed import Observed, fact


def _connect(record: Mapping[str, Any], by: Observed) -> list[Record]:
    who = (str(record["sid"]), record["role"], record["origin"], record["transport"])
    return [fact(record, by, Connected(*who, record["ns"], record.get("process")))]


def _disconnect(record: Mapping[str, Any], by: Observed) -> list[Record]:
    return [fact(record, by, Disconnected(str(record["sid"]), record["reason"], record["ns"]))]


def _refused(record: Mapping[str, Any], by: Observed) -> list[Record]:
    reason, origin, sid, role = record["reason"], record["origin"], record["sid"], record["role"]
    return [fact(record, by, Refused(reason, origin, sid, role, data=record["data"], namespace=record["ns"]))]


def _bad_origin(record: Mapping[str, Any], by: Observed) -> list[Record]:
    return [fact(record, by, Refused("bad-origin", record["origin"], status=record["status"]))]


def _join(record: Mapping[str, Any], by: Observed) -> list[Record]:
    return [fact(record, by, Joined(str(record["sid"]), record["room"], record["ns"]))]


def _leave(record: Mapping[str, Any], by: Observed) -> list[Record]:
    return [fact(record, by, Left(str(record["sid"]), record["room"], record["where"], record["ns"]))]


def _refused_request(record: Mapping[str, Any], by: Observed) -> list[Record]:
    return [fact(record, by, Refused(record["reason"], record["origin"], status=record["status"], url=record["url"]))]


def _client_connected(record: Mapping[str, Any], by: Observed) -> list[Record]:
    return [fact(record, by, ClientConnected(record["url"], record["transport"], record["ns"]))]


def _client_disconnected(record: Mapping[str, Any], by: Observed) -> list[Record]:
    return [fact(record, by, ClientDisconnected(record["reason"], record["ns"]))]


def _client_refused(record: Mapping[str, Any], by: Observed) -> list[Record]:
    return [fact(record, by, ClientRefused(record["error"], record.get("url"), record["ns"]))]


KINDS: Mapping[str, Callable[[Mapping[str, Any], Any], list[Record]]] = {
    "connect": _connect,
    "disconnect": _disconnect,
    "refused": _refused,
    "bad_origin": _bad_origin,
    "join": _join,
    "leave": _leave,
    "refused_request": _refused_request,
    "client_connected": _client_connected,
    "client_disconnected": _client_disconnected,
    "client_refused": _client_refused,
}
"""Kind of record to what makes facts of it."""
