"""`harness up`: the whole stack for a person to use, until Ctrl-C."""

from __future__ import annotations

import argparse
import shlex
import signal

from harness.commands.choices import chosen_routing, chosen_target
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.launch.workdir import prepare

INTERRUPTED_STATUS = 0
"""It is how this command ends."""

SESSION = "session-of-this-call"
"""Stands for a session in the command until that is quoted."""

NEW_SESSION = '"by-hand-$(date +%s)"'
"""A session of its own for each call, as a shell makes one: the line is to work again and again."""


def main(arguments: argparse.Namespace) -> int:
    """Start, say where everything is, and wait for Ctrl-C or SIGTERM."""
    target = chosen_target(arguments)
    strategy = chosen_routing(target, arguments.strategy)
    with Resources() as resources, Stack(target, strategy, resources).start() as stack:
        work = prepare(stack.folder / "project", target.do.work)
        places = {"project": str(work), "work": str(work), "token_file": str(stack.token_file)}
        values = {**stack.addresses.values(), **places, "session": SESSION, "task": target.task}
        by_hand = target.by_hand or target.do
        environment = [f"{name}={_quoted(value)}" for name, value in by_hand.fill_env(**values).items()]
        command = " ".join([*environment, *map(_quoted, by_hand.fill(**values))])
        print(f"strategy:  {strategy}")
        print(f"page:      {stack.addresses.for_page()}")
        for process, address in stack.children.addresses.items():
            if not stack.addresses.for_page().startswith(f"{address}/"):
                print(f"{process + ':':10} {address or 'has no port'}")
        print(f"logs:      {stack.folder}")
        where = shlex.quote(str(by_hand.cwd or work))
        print(f"\nRun the CLI against it:\n\n  cd {where} && {command}\n\nCtrl-C stops everything.", flush=True)
        while True:
            signal.pause()  # SIGINT and SIGTERM end this process, from its first moment on (lib.interruption)


def _quoted(text: str) -> str:
    """A word for a shell; a session in it is made anew with each call."""
    return NEW_SESSION.join(shlex.quote(part) if part else "" for part in text.split(SESSION)) or "''"
