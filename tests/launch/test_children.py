"""The ports of a system's processes: each is claimed before the first starts, so that any may be told any other's."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from harness.launch.children import Children
from harness.target.process import Process
from harness.target.spec import Target
from tests.support.claims import is_claimed
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


def test_a_port_that_is_chosen_is_claimed_until_all_is_stopped_and_told_to_whom_it_concerns(tmp_path: Path) -> None:
    around = Around()
    with ExitStack() as cleanup:
        children = around.children = Children(system(tmp_path), tmp_path, around, cleanup)
        children.spawn()
        children.wait()
        first, server, door = (children.ports[name] for name in ("redis", "server", "door"))
        assert len({first, server, door}) == 3
        assert all(is_claimed(port) for port in (first, server, door))
        assert f"ready {first} {server}" in (tmp_path / "redis.log").read_text("utf-8")
    assert not any(is_claimed(port) for port in (first, server, door))


def test_a_process_that_is_no_server_and_ends_by_itself_is_known_with_its_status(tmp_path: Path) -> None:
    around = Around()
    with ExitStack() as cleanup:
        children = around.children = Children(system(tmp_path), tmp_path, around, cleanup)
        children.spawn()
        children.wait()
        assert children.ended_others() == []
        os.kill(children.pid("door"), signal.SIGKILL)
        children.stop("redis", kill=False)
        while not children.ended_others():
            time.sleep(0.005)
        assert children.ended_others() == [("door", -signal.SIGKILL)]
        assert children.ended_servers() == []
