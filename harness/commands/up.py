"""`harness up`: the whole stack for a person to use, until Ctrl-C."""

from __future__ import annotations

import argparse
import shlex
import signal

from harness.stack import Machine, Stack
from harness.target import reference


def main(arguments: argparse.Namespace) -> int:
    """Start, say where everything is, and wait for Ctrl-C or SIGTERM."""
    target = reference()
    with Machine() as machine, Stack(target, arguments.strategy, machine).start() as stack:
        command = ["shannon", "do", target.task, "--dashboard", "--server", stack.addresses.server]
        command += ["--token-file", str(stack.token_file), "--project-root", str(stack.folder / "project")]
        (stack.folder / "project").mkdir()
        print(f"strategy:  {arguments.strategy}")
        print(f"dashboard: {stack.page_url()}")
        print(f"server:    {stack.addresses.server}")
        print(f"logs:      {stack.folder}")
        print(f"\nRun the CLI against it:\n\n  .venv/bin/{shlex.join(command)}\n\nCtrl-C stops everything.", flush=True)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0
