"""Counter off: the counter says another number than the page holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.diagnosis._listeners import is_by_listeners
from harness.diagnosis.page_error import counter_stands_still
from harness.diagnosis.rule import Head, Rule, about, per_run
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import CounterShown
from harness.record.evidence import Evidence

NUMBERS = (Aspect.COUNTER, Aspect.LIST_TOTAL)
"""Findings that the counter is part of."""


class CounterOff(Rule):
    """Misrendered, and the counter at the end differs from the number of events in the state, or in a full list."""

    head = Head(
        cause="counter-off",
        title="the counter says another number than the page holds",
        claims=(about(Kind.MISRENDERED, Aspect.COUNTER, Aspect.LIST_TOTAL),),
        by=per_run,
        taps=(Hop.RENDERED,),
        strength=Strength.NAMED,
        against=(
            "the counter equals the events that the page holds, or its state is not observed, nor its whole list; or\n"
            "it stands still since a script error"
        ),
        remedy=(
            "Derive the counter from the list of events where it is shown, instead of counting beside it:\n"
            "a number that is kept twice differs sooner or later."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        view = evidence.view(outcome.label)
        is_of_note = outcome.finding.field is not None  # of a list that is shown in part: no counter says that
        if outcome.finding.aspect is Aspect.COUNTER and counter_stands_still(evidence, outcome.label):
            return True
        if is_by_listeners(evidence, outcome):
            return True
        return view is None or is_of_note or _held(evidence, outcome) in (None, view.body.counter)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lines, blind = list[str](), False
        for label in sorted({o.label for o in outcomes}):
            outcome, view = next(o for o in outcomes if o.label == label), evidence.view(label)
            if view is None:
                continue
            changes = [f.body.value for f in evidence.facts(CounterShown, f"dashboard:{label}")]
            is_blind = view.body.state_events is None
            by_list = "list shows" if view.body.window is None else "list says that there are"
            where, blind = by_list if is_blind else "state holds", blind or is_blind
            lines += [
                f"dashboard {label}: the counter says {view.body.counter}, the {where} {_held(evidence, outcome)}",
                f"dashboard {label}: it said, in this order: {', '.join(map(str, changes[-8:]))}",
            ]
        made = self.blame(
            "the counter is computed from something else than the events that the page holds.", lines, outcomes
        )
        yield replace(made, hop=Hop.RENDERED, hops=(Hop.RENDERED,)) if blind else made


def _held(evidence: Evidence, outcome: Outcome) -> int | None:
    """How many events a page holds: by its state, or where that is not observed, by its list or that list's note."""
    view = evidence.view(outcome.label)
    state = None if view is None else view.body.state_events
    if state is not None:
        return len(state)
    noted = None if view is None or view.body.window is None else view.body.window.total
    given = {
        key for load in evidence.loads_of(outcome.dashboard)[-1:] for key in evidence.keys_on_page(Hop.DELIVERED, load)
    }
    return noted if noted == len(given) else _listed(evidence, outcome)


def _listed(evidence: Evidence, outcome: Outcome) -> int | None:
    """How many events a page shows beside its counter, where they are all that it was given: it holds those then."""
    shown = {
        key for load in evidence.loads_of(outcome.dashboard)[-1:] for key in evidence.keys_on_page(Hop.RENDERED, load)
    }
    view = evidence.view(outcome.label)
    rows = [] if view is None else [row for row in view.body.rows or () if row in shown]
    is_whole = len(rows) == len({*rows}) == len(shown) == outcome.finding.expected
    return len(shown) if is_whole and not evidence.contract_of(outcome.dashboard).by_panels else None


RULE = CounterOff()
