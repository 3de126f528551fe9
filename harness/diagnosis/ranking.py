"""Which cause has which outcome, and in which order causes are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.judge.panels import number
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence

_MISCOUNTED = (Kind.LOST, Kind.UNHANDLED, Kind.TRUNCATED, Kind.DUPLICATED)
"""Kinds that make a page's numbers wrong: it lacks events, or has them twice."""

CONSEQUENCES = (Kind.INCOMPLETE, Kind.MISRENDERED)
"""Kinds that may only follow from what else went wrong."""

NUMBERS = (Aspect.COUNTER, Aspect.LIST_TOTAL, Aspect.PANEL_VALUE)
"""Findings about a number that a page makes of its events."""


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
        has_cause = blame.strength > Strength.NONE
        mine = [o for o in open_ends if has_cause and o.finding.session in gave_up]
        mine += [o for o in wrong_numbers if _accounts_for(evidence, blame, o)]
        open_ends = [o for o in open_ends if o not in mine]
        wrong_numbers = [o for o in wrong_numbers if o not in mine]
        found.append(replace(blame, explains=(*blame.explains, *mine)))
    return found


def _accounts_for(evidence: Evidence, blame: Blame, wrong: Outcome) -> bool:
    """Whether a page shows something wrong only because of events that it lacks, or has twice.

    A number has to be wrong by as many events at most: what is left is another bug.
    """
    mine = [o for o in blame.explains if o.dashboard in (None, wrong.dashboard) and o.kind in _MISCOUNTED]
    told = wrong.finding
    if not mine or told.aspect not in NUMBERS:
        return bool(mine) and blame.strength > Strength.NONE
    if not isinstance(told.expected, int) or (shown := number(told.found)) is None:
        return blame.strength > Strength.NONE
    if shown < told.expected:
        return told.expected - shown <= len({o.key for o in mine if o.kind is not Kind.DUPLICATED and o.key})
    return shown - told.expected <= sum(max(1, (o.finding.count or 0) - 1) for o in mine if o.kind is Kind.DUPLICATED)


def is_consequence(each: Blame, blames: Iterable[Blame]) -> bool:
    """Whether it only says that a page shows the wrong thing, and something went wrong on the way to that page."""
    shown = {o.dashboard for o in each.explains if o.kind is Kind.MISRENDERED}
    if len(shown) == 0 or any(o.kind is not Kind.MISRENDERED for o in each.explains):
        return False
    others = [o for b in blames for o in b.explains if o.kind is not Kind.MISRENDERED]
    before = {o.dashboard for o in others if min(o.hops, default=Hop.RENDERED) < Hop.RENDERED}
    return not shown.isdisjoint(before)


def rank(each: Blame) -> tuple[int, int, int, str]:
    """The best evidence first, then what explains most events, then the earlier hop."""
    events = {outcome.key for outcome in each.explains if outcome.key}
    return (-each.strength, -len(events), min(each.hops, default=Hop.RENDERED), each.cause)
