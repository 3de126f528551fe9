"""How right a verdict is about a world whose truth is known. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.model import Answer, Blame, Hop, Kind, Verdict
from harness.reporting import sentences
from harness.selftest.worlds.draw import Bug, World
from harness.selftest.worlds.parts import Parts, seen_hops
from harness.selftest.worlds.truth import Truth

UNEXPLAINED = "unexplained"


class Wrong(StrEnum):
    """What can be wrong with a verdict. One sentence defines each."""

    SILENT = "silent pass"  # a bug happened, and the run passed
    MISSED = "missed bug"  # the run failed, and no blame is on the hop of a bug that happened
    WRONG_HOP = "wrong hop"  # a blame is on a hop that nothing happened at
    FALSE_ALARM = "false alarm"  # nothing happened, and the run failed
    WRONG_CAUSE = "wrong cause"  # the hop is right, and the named cause is another one than the bug
    WRONG_KIND = "wrong kind"  # the hop is right, and what is said of the events is not what was done to them
    WRONG_PAGE = "wrong page"  # the hop is right, and the outcome is told of other pages than the bug's
    UNKNOWN = "unknown"  # neither passed nor failed


@dataclass(frozen=True, slots=True)
class Grade:
    """What was wrong, why (for people), how many blames had no cause, and how wide the ranges of hops were."""

    wrong: tuple[Wrong, ...]
    details: tuple[str, ...]
    unexplained: int
    widths: tuple[int, ...]


def grade(world: World, truth: Truth, verdict: Verdict, pages: Mapping[str, str]) -> Grade:
    """Compare a verdict with the truth. `pages` leads from dashboards to the names that their pages gave themselves."""
    if verdict.answer is Answer.UNKNOWN:
        return Grade((Wrong.UNKNOWN,), tuple(sentences.unknowns(verdict)[:2]), 0, ())
    if not truth.bugs:
        alarms = tuple(_told(blame) for blame in verdict.blame)
        wrong = () if verdict.answer is Answer.PASSED else (Wrong.FALSE_ALARM,)
        return Grade(wrong, alarms[:2], 0, ())
    if verdict.answer is Answer.PASSED:
        return Grade((Wrong.SILENT,), tuple(bug.mechanism.id for bug in truth.bugs), 0, ())
    return _of_failure(world, truth, verdict.blame, pages)


def _of_failure(world: World, truth: Truth, blames: Sequence[Blame], pages: Mapping[str, str]) -> Grade:
    seen = seen_hops(world.parts)
    found: list[tuple[Wrong, str]] = []
    known: set[str] = set()
    for blame in blames:
        mine = [
            bug
            for bug, hops in zip(truth.bugs, truth.hops, strict=True)
            if any(is_right(blame.hops, hop, _timed(seen, world.parts) if _is_late(blame) else seen) for hop in hops)
        ]
        told = _told(blame)
        if not mine:
            found.append((Wrong.WRONG_HOP, told))
            continue
        known |= {bug.mechanism.id for bug in mine}
        if blame.cause != UNEXPLAINED and not any(blame.cause in causes(world, bug) for bug in mine):
            found.append((Wrong.WRONG_CAUSE, told))
        kinds = {outcome.kind for outcome in blame.explains}
        allowed = {kind for bug, those in zip(truth.bugs, truth.kinds, strict=True) if bug in mine for kind in those}
        if kinds and not kinds & allowed:
            found.append((Wrong.WRONG_KIND, f"{', '.join(sorted(kinds))} at {told}"))
        if (strangers := _strangers(blame, truth, mine, pages)) and len(mine) == 1:
            found.append((Wrong.WRONG_PAGE, f"dashboards {', '.join(sorted(strangers))} at {told}"))
    missed = [bug.mechanism.id for bug in truth.bugs if bug.mechanism.id not in known]
    found += [(Wrong.MISSED, each) for each in missed]
    widths = tuple(len(blame.hops) for blame in blames)
    unexplained = sum(blame.cause == UNEXPLAINED for blame in blames)
    wrong = tuple(dict.fromkeys(each for each, _ in found))
    return Grade(wrong, tuple(told for _, told in found), unexplained, widths)


def _is_late(blame: Blame) -> bool:
    return bool(blame.explains) and all(outcome.kind is Kind.LATE for outcome in blame.explains)


def _timed(seen: Sequence[Hop], parts: Parts) -> list[Hop]:
    """The hops at which it is seen when an event was there: a proxy sees that the server had it by its answer alone."""
    return [hop for hop in seen if not (hop is Hop.RECEIVED and parts.seen_by == "proxy")]


def is_right(said: Sequence[Hop], true: Hop, seen: Sequence[Hop]) -> bool:
    """Whether hops that are blamed hold the true one, and only blind hops widen the range.

    Where the true hop is blind the loss shows at the next hop that is seen, so that this one belongs to the range.
    """
    if true not in said:
        return False
    shows = next((hop for hop in Hop if hop >= true and hop in seen), true)
    return all(hop in (true, shows) or hop not in seen for hop in said)


def causes(world: World, bug: Bug) -> tuple[str, ...]:
    """The causes that are true of a bug in a world."""
    if bug.mechanism.id == "forgets-event" and _is_whole_names(world, bug):
        return (*bug.mechanism.causes, "no-reducer-case")
    if bug.mechanism.id == "skips-one" and world.parts.to == "sid":
        return (*bug.mechanism.causes, "not-in-room")  # an id of a connection is a room of one
    return bug.mechanism.causes


def _is_whole_names(world: World, bug: Bug) -> bool:
    """Whether a bug strikes at every event of its names, so that it can't be told from one that is about the name."""
    struck = {name for mark, (name, _) in zip(world.marks, world.script, strict=True) if mark in bug.events}
    return all(mark in bug.events for mark, (name, _) in zip(world.marks, world.script, strict=True) if name in struck)


def _strangers(blame: Blame, truth: Truth, mine: Sequence[Bug], pages: Mapping[str, str]) -> set[str]:
    """The dashboards that a blame speaks of, although its bugs did not strike at them."""
    said = {outcome.dashboard for outcome in blame.explains if outcome.dashboard}
    names = {name for bug, struck in zip(truth.bugs, truth.pages, strict=True) if bug in mine for name in struck}
    struck = {label for label, name in pages.items() if name in names}
    return said - struck if struck else set()


def _told(blame: Blame) -> str:
    where = " or ".join(hop.label for hop in blame.hops) or "no hop"
    return f"{where}: {blame.cause}: {sentences.line(blame.sentence)}"
