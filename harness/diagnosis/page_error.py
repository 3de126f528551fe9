"""Page error: a script of the page fails, and what it stands before is not shown, or never even comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter

from harness.diagnosis.rule import Head, Rule, about, losses, of, of_kind, per_run
from harness.judge.panels.expected import concerned
from harness.model import Aspect, Blame, Event, Fact, Hop, Kind, Outcome, Sighting, Strength, facts
from harness.record.evidence import Evidence
from harness.record.remembered import remembered


class PageError(Rule):
    """Lost in the page, and a script error is on record after its delivery, or that of another of its name.

    With less certainty: after an earlier one's, of whatever name. A panel that is wrong is claimed where an error came
    after the delivery of an event that concerns it, and that the page holds; a counter where it stands still since
    then. Or the page never connected, and one is on record.
    """

    head = Head(
        cause="page-error",
        title="a script of the page fails on an event, or before it connects, and what comes from then on is not shown",
        claims=(
            losses(Hop.APPLIED, Hop.RENDERED),
            of(Kind.UNHANDLED),
            about(Kind.REFUSED, Aspect.DASHBOARD_FAILED),
            about(Kind.MISRENDERED, Aspect.PANEL_VALUE, Aspect.PANEL_ITEM, Aspect.PANEL_UNCHANGED, Aspect.PANEL_ABSENT),
            about(Kind.MISRENDERED, Aspect.COUNTER, Aspect.LIST_TOTAL),
        ),
        by=per_run,
        strength=Strength.NAMED,
        against=(
            "the error came before the event, or after none that the page holds and that concerns the panel, or the\n"
            "counter went on after it, or only a request failed"
        ),
        remedy=(
            "Open the page with this event and follow the error's stack: an exception in a handler or in\n"
            "drawing takes with it what comes after. Catch it there, and tell of it on the page."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.kind is Kind.REFUSED:
            return not any(evidence.script_errors(load) for load in evidence.loads_of(outcome.label)[-1:])
        return not evidence.has_tap(Hop.DELIVERED) or _strength(evidence, outcome) is None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        outside = of_kind(outcomes, Kind.REFUSED)
        yield from self._before_it_connects(evidence, outside)
        yield from self._on_an_event(evidence, [outcome for outcome in outcomes if outcome not in outside])

    def _before_it_connects(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_line: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            for load in evidence.loads_of(outcome.label)[-1:]:
                by_line[_line(evidence.script_errors(load)[0])].append(outcome)
        for line, mine in by_line.items():
            labels = " and ".join(sorted(outcome.label for outcome in mine))
            yield self.blame(
                f"a script of the page fails before it connects: {line}",
                [f"dashboard {labels}: the error came, and no connection was ever opened"],
                mine,
                remedy="Open the page and mend what its console says first: a script that is not found, or can't be\n"
                "read, takes with it whatever stands after it, and the connection as well.",
            )

    def _on_an_event(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine: dict[tuple[str, Strength], list[Outcome]] = defaultdict(list)
        lines: dict[str, dict[str, None]] = defaultdict(dict)
        for outcome in outcomes:
            strength = _strength(evidence, outcome)
            if strength is not None:
                late = told_late(evidence, outcome.label).get(outcome.event_key)
                before = _failed(evidence, outcome.label) if late is None else {outcome.event_key: late}
                first, error = next(iter(before.items()))
                mine[_line(error), strength].append(outcome)
                lines[_line(error)][f"dashboard {outcome.label}: the error came after the delivery of {first}"] = None
        for (line, strength), listed in mine.items():
            yield self.blame(
                f"a script of the page fails: {line}",
                [*lines[line]],
                listed,
                strength=strength,
            )


def _strength(evidence: Evidence, outcome: Outcome) -> Strength | None:
    """How surely it is the errors' doing; None where it isn't."""
    failed = _failed(evidence, outcome.label)
    if not failed:
        return None
    if outcome.kind is not Kind.MISRENDERED and outcome.event_key in told_late(evidence, outcome.label):
        return Strength.AROUND
    named = {evidence.events[key].name for key in failed}
    panel = evidence.panel(outcome.finding.panel, outcome.dashboard)
    if outcome.finding.aspect is Aspect.COUNTER:
        return Strength.NAMED if counter_stands_still(evidence, outcome.label) else None
    if outcome.finding.aspect is Aspect.LIST_TOTAL:
        return Strength.NAMED if _is_lacking_one_for_each(evidence, outcome) else None
    if outcome.kind is Kind.MISRENDERED:
        concerns = panel is not None and bool(concerned(panel, None, _held(evidence, outcome.label, failed)))
        return Strength.NAMED if concerns else None
    if outcome.event_key not in _errors(evidence, outcome.label) or outcome.hops[0] <= Hop.DELIVERED:
        return None
    return Strength.NAMED if evidence.events[outcome.event_key].name in named else Strength.AROUND


def _is_lacking_one_for_each(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether a list says that it is a part of fewer than there are, and lacks one for each script error."""
    said, found = outcome.finding.expected, outcome.finding.found
    errors = sum(len(evidence.script_errors(load)) for load in evidence.loads_of(outcome.label)[-1:])
    return isinstance(said, int) and isinstance(found, int) and said - found == errors


