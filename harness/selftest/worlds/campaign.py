"""Many worlds tried side by side, and some of those that failed made small."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace

from harness.selftest.crew import WORKERS, work
from harness.selftest.worlds.draw import World
from harness.selftest.worlds.folder import explain
from harness.selftest.worlds.play import Player
from harness.selftest.worlds.result import Result
from harness.selftest.worlds.score import Tried, failing
from harness.selftest.worlds.shrink import shrink
from harness.selftest.worlds.trial import attempt, folder_of

SHRUNK = 3
"""So many failing worlds of different kinds are made small after a run; each takes a minute or so."""


def try_all(seeds: Sequence[int], workers: int = WORKERS) -> Generator[Result]:
    """Every world's result as it comes. Raises NotStarted when a worker died; closing the iterator stops them."""
    with closing(work("harness.selftest.worlds.worker", [str(seed) for seed in seeds], workers)) as lines:
        for _, line in lines:
            yield Result.from_line(line)


def one_of_each(tried: Sequence[Tried], most: int = SHRUNK) -> list[Tried]:
    """One failing world for each way of being wrong with a bug; none of those with something that was set aside."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], Tried] = {}
    for world, result in failing(tried):
        if world.has_aside and len(tried) > 1:
            continue
        found.setdefault((result.wrong, result.happened), (world, result))
    return [*found.values()][:most]


def make_small(player: Player, world: World, result: Result, step: Callable[[str], None]) -> Result:
    """Shrink a failing world into a folder of its own that runs by itself; the result of what is left of it."""
    wanted, scratch = set(result.wrong), folder_of(world.seed).with_suffix(".scratch")

    def fails(smaller: World) -> bool:
        shutil.rmtree(scratch, ignore_errors=True)
        return bool(wanted & {*attempt(player, smaller, scratch, keep=True).wrong})

    smallest = shrink(world, fails, step)
    shutil.rmtree(scratch, ignore_errors=True)
    folder = folder_of(world.seed).with_name(f"seed-{world.seed}-small")
    shutil.rmtree(folder, ignore_errors=True)
    final = attempt(player, smallest, folder, keep=True)
    explain(smallest, final, folder)
    return replace(final, folder=str(folder))
