"""Locust's master: hands out dashboards to the users of its workers, and takes in what those saw.

`harness load` tells it what to do in JSON lines on its input; each is answered by one that has the same `number`:

{"do": "meet", "workers": n, "timeout_s": …}  → {"workers": how many are there}
{"do": "open", "behaviours": [], "members": [[number, session, which], …], "timeout_s": …, "all_s": …}
                                        → {"opened": how many}
{"do": "fence", "timeout_s": …}         → {"back": how many}
{"do": "keep", "folder": …, "told": path, "timeout_s": …}  → {"lost": how many workers}; the file has
      {"ledgers": [{"worker", "path", "offset_ns", "error_ns"}, …],
       "homes": {worker: [member, …]}, "lost": {worker: why}}
{"do": "show", "name": …, "ms": [ms, …]}  → {"shown": how many}: Locust's statistics have them
the end of its input                    → Locust ends, and its workers
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gevent
from gevent.event import AsyncResult, Event
from locust.runners import STATE_MISSING, MasterRunner

from harness.load.clocks import Compared, compared
from harness.load.locust.messages import OPENED, PIECE, PLACES, TOLD

LOOK_S = 0.05
"""How often is looked whether all are there."""

MISSED_S = 10.0
"""How long a worker may be missed, by Locust's own count, until it is lost: one that had no processor comes back."""

ROUNDS = 8
"""So many questions compare two clocks, each time."""

Rounds = list[tuple[int, int, int]]


