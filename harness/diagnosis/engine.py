"""Asks every rule, in the order that its head gives: outcomes, taps, counter-check, and only then the evidence.

A rule that breaks costs its own line: the verdict says which broke, and the hops of the judge stay.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from harness.diagnosis import consequences, order
from harness.diagnosis.rule import Head, Rule
from harness.diagnosis.unexplained import unexplained
from harness.extensions import CAUSE, members
from harness.judge.judge import judge_evidence
from harness.model import Answer, Blame, Broken, Hop, Kind, NotRuledOut, Outcome, Part, Strength, Verdict
from harness.record.evidence import Evidence
from harness.record.ledger import Ledger


def rules() -> dict[str, Rule]:
    """Every rule by the name of its cause."""
    return members(CAUSE)


def verdict_of(ledger: Ledger) -> Verdict:
    """The verdict of a run with its causes."""
    evidence = Evidence(ledger)
    return diagnose(evidence, judge_evidence(evidence))


def diagnose(evidence: Evidence, verdict: Verdict, using: Mapping[str, Rule] | None = None) -> Verdict:
    """The verdict with its causes, the one of the first hop first, then the one with the best evidence."""
    if verdict.answer is not Answer.FAILED:
        return verdict
    failed = Alike(o for o in verdict.outcomes if o.kind not in (Kind.DELIVERED, Kind.UNDETERMINED))
    asked = rules() if using is None else using
    named, broken = _asked(evidence, asked, failed)
    if not evidence.has_tap(Hop.APPLIED):  # what a page holds is then what it was given, and it may lack that
        others = [*named, *consequences.unnamed(named, failed)]
        named = [each for each in named if not consequences.is_consequence(evidence, each, others)]
    blames = order.divided(sorted(named, key=order.rank))
    blames = consequences.without_followers(evidence, blames, failed)
    blames = consequences.with_unheard(blames, failed, evidence.contract.dashboards)
    blames += unexplained(evidence, consequences.before_others(evidence, blames, failed))
    blames = consequences.with_consequences(evidence, blames, failed)
    blames += unexplained(evidence, order.rest(blames, failed))
    ranked = sorted(blames, key=lambda each: (_place(evidence, each, blames), *order.told_first(each)))
    return replace(
        verdict,
        blame=tuple(ranked),
        broken=(*verdict.broken, *broken),
        not_ruled_out=tuple(_not_ruled_out(evidence, asked, blames)),
    )


def _place(evidence: Evidence, each: Blame, blames: Sequence[Blame]) -> int:
    """Causes first, then what no rule explains and comes before others, those others, and consequences at last."""
    if consequences.is_consequence(evidence, each, blames):
        return 3
    if order.comes_after(each, blames):
        return 2
    return 1 if each.strength is Strength.NONE else 0


class Alike(list[Outcome]):
    """Outcomes, of which those that a head can't tell apart are asked for once."""

    def __init__(self, outcomes: Iterable[Outcome]) -> None:
        super().__init__(outcomes)
        self._places: dict[object, list[int]] = {}
        for place, o in enumerate(self):
            self._places.setdefault((o.kind, o.hop, o.hops, o.key is None, o.finding.aspect), []).append(place)
        self.kinds = frozenset(o.kind for o in self)

    def those(self, is_such: Callable[[Outcome], bool]) -> list[int]:
        """The places of those that a question is answered with yes for, in order; it may read what heads read alone."""
        found = [places for places in self._places.values() if is_such(self[places[0]])]
        return found[0] if len(found) == 1 else sorted(chain.from_iterable(found))


def claims(rule: Rule, evidence: Evidence, failed: Sequence[Outcome]) -> Iterator[Blame]:
    """What one rule makes of the failed outcomes."""
    head = rule.head
    alike = failed if isinstance(failed, Alike) else Alike(failed)
    kinds = head.kinds
    if alike.kinds.isdisjoint(kinds) or _blind(evidence, rule):
        return
    about = alike.those(lambda o: o.kind in kinds and head.is_about(o))
    mine = [place for place in about if not rule.is_refuted(evidence, alike[place])]
    groups: dict[Hashable, list[Outcome]] = {head.by(evidence, alike[place]): [] for place in mine}
    if not groups:
        return
    carried = {*alike.those(head.carries_along)} if head.carries else set[int]()
    for place in sorted(carried.difference(about).union(mine)):
        group = groups.get(head.by(evidence, alike[place]))
        if group is not None:
            group.append(alike[place])
    for group in groups.values():
        if not rule.are_refuted(evidence, group):
            yield from rule.explain(evidence, group)


def _asked(
    evidence: Evidence, asked: Mapping[str, Rule], failed: Sequence[Outcome]
) -> tuple[list[Blame], list[Broken]]:
    """What all rules say, and those that broke instead."""
    named, broken = list[Blame](), list[Broken]()
    for name, rule in asked.items():
        if not has_head(rule):
            broken.append(Broken(Part.RULE, name, "it has no `head`, a Head: see docs/write-a-cause.md"))
            continue
        try:
            named += [*claims(rule, evidence, failed)]
        except Exception as error:  # noqa: BLE001  # a rule may be foreign code: it costs its own line alone
            broken.append(Broken(Part.RULE, name, f"{type(error).__name__}: {error}"))
    return named, broken


def has_head(rule: object) -> bool:
    """Whether a member says when it may speak; one of an installed package may be of another time."""
    return isinstance(getattr(rule, "head", None), Head)


def _blind(evidence: Evidence, rule: Rule) -> tuple[Hop, ...]:
    """The hops that a rule reads and that have no tap."""
    seen = [Hop.RENDERED] if evidence.contract.by_panels else []
    return tuple(hop for hop in rule.needs(evidence) if not evidence.has_tap(hop) and hop not in seen)


def _not_ruled_out(evidence: Evidence, asked: Mapping[str, Rule], blames: Iterable[Blame]) -> Iterator[NotRuledOut]:
    """Causes that might be it, of which nothing is known because a hop is blind.

    Of what a record names the very cause of, no other is looked for.
    """
    open_ = {o for blame in blames if blame.strength < Strength.NAMED for o in blame.explains}
    said = {blame.cause for blame in blames}
    if not open_:
        return
    for name, rule in asked.items():
        if not has_head(rule) or name in said:
            continue
        blind = _blind(evidence, rule)
        if blind and any(map(rule.head.may_be_about, open_)):
            yield NotRuledOut(name, blind)
