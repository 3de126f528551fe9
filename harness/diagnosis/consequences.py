"""What only follows from a cause, as a wrong number from events that are missing: it is attached to that cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.diagnosis._acting import is_end_of_a_page, is_on_pages, keeps_a_page
from harness.diagnosis._counted import is_counted
from harness.diagnosis._noticed import may_know_of_unsent
from harness.diagnosis._outside import gave_up_outside, keeper
from harness.diagnosis.order import rest
from harness.diagnosis.rule import blame as made
from harness.judge.panels.expected import concerned
from harness.judge.panels.numbers import number
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence

_MISCOUNTED = (Kind.LOST, Kind.UNHANDLED, Kind.TRUNCATED, Kind.DUPLICATED)
"""Kinds that make a page's numbers wrong: it lacks events, or has them twice."""

KINDS = (Kind.INCOMPLETE, Kind.MISRENDERED)
"""Kinds that may only follow from what else went wrong."""

TELLING = 3
"""A shorter value may be in a text by chance."""

NUMBERS = (Aspect.COUNTER, Aspect.LIST_TOTAL, Aspect.PANEL_VALUE)
"""Findings about a number that a page makes of its events."""

MADE_OF_STATE = (
    *(Aspect.ROW_TEXT, Aspect.ROW_BESIDE, Aspect.ITEM_MARK),
    *(Aspect.PANEL_VALUE, Aspect.PANEL_ITEM, Aspect.STATE_VALUE),
)
"""Findings about what a page makes of the events in its state."""


def with_unheard(blames: Sequence[Blame], failed: Sequence[Outcome], dashboards: Iterable[str]) -> list[Blame]:
    """Events without a recipient, where no dashboard was let in, follow from why the first one was not."""
    unheard = [o for o in rest(blames, failed) if o.finding.aspect is Aspect.UNDECLARED]
    outside = [{o.dashboard for o in each.explains if o.kind is Kind.REFUSED and o.dashboard} for each in blames]
    first = next((place for place, labels in enumerate(outside) if labels), None)
    if first is None or not {*dashboards} <= set().union(*outside):
        return list(blames)
    return [replace(b, explains=(*b.explains, *unheard)) if n == first else b for n, b in enumerate(blames)]


def without_followers(evidence: Evidence, blames: list[Blame], failed: Iterable[Outcome]) -> list[Blame]:
    """Without what only says that a producer gave up which is a page itself, where pages went wrong: it follows."""
    if not any(map(is_on_pages, failed)):
        return blames
    return [each for each in blames if not all(is_end_of_a_page(evidence, o) for o in each.explains)]


def before_others(evidence: Evidence, blames: Sequence[Blame], failed: Sequence[Outcome]) -> list[Outcome]:
    """What no rule explains and does not only follow from something else.

    Where a page lacks rows, one out of its place is drawn wrong by the same bug, unless a cause accounts for it.
    """
    open_ = rest(blames, failed)
    found = [o for o in open_ if o.kind not in KINDS]
    lacking = {(o.dashboard, o.hops) for o in found if o.kind is Kind.LOST and o.hops[-1:] == (Hop.RENDERED,)}
    out = [o for o in open_ if o.finding.aspect is Aspect.ROW_PLACE and (o.dashboard, o.hops) in lacking]
    return [*found, *(o for o in out if not any(_accounts_for(evidence, blame, o) for blame in blames))]


def with_consequences(evidence: Evidence, blames: list[Blame], failed: Sequence[Outcome]) -> list[Blame]:
    """What only follows from a cause is attached to it.

    A CLI that gave up because its events were not taken could not end its session; a page that lacks events can't show
    the numbers that they make.
    """
    open_ = rest(blames, failed)
    open_ends = [o for o in open_ if o.kind is Kind.INCOMPLETE]
    wrong_numbers = [o for o in open_ if o.kind is Kind.MISRENDERED]
    found = []
    for blame in blames:
        sessions = {evidence.events[o.event_key].session or "" for o in blame.explains if o.key in evidence.events}
        ends = {session: evidence.exit_of(session) for session in sessions}
        gave_up = [session for session, end in ends.items() if end is not None and end.body.status > 0]
        may_end = blame.strength > Strength.NONE and _may_end_a_cli(evidence, blame)
        mine = [o for o in open_ends if may_end and o.finding.session in gave_up]
        mine += [
            o for o in open_ends if o not in mine and o.finding.session in gave_up and _is_of_unsent(evidence, o, blame)
        ]
        mine += [o for o in open_ends if o not in mine and is_end_of_a_page(evidence, o) and keeps_a_page(blame)]
        outside = {o: cli for o in open_ends if (cli := gave_up_outside(evidence, o)) is not None and o not in mine}
        mine += [o for o, cli in outside.items() if keeper(cli, blames) is blame]
        mine += [o for o in wrong_numbers if _accounts_for(evidence, blame, o)]
        open_ends = [o for o in open_ends if o not in mine]
        wrong_numbers = [o for o in wrong_numbers if o not in mine]
        found.append(replace(blame, explains=(*blame.explains, *mine)))
    return _with_sums(evidence, found, wrong_numbers)


