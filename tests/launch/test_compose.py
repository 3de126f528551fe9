"""Services of a Compose file: started, healthy, told where they are, taken down; with a stand-in for Docker."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.launch.processes import Child
from tests.support import docker_stand_in

PATIENCE_S = 20.0
LISTEN = "import os, socket; s = socket.create_server(('127.0.0.1', int(os.environ['PORT'])))"
LISTENS = [sys.executable, "-S", "-c", f"{LISTEN}\nwhile True: s.accept()"]
ENDS = [sys.executable, "-S", "-c", f"{LISTEN}\ns.accept()"]
SERVICES = {
    "bus": {"argv": LISTENS},
    "web": {"argv": LISTENS, "needs": ["bus"]},
    "ill": {"healthy": False},
    "short": {"argv": ENDS},
}


class Machine:
    """A machine with a `docker`, and the processes that it started for the services of one stack."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / "state"
        self.children: list[Child] = []
        self.env = {**os.environ, **docker_stand_in.install(folder, SERVICES)}

    def start(self, service: str, **said: object) -> Child:
        spec = json.dumps({"service": service, "stack": "/stack", **said})
        argv = [sys.executable, "-m", "harness.launch.compose", spec]
        child = Child(service, argv, log=self.folder / f"{service}.log", env=self.env)
        self.children.append(child)
        return child

    def running(self) -> list[str]:
        return sorted(each.name for each in self.state.glob("*/*"))


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    for child in made.children:
        child.stop()
    assert made.running() == []


def test_a_service_is_ready_when_it_is_healthy_and_taken_down_with_what_it_needed(machine: Machine) -> None:
    web = machine.start("web", port=3000)
    found = web.wait_line(r"^harness: service web is healthy at http://127\.0\.0\.1:(?P<port>\d+)$", PATIENCE_S)
    [file] = machine.state.glob("*/web")
    assert json.loads(file.read_text())["port"] == int(found["port"]) and machine.running() == ["bus", "web"]
    web.stop()
    assert web.status == 0 and machine.running() == []


def test_what_another_process_of_the_stack_started_is_left_alone(machine: Machine) -> None:
    bus = machine.start("bus")
    bus.wait_line("^harness: service bus is healthy$", PATIENCE_S)
    web = machine.start("web", port=3000)
    web.wait_line("^harness: service web is healthy at ", PATIENCE_S)
    web.stop()
    assert machine.running() == ["bus"]
    bus.stop()
    assert machine.running() == []


@pytest.mark.parametrize(("service", "words"), [
    ("ill", r"docker compose up --detach --wait ill: container harness-[0-9a-f]{12}-ill-1 is unhealthy"),
    ("short", "service short has ended"),
])  # fmt: skip
def test_a_service_that_is_not_there_ends_its_process_with_one_line(machine: Machine, service: str, words: str) -> None:
    child = machine.start(service)
    assert child.wait(PATIENCE_S) == 1
    lines = (machine.folder / f"{service}.log").read_text("utf-8").splitlines()
    assert re.search(words, lines[-1]) and "Traceback" not in "".join(lines)


def test_no_docker_is_one_line(machine: Machine) -> None:
    machine.env["PATH"] = str(machine.folder)
    child = machine.start("web", port=3000)
    assert child.wait(PATIENCE_S) == 1
    assert (machine.folder / "web.log").read_text("utf-8") == (
        "docker could not be started: No such file or directory. Is it installed?\n"
    )
