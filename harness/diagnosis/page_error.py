"""Page error: a script of the page fails on an event, and what comes from there on is not shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter

from harness.diagnosis.rule import Head, Rule, losses, of, per_run
from harness.model import Blame, Fact, Hop, Kind, Outcome, Sighting, Strength, facts
from harness.record.evidence import Evidence

NO_SCRIPT = "Failed to load resource"
"""How Chromium's console begins to tell of a request that failed, which is no error of a script."""


class PageError(Rule):
    """Lost in the page, and a script error is on record after its delivery, or that of another of its name.

    With less certainty: after an earlier one's, of whatever name.
    """

    head = Head(
        cause="page-error",
        title="a script of the page fails on an event, and what comes from there on is not shown",
        claims=(losses(Hop.APPLIED, Hop.RENDERED), of(Kind.UNHANDLED)),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against="the error came before the event was delivered, or only a request failed",
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
            known = errors.get(outcome.label)
            is_mine = outcome.kind in (Kind.LOST, Kind.UNHANDLED) and outcome.hops[0] > Hop.DELIVERED
            if is_mine and known and outcome.event_key in known:
                first, error = next((key, error) for key, error in known.items() if error is not None)
                named = {evidence.events[key].name for key, error in known.items() if error is not None}
                is_of_name = evidence.events[outcome.event_key].name in named
                strength = Strength.NAMED if is_of_name else Strength.AROUND
                mine[_line(error), strength].append(outcome)
                lines[_line(error)][f"dashboard {outcome.label}: the error came after the delivery of {first}"] = None
        for (line, strength), listed in mine.items():
            yield self.blame(
                f"a script of the page fails: {line}",
                [*lines[line]],
                listed,
                strength=strength,
            )


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
