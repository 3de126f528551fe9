"""`harness target init`, `check`, `env`: a file for a system of your own, whether it is right, who sees into it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.commands.exits import Exit
from harness.commands.stored import ChoiceError
from harness.commands.target_env import lines
from harness.launch.ends import stop_orphans
from harness.lib.ansi import printable
from harness.model import Hop
from harness.target.file import load
from harness.target.file.edit import dotted, to_toml, with_key, without_key
from harness.target.file.places import line_of, places
from harness.target.spec import Target

if TYPE_CHECKING:
    from harness.check import Mend, Probed


def main(arguments: argparse.Namespace) -> int:
    """Write a target file, try one, or say what puts the agent into its processes."""
    if arguments.what == "env":
        print("\n".join(lines(arguments.file)))
        return int(Exit.AS_PROMISED)
    return _init(arguments) if arguments.what == "init" else _check(arguments.file, arguments.fix)


def _init(arguments: argparse.Namespace) -> int:
    from harness.target.file.ask import ask, by_description, by_flags, demand_place, write

    demand_place(arguments.file, arguments.force)
    known = {} if arguments.description is None else by_description(arguments.description, arguments.file)
    answers = known | by_flags(arguments.answers)
    write(arguments.file, ask(answers, None if arguments.yes else _answer), arguments.force)
    if arguments.from_traffic:
        return _check(arguments.file, is_fixing=True, is_adding=True)
    print(f"{arguments.file} is written. Try it: harness target check {arguments.file}")
    return int(Exit.AS_PROMISED)


def _answer(question: str) -> str:
    """What a person types. Raises ChoiceError where there is no terminal to type in."""
    try:
        return input(question)
    except EOFError:
        print()
        raise ChoiceError(
            "there is no terminal to ask in. `--yes` takes what stands in brackets, `--set KEY=VALUE` answers for it: "
            "`harness target init --yes --set process.server.command='node server.js'`."
        ) from None


def _check(path: Path, is_fixing: bool, is_adding: bool = False) -> int:
    """Each key with its line and what it found; status 1 when one is wrong, or the judge does not pass the task."""
    from harness.check import probe

    stop_orphans()
    target = load(path)
    probed = probe(target)
    if is_fixing:
        target, probed = _fixed(path, target, probed)
    if is_adding:
        target, probed = _fixed(path, *_added(path, target, probed))
    found, wrong = places(path.read_text("utf-8")), probed.wrong
    for finding in probed.findings:
        mark = {True: "found", False: "WRONG", None: "-----"}[finding.ok]
        print(f"{mark}  {path}:{line_of(finding.key, found)}  {_dotted(finding.key)}: {printable(finding.text)}")
    for hop in Hop:
        why = target.blind_because.get(hop)
        blind = [page.page_name for page in target.each_page if hop in page.blind_hops]
        where = "" if len(blind) == len(target.each_page) else f" on {', '.join(blind)}"
        if blind:
            print(f"blind  hop {hop.label} is not observed{where}{f': {printable(why)}' if why else ''}")
    for mend in (*probed.mends, *probed.additions):
        mark = "mend " if mend.sure else "maybe"
        print(f"{mark}  {printable(_line(mend))} # {printable(mend.why)}")
    if any(mend.sure for mend in probed.mends):
        print(f"harness target check --fix {path} writes what would mend it, tries it, and keeps it if it does")
    print(f"{wrong} lines are wrong, or the system is" if wrong else f"all found; now: harness verify --target {path}")
    return int(Exit.FAILED if wrong else Exit.AS_PROMISED)


ROUNDS = 6
"""So often a file is mended: what is understood at last may show what else differs."""


def _fixed(path: Path, target: Target, probed: Probed) -> tuple[Target, Probed]:
    """Write what is sure and try it, as long as less is wrong after it; what mends nothing is taken back.

    Where all of it together mends nothing, each is tried by itself: one may be wrong and the others right.
    """
    for _ in range(ROUNDS):
        sure = [mend for mend in probed.mends if mend.sure]
        tries = [sure, *([mend] for mend in sure if len(sure) > 1)]
        better = next(filter(None, (_tried(path, mends, probed) for mends in tries if mends)), None)
        if better is None:
            break
        target, probed = better
    return target, probed


def _added(path: Path, target: Target, probed: Probed) -> tuple[Target, Probed]:
    """Write the parts of the page that would fit and try them; one by which more is wrong is taken back."""
    if len(probed.additions) > 1 and (all_of_them := _tried(path, probed.additions, probed, is_adding=True)):
        return all_of_them
    for mend in probed.additions:
        target, probed = _tried(path, [mend], probed, is_adding=True) or (target, probed)
    return target, probed


def _tried(path: Path, mends: Sequence[Mend], probed: Probed, is_adding: bool = False) -> tuple[Target, Probed] | None:
    """The target and what it showed with some lines of the file mended; None where they mend nothing."""
    from harness.check import probe

    before = text = path.read_text("utf-8")
    written = []
    for mend in mends:
        changed = _changed(text, mend)
        if changed is not None:
            text = changed
            written.append(_line(mend))
    if not written:
        return None
    path.write_text(text, "utf-8")
    try:
        target = load(path)
        better = probe(target)
    except BaseException:
        path.write_text(before, "utf-8")
        raise
    told = printable("; ".join(written))
    if not (better.is_as_good_as(probed) if is_adding else better.is_better_than(probed)):
        path.write_text(before, "utf-8")
        print(f"tried  {told}: it mended nothing, and is taken back")
        return None
    less = probed.misfits - better.misfits
    known = (
        f"{less} sightings more are understood" if less > 0 else f"{probed.wrong} lines were wrong, {better.wrong} are"
    )
    known = known if probed.reported else f"{better.reported} events are reported"
    print(f"added  {told}" if is_adding else f"mended {told}: {known}")
    return target, better


def _changed(text: str, mend: Mend) -> str | None:
    """The file's text as it should be; None where that can't be written without touching more."""
    if mend.instead_of is not None:
        text = without_key(text, mend.instead_of) or text
    return without_key(text, mend.key) if mend.value is None else with_key(text, mend.key, mend.value)


def _line(mend: Mend) -> str:
    said = f"no {dotted(mend.key)}" if mend.value is None else f"{dotted(mend.key)} = {to_toml(mend.value)}"
    return said if mend.instead_of is None else f"{said}, and no {dotted(mend.instead_of)}"


def _dotted(key: tuple[str | int, ...]) -> str:
    return ".".join(str(each) for each in key if isinstance(each, str))
