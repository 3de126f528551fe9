"""A command that runs beside another one, and is heard only where that one succeeds.

`make test` lints beside the tests, which leave a quarter of two cores idle: `python -m tests.support.beside "make lint"
pytest -n 2`. What lint says comes first, and nothing of pytest where it fails; else pytest's own summary comes last.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Sequence

ENDS_S = 30.0
"""How long the second command may take to stop what it started, before it is killed."""
INTERRUPTED = 130


def main(first: str, second: Sequence[str]) -> int:
    """The status of the first command, which a shell runs, where that fails; else that of the second one.

    What the second one says waits in a pipe meanwhile, which holds 64 kB: it goes on with more when it is heard.
    """
    with subprocess.Popen(second, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as beside:
        try:
            status = subprocess.run(first, shell=True, check=False).returncode  # the Makefile says it
        except KeyboardInterrupt:  # the terminal tells both
            status = INTERRUPTED
        else:
            if status == 0:
                return _heard(beside)
            beside.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            beside.communicate(timeout=ENDS_S)
        beside.kill()
        return status


def _heard(process: subprocess.Popen[bytes]) -> int:
    """All that a process says, as it comes, and its status. After Ctrl-C it says the last of it itself."""
    assert process.stdout is not None
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            chunk = process.stdout.read1()  # type: ignore[attr-defined]  # it is buffered
            if not chunk:
                return process.wait()
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
