"""`harness worlds`: small systems made at random, with a known truth; success is to be right of each."""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Sequence
from contextlib import closing

from harness.commands.exits import Exit
from harness.launch.ends import stop_orphans
from harness.reporting.escape import visible
from harness.reporting.progress import Bar
from harness.selftest.worlds.campaign import make_small, one_of_each, try_all
from harness.selftest.worlds.needed import demand
from harness.selftest.worlds.play import Player
from harness.selftest.worlds.result import Result
from harness.selftest.worlds.score import Tried, document, with_worlds
from harness.selftest.worlds.table import markdown, show

INTERRUPTED_GENTLY = True
"""It sums up what it has so far."""

INTERRUPTED = 130
"""The exit status of a run that was broken off, whatever it found (docs/exit-codes.md)."""


def main(arguments: argparse.Namespace) -> int:
    """Try the worlds, print the score, and say by the status whether the harness was right of each.

    An interrupted run is told and recorded as far as it went.
    """
    demand()
    stop_orphans()
    seeds = arguments.only or range(arguments.first, arguments.first + arguments.seeds)
    results, started, is_interrupted = list[Result](), time.monotonic(), False
    try:
        with Bar("worlds", len(seeds), quiet=arguments.quiet) as bar, closing(try_all([*seeds])) as trying:
            for result in trying:
                results.append(result)
                bar.advance(f"seed {result.seed}: {', '.join(result.wrong) or result.fate}")
    except KeyboardInterrupt:
        is_interrupted = True
    tried, seconds = with_worlds(results), time.monotonic() - started
    show(tried, seconds)
    if not is_interrupted and not arguments.no_shrinking:
        _shrink(tried)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(document(tried, seconds), indent=2, ensure_ascii=False) + "\n")
    if arguments.table is not None:
        machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
        command = f"harness worlds --seeds {arguments.seeds} --first {arguments.first}"
        arguments.table.write_text("\n".join(markdown(tried, seconds, command, machine)) + "\n")
    return INTERRUPTED if is_interrupted else int(_status(results))


def _shrink(tried: Sequence[Tried]) -> None:
    """Make some failing worlds small, and say where they are."""
    chosen = one_of_each(tried)
    if not chosen:
        return
    with Player() as player:
        for world, result in chosen:
            print(f"making seed {world.seed} small: {', '.join(result.wrong)}")
            small = make_small(player, world, result, lambda text: print(f"  {text}"))
            print(f"  it runs by itself in {visible(small.folder)}")


def _status(results: Sequence[Result]) -> Exit:
    if any(result.is_wrong for result in results):
        return Exit.FAILED
    if any(result.fate in ("broken", "disputed") for result in results):
        return Exit.BROKEN
    return Exit.UNKNOWN if any(result.wrong for result in results) else Exit.AS_PROMISED
