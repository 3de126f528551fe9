"""One world tried: drawn or given, played where it can be, graded, and cleared away where nothing was wrong."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from harness.launch.browser import BrowserMissing
from harness.locations import runs
from harness.reporting import sentences
from harness.selftest.worlds.draw import World
from harness.selftest.worlds.grade import grade
from harness.selftest.worlds.play import Player
from harness.selftest.worlds.result import Result
from harness.target.process import TargetError


def folder_of(seed: int) -> Path:
    """Where the folder of a world is that something was wrong with."""
    return runs().parent / "worlds" / f"seed-{seed}"


def attempt(player: Player, world: World, folder: Path | None = None, keep: bool = False) -> Result:
    """The result of a world. Its folder is kept where something was wrong, or where it is asked for."""
    place = folder or folder_of(world.seed)
    started = time.monotonic()
    result = _attempt(player, world, place).within(time.monotonic() - started, str(place))
    if not (keep or result.wrong or result.fate != "scored"):
        shutil.rmtree(place, ignore_errors=True)
        return result.within(result.seconds)
    return result


def _attempt(player: Player, world: World, place: Path) -> Result:
    try:
        played = player.play(world, place)
    except (BrowserMissing, KeyboardInterrupt, TargetError):
        raise
    except Exception as error:  # noqa: BLE001  # one world that breaks is told of, and the others go on
        return Result(world.seed, "broken", f"{type(error).__name__}: {error}")
    if played.truth.disputed:
        return Result(world.seed, "disputed", played.truth.disputed)
    happened = tuple(bug.mechanism.id for bug in played.truth.bugs)
    given = grade(world, played.truth, played.verdict, played.pages)
    return Result.scored(world, happened, played.verdict.answer.value, sentences.verdict(played.verdict), given)
