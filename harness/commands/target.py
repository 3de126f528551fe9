"""`harness target init` and `harness target check`: a file for a system of your own, and whether it is right."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.commands.exits import Exit
from harness.launch.processes import stop_orphans
from harness.lib.ansi import printable
from harness.target.file import load
from harness.target.file.places import line_of, places


def main(arguments: argparse.Namespace) -> int:
    """Write a target file, or try one."""
    return _init(arguments) if arguments.what == "init" else _check(arguments.file)


def _init(arguments: argparse.Namespace) -> int:
    from harness.target.file.ask import ask, by_flags, write

    write(arguments.file, ask(by_flags(arguments.answers), None if arguments.yes else input), arguments.force)
    print(f"{arguments.file} is written. Try it: harness target check {arguments.file}")
    return int(Exit.AS_PROMISED)


def _check(path: Path) -> int:
    """Each key with its line and what it found; status 1 when one found nothing."""
    from harness.check import probe

    stop_orphans()
    target = load(path)
    found = places(path.read_text("utf-8"))
    wrong = 0
    for finding in probe(target):
        mark = {True: "found", False: "WRONG", None: "-----"}[finding.ok]
        wrong += finding.ok is False
        print(f"{mark}  {path}:{line_of(finding.key, found)}  {_dotted(finding.key)}: {printable(finding.text)}")
    for hop in target.blind_hops:
        why = target.blind_because.get(hop)
        print(f"blind  nobody sees hop {hop.label}{f': {printable(why)}' if why else ''}")
    print(f"{wrong} lines are wrong, or the system is" if wrong else f"all found; now: harness verify --target {path}")
    return int(Exit.FAILED if wrong else Exit.AS_PROMISED)


def _dotted(key: tuple[str | int, ...]) -> str:
    return ".".join(str(each) for each in key if isinstance(each, str))
