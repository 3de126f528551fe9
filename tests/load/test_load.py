"""`harness load` on the reference system: a page and twenty clients; and clients that are not let in."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from harness.commands.parser import main
from harness.launch.ports import claimed_port
from harness.load.behaviour import Behaviour
from harness.load.client import Shared, opened
from harness.load.log import Way


def test_twenty_clients_beside_a_page_are_judged_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "load.json"
    said = ["load", "--dashboards", "20", "--sessions", "2", "--events", "12", "--rate", "100", "--quiet"]
    assert main([*said, "--strategy", "subscription", "--json", str(file)]) == 0
    (run,) = json.loads(file.read_text())["runs"]
    standing = {
        prop: run["properties"][prop] for prop in ("P1", "P2", "P3", "P4", "P5", "P6", "P11", "P12", "P16", "S1")
    }
    assert set(standing.values()) == {"proven"}, standing
    assert (run["hops"]["delivered"], run["hops"]["rendered"]) == (6, 6)
    assert set(run["load"]["spent"]) == {"system", "clients", "harness"}
    assert run["load"]["latency_ms"]["delivered"]["p50"] > 0
    assert run["load"]["clients"] == 20 and run["load"]["deliveries"] == 21 * 6


def test_a_client_without_an_answer_says_why() -> None:
    with claimed_port() as port:
        behaviour = Behaviour(f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket", {}, ("0",))
        shared = Shared(behaviour)
        assert asyncio.run(opened(0, "", shared, 5)) is None
    assert [*shared.log.way] == [Way.REFUSED] and "Connect call failed" in shared.log.texts[0]


def test_a_client_that_a_server_turns_away_says_with_which_words() -> None:
    async def turned_away() -> Shared:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 11\r\n\r\nnot allowed")
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        shared = Shared(Behaviour(f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket", {}, ("0",)))
        async with server:
            assert await opened(0, "", shared, 5) is None
        return shared

    assert asyncio.run(turned_away()).log.texts == ["the server answered 400 Bad Request not allowed"]
