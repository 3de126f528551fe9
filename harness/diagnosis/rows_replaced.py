"""Rows replaced: a row that the page showed is gone when another comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from harness.diagnosis._parties import dashboards
from harness.diagnosis._rows import Rows, is_made_of, rows_of
from harness.diagnosis.rule import Head, Pattern, Rule, about, of, per_run
from harness.lib.amounts import amount
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, names

NUMBERS = (Aspect.COUNTER, Aspect.LIST_TOTAL, Aspect.PANEL_VALUE)

PLACES = (Aspect.ROW_PLACE, Aspect.ROWS_ORDER)
"""Where most rows are gone, the few that are left tell no order: under headings each stands in a list of its own."""


class RowsReplaced(Rule):
    """Truncated; each row that is missing was there before, and what is left is not a cut of what the page counts."""

    head = Head(
        cause="rows-replaced",
        title="a row that the page showed is gone again when another comes",
        claims=(
            of(Kind.TRUNCATED, Hop.RENDERED),
            Pattern((Kind.TRUNCATED,), (Hop.APPLIED,), keyed=True),  # its state can't be seen
        ),
        carries=(about(Kind.MISRENDERED, *NUMBERS, *PLACES),),
        by=per_run,
        strength=Strength.NAMED,
        against=(
            "a missing row never was there; or those that are left are the first or the last ones, and the page\n"
            "counts more: then its list is cut"
        ),
        remedy=(
            "Add to what the page holds now, `setRows((rows) => [...rows, row])`: a handler keeps the state of when\n"
            "it was registered. Where rows have keys, use one that no two events share."
        ),
    )

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        return not _replaced(evidence, outcomes)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        found = _replaced(evidence, outcomes)
        mine = [o for o in outcomes if o.label in found and (_is_of_rows(o) or is_made_of(evidence, found[o.label], o))]
        last = all(rows.is_cut and len(rows.shown) == 1 for rows in found.values())
        made = self.blame(
            f"{dashboards(found)} showed each event, and holds only the last: what was there goes when one comes."
            if last
            else f"{dashboards(found)} showed each event, and rows are gone again: later ones took their place.",
            [
                line
                for label, rows in found.items()
                for line in (
                    f"dashboard {label}: had a row of {names([*rows.gone])}, and has none in the end",
                    f"dashboard {label}: {amount(len(rows.shown), 'row')} left: {names([*rows.shown])}"
                    + ("" if rows.counter is None else f"; its counter says {rows.counter}"),
                )
            ],
            mine,
            at=[o for o in mine if o.kind is Kind.TRUNCATED],
        )
        in_state = (Hop.APPLIED, Hop.RENDERED)  # where the page's state is not observed, it may be that
        yield made if evidence.has_tap(Hop.APPLIED) else replace(made, hop=None, hops=in_state)


def _is_of_rows(outcome: Outcome) -> bool:
    return outcome.kind is Kind.TRUNCATED or outcome.finding.aspect in PLACES


def _replaced(evidence: Evidence, outcomes: Sequence[Outcome]) -> Mapping[str, Rows]:
    """Dashboards whose rows gave way to others, with their rows. Where a page counts more, its list is cut."""
    found = {}
    for label in dict.fromkeys(o.label for o in outcomes if o.kind is Kind.TRUNCATED):
        rows = rows_of(evidence, label, outcomes)
        if rows is not None and rows.is_replaced and not (rows.is_cut and (rows.counter or 0) > len(rows.shown)):
            found[label] = rows
    return found


RULE = RowsReplaced()
