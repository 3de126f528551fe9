"""What the arguments of a command choose: the system, and the strategies."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from harness.extensions import nearest
from harness.target.spec import Target, TargetError


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
            run = json.loads(kept.read_text("utf-8"))
            strategy, at_s = str(run["strategy"]), kept.stat().st_mtime
            is_verified = run["target"] == target and kept.parent.name.startswith(f"{strategy}-")
            if is_verified and at_s >= last.get(strategy, (0.0, ""))[0]:
                last[strategy] = (at_s, str(run["verdict"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # a run that was broken off, or is of another version
    return tuple(each for each in strategies if last.get(each, (0.0, "passed"))[1] != "passed")
