"""`harness load --locust`: Locust's master and two workers. `make test-locust` brings Locust along."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.commands.parser import main
from harness.judging import Judged
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.load.crowd import labels
from harness.load.under_locust import GET_LOCUST, Swarm, UnderLocust, is_installed
from harness.load.workload import PAGES, gather
from harness.model import Answer
from harness.run.run import Run
from harness.run.workloads._items import first_half, second_half
from harness.selftest.defects.catalogue import FOLDER, environment
from harness.selftest.defects.scenes import steps
from harness.target.reference import reference
from harness.verify import perform

needs_locust = pytest.mark.skipif(not is_installed(), reason=GET_LOCUST)
CLIENTS = labels(24)


class Burst:
    """Forty events as fast as the CLI sends them, to a page and to users of two workers; then `after` is done."""

    name, properties, declares, needs_pipe = "broadcast", ("P1", "P16", "B1"), False, False
    dashboards, clients = (PAGES[0], *CLIENTS), CLIENTS

    def __init__(self, after: Callable[[UnderLocust], None] = lambda hosts: None) -> None:
        self._after, self._hosts = after, list[UnderLocust]()

    def perform(self, run: Run) -> None:
        gather(run, PAGES[:1], CLIENTS, [run.main], self._made)
        main = run.pipe("main", run.main, window=50)
        main.publish([*first_half(), *steps(40), *second_half(21)])
        main.finish()
        self._after(self._hosts[0])

    def _made(self, folder: Path) -> UnderLocust:
        self._hosts.append(UnderLocust(folder, len(CLIENTS), Swarm(here=2), lambda text: None))
        return self._hosts[0]


def played(workload: Burst, env: dict[str, str]) -> Judged:
    target = replace(reference(1), run_s=60.0)
    with Resources() as machine:
        stack = Stack(target, "broadcast", machine, server_env=env)
        with stack.start(lambda: machine.browser):
            return perform(stack, "broadcast", workload)


@needs_locust
def test_users_of_two_workers_are_judged_as_a_page_is(tmp_path: Path) -> None:
    file = tmp_path / "load.json"
    said = ["load", "--locust", "--processes", "2", "--dashboards", "20", "--sessions", "2", "--events", "12"]
    assert main([*said, "--rate", "100", "--quiet", "--strategy", "subscription", "--json", str(file)]) == 0
    (run,) = json.loads(file.read_text())["runs"]
    assert {run["properties"][prop] for prop in ("P1", "P2", "P3", "P4", "P11", "P16", "S1")} == {"proven"}
    assert run["load"]["clients"] == 20 and run["load"]["deliveries"] == 21 * 6


@needs_locust
def test_a_loss_that_only_a_crowd_shows_is_found_with_hop_and_cause() -> None:
    judged = played(Burst(), environment(FOLDER / "crowd_queue_full.py"))
    found = {(blame["cause"], blame["hop"]) for blame in blames(judged)}
    assert Answer(judged.verdict.answer) is Answer.FAILED and found == {("slow-consumer-drop", "delivered")}


@needs_locust
def test_a_worker_that_is_lost_makes_the_run_unknown() -> None:
    def kill(hosts: UnderLocust) -> None:
        os.killpg(hosts.pids[-1], signal.SIGKILL)

    judged = played(Burst(kill), {})
    assert Answer(judged.verdict.answer) is Answer.UNKNOWN
    assert "is lost: nothing was heard of it any more" in (judged.folder / "report.md").read_text()


def blames(judged: Judged) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = judged.document["blame"]
    return found


def test_without_locust_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("harness.commands.load.is_installed", lambda: False)
    assert main(["load", "--locust"]) == 4
    assert GET_LOCUST in capsys.readouterr().err