def _is_of_unsent(evidence: Evidence, end: Outcome, blame: Blame) -> bool:
    """Whether a CLI's status belies an end that it reported, and it may know that it never sent some of its events."""
    if end.finding.aspect is not Aspect.EXIT_STATUS:
        return False
    lost = any(o.kind is Kind.LOST and o.key and o.hops and max(o.hops) <= Hop.SENT for o in blame.explains)
    return lost and may_know_of_unsent(evidence, evidence.producer.get(end.finding.session or "", ""))


def _may_end_a_cli(evidence: Evidence, blame: Blame) -> bool:
    """Whether a producer can have noticed: its events were not taken, or one of them was answered with a no."""
    before_pages = [o for o in blame.explains if not o.hops or min(o.hops) <= Hop.ROUTED]
    if any(o.kind in (Kind.LOST, Kind.REFUSED) for o in before_pages):
        return True
    return bool(before_pages) and False in evidence.acknowledged.values()


def _with_sums(evidence: Evidence, blames: list[Blame], wrong: Sequence[Outcome]) -> list[Blame]:
    """A number that is wrong by what several causes took together goes to the first of those."""
    if len(blames) < 2:
        return blames
    together = replace(blames[0], explains=tuple(o for blame in blames for o in blame.explains))
    for each in wrong:
        if each.finding.aspect in NUMBERS and _accounts_for(evidence, together, each):
            place = next(n for n, blame in enumerate(blames) if _has_part(evidence, blame, each))
            blames[place] = replace(blames[place], explains=(*blames[place].explains, each))
    return blames


def _has_part(evidence: Evidence, blame: Blame, wrong: Outcome) -> bool:
    held = Hop.APPLIED if evidence.has_tap(Hop.APPLIED, wrong.dashboard) else Hop.DELIVERED
    return any(o.dashboard in (None, wrong.dashboard) and _miscounts(o, held) for o in blame.explains)


def _accounts_for(evidence: Evidence, blame: Blame, wrong: Outcome) -> bool:
    """Whether a page shows something wrong only because of events that it lacks, or has twice.

    What it shows is compared with the events that it holds: one that it never got is in neither. A number has to be
    wrong by as many events at most: what is left is another bug, and so is what no event makes.
    """
    held = Hop.APPLIED if evidence.has_tap(Hop.APPLIED, wrong.dashboard) else Hop.DELIVERED
    told = wrong.finding
    if told.aspect is Aspect.STATUS:
        return any(o.kind is Kind.REFUSED and o.dashboard == wrong.dashboard for o in blame.explains)
    if told.aspect in MADE_OF_STATE and not _counts(evidence, wrong) and any(_spoils(o, wrong) for o in blame.explains):
        return True
    if (
        told.aspect is Aspect.PANEL_ITEM
        and blame.strength > Strength.NONE
        and _shows_what_was_changed(blame, wrong, held)
    ):
        return True
    if _lasts_without_its_beginning(evidence, blame, wrong) or _is_unchanged_without(evidence, blame, wrong):
        return True
    if wrong.key is not None:
        its = (o for o in blame.explains if _is_of(evidence, wrong, o))
        return blame.strength > Strength.NONE and any(_is_part(evidence, wrong, o, held) for o in its)
    mine = [o for o in blame.explains if _is_part(evidence, wrong, o, held)]
    if not mine:
        return False
    if told.aspect not in NUMBERS:
        return blame.strength > Strength.NONE
    if not isinstance(told.expected, int) or (shown := number(told.found)) is None:
        return blame.strength > Strength.NONE
    if shown < told.expected:
        return told.expected - shown <= len({o.key for o in mine if o.kind is not Kind.DUPLICATED and o.key})
    return shown - told.expected <= sum(max(1, (o.finding.count or 0) - 1) for o in mine if o.kind is Kind.DUPLICATED)


def _is_part(evidence: Evidence, wrong: Outcome, outcome: Outcome, held: Hop) -> bool:
    """Whether it may be a part of what a page shows wrong."""
    is_there = outcome.dashboard in (None, wrong.dashboard) and _miscounts(outcome, held)
    return is_there and _concerns(evidence, wrong, outcome)


