"""A world from its seed: the same seed gives the same world."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Literal

from harness.selftest.worlds.mechanisms import Mechanism, fitting
from harness.selftest.worlds.parts import OPTIONS, TEMPLATE_KINDS, Parts, conflict

Side = Literal["training", "test"]

_DRAWN: dict[str, Any] = json.loads(Path(__file__).with_name("set_aside.json").read_text("utf-8"))
ASIDE_PARTS: dict[str, str] = _DRAWN["parts"]
ASIDE_MECHANISMS = frozenset(name for name, is_aside in _DRAWN["mechanisms"].items() if is_aside)

HOUSES = {
    "kitchen": (("opened", "placed", "paid", "served", "closed"), ("tea", "crêpe", "soup", "rye bread", "plum cake")),
    "depot": (("begun", "sorted", "loaded", "returned", "emptied"), ("parcel", "crate", "letter", "roll", "drum")),
    "clinic": (("arrived", "measured", "moved", "seen", "finished"), ("pulse", "weight", "chart", "scan", "dose")),
    "yard": (("started", "cut", "welded", "painted", "delivered"), ("hull", "mast", "rail", "hatch", "keel")),
}
NOTES = ("as usual", "with <b>care</b>", "für später", "twice & slowly", 'no. 5; "urgent"', "→ see the other one")

APART = ("seen_by", "takes")
"""The kinds of parts that came later: each is drawn by itself, so that all else of a seed's world is as before."""

HEALTHY, WITH_TWO = 1 / 3, 0.1
"""A third of the worlds has no bug, a tenth two."""


@dataclass(frozen=True, slots=True)
class Bug:
    """A mechanism in a world: the events (by mark) that it strikes at."""

    mechanism: Mechanism
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class World:
    """A small system: its parts, what happens in it, and what is wrong with it."""

    seed: int
    side: Side
    parts: Parts
    house: str
    names: tuple[str, ...]
    script: tuple[tuple[str, dict[str, Any]], ...]
    bugs: tuple[Bug, ...]

    @property
    def marks(self) -> tuple[str, ...]:
        """The marks of its events, in order."""
        return tuple(str(goods["item"]).split()[0] for _, goods in self.script)

    @property
    def has_aside(self) -> bool:
        """Whether something of it was set aside when the parts were written."""
        return uses_aside(self.parts) or any(bug.mechanism.id in ASIDE_MECHANISMS for bug in self.bugs)


def uses_aside(parts: Parts) -> bool:
    """Whether one of the parts was set aside."""
    return any(getattr(parts, kind) == member for kind, member in ASIDE_PARTS.items())


def draw(seed: int) -> World:
    """The world of a seed."""
    random = Random(f"world {seed}")  # noqa: S311  # a draw that can be repeated
    side: Side = random.choice(("training", "test"))
    parts = replace(_parts(random, side), seen_by=_seen_by(seed), takes=_takes(seed))
    house = random.choice([*HOUSES])
    names, script = _script(random, house)
    dice = random.random()
    number = 0 if dice < HEALTHY else 2 if dice > 1 - WITH_TWO else 1
    bugs = _bugs(random, side, parts, names, script, number)
    return World(seed, side, parts, house, names, script, bugs)


def _parts(random: Random, side: Side) -> Parts:
    """Parts that go together; those of a training world without anything that was set aside."""
    while True:
        drawn = {kind: random.choice(members) for kind, members in OPTIONS.items() if kind not in APART}
        several = random.random() < 0.4
        if random.random() < 0.6:
            drawn["shape"] = random.choice(("fields", "carrier"))
        if side == "training":
            for kind in TEMPLATE_KINDS:
                drawn[kind] = random.choice([each for each in OPTIONS[kind] if each != ASIDE_PARTS[kind]])
        joined = "follower" if drawn["server"] == "node" else "redis"
        drawn["processes"] = joined if several else "one"
        parts = Parts(**drawn, seen_by="agent")
        if conflict(parts) is None:
            return parts


def _seen_by(seed: int) -> str:
    """Who sees into the processes: the agent in most worlds. It has nothing to do with what else is drawn."""
    return str(Random(f"seen {seed}").choices(OPTIONS["seen_by"], (3, 1))[0])  # noqa: S311  # can be repeated


def _takes(seed: int) -> str:
    """When the page takes in what came: at once in most worlds. It has nothing to do with what else is drawn."""
    return str(Random(f"takes {seed}").choices(OPTIONS["takes"], (9, 1, 1, 1))[0])  # noqa: S311  # can be repeated


def _script(random: Random, house: str) -> tuple[tuple[str, ...], tuple[tuple[str, dict[str, Any]], ...]]:
    names, things = HOUSES[house]
    length = random.randint(7, 14)
    middle = [random.choice(names[1:-1]) for _ in range(length)]
    middle[: len(names) - 2] = names[1:-1]
    random.shuffle(middle)
    script = []
    for number, name in enumerate((names[0], *middle, names[-1]), start=1):
        goods = {
            "item": f"K{number:02} {random.choice(things)}",
            "price": random.randint(1, 90) + 0.5,
            "note": random.choice(NOTES),
        }
        script.append((name, goods))
    return names, tuple(script)


def _bugs(
    random: Random,
    side: Side,
    parts: Parts,
    names: Sequence[str],
    script: Sequence[tuple[str, dict[str, Any]]],
    number: int,
) -> tuple[Bug, ...]:
    """The bugs of a world, each at another hop. The hop is drawn first: those with few bugs are as likely as others."""
    offered = [each for each in fitting(parts) if side == "test" or each.id not in ASIDE_MECHANISMS]
    aside = [each for each in offered if each.id in ASIDE_MECHANISMS]
    found: list[Bug] = []
    for _ in range(number):
        taken = {bug.mechanism.hop for bug in found}
        free = [each for each in offered if each.hop not in taken]
        if side == "test" and not found and not uses_aside(parts):
            free = aside or free
        if not free:
            break
        hop = random.choice(sorted({each.hop for each in free}))
        mechanism = random.choice([each for each in free if each.hop is hop])
        used = {mark for bug in found for mark in bug.events}
        found.append(Bug(mechanism, _events(random, mechanism, names, script, used)))
    return tuple(found)


def _events(
    random: Random,
    mechanism: Mechanism,
    names: Sequence[str],
    script: Sequence[tuple[str, dict[str, Any]]],
    used: set[str],
) -> tuple[str, ...]:
    """The marks of the events that a bug strikes at: neither the first nor the last, unless a name decides."""
    marks = [goods["item"].split()[0] for _, goods in script]
    inner = [mark for mark in marks[1:-1] if mark not in used] or marks[1:-1]
    match mechanism.strikes:
        case "none" | "batch":
            return ()
        case "name":
            name = names[mechanism.name]
            return tuple(mark for mark, (each, _) in zip(marks, script, strict=True) if each == name)
        case "from":
            return (random.choice(marks[len(marks) // 2 : -2]),)
        case "one":
            return (random.choice(inner),)
    return tuple(sorted(random.sample(inner, min(len(inner), random.randint(1, 3)))))


def to_dict(world: World) -> dict[str, Any]:
    """A world as JSON holds it."""
    return {
        "seed": world.seed,
        "side": world.side,
        "parts": world.parts.to_dict(),
        "house": world.house,
        "names": list(world.names),
        "script": [[name, goods] for name, goods in world.script],
        "bugs": [{"mechanism": bug.mechanism.id, "events": list(bug.events)} for bug in world.bugs],
    }
