"""From what a target file says of processes and of the producer to the commands that start them."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from harness.lib.patterns import in_python
from harness.target.file import processes
from harness.target.file.cli import Cli
from harness.target.file.schema import TargetFile
from harness.target.process import BLOCK, Command, Process, Ready, TargetError, Work


def of_processes(said: TargetFile, here: Path) -> tuple[Process, ...]:
    """In the order of the file, each after all before it."""
    names = list(said.process)
    for name, process in said.process.items():
        if said.serves(name) and process.compose is not None and process.compose.port is None:
            raise TargetError(f"process {name} serves: `compose.port` says at which port of its container it listens.")
    return tuple(
        Process(
            name,
            command(process.command if process.compose is None else _composed(process.compose), process, here),
            _ready(process),
            port=process.port,
            serves=said.serves(name),
            seen_by=process.seen_by,
            after=tuple(names[:place]),
            listens=said.listens(name),
            certificate=None if process.certificate is None else here / process.certificate,
            url=None if process.url is None else process.url.rstrip("/"),
        )
        for place, (name, process) in enumerate(said.process.items())
    )


def _composed(said: processes.Composed) -> list[str]:
    """The command that stands for a service in its container. No agent is in it: it hands that on to the service."""
    told = {**said.model_dump(exclude_none=True), "stack": "{shared}"}
    return [sys.executable, "-E", "-m", "harness.launch.compose", json.dumps(told)]


def _ready(process: processes.Process) -> Ready:
    if process.compose is not None:
        at = "" if process.compose.port is None else r" at (?P<url>\S+)"
        return Ready(rf"^harness: service {re.escape(process.compose.service)} is healthy{at}$")
    return Ready(None if process.ready.log is None else in_python(process.ready.log), process.ready.http)


def command(argv: list[str], part: processes.Process | processes.Access | Cli, here: Path) -> Command:
    """A command with what doesn't change between runs filled in; a relative program is one of the target's folder."""
    if not argv:
        return Command(())
    fixed = {"{python}": sys.executable, "{here}": str(here)}

    def settled(text: str) -> str:
        for placeholder, value in fixed.items():
            text = text.replace(placeholder, value)
        return text

    program, *arguments = (settled(each) for each in argv)
    if os.sep in program and not program.startswith("{"):
        program = str(here / program)
    cwd = None if part.folder == "{work}" else here / settled(part.folder)
    source = None if part.work.copy_from is None else here / part.work.copy_from
    work = Work(source, part.work.files, part.work.git)
    return Command((program, *arguments), {name: settled(value) for name, value in part.env.items()}, cwd, work)


def acts(said: TargetFile, here: Path) -> list[str]:
    """The command of a producer, whichever way it is said."""
    cli = said.cli
    if cli.command:
        return cli.command
    if cli.shell is not None:
        return ["/bin/sh", "-c", cli.shell]
    told: dict[str, Any] = {}
    if cli.requests:
        told["requests"] = [each.model_dump(by_alias=True, exclude_none=True) for each in cli.requests]
    elif cli.append is not None:
        told["append"] = cli.append.model_dump()
    elif cli.page is not None:
        told["page"] = cli.page.model_dump(by_alias=True, exclude_none=True) | _of_every_page(said, here)
    return [sys.executable, "-m", "harness.launch.acting", json.dumps(told, ensure_ascii=False)]


def origins(said: TargetFile, here: Path) -> dict[str, str]:
    """Origins that its pages ask, to what answers there."""
    return {at: how if how == BLOCK else str(here / how) for at, how in said.page.origins.items()}


def _of_every_page(said: TargetFile, here: Path) -> dict[str, Any]:
    """What the file says of its pages and holds for the producer's, too: it is one of the same system."""
    options: dict[str, Any] = {} if said.page.storage is None else {"storage_state": str(here / said.page.storage)}
    if any(process.certificate is not None for process in said.process.values()):
        options["ignore_https_errors"] = True
    rerouted = dict.fromkeys(said.page.reroute, "{server}")
    told = {"origins": origins(said, here), "reroute": rerouted, "options": options}
    return {name: value for name, value in told.items() if value}
