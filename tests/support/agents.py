"""One end of an agent's connection, spoken by hand."""

from __future__ import annotations

import json
import socket
from typing import Any

from harness.taps.agent import AgentHub

PATIENCE_S = 30.0


class Agent:
    """One end of an agent's connection."""

    def __init__(self, hub: AgentHub, name: str, **who: Any) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(hub.path)
        self.say(k="hello", name=name, **who)

    def say(self, **record: Any) -> None:
        self.socket.sendall(json.dumps({"n": 1, "t": 1, **record}).encode() + b"\n")

    def asked(self) -> int:
        line = b""
        while not line.endswith(b"\n"):
            line += self.socket.recv(1)
        return int(json.loads(line)["sync"])

    def answer(self, token: int, **more: Any) -> None:
        none: dict[str, Any] = {
            "namespaces": {},
            "hooks": {},
            "queued": {},
            "listens": [],
            "troubles": 0,
            "in_flight": 0,
            "handlers": 0,
        }
        self.say(k="sync", token=token, **{**none, **more})
