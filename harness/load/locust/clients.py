"""A Locust worker's part: its users are clients in a process beside it, which does what Locust's master tells."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gevent
from gevent.event import AsyncResult, Event
from locust.runners import WorkerRunner

from harness.load.locust.messages import OPENED, PIECE, PIECE_BYTES, PLACES, TOLD


class Clients:
    """The clients of one worker. What is written to their process, and read from it, waits without the others."""

    def __init__(self, runner: WorkerRunner) -> None:
        self._runner = runner
        self._process = subprocess.Popen(
            [sys.executable, "-m", "harness.load.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._answers: dict[int, AsyncResult[dict[str, Any]]] = {}
        self._asked = 0
        self._waiting: list[AsyncResult[bool | None]] = []
        self._came = Event()
        self._given: AsyncResult[dict[str, Any]] = AsyncResult()
        runner.register_message(TOLD, self._told, concurrent=True)
        runner.register_message(PLACES, lambda environment, msg: self._given.set(msg.data))
        gevent.spawn(self._read)
        gevent.spawn(self._place)

    def place(self) -> bool | None:
        """Become a dashboard, and connect: whether that came about, None where all dashboards are there already."""
        mine: AsyncResult[bool | None] = AsyncResult()
        self._waiting.append(mine)
        self._came.set()
        is_there: bool | None = mine.get()
        return is_there

    def close(self) -> None:
        """Hang up: the process ends with its input."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _place(self) -> None:
        """Those who have come meanwhile are given their places together, and connect side by side."""
        while True:
            self._came.wait()
            self._came.clear()
            users, self._waiting = self._waiting, []
            self._given = AsyncResult()
            self._runner.send_message(PLACES, {"count": len(users)})
            plan = self._given.get()
            members = [member for member, _, _ in plan["members"]]
            missing = set(self._ask({"do": "open", **plan})["missing"] if members else ())
            self._runner.send_message(OPENED, {"members": members, "missing": [*missing]})
            for place, user in enumerate(users):
                user.set(members[place] not in missing if place < len(members) else None)

    def _told(self, environment: object, msg: Any) -> None:
        told = msg.data
        if told["do"] == "clock":
            answer: Mapping[str, Any] = {"at_ns": time.monotonic_ns()}
        elif told["do"] == "keep":
            answer = self._keep()
        else:
            answer = self._ask(told)
        self._runner.send_message(TOLD, {**answer, "number": told["number"]})

    def _keep(self) -> dict[str, Any]:
        """Hand in what was seen, piece by piece. The answer says what all of them are together."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "columns"
            self._ask({"do": "keep", "path": str(path)})
            data = path.read_bytes()
        pieces = range(0, len(data), PIECE_BYTES)
        for start in pieces:
            self._runner.send_message(PIECE, {"start": start, "data": data[start : start + PIECE_BYTES]})
            gevent.sleep(0)  # or no heartbeat is sent meanwhile
        return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}

    def _ask(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Ask the process of clients, and wait for its answer."""
        assert self._process.stdin is not None
        self._asked += 1
        answer = self._answers[self._asked] = AsyncResult()
        self._process.stdin.write(json.dumps({**told, "number": self._asked}).encode() + b"\n")
        self._process.stdin.flush()
        found: dict[str, Any] = answer.get()
        return found

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer = json.loads(line)
            self._answers.pop(answer["number"]).set(answer)
        # Without its clients a worker is nothing: the master learns of it as of any worker that is lost.
        self._runner.quit()
