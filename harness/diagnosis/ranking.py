"""Which cause has which outcome, and in which order causes are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence

_MISCOUNTED = (Kind.LOST, Kind.UNHANDLED, Kind.TRUNCATED, Kind.DUPLICATED)
"""Kinds that make a page's numbers wrong: it lacks events, or has them twice."""


def divided(ranked: Iterable[Blame]) -> list[Blame]:
    """Each outcome to the causes with the best evidence for it; a cause that keeps none of its own is dropped."""
    kept, strength = list[Blame](), dict[Outcome, Strength]()
    for blame in ranked:
        mine = tuple(o for o in blame.explains if strength.get(o, blame.strength) is blame.strength)
        strength.update(dict.fromkeys(mine, blame.strength))
        if any(set(o.hops) <= set(blame.hops) or set(blame.hops) < set(o.hops) for o in mine):
            kept.append(replace(blame, explains=mine))
    return kept


def with_consequences(evidence: Evidence, blames: list[Blame], failed: Sequence[Outcome]) -> list[Blame]:
    """What only follows from a cause is attached to it.

    A CLI that gave up because its events were not taken could not end its session; a page that lacks events can't show
    the numbers that they make.
    """
    explained = {outcome for blame in blames for outcome in blame.explains}
    open_ends = [o for o in failed if o.kind is Kind.INCOMPLETE and o not in explained]
    wrong_numbers = [o for o in failed if o.kind is Kind.MISRENDERED and o not in explained]
    found = []
    for blame in blames:
        sessions = {evidence.events[o.key].session or "" for o in blame.explains if o.key in evidence.events}
        ends = {session: evidence.exit_of(session) for session in sessions}
        gave_up = [session for session, end in ends.items() if end is not None and end.body.status > 0]
        mine = [o for o in open_ends if o.finding.session in gave_up]
        short = {o.dashboard for o in blame.explains if o.kind in _MISCOUNTED}
        mine += [o for o in wrong_numbers if o.dashboard in short]
        open_ends = [o for o in open_ends if o not in mine]
        wrong_numbers = [o for o in wrong_numbers if o not in mine]
        found.append(replace(blame, explains=(*blame.explains, *mine)))
    return found


def is_consequence(each: Blame, blames: Iterable[Blame]) -> bool:
    """Whether it only says that a page shows the wrong thing, and something went wrong on the way to that page."""
    shown = {o.dashboard for o in each.explains if o.kind is Kind.MISRENDERED}
    if len(shown) == 0 or any(o.kind is not Kind.MISRENDERED for o in each.explains):
        return False
    before = {o.dashboard for b in blames for o in b.explains if min(o.hops, default=Hop.RENDERED) < Hop.RENDERED}
    return not shown.isdisjoint(before)


def rank(each: Blame) -> tuple[int, int, int, str]:
    """The best evidence first, then what explains most events, then the earlier hop."""
    events = {outcome.key for outcome in each.explains if outcome.key}
    return (-each.strength, -len(events), min(each.hops, default=Hop.RENDERED), each.cause)
