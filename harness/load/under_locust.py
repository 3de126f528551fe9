"""Clients as Locust users: Locust's master is started beside the harness, its workers here or on other machines."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.launch.ports import claimed_port
from harness.launch.processes import Child, NotStarted, TimedOut
from harness.load.behaviour import Behaviour
from harness.load.clocks import Compared
from harness.load.hosts import FENCING_S, OPENING_S, Handed, Kept, Member, answered, put, started

LOCUSTFILE = Path(__file__).parent / "locust" / "locustfile.py"

LOOPBACK = ("127.0.0.1", "localhost", "::1")

STARTING_S = 60.0
"""How long Locust's master, and workers of this machine, may take to be there."""

COMING_S = 600.0
"""How long workers of other machines may take: a cluster may have to fetch an image first."""

TOLD_S = 5.0
"""How much longer the master may take for an answer than it lets its workers take."""

GET_LOCUST = "--locust needs Locust: pip install 'event-stream-harness[locust]'"


@dataclass(frozen=True, slots=True)
class Swarm:
    """How Locust is started: so many workers `here`, or, where there are some, `elsewhere`; where its master listens.

    `web` is the port of its page, if it is to have one. `reach` is the host by which workers reach what is at loopback.
    """

    here: int = 1
    elsewhere: int = 0
    host: str = "127.0.0.1"
    port: int = 0
    web: int | None = None
    reach: str | None = None
    locustfile: Path = LOCUSTFILE


def is_installed() -> bool:
    """Whether Locust can be started. It is not imported here: that would change the whole process."""
    return importlib.util.find_spec("locust") is not None


class UnderLocust:
    """The hosts of the clients are Locust's users; their master is told what they do, and hands in what they saw."""

    def __init__(self, folder: Path, count: int, swarm: Swarm, said: Callable[[str], None]) -> None:
        """Start the master, and wait for the workers. Raises NotStarted, TimedOut where they don't come."""
        if not is_installed():
            raise NotStarted(GET_LOCUST)
        self._folder, self._asked, self._reach = folder, 0, swarm.reach
        wanted, self._claim = swarm.elsewhere or swarm.here, ExitStack()
        port = swarm.port or self._claim.enter_context(claimed_port())
        start = partial(started, folder)
        self._workers: list[Child] = []
        self._master = start("locust-master", [*_locust(swarm), *_as_master(swarm, port, count, wanted)], "master")
        try:
            for number in range(0 if swarm.elsewhere else swarm.here):
                argv = [*_locust(swarm), "--worker", "--master-host", swarm.host, "--master-port", str(port)]
                self._workers.append(start(f"locust-worker-{number + 1}", argv, f"worker-{number + 1}"))
            if swarm.elsewhere:
                said(f"waiting for {wanted} workers: locust -f - --worker --master-host HOST --master-port {port}")
            patience_s = COMING_S if swarm.elsewhere else STARTING_S
            there = self._ask({"do": "meet", "workers": wanted, "timeout_s": patience_s}, patience_s + STARTING_S)
            if there["workers"] < wanted:
                raise TimedOut(f"{there['workers']} of {wanted} Locust workers came in {patience_s:g} s.")
        except BaseException:
            self.close()
            raise

    def open(self, behaviours: Sequence[Behaviour], members: Sequence[Member], timeout_s: float) -> int:
        told = [elsewhere(behaviour, self._reach).to_json() for behaviour in behaviours]
        asked = {"do": "open", "behaviours": told, "members": members, "timeout_s": timeout_s, "all_s": OPENING_S}
        return int(self._ask(asked, 2 * OPENING_S)["opened"])

    def fence(self) -> None:
        self._ask({"do": "fence", "timeout_s": FENCING_S}, 2 * FENCING_S)

    def hand_in(self) -> Handed:
        told = self._folder / "handed-in.json"
        asked = {"do": "keep", "folder": str(self._folder), "told": str(told), "timeout_s": FENCING_S}
        self._ask(asked, 4 * FENCING_S)
        return handed(json.loads(told.read_text("utf-8")))

    def show(self, name: str, times_ms: Sequence[float]) -> None:
        self._ask({"do": "show", "name": name, "ms": [round(ms, 3) for ms in times_ms]}, FENCING_S)

    @property
    def pids(self) -> Sequence[int]:
        return [child.pid for child in (self._master, *self._workers)]

    def close(self) -> None:
        self._master.close_input()  # it tells its workers to end
        for child in (self._master, *self._workers):
            child.ends_within(3)
            child.stop()
        self._claim.close()

    def _ask(self, told: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        self._asked += 1
        put(self._master, self._asked, told, timeout_s)
        return answered(self._master, self._asked, timeout_s + TOLD_S)


def elsewhere(behaviour: Behaviour, host: str | None) -> Behaviour:
    """A behaviour as it is on another machine, where loopback is that machine's own."""
    is_here = urlsplit(behaviour.url).hostname in LOOPBACK
    return replace(behaviour, reach=host) if is_here else behaviour


def handed(told: dict[str, Any]) -> Handed:
    """What the master says that its workers handed in. A dashboard whose worker is lost has nothing, and the reason."""
    logs = [Kept(Path(each["path"]), Compared(each["offset_ns"], each["error_ns"])) for each in told["ledgers"]]
    lost = {
        member: f"Locust's worker {worker} is lost: {why}"
        for worker, why in told["lost"].items()
        for member in told["homes"].get(worker, ())
    }
    return Handed(logs, lost)


def _locust(swarm: Swarm) -> list[str]:
    return ["locust", "-f", str(swarm.locustfile), "--loglevel", "WARNING"]


def _as_master(swarm: Swarm, port: int, count: int, workers: int) -> list[str]:
    """The master's arguments. All users come at once: how many connect side by side, their workers bound."""
    page = (
        ["--headless"] if swarm.web is None else ["--autostart", "--web-host", swarm.host, "--web-port", str(swarm.web)]
    )
    where = ["--master", "--master-bind-host", swarm.host, "--master-bind-port", str(port)]
    return [*where, *page, "--only-summary", "-u", str(count), "-r", str(count), "--expect-workers", str(workers)]
