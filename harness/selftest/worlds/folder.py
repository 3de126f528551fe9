"""What a person finds in the folder of a failing world: a page that says what is true of it, and how to run it."""

from __future__ import annotations

import shlex
from pathlib import Path

from harness.locations import own_command
from harness.selftest.worlds.draw import World
from harness.selftest.worlds.result import Result


def explain(world: World, result: Result, folder: Path) -> None:
    """Write `README.md` into a world's folder."""
    parts = ", ".join(f"{kind} {member}" for kind, member in world.parts.to_dict().items())
    lines = [
        f"# World {world.seed}",
        "",
        f"Wrong: {', '.join(result.wrong)}.",
        "",
        "## What is true of it",
        "",
        *(f"- {line}" for line in truth(world, result)),
        "",
        "What each part did is in `diary/`, by its own account.",
        "",
        "## What the harness said",
        "",
        f"- {result.answer}: {result.sentence}",
        *(f"- {detail}" for detail in result.details),
        "",
        "## Run it",
        "",
        f"    {shlex.join([*own_command(), 'verify', '--target', str(folder / 'target.toml')])}",
        "",
        "On another machine, `npm ci` in this folder brings the packages first.",
        "",
        f"Parts: {parts}.",
    ]
    (folder / "README.md").write_text("\n".join(lines) + "\n", "utf-8")


def truth(world: World, result: Result) -> list[str]:
    """What happened in a world, a line for each bug."""
    told = []
    for bug in world.bugs:
        mechanism = bug.mechanism
        events = f", at {', '.join(bug.events)}" if bug.events else ""
        if mechanism.id in result.happened:
            told.append(f"{mechanism.hop.label}: {mechanism.tells} ({mechanism.id}{events})")
        else:
            told.append(f"{mechanism.id} was put in, and did not happen")
    return told or ["it is healthy"]
