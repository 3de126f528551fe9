"""Which rows a page lacks in the end, of those that it drew or was to draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

from harness.judge.panels.expected import concerned
from harness.judge.panels.numbers import number
from harness.model import Aspect, Hop, Kind, Outcome
from harness.record.evidence import Evidence
from harness.record.evidence.keys import those_in
from harness.record.remembered import remembered


@dataclass(frozen=True, slots=True)
class Rows:
    """Event keys in the order in which they came to the page: those with a row in the end, and those without.

    `gone` are those of the missing that had one before.
    """

    shown: tuple[str, ...]
    missing: tuple[str, ...]
    gone: tuple[str, ...]
    is_cut: bool
    counter: int | None

    @property
    def is_replaced(self) -> bool:
        """Whether every missing event had a row that has gone since."""
        return bool(self.missing) and self.gone == self.missing

    @property
    def is_left_out(self) -> bool:
        """Whether none of the missing ever had a row, and they lie between those that have."""
        return bool(self.missing) and not self.gone and not self.is_cut


def rows_of(evidence: Evidence, label: str, outcomes: Sequence[Outcome]) -> Rows | None:
    """What a dashboard's list lacks, where its rows say which event they show; None where that is not known."""
    lost = {o.key for o in outcomes if o.label == label and o.key is not None and o.kind in (Kind.TRUNCATED, Kind.LOST)}
    return _rows(evidence, label, frozenset(lost))


@remembered
def _rows(evidence: Evidence, label: str, lost: Set[str]) -> Rows | None:
    """The same with those of the lost that its rows would show."""
    view, loads = evidence.view(label), evidence.loads_of(label)
    if view is None or view.body.rows is None or not view.body.rows_numbered or not loads:
        return None
    drawn = evidence.keys_on_page(Hop.RENDERED, loads[-1])
    shown = {*view.body.rows} - {key for place, key in enumerate(view.body.rows) if place in (view.body.hidden or ())}
    if view.body.window is not None or evidence.contract_of(label).windowed:
        drawn = {*those_in(drawn, shown)}  # that rows leave a window is as it should be
    known = those_in(evidence.keys_on_page(Hop.DELIVERED, loads[-1]), shown | {*drawn} | lost)
    missing = tuple(key for key in known if key not in shown)
    there = [place for place, key in enumerate(known) if key in shown]
    is_cut = there == [*range(len(known) - len(there), len(known))] or there == [*range(len(there))]
    return Rows(
        tuple(key for key in known if key in shown),
        missing,
        tuple(key for key in missing if key in drawn),
        is_cut,
        view.body.counter,
    )


def is_end_by_names(evidence: Evidence, label: str) -> bool:
    """Whether rows that don't say which event they show can be those of the last events that came, or of the first.

    Told by their names alone, in whatever order; True where it is not known what came.
    """
    view, loads = evidence.view(label), evidence.loads_of(label)
    if view is None or not loads or not evidence.has_tap(Hop.DELIVERED):
        return True
    came = [s.event.name for s in evidence.on_page(Hop.DELIVERED, loads[-1])]
    shown = Counter(evidence.events[key].name for key in view.body.rows or () if key in evidence.events)
    count = shown.total()
    return count == 0 or shown in (Counter(came[-count:]), Counter(came[:count]))


def is_made_of(evidence: Evidence, rows: Rows, wrong: Outcome) -> bool:
    """Whether a number that a page shows is that of the events which it still has rows of."""
    told = wrong.finding
    if told.aspect in (Aspect.COUNTER, Aspect.LIST_TOTAL):
        return rows.counter == len(rows.shown)
    panel = next((each for each in evidence.contract.panels if each.name == told.panel), None)
    if told.aspect is not Aspect.PANEL_VALUE or panel is None:
        return False
    held = [evidence.events[key] for key in rows.shown if key in evidence.events]
    return number(told.found) == len(concerned(panel, told.session, held))
