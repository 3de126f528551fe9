"""The score of worlds for people: on the terminal, and as a page of the documentation."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import IO

from harness.reporting.escape import clip, visible
from harness.reporting.terminal import say, table
from harness.selftest.worlds.draw import World
from harness.selftest.worlds.grade import Wrong
from harness.selftest.worlds.result import Result
from harness.selftest.worlds.score import Tally, Tried, by_part, failing, sides

LISTED = 40
"""So many failing seeds are listed; the JSON output has all."""


def _wrong(what: Wrong, tally: Tally) -> int:
    return tally.wrong[what]


ROWS: tuple[tuple[str, Callable[[Tally], object]], ...] = (
    ("worlds", lambda t: t.worlds),
    ("scored", lambda t: t.scored),
    ("of these without a bug", lambda t: t.healthy),
    ("right", lambda t: t.right),
    *((each.value, partial(_wrong, each)) for each in Wrong),
    ("with a blame that no rule explains", lambda t: t.unexplained),
    ("mean width of a blame, in hops", lambda t: f"{t.width:.2f}"),
    ("disputed by the diaries", lambda t: t.fates["disputed"]),
    ("harness broke", lambda t: t.fates["broken"]),
    ("mean seconds", lambda t: f"{t.seconds:.1f}"),
)


def show(tried: Sequence[Tried], seconds: float, stream: IO[str] | None = None) -> None:
    """Print what was wrong, seed by seed, and the score of training and test."""
    out = sys.stdout if stream is None else stream
    told = failing(tried, lambda result: bool(result.wrong) or result.fate in ("disputed", "broken"))
    for world, result in told[:LISTED]:
        what = ", ".join(result.wrong) or result.fate
        say(f"seed {world.seed}: {what}; {_truth(world, result)}", out)
        for detail in (result.why, *result.details):
            if detail and not world.has_aside:
                say(f"  {visible(clip(detail, 240))}", out)
        say(f"  {visible(result.folder)}", out)
    if len(told) > LISTED:
        say(f"and {len(told) - LISTED} more; --json FILE lists them all", out)
    known = sides(tried)
    cells = [(name, *(str(figure(tally)) for tally in known.values())) for name, figure in ROWS]
    table(("", *known), cells, (1, 2), out)
    say(f"{len(tried)} worlds in {seconds:.0f} s", out)


def markdown(tried: Sequence[Tried], seconds: float, command: str, machine: str) -> Iterator[str]:
    """The lines of the page in the documentation."""
    known = sides(tried)
    yield "# Worlds"
    yield ""
    yield "Small systems made at random, whose truth is known by construction: parts are drawn from a seed, a bug is"
    yield "put in at a hop or none, and each part writes down what it did. The harness gets the target file alone."
    yield f"Written by `{command}` on {time.strftime('%Y-%m-%d')}: {machine}, {seconds / 60:.0f} minutes."
    yield ""
    yield "A third of the bugs and one member of each kind of part were set aside by lot when they were written"
    yield "(`harness/selftest/worlds/set_aside.json`); one that a rule was mended by is set aside no longer. *Test*"
    yield "are the worlds with something of that in them, *training* the others."
    yield ""
    yield f"| in worlds of | {' | '.join(known)} |"
    yield "| --- | ---: | ---: |"
    for name, figure in ROWS:
        yield f"| {name} | {' | '.join(str(figure(tally)) for tally in known.values())} |"
    yield ""
    yield "A range of hops is right when it holds the true hop and only blind hops widen it."
    yield ""
    yield "## By part"
    yield ""
    yield "| kind | member | scored | right | silent | wrong hop | false alarm | wrong cause | unknown | seconds |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for kind, member, tally in by_part(tried):
        yield _row(kind, member, tally)
    yield ""
    yield "## Seeds that the harness was wrong about"
    yield ""
    yield "`harness worlds --only SEED` plays one again, and makes it as small as it still fails."
    yield ""
    yield "| seed | side | wrong | what happened |"
    yield "| ---: | --- | --- | --- |"
    for world, result in failing(tried):
        side = "test" if world.has_aside else "training"
        yield f"| {world.seed} | {side} | {', '.join(result.wrong)} | {_truth(world, result)} |"


def _truth(world: World, result: Result) -> str:
    """What happened in a world; nothing of one with something that was set aside, which mending must not use."""
    return "set aside" if world.has_aside else ", ".join(result.happened) or "no bug"


def _row(kind: str, member: str, tally: Tally) -> str:
    wrong = tally.wrong
    hops = wrong[Wrong.WRONG_HOP] + wrong[Wrong.MISSED]
    figures = [tally.scored, tally.right, wrong[Wrong.SILENT], hops, wrong[Wrong.FALSE_ALARM]]
    figures += [wrong[Wrong.WRONG_CAUSE], wrong[Wrong.UNKNOWN]]
    return f"| {kind} | {member} | {' | '.join(map(str, figures))} | {tally.seconds:.1f} |"
