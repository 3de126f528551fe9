"""Why a run failed: one small rule a cause, from the ledger to a cause with evidence and a remedy.

The judge finds the hop; rules only name the cause. What no rule explains is blamed on its hop, cause "unexplained".
To add one: a module here, or in an installed package, with `RULE`, an object that follows the Protocol below.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from harness.extensions import CAUSE, members
from harness.judge.judge import judge_evidence
from harness.model import Answer, Blame, Cited, Hop, Kind, Line, Outcome, Strength, Verdict
from harness.record.evidence import Evidence, names
from harness.record.ledger import Ledger


class Rule(Protocol):
    """One cause."""

    name: str

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        """The blames for the failed outcomes that this cause explains; none where the evidence is not there."""


def rules() -> dict[str, Rule]:
    """Every rule by the name of its cause."""
    return members(CAUSE)


def verdict_of(ledger: Ledger) -> Verdict:
    """The verdict of a run with its causes."""
    evidence = Evidence(ledger)
    return diagnose(evidence, judge_evidence(evidence))


def diagnose(evidence: Evidence, verdict: Verdict, using: Mapping[str, Rule] | None = None) -> Verdict:
    """The verdict with its causes, the one with the best evidence first, then the one that explains most events."""
    if verdict.answer is not Answer.FAILED:
        return verdict
    failed = [o for o in verdict.outcomes if o.kind not in (Kind.DELIVERED, Kind.UNDETERMINED)]
    named = [b for rule in (rules() if using is None else using).values() for b in rule.explain(evidence, failed)]
    if not evidence.has_tap(Hop.APPLIED):  # what a page holds is then what it was given, and it may lack that
        named = [each for each in named if not _is_consequence(each, named)]
    blames = _with_consequences(evidence, _divided(sorted(named, key=_rank)), failed)
    explained = {outcome for blame in blames for outcome in blame.explains}
    blames += _unexplained([outcome for outcome in failed if outcome not in explained])
    ranked = tuple(sorted(blames, key=lambda each: (_is_consequence(each, blames), *_rank(each))))
    return replace(verdict, blame=ranked)


def _divided(ranked: Iterable[Blame]) -> list[Blame]:
    """Each outcome to the causes with the best evidence for it; a cause that keeps none of its own is dropped."""
    kept, strength = list[Blame](), dict[Outcome, Strength]()
    for blame in ranked:
        mine = tuple(o for o in blame.explains if strength.get(o, blame.strength) is blame.strength)
        strength.update(dict.fromkeys(mine, blame.strength))
        if any(set(o.hops) <= set(blame.hops) for o in mine):
            kept.append(replace(blame, explains=mine))
    return kept


_MISSING = (Kind.LOST, Kind.UNHANDLED, Kind.TRUNCATED)
"""Kinds of what a page does not show."""


def _with_consequences(evidence: Evidence, blames: list[Blame], failed: Sequence[Outcome]) -> list[Blame]:
    """What only follows from a cause is none of its own.

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
        gave_up = [session for session, end in ends.items() if end is not None and (end.data.get("status") or 0) > 0]
        mine = [o for o in open_ends if o.finding.session in gave_up]
        short = {o.dashboard for o in blame.explains if o.kind in _MISSING}
        mine += [o for o in wrong_numbers if o.dashboard in short]
        open_ends = [o for o in open_ends if o not in mine]
        wrong_numbers = [o for o in wrong_numbers if o not in mine]
        found.append(replace(blame, explains=(*blame.explains, *mine)))
    return found


def blame(
    cause: str,
    sentence: Line,
    evidence: Iterable[Line],
    remedy: str,
    explains: Sequence[Outcome],
    at: Sequence[Outcome] | None = None,
    strength: Strength = Strength.NAMED,
) -> Blame:
    """A blame whose hop is that of the outcomes it explains, or of those `at` which things went wrong first."""
    first = explains if at is None else at
    hops = sorted({hop for outcome in first for hop in outcome.hops})
    hop = first[0].hop if len({outcome.hop for outcome in first}) == 1 else None
    return Blame(hop, tuple(hops), cause, sentence, tuple(evidence), remedy, tuple(explains), strength)


def lost_at(outcomes: Iterable[Outcome], hop: Hop) -> list[Outcome]:
    """The events that were lost at a hop, or at a range of blind hops that begins with it."""
    return [o for o in outcomes if o.kind is Kind.LOST and o.key is not None and o.hops[:1] == (hop,)]


def of_kind(outcomes: Iterable[Outcome], *kinds: Kind, hop: Hop | None = None) -> list[Outcome]:
    """Outcomes of some kinds, at one hop where that is given."""
    return [o for o in outcomes if o.kind in kinds and hop in (None, o.hop)]


def producer_of(evidence: Evidence, outcome: Outcome) -> str:
    """The CLI that reported an outcome's event; empty where nobody knows."""
    return evidence.cli_of(outcome.key)


def _is_consequence(each: Blame, blames: Iterable[Blame]) -> bool:
    """Whether it only says that a page shows the wrong thing, and something went wrong on the way to that page."""
    shown = {o.dashboard for o in each.explains if o.kind is Kind.MISRENDERED}
    if len(shown) == 0 or any(o.kind is not Kind.MISRENDERED for o in each.explains):
        return False
    before = {o.dashboard for b in blames for o in b.explains if min(o.hops, default=Hop.RENDERED) < Hop.RENDERED}
    return not shown.isdisjoint(before)


def _rank(each: Blame) -> tuple[int, int, int, str]:
    """The best evidence first, then what explains most events, then the earlier hop."""
    events = {outcome.key for outcome in each.explains if outcome.key}
    return (-each.strength, -len(events), min(each.hops, default=Hop.RENDERED), each.cause)


def _unexplained(outcomes: Sequence[Outcome]) -> list[Blame]:
    groups: dict[tuple[tuple[Hop, ...], Kind], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[(outcome.hops, outcome.kind)].append(outcome)
    found = []
    for (hops, kind), group in groups.items():
        where = " or ".join(hop.label for hop in hops) or "an unknown hop"
        lines = [
            Cited(o.finding, f"{o.key or o.prop} {kind} {f'for dashboard {o.dashboard} ' if o.dashboard else ''}(", ")")
            for o in group[:5]
        ]
        what, end = names(sorted({o.key for o in group if o.key})), f" {kind} at {where}."
        why = "no rule explains why "
        remedy = (
            f"No rule knows this. Look at hop {where}: what it received is in the ledger, what it handed on is not."
        )
        found.append(
            blame(
                "unexplained",
                f"{why}{what}{end}" if what else Cited(group[0].finding, why, end),
                lines,
                remedy,
                group,
                strength=Strength.NONE,
            )
        )
    return found
