"""The ports of a system's processes: chosen late, for another may take them, but where they are told before."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.launch import children as module
from harness.launch.children import Children
from harness.launch.readiness import free_port
from harness.target.process import Process
from harness.target.spec import Target
from tests.support.shop import RIGHT, read

LISTENS = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("ready", *sys.argv[1:], flush=True)
while True:
    server.accept()[0].close()
"""

SYSTEM = """\
[process.redis]
command = [{python!r}, "listens.py", "{{port}}", "{{server.port}}"]
ready.log = "ready"

[process.server]
command = [{python!r}, "listens.py", "{{port}}"]
ready.log = "ready"
seen_by = "proxy"

[process.door]
command = [{python!r}, "listens.py", "{{port}}"]
ready.log = "ready"

"""


class Around:
    """What stands around processes that are not observed."""

    def __init__(self) -> None:
        self.children: Children | None = None
        self.before_log_write = lambda: None

    def values(self) -> Mapping[str, str]:
        assert self.children is not None
        return {f"{name}.port": str(port) for name, port in self.children.ports.items()}

    def environment(self, process: Process, filled: Mapping[str, str]) -> dict[str, str]:
        return {**os.environ, **filled}

    def became_ready(self, process: Process) -> None: ...


def system(folder: Path) -> Target:
    (folder / "listens.py").write_text(LISTENS, "utf-8")
    text = (
        RIGHT[: RIGHT.index("[process.redis]")] + SYSTEM.format(python=sys.executable) + RIGHT[RIGHT.index("[cli]") :]
    )
    return read(folder, text)


def test_a_port_is_chosen_when_its_process_starts_but_where_another_was_told_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[int] = []

    def choose() -> int:
        chosen.append(free_port())
        return chosen[-1]

    monkeypatch.setattr(module, "free_port", choose)
    around = Around()
    with ExitStack() as cleanup:
        children = around.children = Children(system(tmp_path), tmp_path, around, cleanup)
        children.spawn()
        children.wait()
        first, server, door = (children.ports[name] for name in ("redis", "server", "door"))
        assert len(chosen) == 5, "all before the first start; then the first's and the door's anew"
        assert (first, server, door) == (chosen[3], chosen[1], chosen[4])
        assert f"ready {first} {server}" in (tmp_path / "redis.log").read_text("utf-8")
