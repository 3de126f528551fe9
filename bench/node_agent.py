"""What the agent costs a Node.js server: its processor time an event, beside the same server without."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from bench.figures import Row, below, in_turn
from harness.taps.agent import AgentHub, environment

PROGRAMS = Path(__file__).parent / "node"
PACKAGES = Path(__file__).parents[1] / "fixtures" / "targets" / "node_modules"
EVENTS = 15_000
LOADS = {"one at a time": 1, "32 at a time": 32}

_WHY = (
    "Of each event the agent tells that it was received, routed and to whom, and answered: three lines of 250 bytes, "
    "made in the server's own thread. Three tenths of what that costs is copying them to the kernel, "
    "an eighth cutting the event out of the packet's text and looking for secrets in it."
)


def node_agent(pairs: int) -> Iterable[Row]:
    """The server's processor time for an event that five clients receive, with the agent and without."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        (folder / "node_modules").symlink_to(PACKAGES)
        for program in PROGRAMS.iterdir():
            shutil.copy(program, folder)
        for said, at_once in LOADS.items():
            watched, alone = in_turn(
                pairs, partial(_event, folder, at_once, True), partial(_event, folder, at_once, False), "µs"
            )
            what = f"Node.js server with the agent over server without, processor time an event, {said}"
            yield below(what, watched.over(alone), 1.1, f"with {watched}, without {alone}", _WHY)
    finally:
        shutil.rmtree(folder)


def _event(folder: Path, at_once: int, is_watched: bool) -> float:
    """Microseconds of the server's processor for one event."""
    seen: list[object] = []
    with AgentHub() as hub:
        hub.on("bench", lambda _, record: seen.append(record))
        env = environment(hub.path, "bench", "server", os.environ) if is_watched else dict(os.environ)
        server = subprocess.Popen(
            ["node", "server.mjs"], cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            load = ["node", "load.mjs", server.stdout.readline().strip(), str(EVENTS), str(at_once)]
            said = subprocess.run(load, cwd=folder, capture_output=True, text=True, check=True, timeout=300).stdout
        finally:
            server.communicate(timeout=30)
        assert not is_watched or (hub.wait_ended("bench", 30) and len(seen) > 3 * EVENTS), "the agent was not there"
    return float(said)
