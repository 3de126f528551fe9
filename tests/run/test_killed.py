"""A harness that is ended from outside: nothing of it is left, and its record is not believed beyond what it holds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.lib import lifeline
from tests.support.kills import kill_once
from tests.support.leaks import survivors

NAME = "HARNESS_KILLED_TRIAL"

PARENT = """
import os, sys, subprocess, signal, time
from pathlib import Path
from harness.launch.processes import Child
from harness.lib import lifeline
folder = lifeline.folder("left-")
code = {code!r}
child = Child("child", [sys.executable, "-c", code], log=folder / "log", stdin=True)
child.wait_line("ready", 20)
print(folder, flush=True)
{then}
"""

CHILDREN = {
    "one that ends when it is asked to": "print('ready', flush=True); input()",
    "one that does not": "import signal; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); signal.pause()",
    "one with a grandchild in a session of its own": (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'],"
        " start_new_session=True); print('ready', flush=True); input()"
    ),
    "one with a grandchild that has no environment": (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'],"
        " start_new_session=True, env={'HARNESS_KILLED_TRIAL': __import__('os').environ['HARNESS_KILLED_TRIAL']});"
        " import signal; print('ready', flush=True); signal.pause()"  # an orphan of one that ends before is not known
    ),
}


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found by /proc")
@pytest.mark.parametrize("code", CHILDREN.values(), ids=CHILDREN)
def test_nothing_outlives_a_process_that_is_killed(code: str, tmp_path: Path) -> None:
    mark = f"{time.monotonic_ns()}"
    env = {**os.environ, NAME: mark, "TMPDIR": str(tmp_path)}
    argv = [sys.executable, "-c", PARENT.format(code=code, then="signal.pause()")]
    with subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        folder = Path(parent.stdout.readline().strip())
        assert folder.is_dir()
        parent.kill()
        parent.wait()
        assert survivors(mark, time.monotonic() + 30, NAME) == []
        assert gone(folder, 30)


def test_a_process_that_ends_by_itself_leaves_nothing_either(tmp_path: Path) -> None:
    mark = f"{time.monotonic_ns()}"
    env = {**os.environ, NAME: mark, "TMPDIR": str(tmp_path)}
    argv = [sys.executable, "-c", PARENT.format(code=CHILDREN["one that does not"], then="sys.exit(5)")]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 5, done.stderr
    assert survivors(mark, time.monotonic() + 30, NAME) == []
    assert gone(Path(done.stdout.strip()), 0)


def test_the_token_is_this_process_s_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "from harness.lib import lifeline; print(lifeline.token())"
    run = [sys.executable, "-c", code]
    tokens = [subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip() for _ in range(2)]
    assert len({*tokens, lifeline.token()}) == 3
    assert all(token.split(":")[2] == lifeline.namespace() for token in tokens)


@pytest.mark.parametrize(("seed", "number"), [(3, signal.SIGKILL), (5, signal.SIGTERM), (8, signal.SIGINT)])
def test_a_harness_ended_at_some_moment_leaves_nothing_running(seed: int, number: signal.Signals) -> None:
    """A sample of `python -m tests.support.kills`, which tries hundreds."""
    killed = kill_once(seed, 3.0, end=number, stop_s=30, leave_s=30)  # the campaign asks for 1 s and 5 s
    assert killed.left == (), killed
    if number is not signal.SIGKILL and killed.status == 130:
        assert "everything that was started is stopped" in killed.said


AT_IMPORT = """
import os, signal, sys, threading
from harness import __main__
class Slow:
    def find_spec(self, name, path, target=None):
        if name == "harness.commands.parser":
            os.kill(os.getpid(), {number})
            threading.Event().wait(20)
sys.meta_path.insert(0, Slow())
sys.argv = ["harness", "verify"]
sys.exit(__main__.main())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupt_before_there_is_a_command_is_one_line_too(number: signal.Signals) -> None:
    """Imports take seconds on a busy machine, and told of themselves by a traceback."""
    argv = [sys.executable, "-c", AT_IMPORT.format(number=int(number))]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 130
    assert done.stderr == f"harness: interrupted by {number.name}; everything that was started is stopped\n"


def gone(folder: Path, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return not folder.exists()
