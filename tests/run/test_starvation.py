"""How long a run's processes could run, and had no processor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.model.facts import Starved
from harness.run import starvation
from harness.run.starvation import Starvation, delays, waited_ms

pytestmark = pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="the kernel does not tell run delays")


def test_of_each_party_the_thread_that_waited_longest_counts() -> None:
    before = {"1": {1: 0, 2: 0}, "9": {9: 5_000_000}}
    now = {"1": {1: 3_000_000, 2: 7_000_000}, "9": {9: 6_000_000, 10: 80_000_000}, "11": {11: 9_000_000}}
    assert waited_ms(before, now) == 8.0, "a thread that is new has waited before, if at all"


def test_children_are_parties_with_what_descends_from_them() -> None:
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1); input()'])"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.readline() == b"1\n"
        found = delays()
        assert len(found[str(child.pid)]) == 2
        assert os.getpid() not in found[str(os.getpid())]
        child.communicate(b"\n")


def test_what_was_waited_for_is_told_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter([{"1": {1: 0}}, {"1": {1: 900_000_000}}, *[{"1": {1: 900_000_000}}] * 99])
    monkeypatch.setattr(starvation, "delays", lambda: next(told))
    monkeypatch.setattr(starvation, "EVERY_S", 0.001)
    watch = Starvation()
    found: list[tuple[Starved, int]] = []
    while not found:
        found = watch.take()
    watch.close()
    watch.close()
    [(body, at_ns)] = found
    assert body.waited_ms == 900.0 and body.since_ns < at_ns
    assert 0 < watch.since(0) <= (at_ns - body.since_ns) / 1e9, "no more than there was"
    assert watch.since(at_ns / 1e9) < 0.9, "what was before is not counted; the watch itself may be late"
