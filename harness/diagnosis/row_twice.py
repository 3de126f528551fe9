"""Row twice: the page shows one event in two rows, and holds it once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame, of_kind
from harness.model import Blame, Cited, Hop, Kind, Outcome
from harness.record.evidence import Evidence


class RowTwice:
    """Twice at rendered, once in the state."""

    name = "row-twice"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = of_kind(outcomes, Kind.DUPLICATED, hop=Hop.RENDERED)
        if mine:
            labels = sorted({o.label for o in mine})
            yield blame(
                self.name,
                "the list shows an event in two rows, and the page's state holds it once.",
                [Cited(o.finding, f"dashboard {o.dashboard}: {o.key} ") for o in mine[:5]],
                f"Give each row the event's own key ({mine[0].key!r} here) and make the list from the state alone:\n"
                f"something else adds rows in dashboard {', '.join(labels)}.",
                mine,
            )


RULE = RowTwice()
