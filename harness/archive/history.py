"""What became of a system from state to state: one line for each state and strategy, and where it changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from harness.archive.index import Indexed
from harness.archive.states import State
from harness.model import Hop
from harness.reporting.escape import cell, clip, prose, visible

HEAD = ("state", "what", "strategy", *(hop.label for hop in Hop), "verdict", "cause", "change")
NUMBERS = range(3, 3 + len(Hop))
"""The columns of numbers."""

BRIEF = ("state", "what", "strategy", "emitted to rendered", "verdict", "cause", "change")
"""The columns where there is less room."""

PASSED = "passed"
MOST_SUBJECT = 44


@dataclass(frozen=True, slots=True)
class Point:
    """A run of a state; None where its command left none, whose `status` is told then."""

    state: State
    run: Indexed | None
    status: int


def lines(points: Sequence[Point]) -> list[tuple[str, ...]]:
    """The cells of each point, as HEAD names them, in the order of the states."""
    found = []
    for point, before in zip(points, _before(points), strict=True):
        subject, run = visible(clip(point.state.subject, MOST_SUBJECT)), point.run
        if run is None:
            told = (point.state.short, subject, "", *[""] * len(Hop), "no run", f"exit status {point.status}", "")
        else:
            padded = [*run.hops, *[None] * len(Hop)][: len(Hop)]
            counts = ("?" if count is None else f"{count}" for count in padded)
            names = (visible(run.strategy), *counts, visible(run.verdict), visible(run.cause) or "–")
            told = (point.state.short, subject, *names, visible(change(before, run)))
        found.append(told)
    return found


def brief(points: Sequence[Point]) -> list[tuple[str, ...]]:
    """The same with the hops in one cell, the bad one marked, as BRIEF names them."""
    found = []
    for point, told in zip(points, lines(points), strict=True):
        bad = HEAD.index(point.run.bad) if point.run is not None and point.run.bad in HEAD else None
        hops = " ".join(f"{text}✗" if i == bad else text for i, text in enumerate(told) if i in NUMBERS and text)
        found.append((*told[: NUMBERS.start], hops, *told[NUMBERS.stop :]))
    return found


def _before(points: Iterable[Point]) -> list[Indexed | None]:
    """For each point the run of the same strategy in the last state that has one."""
    last = dict[str, Indexed]()
    found = list[Indexed | None]()
    for point in points:
        found.append(None if point.run is None else last.get(point.run.strategy))
        if point.run is not None:
            last[point.run.strategy] = point.run
    return found


def change(before: Indexed | None, now: Indexed) -> str:
    """In what a run differs from that of the state before; empty where it does not, or there is no state before."""
    if before is None or (before.verdict, before.bad, before.cause) == (now.verdict, now.bad, now.cause):
        return ""
    if now.verdict == PASSED:
        return "passes again"
    if before.verdict == PASSED:
        return f"breaks at {now.bad}" if now.bad else f"is {now.verdict} now"
    if before.bad != now.bad:
        return f"{before.bad or before.verdict} → {now.bad or now.verdict}"
    return f"{before.cause or before.verdict} → {now.cause or now.verdict}"


def markdown(points: Sequence[Point]) -> str:
    """The same as a table; the bad hop of a run is bold."""
    rules = ("--:" if i in NUMBERS else "---" for i in range(len(HEAD)))
    rows = [HEAD, tuple(rules)]
    for point, told in zip(points, lines(points), strict=True):
        bad = point.run.bad if point.run is not None else ""
        rows.append(tuple(_cell(name, text, name == bad) for name, text in zip(HEAD, told, strict=True)))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(name: str, text: str, is_bad: bool) -> str:
    if is_bad:
        return f"**{text}** ✗"
    return cell(text) if text and name in ("state", "cause") else prose(text)


def document(points: Sequence[Point]) -> dict[str, Any]:
    """The same for programs (docs/json.md)."""
    told = [
        {
            "commit": point.state.commit, "subject": point.state.subject, "status": point.status,
            "run": None if point.run is None else asdict(point.run), "change": told[-1],
        }
        for point, told in zip(points, lines(points), strict=True)
    ]  # fmt: skip
    return {"schema": 1, "states": told}
