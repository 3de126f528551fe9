"""A wire proxy in front of a port, what it writes, and small servers by hand."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from harness.model import Body, Fact, Hop, Record, Sighting
from harness.record.identity import Envelope
from harness.taps.wire.proxy import WireProxy
from harness.taps.wire.telling import Telling
from harness.taps.wire.websocket import unmask
from tests.support.facts import data_of

PATIENCE_S = 20.0


class Seen:
    """What the proxy has written; can be waited on."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self.records: list[Record] = []

    def __call__(self, record: Record) -> None:
        with self._news:
            self.records.append(record)
            self._news.notify_all()

    def keys(self, hop: Hop) -> list[str]:
        return [each.event.key for each in self.records if isinstance(each, Sighting) and each.hop is hop]

    def facts(self, kind: type[Body]) -> list[dict[str, Any]]:
        return [data_of(each.body) for each in self.records if isinstance(each, Fact) and isinstance(each.body, kind)]

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(condition, PATIENCE_S), self.records[-10:]


@contextmanager
def proxied(port: int, carrier: str | None = "publish") -> Iterator[tuple[WireProxy, str, Seen]]:
    """A proxy in front of a port, the address of its door for the CLI, and what it writes."""
    seen = Seen()
    telling = Telling(seen, Envelope(carrier=carrier).read, lambda: "server", lambda door, session: "cli:main")
    with WireProxy(lambda: ("127.0.0.1", port), telling) as proxy:
        yield proxy, proxy.door("cli:main"), seen


def step(number: int, **more: Any) -> dict[str, Any]:
    """The payload of an event of session `s`."""
    return {"type": "step", "session": "s", "seq": number, "data": {"n": number}, **more}


def frame(data: str | bytes, mask: bytes = b"", first: int | None = None) -> bytes:
    """A WebSocket frame; `first` changes its first byte."""
    payload = data.encode() if isinstance(data, str) else data
    start = (0x81 if isinstance(data, str) else 0x82) if first is None else first
    size, bit = len(payload), 0x80 if mask else 0
    length = bytes([bit | size]) if size < 126 else (
        bytes([bit | 126]) + size.to_bytes(2) if size < 65536 else bytes([bit | 127]) + size.to_bytes(8)
    )  # fmt: skip
    return bytes([start]) + length + mask + (unmask(payload, mask) if mask else payload)


@contextmanager
def tcp(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    """A server in a thread, with its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