def counter_stands_still(evidence: Evidence, label: str) -> bool:
    """Whether a page's counter says to the end how many events it was given before the first that led to an error."""
    failed, view = _failed(evidence, label), evidence.view(label)
    if not failed or view is None:
        return False
    came = [each.event.key for load in evidence.loads_of(label)[-1:] for each in evidence.on_page(Hop.DELIVERED, load)]
    return view.body.counter == came.index(next(iter(failed)))


def _failed(evidence: Evidence, label: str) -> dict[str, Fact[facts.PageError]]:
    """The events on a page that an error came right after, with that error."""
    return {key: error for key, error in _errors(evidence, label).items() if error is not None}


@remembered
def told_late(evidence: Evidence, label: str) -> dict[str, Fact[facts.PageError]]:
    """What a page was given and does not hold, though it took what came after it, and the error that came soon then.

    A promise that is rejected is told of after all that came in the same turn of the page: the last event before the
    error is not the one. Soon is before the page has to have drawn it.
    """
    found: dict[str, Fact[facts.PageError]] = {}
    soon_ns = evidence.contract.draws_within_ms * 1e6
    for load in evidence.loads_of(label)[-1:] if evidence.has_tap(Hop.APPLIED, label) else []:
        held, came = evidence.keys_on_page(Hop.APPLIED, load), evidence.on_page(Hop.DELIVERED, load)
        for error in evidence.script_errors(load):
            before = [each for each in came if each.n < error.n and error.at_ns - each.at_ns <= soon_ns]
            if before and before[-1].event.key in held:
                for key in (each.event.key for each in before if each.event.key not in held):
                    found.setdefault(key, error)
    return found


def _held(evidence: Evidence, label: str, keys: Iterable[str]) -> list[Event]:
    """Those of some events that a page holds, as far as that is seen: its panels are made of no other."""
    loads = evidence.loads_of(label)[-1:] if evidence.has_tap(Hop.APPLIED, label) else []
    held_on = [evidence.keys_on_page(Hop.APPLIED, load) for load in loads]
    return [evidence.events[key] for key in keys if all(key in held for held in held_on)]


@remembered
def _errors(evidence: Evidence, label: str) -> dict[str, Fact[facts.PageError] | None]:
    """What was delivered from the first script error on: event key to the error that it led to, None without one.

    That is the event right before the error. Of several errors that are told one after the other, each is of one of as
    many events: promises that are rejected are told of after all that came in the same turn of the page.
    """
    found: dict[str, Fact[facts.PageError] | None] = {}
    for load in evidence.loads_of(label)[-1:]:
        if not evidence.script_errors(load):
            continue
        records: list[Sighting | Fact[facts.PageError]] = sorted(
            [*evidence.on_page(Hop.DELIVERED, load), *evidence.script_errors(load)], key=attrgetter("n")
        )
        came = list[str]()  # since the errors before
        for is_error, each in groupby(records, key=lambda record: not isinstance(record, Sighting)):
            if not is_error:
                came = [record.event.key for record in each if isinstance(record, Sighting)]
                found |= dict.fromkeys(came) if found else {}
                continue
            errors = [record for record in each if isinstance(record, Fact)]
            if came:
                mine = came[-len(errors) :]
                found |= dict(zip(mine, errors[-len(mine) :], strict=True))
    return found


def _line(error: Fact[facts.PageError]) -> str:
    first = error.body.text.strip().partition("\n")[0][:200].rstrip(".")
    return f"{first or 'an error that says nothing'}."


RULE = PageError()
