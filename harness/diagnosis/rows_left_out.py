"""Rows left out: the page counts events that it never draws a row of, between others that it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.diagnosis._in_common import in_common, tells_apart
from harness.diagnosis._rows import Rows, rows_of
from harness.diagnosis.rule import Head, Pattern, Rule, of, per_run
from harness.model import Blame, Hop, Kind, Line, Outcome, Strength
from harness.record.evidence import Evidence, names

MOST = 3
"""So many things that they have in common stand as evidence."""


class RowsLeftOut(Rule):
    """Truncated; what is missing never had a row, lies between what has one, and the page counts it."""

    head = Head(
        cause="rows-left-out",
        title="the page counts events, and draws no row of some between the others",
        claims=(of(Kind.TRUNCATED, Hop.RENDERED), Pattern((Kind.TRUNCATED,), (Hop.APPLIED,), keyed=True)),
        by=per_run,
        strength=Strength.NAMED,
        against="the rows that are there are the first or the last ones; or what is missing had a row before",
        remedy=(
            "Look at what chooses the rows where the list is drawn: a filter, a condition, a style that hides some,\n"
            "a key that two of them share. Or count only what is shown."
        ),
    )

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        return not _left_out(evidence, outcomes)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        found = _left_out(evidence, outcomes)
        mine = [o for o in outcomes if o.label in found]
        keys = [*dict.fromkeys(key for rows in found.values() for key in rows.missing)]
        shared: list[Line] = [each for each in in_common(evidence, [o for o in mine if o.key]) if tells_apart(each)]
        yield self.blame(
            f"the list leaves out {names(keys)}, which the page counts.",
            [
                *(
                    f"dashboard {label}: no row of {names([*rows.missing])}, and rows of others before and after;"
                    f" its counter says {rows.counter}"
                    for label, rows in found.items()
                ),
                *shared[:MOST],
            ],
            mine,
        )


def _left_out(evidence: Evidence, outcomes: Sequence[Outcome]) -> Mapping[str, Rows]:
    """Dashboards whose list leaves something out between other rows, with its rows."""
    found = {}
    for label in dict.fromkeys(o.label for o in outcomes):
        rows = rows_of(evidence, label, outcomes)
        if rows is not None and rows.is_left_out:
            found[label] = rows
    return found


RULE = RowsLeftOut()
