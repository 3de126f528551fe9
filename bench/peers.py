"""A Socket.IO server and a client by hand, as small as they can be: `python -m bench.peers server | client PORT`."""

from __future__ import annotations

import json
import socket
import statistics
import sys
import threading
import time
from typing import BinaryIO

ROUNDS = 2_000
"""Events sent one by one."""

RATE, SECONDS = 5_000, 3
"""Events a second that are sent whatever becomes of them, and for how long."""

TURNS_A_SECOND = 200
UPGRADE = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\n\r\n"
MASK = b"\x37\xfa\x21\x3d"


def serve() -> None:
    """Say the port, then acknowledge whatever is asked, one connection after the other."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _acknowledge(connection)


def _acknowledge(connection: socket.socket) -> None:
    lines = connection.makefile("rb")
    while lines.readline().strip():
        pass
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
    connection.sendall(_frame('0{"sid":"bench","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'))
    while len(head := lines.read(2)) == 2:
        size = head[1] & 0x7F
        if size == 126:
            size = int.from_bytes(lines.read(2))
        mask, data = lines.read(4), lines.read(size)
        start = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data[:12]))
        if start.startswith(b"40"):
            connection.sendall(_frame('40{"sid":"bench-1"}'))
        else:
            number = start[2:].partition(b"[")[0].decode()
            connection.sendall(_frame(f'43{number}[{{"ok":true}}]'))


def ask(port: int) -> dict[str, float]:
    """One event at a time, then many at a fixed rate: the median of the one in ms, the rate of the other."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = connection.makefile("rb")
        connection.sendall(UPGRADE)
        while answers.readline().strip():
            pass
        _skip(answers)
        connection.sendall(_frame('40{"role":"producer"}', MASK))
        _skip(answers)
        took = []
        for number in range(ROUNDS):
            frame = _event(number)
            began = time.perf_counter()
            connection.sendall(frame)
            _skip(answers)
            took.append((time.perf_counter() - began) * 1e3)
        return {"median_ms": statistics.median(took), "rate": _flood(connection, answers)}


def _flood(connection: socket.socket, answers: BinaryIO) -> float:
    """Acknowledged events a second, from the first sent to the last acknowledged."""
    share = RATE // TURNS_A_SECOND
    turns = [
        b"".join(_event(ROUNDS + turn * share + place) for place in range(share))
        for turn in range(SECONDS * TURNS_A_SECOND)
    ]
    reader = threading.Thread(target=_skip, args=(answers, len(turns) * share))
    reader.start()
    began = time.perf_counter()
    for turn, frames in enumerate(turns):
        time.sleep(max(0.0, began + turn / TURNS_A_SECOND - time.perf_counter()))
        connection.sendall(frames)
    reader.join()
    return len(turns) * share / max(time.perf_counter() - began, SECONDS)


def _skip(frames: BinaryIO, count: int = 1) -> None:
    """Read so many frames of the server."""
    for _ in range(count):
        size = frames.read(2)[1]
        if size == 126:
            size = int.from_bytes(frames.read(2))
        frames.read(size)


def _event(number: int) -> bytes:
    payload = {
        "type": "step:done",
        "session": "bench",
        "seq": number + 1,
        "data": {"name": "compile", "took_ms": number},
    }
    return _frame(f"42{number}{json.dumps(['publish', payload])}", MASK)


def _frame(text: str, mask: bytes = b"") -> bytes:
    data = text.encode()
    bit = 0x80 if mask else 0
    size = bytes([bit | len(data)]) if len(data) < 126 else bytes([bit | 126]) + len(data).to_bytes(2)
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data)) if mask else data
    return b"\x81" + size + mask + masked


if __name__ == "__main__":
    if sys.argv[1] == "server":
        serve()
    else:
        print(json.dumps(ask(int(sys.argv[2]))))
