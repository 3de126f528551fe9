"""What the arguments of a command choose: the system, and the strategies."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.extensions import nearest
from harness.target.process import TargetError
from harness.target.spec import Target

if TYPE_CHECKING:
    from harness.faults import Fault

MOST = 3600
"""The largest number of a fault: a run waits no longer than that."""


def chosen_target(arguments: argparse.Namespace) -> Target:
    """The system that `--target` names, or the reference system. Raises TargetError."""
    servers = getattr(arguments, "servers", 1)
    if arguments.target is None:
        from harness.target.reference import reference

        return reference(servers)
    if servers > 1:
        raise TargetError(f"{arguments.target} says itself how many servers there are: --servers is of the reference.")
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
