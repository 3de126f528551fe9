"""What the arguments of a command choose: the system, and the strategies."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.extensions import nearest
from harness.lib import documents
from harness.locations import runs
from harness.record.ledger import find
from harness.target.process import TargetError
from harness.target.spec import Target

if TYPE_CHECKING:
    from harness.faults import Fault

MOST = 3600
"""The largest number of a fault: longer than that nobody waits."""


class ChoiceError(Exception):
    """What an argument names isn't there; the message says what is."""


LAST = "last"
"""What stands for the run that was made last."""


def chosen_run(text: str) -> Path:
    """The folder of a stored run: the last one, one by its folder, or one by its name among all. Raises ChoiceError."""
    made = sorted((find(each) for each in runs().glob("*") if find(each).is_file()), key=_made_at)
    if text == LAST:
        if not made:
            raise ChoiceError(f"there is no run in {runs()} yet: make one, as `harness verify` does.")
        return made[-1].parent
    for folder in (Path(text), runs() / text):
        if find(folder).is_file():
            return folder
    if not made:
        raise ChoiceError(f"{text} is no folder of a run, and {runs()} has none yet: `harness verify` makes some.")
    names = [each.parent.name for each in made]
    raise ChoiceError(f"{text} is no folder of a run, and none in {runs()}{nearest(text, [LAST, *names])}")


def named_run(text: str) -> Path:
    """What lies at a path, whatever it is, so that it can be said what is wrong with it; else the run of that name."""
    return Path(text) if Path(text).exists() else chosen_run(text)


def _made_at(ledger: Path) -> float:
    return ledger.stat().st_mtime


def chosen_target(arguments: argparse.Namespace) -> Target:
    """The system that `--target` names, or the reference system. Raises TargetError."""
    if arguments.target is None:
        from harness.target.reference import reference

        return reference()
    from harness.target.file import load

    return load(arguments.target)


def chosen_strategies(target: Target, wanted: list[str] | None) -> tuple[str, ...]:
    """The strategies to verify. Raises TargetError for one that the system doesn't promise, or that is broken."""
    from harness.judge.strategies import strategies

    for strategy in wanted or target.strategies:
        if strategy not in target.strategies:
            told = f"target {target.name} doesn't promise {strategy}; it promises {', '.join(target.strategies)}"
            raise TargetError(told + nearest(strategy, target.strategies))
        if strategy not in strategies():
            raise TargetError(f"strategy {strategy} was left out, as told above; there is {', '.join(strategies())}.")
    return tuple(wanted or target.strategies)


def chosen_routing(target: Target, wanted: str | None) -> str:
    """How the server routes that `up` starts. Raises TargetError for a way that the system doesn't know."""
    known = (*target.strategies, *target.routings)
    if wanted is not None and wanted not in known:
        raise TargetError(
            f"target {target.name} doesn't route by {wanted}; there is {', '.join(known)}" + nearest(wanted, known)
        )
    return wanted or target.strategies[0]


def last_failed(target: str, strategies: Sequence[str], folder: Path) -> tuple[str, ...]:
    """Of some strategies those whose last run of a target, as `folder` has them, did not pass."""
    last: dict[str, tuple[float, str]] = {}
    for kept in folder.glob("*/verdict.json"):
        try:
            run = documents.read(kept).value
            strategy, at_s = str(run["strategy"]), kept.stat().st_mtime
            is_verified = run["target"] == target and kept.parent.name.startswith(f"{strategy}-")
            if is_verified and at_s >= last.get(strategy, (0.0, ""))[0]:
                last[strategy] = (at_s, str(run["verdict"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # a run that was broken off, or is of another version
    return tuple(each for each in strategies if last.get(each, (0.0, "passed"))[1] != "passed")


def chosen_faults(arguments: argparse.Namespace) -> list[Fault]:
    """The faults that `--fault NAME:key=value,…` asks for. Raises TargetError for one that isn't there."""
    from harness.faults import faults, strikes

    known = faults()
    chosen: list[Fault] = []
    for asked in arguments.fault or ():
        name, _, options = asked.partition(":")
        if name not in known:
            raise TargetError(f"there is no fault {name!r}; there is {', '.join(known)}" + nearest(name, [*known]))
        chosen.append(_with_options(known[name], options.split(",") if options else []))
    if len(incidents := [each.name for each in chosen if strikes(each)]) > 1:
        raise TargetError(f"one fault at a time strikes in the middle of a run: {' or '.join(incidents)}.")
    return chosen


def _with_options(fault: Fault, options: Sequence[str]) -> Fault:
    """The fault with its numbers changed: those of its fields that are numbers."""
    names = [each.name for each in dataclasses.fields(fault)] if dataclasses.is_dataclass(fault) else list[str]()
    numbers = [name for name in names if type(getattr(fault, name)) in (int, float)]
    changed: dict[str, float] = {}
    for option in options:
        key, _, value = option.partition("=")
        if key not in numbers:
            raise TargetError(f"fault {fault.name} has no {key!r}; it has {', '.join(numbers) or 'no numbers'}.")
        try:
            changed[key] = float(value)
        except ValueError:
            raise TargetError(f"fault {fault.name}: {key} is {value!r}, and a number is wanted.") from None
        if not 0 <= changed[key] < MOST:
            raise TargetError(f"fault {fault.name}: {key} is {value}, and is to be from 0 to {MOST}.")
    return dataclasses.replace(fault, **changed) if changed else fault  # type: ignore[type-var]
