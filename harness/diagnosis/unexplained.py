"""The blame for what no rule explains: its hop, and the facts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.diagnosis._counted import are_guessed, is_counted
from harness.diagnosis._in_common import blind_in, in_common, said_around, tells_apart
from harness.diagnosis._in_data import data_of_first
from harness.diagnosis._in_time import as_emitted
from harness.diagnosis._queued import queued
from harness.diagnosis.rule import blame
from harness.model import Aspect, Blame, Cited, Hop, Kind, Line, Outcome, Strength
from harness.model.facts import CliMessage, ProcessEnded
from harness.record.evidence import Evidence, names
from harness.record.evidence.keys import those_in

CAUSE = "unexplained"

OF_A_LIST = (
    *(Kind.LOST, Kind.UNHANDLED, Kind.TRUNCATED, Kind.DUPLICATED, Kind.REORDERED, Kind.CORRUPTED, Kind.MISRENDERED),
)
"""What one bug in how a page draws a list can make of its events, all at once."""

MOST = 2
"""So many of the things that lost events share stand in the sentence itself."""

MOST_CITED = 5
"""So many of what went wrong are repeated one by one."""


@dataclass(frozen=True, slots=True)
class _Alike:
    """Outcomes at the same hops that are told together, and of which kinds they are, the commonest first."""

    hops: tuple[Hop, ...]
    outcomes: Sequence[Outcome]

    @property
    def first(self) -> Sequence[Outcome]:
        """Those that the others follow from: rows are out of their places where others are missing, or come late."""
        return [o for o in self.outcomes if o.finding.aspect is not Aspect.ROW_PLACE] or self.outcomes

    @property
    def kinds(self) -> tuple[Kind, ...]:
        late = any(o.kind is Kind.LATE for o in self.outcomes)  # who is late is overtaken: that follows
        counts = Counter(Kind.LATE if late and o.kind is Kind.REORDERED else o.kind for o in self.first)
        return tuple(kind for kind, _ in counts.most_common())


def unexplained(evidence: Evidence, outcomes: Sequence[Outcome]) -> list[Blame]:
    """One blame for those that went wrong alike at one hop, with what they have in common.

    What only waited for another event goes with that one; who is late is overtaken.
    """
    waited = queued(evidence, outcomes)
    return [_told(evidence, each, waited) for each in _alike([o for o in outcomes if o not in waited])]


def _alike(outcomes: Sequence[Outcome]) -> list[_Alike]:
    """Those of one kind at the same hops; rows of a list that are wrong in several ways at once are one thing."""
    groups: dict[tuple[tuple[Hop, ...], object], list[Outcome]] = defaultdict(list)
    late = {(o.key, o.dashboard, o.hops) for o in outcomes if o.kind is Kind.LATE}
    drawn = _drawn_wrong(outcomes)
    for outcome in outcomes:
        is_overtaken = outcome.kind is Kind.REORDERED and (outcome.key, outcome.dashboard, outcome.hops) in late
        kind: object = Kind.LATE if is_overtaken else outcome.kind
        if outcome.key is not None and outcome.hops in drawn and outcome.kind in OF_A_LIST and not is_overtaken:
            kind = OF_A_LIST
        groups[(outcome.hops, kind)].append(outcome)
    return [_Alike(hops, group) for (hops, _), group in groups.items()]


def _drawn_wrong(outcomes: Sequence[Outcome]) -> set[tuple[Hop, ...]]:
    """The hops, of those that end with what a person sees, at which one page has rows wrong in several ways."""
    ways: dict[tuple[tuple[Hop, ...], str | None], set[Kind]] = defaultdict(set)
    for outcome in outcomes:
        if outcome.key is not None and outcome.kind in OF_A_LIST and outcome.hops[-1:] == (Hop.RENDERED,):
            ways[outcome.hops, outcome.dashboard].add(outcome.kind)
    return {hops for (hops, _), kinds in ways.items() if len(kinds) > 1}


def _told(evidence: Evidence, alike: _Alike, waited: Mapping[Outcome, str]) -> Blame:
    hops, group, kinds = alike.hops, alike.first, " and ".join(alike.kinds)
    where = " or ".join(hop.label for hop in hops) or "an unknown hop"
    mine = {o.key for o in group if o.key}
    keys = [*those_in(as_emitted(evidence), mine), *sorted(mine - evidence.events.keys())]
    is_guess = bool(keys) and are_guessed(evidence, group)
    shared = [] if is_guess else in_common(evidence, group)
    lines: list[Line] = [
        *shared,
        *(said_around(evidence, group) if keys else _on_standard_error(group, evidence)),
        *_ended_beside(evidence, hops),
        *(() if is_guess or len(keys) == len(evidence.events) else data_of_first(evidence, keys)),
        *(blind_in(evidence, hops) if len(hops) > 1 else ()),
    ]
    if is_guess:
        lines.insert(0, _why_guessed(evidence, group))
    is_said = not keys and bool(lines or group[1:])  # the sentence repeats the first of them
    lines += [
        Cited(o.finding, f"{o.key or o.prop} {o.kind} {f'for dashboard {o.dashboard} ' if o.dashboard else ''}(", ")")
        for o in (group[1:] if is_said else group)[:MOST_CITED]
        if not is_guess
    ]
    telling = [each for each in shared if tells_apart(each)][:MOST]
    facts = f": {'; '.join(telling)}" if telling else ""
    what = f"{len(keys)} of {len(evidence.events)} events" if is_guess else names(keys)
    is_one = len(keys) == 1 or (is_guess and len(evidence.events) == 1)
    said: Line = f"no rule explains why {what} {'was' if is_one else 'were'} {kinds}{facts}."
    if not keys:
        said = Cited(group[0].finding, "no rule explains it: ", ".")
    remedy = f"No rule knows this. Look at hop {where}: what it received is in the ledger, what it handed on is not."
    is_late = Kind.LATE in alike.kinds
    held_up = [o for o, key in waited.items() if is_late and key in mine and hops[-1] > o.hops[-1]]
    if held_up:
        later = names(sorted({o.event_key for o in held_up}))
        did = "took" if held_up[0].hop is Hop.RECEIVED else "emitted"
        lines.append(f"server: {did} {later} when it was through: they waited for it")
    return blame(CAUSE, said, lines, remedy, [*alike.outcomes, *held_up], at=group, strength=Strength.NONE)


def _ended_beside(evidence: Evidence, hops: Sequence[Hop]) -> list[str]:
    """Processes that are no servers and failed by themselves: an event may have been with one of them."""
    if not any(hop <= Hop.ROUTED for hop in hops):
        return []
    failed = (fact.body for fact in evidence.facts(ProcessEnded) if fact.body.status != 0)
    return [
        f"process {each.process} of the system had ended by itself with status {each.status}: "
        f"its log is in the run's folder"
        for each in failed
    ]


def _why_guessed(evidence: Evidence, outcomes: Sequence[Outcome]) -> str:
    if all(is_counted(evidence, o.label) for o in outcomes):
        return "the page shows how many events it has, and not which: a counter is all that is seen of them"
    lost = Counter(o.label for o in outcomes)
    per_page = ", ".join(f"{count} on dashboard {label}" for label, count in sorted(lost.items()))
    return f"rows of one name don't say which event they show: so many have none ({per_page}), and which is not known"


def _on_standard_error(group: Sequence[Outcome], evidence: Evidence) -> list[str]:
    """What the CLIs said whose sessions did not end as they should: a traceback, say, or that it was nothing."""
    if not any(outcome.hops and outcome.hops[0] <= Hop.RECEIVED for outcome in group):
        return []
    clis = {evidence.producer.get(outcome.finding.session or "") for outcome in group}
    said = ((f.observer, f.body.text.strip()[:200]) for f in evidence.facts(CliMessage) if f.observer in clis)
    lines = [*dict.fromkeys(f"{cli}: on standard error: {text}" for cli, text in said if text)]
    spoke = {f.observer for f in evidence.facts(CliMessage) if f.body.text.strip()}
    silent = sorted(cli for cli in clis if cli is not None and cli in evidence.exits and cli not in spoke)
    ends = ((cli, evidence.exits[cli].body.status) for cli in silent)
    mute = [
        f"{cli}: exited with status {status}, and no line of its standard error is on record"
        for cli, status in ends
        if status > 0
    ]
    return [*dict.fromkeys([*lines[:2], *lines[-2:]]), *mute]
