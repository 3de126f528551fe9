"""A failing world made small: parts, bugs and events are taken away while the harness is wrong in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from harness.selftest.worlds.draw import ASIDE_PARTS, World
from harness.selftest.worlds.parts import OPTIONS, conflict

PLAIN = {kind: next(each for each in members if each != ASIDE_PARTS.get(kind)) for kind, members in OPTIONS.items()}
"""The plainest member of each kind; never one that was set aside: who mends must not come to know those."""

Fails = Callable[[World], bool]


def shrink(world: World, fails: Fails, step: Callable[[str], None] = lambda text: None) -> World:
    """The smallest world that was found to fail as `world` does; `fails` plays one. Each step is kept or taken back."""
    changed = True
    while changed:
        changed = False
        for what, smaller in _smaller(world):
            if smaller != world and fails(smaller):
                step(what)
                world, changed = smaller, True
                break
    return world


def _smaller(world: World) -> Iterator[tuple[str, World]]:
    """Every world that lacks one thing of this one, those that lack most first."""
    if len(world.bugs) > 1:
        for bug in world.bugs:
            yield f"without {bug.mechanism.id}", replace(world, bugs=tuple(each for each in world.bugs if each != bug))
    struck = {mark for bug in world.bugs for mark in bug.events}
    idle = [mark for mark in world.marks[1:-1] if mark not in struck]
    needed = {name: mark for mark, (name, _) in zip(world.marks, world.script, strict=True)}
    free = [mark for mark in idle if mark not in needed.values()]
    if len(free) > 1:
        yield f"without {len(free)} events", _without(world, free)
    for mark in free[:1]:
        yield f"without event {mark}", _without(world, [mark])
    changes: dict[str, Any] = {kind: member for kind, member in PLAIN.items() if getattr(world.parts, kind) != member}
    if len(changes) > 1 and (plain := _with(world, changes)) is not None:
        yield "all parts plain", plain
    for kind, member in changes.items():
        if (plainer := _with(world, {kind: member})) is not None:
            yield f"{kind} {member}", plainer


def _with(world: World, changes: dict[str, Any]) -> World | None:
    """The world with other parts, None where they don't go together or can't have its bugs."""
    parts = replace(world.parts, **changes)
    fits = all(bug.mechanism.fits(parts) for bug in world.bugs)
    return replace(world, parts=parts) if fits and conflict(parts) is None else None


def _without(world: World, marks: list[str]) -> World:
    """The world without some events. A name that a bug strikes at keeps its other events."""
    script = tuple(each for each in world.script if str(each[1]["item"]).split()[0] not in marks)
    bugs = tuple(replace(bug, events=tuple(each for each in bug.events if each not in marks)) for bug in world.bugs)
    return replace(world, script=script, bugs=bugs)
