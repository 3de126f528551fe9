"""The score of many worlds: what the harness was wrong about, for training and test side by side, and by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from harness.selftest.worlds.draw import ASIDE_MECHANISMS, World, draw
from harness.selftest.worlds.grade import Wrong
from harness.selftest.worlds.parts import OPTIONS
from harness.selftest.worlds.result import Result

SCHEMA = 2

Tried = tuple[World, Result]
"""A world, and what came of it."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of some worlds. `wrong` counts worlds by what was wrong with their verdicts."""

    worlds: int
    scored: int
    healthy: int
    right: int
    wrong: Counter[str]
    unexplained: int
    width: float
    fates: Counter[str]
    seconds: float

    @classmethod
    def of(cls, tried: Iterable[Tried]) -> Tally:
        """The tally of these worlds."""
        results = [result for _, result in tried]
        scored = [result for result in results if result.fate == "scored"]
        widths = [width for result in scored for width in result.widths]
        return cls(
            worlds=len(results),
            scored=len(scored),
            healthy=sum(not result.happened for result in scored),
            right=sum(not result.wrong for result in scored),
            wrong=Counter(wrong for result in scored for wrong in result.wrong),
            unexplained=sum(result.unexplained > 0 for result in scored),
            width=round(fmean(widths), 2) if widths else 0.0,
            fates=Counter(result.fate for result in results),
            seconds=round(fmean(result.seconds for result in scored), 1) if scored else 0.0,
        )


def sides(tried: Sequence[Tried]) -> dict[str, Tally]:
    """Worlds of parts and bugs that rules may be tuned on, and worlds with something that was set aside."""
    return {
        "training": Tally.of(each for each in tried if not each[0].has_aside),
        "test": Tally.of(each for each in tried if each[0].has_aside),
    }


def by_part(tried: Sequence[Tried]) -> Iterator[tuple[str, str, Tally]]:
    """Kind of part, member, and the tally of the worlds that have it; bugs that happened come last.

    Those that were set aside are one line: who mends must not come to know them.
    """
    for kind, members in OPTIONS.items():
        for member in members:
            yield kind, _word(member), Tally.of(each for each in tried if getattr(each[0].parts, kind) == member)
    happened = {bug for _, result in tried for bug in result.happened}
    for bug in sorted(happened - ASIDE_MECHANISMS):
        yield "bug", bug, Tally.of(each for each in tried if bug in each[1].happened)
    yield "bug", "set aside", Tally.of(each for each in tried if ASIDE_MECHANISMS & {*each[1].happened})


def _word(member: Any) -> str:
    return {True: "yes", False: "no"}.get(member, str(member)) if isinstance(member, bool) else str(member)


def failing(tried: Iterable[Tried], wanted: Callable[[Result], bool] = lambda result: result.is_wrong) -> list[Tried]:
    """The worlds that the harness was wrong about, by seed."""
    return sorted((each for each in tried if wanted(each[1])), key=lambda each: each[1].seed)


def document(tried: Sequence[Tried], seconds: float) -> dict[str, Any]:
    """The JSON form, described in docs/json.md."""
    return {
        "schema": SCHEMA,
        "seconds": round(seconds, 1),
        **{side: tally_object(tally) for side, tally in sides(tried).items()},
        "parts": [{"kind": kind, "member": member, **tally_object(tally)} for kind, member, tally in by_part(tried)],
        "worlds": [_world(world, result) for world, result in sorted(tried, key=lambda each: each[1].seed)],
    }


def tally_object(tally: Tally) -> dict[str, Any]:
    """A tally in the JSON form."""
    return {
        "worlds": tally.worlds,
        "scored": tally.scored,
        "healthy": tally.healthy,
        "right": tally.right,
        **{each.name.lower(): tally.wrong[each] for each in Wrong},
        "unexplained": tally.unexplained,
        "mean_width": tally.width,
        "disputed": tally.fates["disputed"],
        "broken": tally.fates["broken"],
        "mean_seconds": tally.seconds,
    }


def _world(world: World, result: Result) -> dict[str, Any]:
    return {
        "seed": result.seed,
        "side": "test" if world.has_aside else "training",
        "parts": world.parts.to_dict(),
        "bugs": [bug.mechanism.id for bug in world.bugs],
        "happened": list(result.happened),
        "fate": result.fate,
        "why": result.why,
        "verdict": result.answer or None,
        "sentence": result.sentence,
        "wrong": list(result.wrong),
        "details": list(result.details),
        "widths": list(result.widths),
        "folder": result.folder or None,
        "seconds": result.seconds,
    }


def with_worlds(results: Iterable[Result]) -> list[Tried]:
    """Results with their worlds, which are drawn again from their seeds."""
    return [(draw(result.seed), result) for result in results]