class Master:
    """What the master knows of its workers: whose dashboards are whose, and how their clocks stand."""

    def __init__(self, runner: MasterRunner) -> None:
        self._runner = runner
        self._answers: dict[tuple[str, int], AsyncResult[dict[str, Any]]] = {}
        self._asked = 0
        self._plan: Mapping[str, Any] = {}
        self._planned = Event()
        self._free: list[Sequence[Any]] = []
        self._homes: dict[str, list[int]] = defaultdict(list)
        self._there: set[int] = set()
        self._missing: set[int] = set()
        self._rounds: dict[str, Rounds] = defaultdict(list)
        self._pieces: dict[str, dict[int, bytes]] = defaultdict(dict)
        self._lost: dict[str, str] = {}
        runner.register_message(TOLD, self._answered)
        runner.register_message(PLACES, self._places, concurrent=True)
        runner.register_message(OPENED, self._opened)
        runner.register_message(PIECE, self._piece)

    def begin(self) -> None:
        """Take what is told from now on."""
        gevent.spawn(self._serve)

    def _serve(self) -> None:
        threads = gevent.get_hub().threadpool
        while line := threads.apply(sys.stdin.readline):
            told = json.loads(line)
            sys.stdout.write(json.dumps({"number": told["number"], **self._do(told)}) + "\n")
            sys.stdout.flush()
        self._runner.quit()
        if self._runner.environment.web_ui is not None:
            self._runner.environment.web_ui.stop()

    def _do(self, told: Mapping[str, Any]) -> dict[str, Any]:
        if told["do"] == "meet":
            _until(lambda: self._runner.worker_count >= told["workers"], told["timeout_s"])
            return {"workers": self._runner.worker_count}
        if told["do"] == "open":
            return self._open(told)
        if told["do"] == "fence":
            answers = self._ask_all({"do": "fence", "timeout_s": told["timeout_s"]}, told["timeout_s"] + 10)
            return {"back": sum(int(each["back"]) for each in answers.values())}
        if told["do"] == "keep":
            return self._keep(Path(told["folder"]), Path(told["told"]), told["timeout_s"])
        self._show(told["name"], told["ms"])
        return {"shown": len(told["ms"])}

    # The dashboards

    def _open(self, told: Mapping[str, Any]) -> dict[str, Any]:
        self._free = [*told["members"]]
        self._plan = {"behaviours": told["behaviours"], "timeout_s": told["timeout_s"]}
        wanted = len(self._free)
        self._planned.set()
        _until(lambda: len(self._there) + len(self._missing) >= wanted or bool(self._gone()), told["all_s"])
        self._compare(told["timeout_s"])
        return {"opened": len(self._there)}

    def _places(self, environment: object, msg: Any) -> None:
        """So many users have come to a worker: they are the next dashboards."""
        self._planned.wait()
        told = msg.data
        members, self._free = self._free[: told["count"]], self._free[told["count"] :]
        self._homes[msg.node_id] += [member for member, _, _ in members]
        self._runner.send_message(PLACES, {**self._plan, "members": members}, client_id=msg.node_id)

    def _opened(self, environment: object, msg: Any) -> None:
        told = msg.data
        self._missing.update(told["missing"])
        self._there.update(set(told["members"]) - set(told["missing"]))

    # What they saw

    def _keep(self, folder: Path, told: Path, timeout_s: float) -> dict[str, Any]:
        self._compare(timeout_s)
        ledgers = []
        for place, (worker, whole) in enumerate(self._ask_all({"do": "keep"}, timeout_s).items()):
            pieces = self._pieces.pop(worker, {})
            data, clock = b"".join(pieces[start] for start in sorted(pieces)), compared(self._rounds[worker])
            if hashlib.sha256(data).hexdigest() != whole["sha256"] or len(data) != whole["size"]:
                self._lost[worker] = "its ledger came in parts that are not the whole"
            elif clock is None:
                self._lost[worker] = "its clock could not be compared"
            else:
                path = folder / f"{place}.columns"
                path.write_bytes(data)
                ledgers.append(_ledger(worker, path, clock))
        told.write_text(json.dumps({"ledgers": ledgers, "homes": self._homes, "lost": self._lost}), "utf-8")
        return {"lost": len(self._lost)}

    def _piece(self, environment: object, msg: Any) -> None:
        told = msg.data
        self._pieces[msg.node_id][told["start"]] = told["data"]

    def _compare(self, timeout_s: float) -> None:
        """Compare the clock of each worker with this machine's, once more: at both ends of a run it may differ."""
        for _ in range(ROUNDS):
            asked = {worker: time.monotonic_ns() for worker in self._homes}
            for worker, answer in self._ask_all({"do": "clock"}, timeout_s).items():
                self._rounds[worker].append((asked[worker], answer["at_ns"], answer["came_ns"]))

    def _show(self, name: str, times_ms: Sequence[float]) -> None:
        for place, ms in enumerate(times_ms):
            self._runner.environment.events.request.fire(
                request_type="event", name=name, response_time=ms, response_length=0, exception=None, context={}
            )
            if place % 1000 == 0:
                gevent.sleep(0)

    # The workers

    def _gone(self) -> set[str]:
        """Workers with dashboards that Locust has given up."""
        return {worker for worker in self._homes if worker not in self._runner.clients}

    def _ask_all(self, told: Mapping[str, Any], timeout_s: float) -> dict[str, dict[str, Any]]:
        """Ask every worker that has dashboards; those that give no answer are lost from now on."""
        self._asked += 1
        asked = {worker: AsyncResult() for worker in self._homes if worker not in self._lost}
        for worker, answer in asked.items():
            self._answers[worker, self._asked] = answer
            if worker in self._runner.clients:
                self._runner.send_message(TOLD, {**told, "number": self._asked}, client_id=worker)
        found = {}
        for worker, answer in asked.items():
            why = self._wait(worker, answer, timeout_s)
            if why is None:
                found[worker] = answer.get()
            else:
                self._lost[worker] = why
        return found

    def _wait(self, worker: str, answer: AsyncResult[dict[str, Any]], timeout_s: float) -> str | None:
        """Wait for an answer of a worker. Returns why there is none."""
        deadline, missed_s = time.monotonic() + timeout_s, None
        while not answer.ready():
            now = time.monotonic()
            known = self._runner.clients.get(worker)
            if known is None:
                return "it ended before the run did"
            missed_s = (missed_s or now) if known.state == STATE_MISSING else None
            if missed_s is not None and now - missed_s > MISSED_S:
                return "nothing was heard of it any more"
            if now > deadline:
                return f"it gave no answer in {timeout_s:g} s"
            answer.wait(LOOK_S)
        return None

    def _answered(self, environment: object, msg: Any) -> None:
        came_ns = time.monotonic_ns()
        told = msg.data
        answer = self._answers.pop((msg.node_id, told["number"]), None)
        if answer is not None:
            answer.set({**told, "came_ns": came_ns})


def _ledger(worker: str, path: Path, clock: Compared) -> dict[str, Any]:
    return {"worker": worker, "path": str(path), "offset_ns": clock.offset_ns, "error_ns": clock.error_ns}


def _until(is_so: Any, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so() and time.monotonic() < deadline:
        gevent.sleep(LOOK_S)
