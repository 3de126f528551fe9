"""What a person would write without a harness: the same system, browser and scenario, Playwright and subprocess alone.

Honest, and no worse than it has to be: all processes start side by side, every wait is for a condition, the browser is
the same program with the same arguments. It knows that events were lost when a counter stays below a number, no more.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from harness.launch.browser import find_browser, launch_arguments

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
TASK = "create hello.py with a simple greeting function"
FIRST = [
    ("execution:started", {"task": "tidy the notes", "project": "notes", "skills": 1}),
    ("skill:started", {"skill": "tidy", "index": 1, "of": 1, "title": "Tidy the notes"}),
]
SECOND = [
    ("skill:completed", {"skill": "tidy", "index": 1, "of": 1, "title": "Tidy the notes", "duration_ms": 3}),
    ("execution:completed", {"task": "tidy the notes", "skills": 1, "checkpoints": 0, "duration_ms": 5}),
]
OWN = 2
"""The connection's own events, which the page shows before any run."""

SHOWS = """count => {
  const status = document.querySelector('[role="status"][data-connection]')?.dataset.connection;
  const counter = document.querySelector('[data-testid="event-count"]')?.getAttribute("data-count");
  return status === "connected" && counter === String(count);
}"""


class System:
    """Server and dashboard of the reference system under broadcast."""

    def __init__(self, folder: Path, server_env: Mapping[str, str] | None = None) -> None:
        self.folder, self.token = folder, folder / "token"
        self._server_env = server_env
        self._children = [
            self._start("server", "fixtures.server", "--strategy", "broadcast", "--port", "0", *self._tokens()),
            self._start("dashboard", "fixtures.dashboard", "--port", "0"),
        ]
        self.server = self.dashboard = ""

    @property
    def server_pid(self) -> int:
        """The server's process."""
        return self._children[0].pid

    def wait(self) -> Self:
        """Wait until both say where they are."""
        self.server, self.dashboard = (_address(child) for child in self._children)
        return self

    def cli(self, *arguments: str) -> subprocess.Popen[str]:
        """The CLI as a process; its input can be written to."""
        argv = [PYTHON, "-m", "fixtures.cli", *arguments, "--server", self.server, "--verbose", *self._tokens()]
        return subprocess.Popen(argv, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def do(self, project: Path) -> subprocess.Popen[str]:
        """The documented task: ten events."""
        project.mkdir()
        return self.cli("do", TASK, "--dashboard", "--project-root", str(project))

    def stop(self) -> None:
        """End both."""
        for child in self._children:
            child.terminate()
        for child in self._children:
            child.wait()
            if child.stdout is not None:
                child.stdout.close()

    def _tokens(self) -> tuple[str, str]:
        return "--token-file", str(self.token)

    def _start(self, name: str, *module: str) -> subprocess.Popen[str]:
        with (self.folder / f"{name}.err").open("w") as errors:
            argv = [PYTHON, "-m", *module]
            env = self._server_env if name == "server" else None
            return subprocess.Popen(argv, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=errors, env=env)


def _address(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    for line in child.stdout:
        if found := re.search(r" on (http://\S+)", line):
            threading.Thread(target=child.stdout.read, daemon=True).start()  # else its pipe would fill
            return found[1]
    raise RuntimeError(f"{child.args!r} ended before it was ready")


@contextmanager
def browser() -> Iterator[Browser]:
    """The browser that the harness would take, in the same way."""
    from playwright.sync_api import sync_playwright

    executable = find_browser().executable
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=None if executable is None else str(executable), args=launch_arguments()
        )
        yield started
        started.close()


@contextmanager
def pages(source: Browser, system: System, count: int) -> Iterator[list[Page]]:
    """Connected dashboards in contexts of their own, opened side by side."""
    with ExitStack() as contexts:
        opened = []
        for _ in range(count):
            context = source.new_context(viewport={"width": 1440, "height": 900})
            contexts.callback(context.close)
            page = context.new_page()
            page.goto(f"{system.dashboard}/?server={system.server}", wait_until="commit")
            opened.append(page)
        for page in opened:
            page.wait_for_function(SHOWS, arg=OWN)
        yield opened


def publish(cli: subprocess.Popen[str], events: list[tuple[str, dict[str, object]]]) -> None:
    """Hand events to a CLI that reads them."""
    assert cli.stdin is not None
    cli.stdin.write("".join(json.dumps({"type": kind, "data": data}) + "\n" for kind, data in events))
    cli.stdin.flush()


def finish(cli: subprocess.Popen[str]) -> None:
    """See a CLI to its end."""
    assert cli.stdin is not None
    cli.stdin.close()
    assert cli.wait() == 0


def broadcast(source: Browser, system: System, folder: Path) -> None:
    """What `harness verify --strategy broadcast` does with the system: three dashboards, two sessions at once."""
    with pages(source, system, 2) as (a, b):
        for name, page in (("A", a), ("B", b)):
            page.screenshot(path=folder / f"{name}-before.png")
        beside = system.cli("pipe", "--session-id", f"bare_{uuid4().hex}")
        main = system.do(folder / "project")
        publish(beside, FIRST)
        finish(main)
        a.wait_for_function(SHOWS, arg=OWN + 12)
        with pages_late(source, system) as c:
            publish(beside, SECOND)
            finish(beside)
            for name, page, count in (("A", a, 14), ("B", b, 14), ("C", c, 4)):
                page.wait_for_function(SHOWS, arg=OWN + count)
                page.screenshot(path=folder / f"{name}-after.png")


@contextmanager
def pages_late(source: Browser, system: System) -> Iterator[Page]:
    """A dashboard that comes late: it is told what was, so its counter is not yet sure."""
    context = source.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{system.dashboard}/?server={system.server}", wait_until="commit")
    page.wait_for_selector('[role="status"][data-connection="connected"]')
    yield page
    context.close()


def one_task(source: Browser, system: System, folder: Path) -> None:
    """One dashboard, the documented task, a screenshot: the scenario that most tests are variations of."""
    with pages(source, system, 1) as (page,):
        finish(system.do(folder / "project"))
        page.wait_for_function(SHOWS, arg=OWN + 10)
        page.screenshot(path=folder / "after.png")


def main() -> None:
    """From a cold start to everything stopped: the broadcast workload once, or with a number so many single tasks."""
    folder = Path(tempfile.mkdtemp(prefix="bare-"))
    started = time.monotonic()
    system = System(folder)
    try:
        with browser() as source:
            system.wait()
            if len(sys.argv) == 1:
                broadcast(source, system, folder)
            for number in range(int(sys.argv[1]) if len(sys.argv) > 1 else 0):
                mine = folder / str(number)
                mine.mkdir()
                one_task(source, system, mine)
    finally:
        system.stop()
        shutil.rmtree(folder)
    print(f"{time.monotonic() - started:.3f} s")


if __name__ == "__main__":
    main()
