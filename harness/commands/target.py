"""`harness target init` and `harness target check`: a file for a system of your own, and whether it is right."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from harness.commands.exits import Exit
from harness.launch.ends import stop_orphans
from harness.lib.ansi import printable
from harness.target.file import load
from harness.target.file.edit import dotted, to_toml, with_key
from harness.target.file.places import line_of, places
from harness.target.spec import Target

if TYPE_CHECKING:
    from harness.check import Probed


def main(arguments: argparse.Namespace) -> int:
    """Write a target file, or try one."""
    return _init(arguments) if arguments.what == "init" else _check(arguments.file, arguments.fix)


def _init(arguments: argparse.Namespace) -> int:
    from harness.target.file.ask import ask, by_description, by_flags, write

    known = {} if arguments.description is None else by_description(arguments.description, arguments.file)
    answers = known | by_flags(arguments.answers)
    write(arguments.file, ask(answers, None if arguments.yes else input), arguments.force)
    print(f"{arguments.file} is written. Try it: harness target check {arguments.file}")
    return int(Exit.AS_PROMISED)


def _check(path: Path, is_fixing: bool) -> int:
    """Each key with its line and what it found; status 1 when one is wrong, or the judge does not pass the task."""
    from harness.check import probe

    stop_orphans()
    target = load(path)
    probed = probe(target)
    if is_fixing:
        target, probed = _fixed(path, target, probed)
    found, wrong = places(path.read_text("utf-8")), probed.wrong
    for finding in probed.findings:
        mark = {True: "found", False: "WRONG", None: "-----"}[finding.ok]
        print(f"{mark}  {path}:{line_of(finding.key, found)}  {_dotted(finding.key)}: {printable(finding.text)}")
    for hop in target.blind_hops:
        why = target.blind_because.get(hop)
        print(f"blind  nobody sees hop {hop.label}{f': {printable(why)}' if why else ''}")
    for mend in probed.mends:
        print(f"mend   {printable(f'{dotted(mend.key)} = {to_toml(mend.value)}')} # {printable(mend.why)}")
    if probed.mends:
        print(f"harness target check --fix {path} writes what would mend it, tries it, and keeps it if it does")
    print(f"{wrong} lines are wrong, or the system is" if wrong else f"all found; now: harness verify --target {path}")
    return int(Exit.FAILED if wrong else Exit.AS_PROMISED)


ROUNDS = 3
"""So often a file is mended: what is understood at last may show what else differs."""


def _fixed(path: Path, target: Target, probed: Probed) -> tuple[Target, Probed]:
    """Write what is sure and try it, as long as less is wrong after it; what mends nothing is taken back."""
    from harness.check import probe

    for _ in range(ROUNDS):
        before, text, written = path.read_text("utf-8"), path.read_text("utf-8"), []
        for mend in probed.mends:
            changed = with_key(text, mend.key, mend.value)
            if changed is not None:
                text = changed
                written.append(f"{dotted(mend.key)} = {to_toml(mend.value)}")
        if not written:
            break
        path.write_text(text, "utf-8")
        try:
            better_target = load(path)
            better = probe(better_target)
        except BaseException:
            path.write_text(before, "utf-8")
            raise
        if not better.is_better_than(probed):
            path.write_text(before, "utf-8")
            print(f"tried  {printable('; '.join(written))}: it mended nothing, and is taken back")
            break
        more = better.understood - probed.understood
        known = (
            f"{more} sightings more are understood" if more else f"{probed.wrong} lines were wrong, {better.wrong} are"
        )
        print(f"mended {printable('; '.join(written))}: {known}")
        target, probed = better_target, better
    return target, probed


def _dotted(key: tuple[str | int, ...]) -> str:
    return ".".join(str(each) for each in key if isinstance(each, str))
