"""A process of clients: reads what to do as JSON lines, and answers each with one that has the same `number`.

{"do": "open", "behaviours": [], "members": [[number, session, which], …], "timeout_s": …}
                                        → {"opened": how many, "missing": [number, …]}
{"do": "fence", "timeout_s": …}          → {"back": how many}
{"do": "keep", "path": …}                → {"rows": how many}: what was seen so far is in the file then
the end of its input                    → it hangs up and ends
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.load.behaviour import Behaviour
from harness.load.client import Client, Shared, opened
from harness.load.log import Log

AT_ONCE = 32
"""So many connections are opened side by side: more of them wait for the server, and time out there."""


class Worker:
    """The clients of this process, by their numbers."""

    def __init__(self) -> None:
        self._clients: dict[int, Client] = {}
        self._log = Log()

    async def do(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Do what is told. Returns what is answered."""
        if told["do"] == "open":
            return await self._open(told)
        if told["do"] == "fence":
            return await self._fence(told["timeout_s"])
        self._log.write(Path(told["path"]))
        return {"rows": len(self._log.member)}

    async def _open(self, told: Mapping[str, Any]) -> dict[str, Any]:
        shared = [Shared(Behaviour.of(each), self._log) for each in told["behaviours"]]
        room = asyncio.Semaphore(AT_ONCE)

        async def one(member: int, session: str, which: int) -> None:
            async with room:
                client = await opened(member, session, shared[which], told["timeout_s"])
            if client is not None:
                self._clients[member] = client

        await asyncio.gather(*(one(*each) for each in told["members"]))
        missing = [member for member, _, _ in told["members"] if member not in self._clients]
        return {"opened": len(told["members"]) - len(missing), "missing": missing}

    async def _fence(self, timeout_s: float) -> dict[str, Any]:
        started = time.monotonic()
        waiting = {asyncio.create_task(client.fence()): member for member, client in self._clients.items()}
        done, late = await asyncio.wait(waiting, timeout=timeout_s) if waiting else (set(), set())
        for task in late:
            task.cancel()
        waited_ms = round((time.monotonic() - started) * 1e3, 3)
        self._log.fences |= {waiting[task]: waited_ms for task in done if task.result()}
        return {"back": len(done)}

    def close(self) -> None:
        """Hang up."""
        for client in self._clients.values():
            client.close()


async def serve() -> None:
    """Answer line by line until the input ends."""
    loop, worker = asyncio.get_running_loop(), Worker()
    lines = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        told = json.loads(line)
        sys.stdout.write(json.dumps({"number": told["number"], **await worker.do(told)}) + "\n")
        sys.stdout.flush()
    worker.close()


if __name__ == "__main__":
    asyncio.run(serve())
