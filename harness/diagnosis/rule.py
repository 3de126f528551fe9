"""What a rule declares and what it adds: the head says when it may speak at all, the body is its evidence.

The engine selects outcomes by the head, groups them, checks the taps, lets the counter-check speak, and only then asks
the body. docs/causes.md and `harness explain` are made from the heads.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, TypeAlias

from harness.model import Aspect, Blame, Hop, Kind, Line, Outcome, Strength
from harness.record.evidence import Evidence

UNKNOWN_PLACE = "an unknown place"
"""What stands for a place in the code that nothing was recorded of."""

Grouping: TypeAlias = Callable[[Evidence, Outcome], Hashable]
"""What the outcomes of one group have in common. Its docstring names it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Outcomes of some kinds; where hops are given, those that went wrong there first.

    `exact` leaves out ranges of blind hops. Where aspects are given, the finding has one of them. `keyed`: they are
    about single events.
    """

    kinds: tuple[Kind, ...]
    hops: tuple[Hop, ...] = ()
    exact: bool = False
    aspects: tuple[Aspect, ...] = ()
    keyed: bool = False

    def fits(self, outcome: Outcome) -> bool:
        """Whether an outcome is one of these."""
        return self._is_such(outcome) and self._is_there(outcome)

    def _is_there(self, outcome: Outcome) -> bool:
        return not self.hops or (outcome.hop if self.exact else next(iter(outcome.hops), None)) in self.hops

    def may_fit(self, outcome: Outcome) -> bool:
        """Whether an outcome could be one of these, if its blind hops could be seen."""
        return self._is_such(outcome) and (not self.hops or not set(self.hops).isdisjoint(outcome.hops))

    def _is_such(self, outcome: Outcome) -> bool:
        if self.keyed and outcome.key is None:
            return False
        return outcome.kind in self.kinds and (not self.aspects or outcome.finding.aspect in self.aspects)


def losses(*hops: Hop, exact: bool = False) -> Pattern:
    """Events that are lost at one of some hops, or at a range of blind hops that begins with it."""
    return Pattern((Kind.LOST,), hops, exact, keyed=True)


def of(kind: Kind, *hops: Hop) -> Pattern:
    """Outcomes of one kind, at one of some hops alone where they are given."""
    return Pattern((kind,), hops, exact=bool(hops))


def events(kind: Kind, *hops: Hop) -> Pattern:
    """The same of single events."""
    return Pattern((kind,), hops, exact=bool(hops), keyed=True)


def about(kind: Kind, *aspects: Aspect) -> Pattern:
    """Outcomes of one kind whose finding has one of some aspects."""
    return Pattern((kind,), aspects=aspects)


def per_run(evidence: Evidence, outcome: Outcome) -> Hashable:
    """run"""
    return None


def per_dashboard(evidence: Evidence, outcome: Outcome) -> Hashable:
    """dashboard"""
    return outcome.label


def per_session(evidence: Evidence, outcome: Outcome) -> Hashable:
    """session"""
    event = evidence.events.get(outcome.event_key)
    return outcome.finding.session if event is None else event.session


def per_cli(evidence: Evidence, outcome: Outcome) -> Hashable:
    """CLI"""
    return evidence.cli_of(outcome.key) if outcome.key else outcome.finding.party


def per_outcome(evidence: Evidence, outcome: Outcome) -> Hashable:
    """broken promise"""
    return outcome


_PLACES = {
    Kind.INCOMPLETE: (Hop.EMITTED,),
    Kind.REFUSED: (Hop.RECEIVED,),
    Kind.EXCLUSIVITY: (Hop.RECEIVED,),
    Kind.STUCK: (Hop.RECEIVED,),
    Kind.UNHANDLED: (Hop.APPLIED,),
    Kind.MISRENDERED: (Hop.RENDERED,),
    Kind.TRUNCATED: (Hop.RENDERED,),
    Kind.NOT_INERT: (Hop.RENDERED,),
}
"""Where outcomes go wrong whose kind says it."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a rule declares.

    `claims`: the outcomes that it may explain; `carries`: those that follow from them, and are explained with them.
    `taps`: the hops that it reads; with one of them blind it says nothing, and is "not ruled out". `strength`: how good
    its evidence is at best. `against`: what would speak against it, in words; `Rule.is_refuted` and
    `Rule.are_refuted` look for it.
    """

    cause: str
    title: str
    claims: tuple[Pattern, ...]
    carries: tuple[Pattern, ...] = ()
    by: Grouping = per_run
    taps: tuple[Hop, ...] = ()
    strength: Strength = Strength.NAMED
    against: str
    remedy: str

    def is_about(self, outcome: Outcome) -> bool:
        """Whether the rule may explain an outcome."""
        return any(pattern.fits(outcome) for pattern in self.claims)

    def may_be_about(self, outcome: Outcome) -> bool:
        """Whether it might, if blind hops could be seen."""
        return any(pattern.may_fit(outcome) for pattern in self.claims)

    def carries_along(self, outcome: Outcome) -> bool:
        """Whether an outcome may follow from what the rule explains."""
        return any(pattern.fits(outcome) for pattern in self.carries)

    @property
    def hops(self) -> tuple[Hop, ...]:
        """Where what it explains goes wrong; all hops where that can be anywhere."""
        named = {
            hop for each in self.claims for kind in each.kinds for hop in each.hops or _PLACES.get(kind, tuple(Hop))
        }
        return tuple(hop for hop in Hop if hop in named)

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """Kinds of what it explains."""
        return tuple(dict.fromkeys(kind for pattern in self.claims for kind in pattern.kinds))


class Rule:
    """One cause: its head, and as its body the evidence for one group of outcomes."""

    head: ClassVar[Head]

    @property
    def name(self) -> str:
        """The cause."""
        return self.head.cause

    def needs(self, evidence: Evidence) -> tuple[Hop, ...]:
        """The hops that must have taps: those of its head, unless the record has what it reads anyway."""
        return self.head.taps

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        """The counter-check: whether the record shows that an outcome has another cause."""
        return False

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        """The counter-check on a group: whether what is in it together shows that it has another cause."""
        return False

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        """The blames for one group of outcomes; none where the evidence is not there."""
        raise NotImplementedError

    def blame(
        self,
        sentence: Line,
        evidence: Iterable[Line],
        explains: Sequence[Outcome],
        *,
        at: Sequence[Outcome] | None = None,
        strength: Strength | None = None,
        remedy: str | None = None,
        places: Iterable[object] = (),
    ) -> Blame:
        """A blame whose hop is that of what it explains, or of those outcomes `at` which things went wrong first.

        Strength and remedy are the head's, unless this group has better, weaker or more precise ones. `places` are
        where in the code it comes from, as far as that is known.
        """
        head = self.head
        made = blame(head.cause, sentence, evidence, remedy or head.remedy, explains, at, strength or head.strength)
        known = {str(place) for place in places if place not in (None, "", UNKNOWN_PLACE)}
        return replace(made, places=tuple(sorted(known)))


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


def lost_by_dashboard(outcomes: Iterable[Outcome], hop: Hop) -> dict[str, list[Outcome]]:
    """The same by the dashboards that they were lost for."""
    found: dict[str, list[Outcome]] = {}
    for outcome in lost_at(outcomes, hop):
        found.setdefault(outcome.label, []).append(outcome)
    return found


def of_kind(outcomes: Iterable[Outcome], *kinds: Kind, hop: Hop | None = None) -> list[Outcome]:
    """Outcomes of some kinds, at one hop where that is given."""
    return [o for o in outcomes if o.kind in kinds and hop in (None, o.hop)]


def producer_of(evidence: Evidence, outcome: Outcome) -> str:
    """The CLI that reported an outcome's event; empty where that is not known."""
    return evidence.cli_of(outcome.key)
