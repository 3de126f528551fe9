"""List sliced: the list shows only some of the events, and nothing says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import View
from harness.record.evidence import Evidence


class ListSliced(Rule):
    """The page counts more events than it has rows for, and has no note of it."""

    head = Head(
        cause="list-sliced",
        title="the list shows only some of the events, and nothing says so",
        claims=(of(Kind.TRUNCATED, Hop.RENDERED),),
        by=per_run,
        taps=(Hop.RENDERED,),
        strength=Strength.NAMED,
        against="the list shows as many rows as the page counts",
        remedy=(
            "Say how many of how many are shown, with a way to the others; or show all of them, in a list that\n"
            "draws only what is in view."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        cut = of_kind(outcomes, Kind.TRUNCATED, hop=Hop.RENDERED)
        lines = {}
        for label in dict.fromkeys(o.label for o in cut):
            view = evidence.view(label)
            shown, counted = _rows_and_counter(view.body) if view is not None else (0, 0)
            if shown < counted:
                lines[label] = f"dashboard {label}: {shown} rows, a counter of {counted}, and no note between them"
        mine = [o for o in cut if o.label in lines]
        if mine:
            yield self.blame(
                "the list is cut, and nothing on the page says so.",
                lines.values(),
                mine,
            )


def _rows_and_counter(view: View) -> tuple[int, int]:
    """How many rows a page shows, and how many events it says that there are; 0 where it says no number."""
    return len(view.rows or ()), view.counter or 0


RULE = ListSliced()