def _is_of(evidence: Evidence, wrong: Outcome, outcome: Outcome) -> bool:
    """Whether it is about the same event, or about the place of one of its name, whose rows may be mistaken."""
    if wrong.finding.aspect is not Aspect.ROW_PLACE:
        return wrong.key == outcome.key
    event, other = evidence.events.get(wrong.event_key), evidence.events.get(outcome.event_key)
    is_alike = event is not None and other is not None and event.name == other.name
    return wrong.key == outcome.key or is_alike


def _is_unchanged_without(evidence: Evidence, blame: Blame, wrong: Outcome) -> bool:
    """Whether an event that a panel is about was lost for its page: the others may change nothing in it."""
    if wrong.finding.aspect is not Aspect.PANEL_UNCHANGED:
        return False
    lost = (o for o in blame.explains if o.kind is Kind.LOST and o.dashboard in (None, wrong.dashboard))
    return any(_concerns(evidence, wrong, o) for o in lost)


def _lasts_without_its_beginning(evidence: Evidence, blame: Blame, wrong: Outcome) -> bool:
    """Whether it is how long a session took, and the page lacks where that began: it may know it by other means."""
    panel = evidence.panel(wrong.finding.panel, wrong.dashboard)
    shows = None if panel is None else panel.shows.get(wrong.finding.field or "")
    if wrong.finding.aspect is not Aspect.PANEL_VALUE or shows is None or shows.lasts is None:
        return False
    firsts = {mine[0].key for session in evidence.sessions if (mine := evidence.events_of(session))}
    lost = {o.key for o in blame.explains if o.kind is Kind.LOST and o.dashboard in (None, wrong.dashboard)}
    return not firsts.isdisjoint(lost)


def _shows_what_was_changed(blame: Blame, wrong: Outcome, held: Hop) -> bool:
    """Whether an item of a panel reads wrong over a value that had been changed before the page held it."""
    read = (str(wrong.finding.text or ""), str(wrong.finding.found or ""))
    changed = (
        str(o.finding.found).strip('"')
        for o in blame.explains
        if o.kind is Kind.CORRUPTED and o.dashboard in (None, wrong.dashboard) and max(o.hops, default=held) <= held
    )
    return any(any(value == text or (len(value) >= TELLING and value in text) for text in read) for value in changed)


def _concerns(evidence: Evidence, wrong: Outcome, outcome: Outcome) -> bool:
    """Whether an event may be one that a panel is about; of what a counter alone tells of, any may be."""
    panel = evidence.panel(wrong.finding.panel, wrong.dashboard)
    event = evidence.events.get(outcome.event_key)
    if panel is None or event is None or is_counted(evidence, wrong.label):
        return True
    return bool(concerned(panel, wrong.finding.session, [event]))


def _counts(evidence: Evidence, wrong: Outcome) -> bool:
    """Whether it is about a number of events, which is the same whatever they say."""
    panel = evidence.panel(wrong.finding.panel, wrong.dashboard)
    return panel is not None and wrong.finding.field in panel.values


def _spoils(outcome: Outcome, wrong: Outcome) -> bool:
    """Whether a page shows an event as its state has it, which is not as it was delivered."""
    is_its = wrong.key in (None, outcome.key) and outcome.dashboard == wrong.dashboard
    return is_its and outcome.kind is Kind.CORRUPTED and max(outcome.hops, default=Hop.EMITTED) is Hop.APPLIED


def _miscounts(outcome: Outcome, held: Hop) -> bool:
    """Whether it makes a page show less than it holds, or more. A page need not know what was not reported."""
    if outcome.kind in (Kind.DUPLICATED, Kind.PHANTOM):
        return True
    return outcome.kind in _MISCOUNTED and max(outcome.hops, default=Hop.RENDERED) > held


def is_consequence(evidence: Evidence, each: Blame, blames: Iterable[Blame]) -> bool:
    """Whether it only says that a page shows the wrong thing, and all of that follows from what went wrong before."""
    if len(each.explains) == 0 or any(o.kind is not Kind.MISRENDERED for o in each.explains):
        return False
    others = [b for b in blames if b is not each and any(o.kind is not Kind.MISRENDERED for o in b.explains)]
    return all(any(_accounts_for(evidence, b, o) for b in others) for o in each.explains)


def unnamed(named: Iterable[Blame], failed: Iterable[Outcome]) -> list[Blame]:
    """What went wrong before pages show it, and no rule names: one blame without a sentence, or none."""
    open_ = [o for o in rest(named, failed) if o.kind not in KINDS]
    return [made("unexplained", "", (), "", open_, strength=Strength.NONE)] if open_ else []
