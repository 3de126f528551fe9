"""Page error: a script of the page fails on an event, and what comes from there on is not shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from operator import attrgetter

from harness.diagnosis.rule import Head, Rule, about, losses, of, per_run
from harness.judge.panels import concerned
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome, Sighting, Strength, facts
from harness.record.evidence import Evidence

NO_SCRIPT = "Failed to load resource"
"""How Chromium's console begins to tell of a request that failed, which is no error of a script."""


class PageError(Rule):
    """Lost in the page, and a script error is on record after its delivery, or that of another of its name.

    With less certainty: after an earlier one's, of whatever name. A panel that is wrong is claimed where an error came
    after the delivery of an event that concerns it.
    """

    head = Head(
        cause="page-error",
        title="a script of the page fails on an event, and what comes from there on is not shown",
        claims=(
            losses(Hop.APPLIED, Hop.RENDERED),
            of(Kind.UNHANDLED),
            about(Kind.MISRENDERED, Aspect.PANEL_VALUE, Aspect.PANEL_ITEM, Aspect.PANEL_UNCHANGED, Aspect.PANEL_ABSENT),
        ),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against="the error came before the event, or after none that concerns the panel, or only a request failed",
        remedy=(
            "Open the page with this event and follow the error's stack: an exception in a handler or in\n"
            "drawing takes with it what comes after. Catch it there, and tell of it on the page."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine: dict[tuple[str, Strength], list[Outcome]] = defaultdict(list)
        lines: dict[str, dict[str, None]] = defaultdict(dict)
        errors = {label: _errors(evidence, label) for label in evidence.contract.dashboards}
        for outcome in outcomes:
            failed = {key: error for key, error in (errors.get(outcome.label) or {}).items() if error is not None}
            strength = _strength(evidence, outcome, failed, errors.get(outcome.label) or {}) if failed else None
            if strength is not None:
                first, error = next(iter(failed.items()))
                mine[_line(error), strength].append(outcome)
                lines[_line(error)][f"dashboard {outcome.label}: the error came after the delivery of {first}"] = None
        for (line, strength), listed in mine.items():
            yield self.blame(
                f"a script of the page fails: {line}",
                [*lines[line]],
                listed,
                strength=strength,
            )


def _strength(evidence: Evidence, outcome: Outcome, failed: Iterable[str], known: Container[str]) -> Strength | None:
    """How surely it is the errors' doing; None where it isn't. `failed` are the events that an error came after."""
    named = {evidence.events[key].name for key in failed}
    panel = next((each for each in evidence.contract.panels if each.name == outcome.finding.panel), None)
    if outcome.kind is Kind.MISRENDERED:
        concerns = panel is not None and bool(concerned(panel, None, [evidence.events[key] for key in failed]))
        return Strength.NAMED if concerns else None
    if outcome.event_key not in known or outcome.hops[0] <= Hop.DELIVERED:
        return None
    return Strength.NAMED if evidence.events[outcome.event_key].name in named else Strength.AROUND


def _errors(evidence: Evidence, label: str) -> dict[str, Fact[facts.PageError] | None]:
    """What was delivered from the first script error on: event key to the error right after it, None without one."""
    found: dict[str, Fact[facts.PageError] | None] = {}
    for load in evidence.loads_of(label)[-1:]:
        errors = (f for f in evidence.facts(facts.PageError) if f.observer == load)
        scripts = (f for f in errors if NO_SCRIPT not in f.body.text)
        records: list[Sighting | Fact[facts.PageError]] = sorted(
            [*evidence.on_page(Hop.DELIVERED, load), *scripts], key=attrgetter("n")
        )
        key = None
        for record in records:
            if isinstance(record, Sighting):
                key = record.event.key
                if found:
                    found[key] = None
            elif key is not None:
                found[key] = found.get(key) or record
    return found


def _line(error: Fact[facts.PageError]) -> str:
    first = error.body.text.strip().partition("\n")[0][:200].rstrip(".")
    return f"{first or 'an error that says nothing'}."


RULE = PageError()
