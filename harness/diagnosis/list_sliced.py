"""List sliced: the list shows only some of the events, and nothing says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._rows import is_end_by_names, rows_of
from harness.diagnosis.rule import Head, Pattern, Rule, of, per_run
from harness.lib.amounts import amount
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class ListSliced(Rule):
    """The page counts more events than it has rows for, and has no note of it."""

    head = Head(
        cause="list-sliced",
        title="the list shows only some of the events, and nothing says so",
        claims=(
            of(Kind.TRUNCATED, Hop.RENDERED),
            Pattern((Kind.TRUNCATED,), (Hop.APPLIED,), keyed=True),  # its state can't be seen
        ),
        by=per_run,
        taps=(Hop.RENDERED,),
        strength=Strength.NAMED,
        against=(
            "the list shows as many rows as the page counts; or what it lacks lies between rows that it has, or it\n"
            "says that it shows a part"
        ),
        remedy=(
            "Say how many of how many are shown, with a way to the others; or show all of them, in a list that\n"
            "draws only what is in view."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        shown, counted = _rows_and_counter(evidence, outcome.label)
        return shown >= counted or outcome.finding.aspect in (Aspect.ROWS_OLDEST, Aspect.ROW_BETWEEN)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lines, labels = list[str](), list[str]()
        for label in dict.fromkeys(o.label for o in outcomes):
            rows = rows_of(evidence, label, outcomes)
            is_cut = is_end_by_names(evidence, label) if rows is None else rows.is_cut or not rows.missing
            if not is_cut:
                continue  # a part is left out or replaced, and no end cut off
            labels.append(label)
            shown, counted = _rows_and_counter(evidence, label)
            lines.append(f"dashboard {label}: {amount(shown, 'row')}, a counter of {counted}, and no note between them")
        mine = [o for o in outcomes if o.label in labels]
        if mine:
            yield self.blame("the list is cut, and nothing on the page says so.", lines, mine)


def _rows_and_counter(evidence: Evidence, label: str) -> tuple[int, int]:
    """How many rows a page shows, and how many events it says that there are; 0 where it says no number."""
    view = evidence.view(label)
    return (0, 0) if view is None else (len(view.body.rows or ()), view.body.counter or 0)


RULE = ListSliced()
