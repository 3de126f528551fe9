"""Which cause has which outcome, and in which order causes are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from harness.model import Blame, Hop, Kind, Outcome, Strength


def divided(ranked: Iterable[Blame]) -> list[Blame]:
    """Each outcome to the causes with the best evidence for it; a cause that keeps none of its own is dropped."""
    kept, strength = list[Blame](), dict[Outcome, Strength]()
    for blame in ranked:
        mine = tuple(o for o in blame.explains if strength.get(o, blame.strength) is blame.strength)
        strength.update(dict.fromkeys(mine, blame.strength))
        if any(set(o.hops) <= set(blame.hops) or set(blame.hops) < set(o.hops) for o in mine):
            kept.append(replace(blame, explains=mine))
    return kept


def rest(blames: Iterable[Blame], failed: Iterable[Outcome]) -> list[Outcome]:
    """What none of these blames explains."""
    explained = {outcome for blame in blames for outcome in blame.explains}
    return [outcome for outcome in failed if outcome not in explained]


def rank(each: Blame) -> tuple[int, int, int, str]:
    """The best evidence first, then what explains most events, then the earlier hop."""
    return (-each.strength, -len(_events(each)), min(each.hops, default=Hop.RENDERED), each.cause)


def told_first(each: Blame) -> tuple[int, int, int, int, str]:
    """What went wrong at the first hop is told first: what comes after it can't be seen to be mended before that is."""
    return (min(each.hops, default=Hop.RENDERED), *rank(each))


def comes_after(each: Blame, blames: Iterable[Blame]) -> bool:
    """Whether more events went wrong before it, on the same way, than it is about, and no rule explains them.

    The first thing that went wrong is told first, with a name or without one.
    """
    mine, labels = len(_events(each)), {o.dashboard for o in each.explains}
    return each.strength > Strength.NONE and any(
        min(b.hops, default=Hop.RENDERED) < min(each.hops, default=Hop.RENDERED)
        and len({o.key for o in b.explains if o.kind is not Kind.LATE} - {None}) > mine
        and (None in labels or not labels.isdisjoint(o.dashboard or label for o in b.explains for label in labels))
        for b in blames
        if b.strength is Strength.NONE
    )


def _events(each: Blame) -> set[str]:
    return {outcome.key for outcome in each.explains if outcome.key}
