"""Faults of processes: which of a system's they strike, and what is told where there is none."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from harness.commands.errors import explain
from harness.commands.exits import Exit
from harness.faults import NothingToStrike, faults
from harness.faults._brokers import brokers
from harness.faults.disk_full import Full, _goes_on
from harness.model import Answer, Aspect
from harness.model.facts import Disconnected, ServerStopped
from harness.target.file import load
from harness.target.process import TargetError
from harness.target.reference import reference
from harness.target.spec import Target
from tests.support.verified import verified

SYSTEMS = Path(__file__).parents[2] / "fixtures" / "targets"

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a running process is limited on Linux alone")


def scene(target: Target, *servers: str) -> Any:
    stack = SimpleNamespace(
        target=target, children=SimpleNamespace(servers=list(servers), pid=lambda name: os.getpid())
    )
    return SimpleNamespace(run=SimpleNamespace(stack=stack))


def test_a_broker_is_what_servers_or_producers_are_told_of() -> None:
    parcels = load(SYSTEMS / "redis" / "target.toml")
    assert brokers(parcels) == ["broker"], "and not the door, which gives the page to people"
    assert brokers(reference()) == []
    away = tuple(
        replace(each, url="redis://127.0.0.1:1") if each.name == "broker" else each for each in parcels.processes
    )
    assert brokers(replace(parcels, processes=away)) == [], "one that runs already is not ours to kill"


@pytest.mark.parametrize(
    ("name", "words"), [("broker-restarted", "nothing to strike"), ("one-server-killed", "take server-killed")]
)
def test_a_system_without_such_processes_is_told_so(name: str, words: str) -> None:
    with pytest.raises(TargetError, match=words):
        faults()[name].inject(scene(reference(), "server"), Random(1))


def test_a_fault_that_found_nothing_to_strike_is_not_a_broken_harness() -> None:
    told = NothingToStrike("disk-full struck server and did nothing: it has no file open to write to.")
    assert explain(told) == (Exit.WRONG_USE, str(told))


@linux
def test_nothing_can_be_written_while_the_disk_is_full_and_all_of_it_afterwards(tmp_path: Path) -> None:
    code = """
import sys
kept = open(sys.argv[1], "w")
for line in sys.stdin:
    try:
        kept.write(line); kept.flush(); print("kept", flush=True)
    except OSError as error:
        print(error.strerror, flush=True)
        kept = open(sys.argv[1], "a")
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "file")], **pipes) as child:  # type: ignore[call-overload]

        def write() -> str:
            child.stdin.write("a line\n")
            child.stdin.flush()
            return str(child.stdout.readline().strip())

        assert write() == "kept"
        full = Full([child.pid], 0.0)
        assert write() == "File too large"
        assert full.heal().count >= 1
        assert write() == "kept"
        assert resource.prlimit(child.pid, resource.RLIMIT_FSIZE) == resource.getrlimit(resource.RLIMIT_FSIZE)
        child.stdin.close()


@linux
def test_a_process_that_the_limit_would_end_is_not_struck() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        try:
            assert _goes_on(os.getpid()) and not _goes_on(child.pid)
        finally:
            child.kill()


@pytest.mark.slow
def test_a_healthy_system_survives_the_end_of_one_of_its_servers() -> None:
    target = load(SYSTEMS / "redis" / "target.toml")
    judged = verified(target, faults=[faults()["one-server-killed"]])
    assert judged.verdict.answer is not Answer.FAILED, judged.verdict.outcomes
    assert {each.finding.aspect for each in judged.verdict.unknowns} <= {Aspect.NOT_SEEN_TO_RECOVER}
    assert [fact.body.running for fact in judged.evidence.facts(ServerStopped)] == [1]
    assert "its process ended" in {fact.body.reason for fact in judged.evidence.facts(Disconnected)}
