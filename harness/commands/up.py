"""`harness up`: the whole stack for a person to use, until Ctrl-C."""

from __future__ import annotations

import argparse
import shlex
import signal

from harness.commands.choices import chosen_routing, chosen_target
from harness.launch.resources import Resources
from harness.launch.stack import Stack, new_session_id
from harness.launch.workdir import prepare

INTERRUPTED_STATUS = 0
"""It is how this command ends."""


def main(arguments: argparse.Namespace) -> int:
    """Start, say where everything is, and wait for Ctrl-C or SIGTERM."""
    target = chosen_target(arguments)
    strategy = chosen_routing(target, arguments.strategy)
    with Resources() as resources, Stack(target, strategy, resources).start() as stack:
        work = prepare(stack.folder / "project", target.do.work)
        places = {"project": str(work), "work": str(work), "token_file": str(stack.token_file)}
        values = {**stack.values(), **places, "session": new_session_id(), "task": target.task}
        by_hand = target.by_hand or target.do
        environment = [f"{name}={shlex.quote(value)}" for name, value in by_hand.fill_env(**values).items()]
        command = " ".join([*environment, shlex.join(by_hand.fill(**values))])
        print(f"strategy:  {strategy}")
        print(f"dashboard: {stack.page_url()}")
        for process, address in stack.addresses.items():
            print(f"{process + ':':10} {address or 'has no port'}")
        print(f"logs:      {stack.folder}")
        where = shlex.quote(str(by_hand.cwd or work))
        print(f"\nRun the CLI against it:\n\n  cd {where} && {command}\n\nCtrl-C stops everything.", flush=True)
        while True:
            signal.pause()  # SIGINT and SIGTERM end this process, from its first moment on (lib.interruption)
