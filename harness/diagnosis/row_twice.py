"""Row twice: the page shows one event in two rows, and holds it once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._identities import is_changed
from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
from harness.model import Blame, Cited, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence
from harness.record.remembered import remembered

SEVERAL = 2
"""So many rows too many, where as many events have none, were not added: they are those events'."""


class RowTwice(Rule):
    """Twice at rendered, once in the state."""

    head = Head(
        cause="row-twice",
        title="the page shows one event in two rows, and holds it once",
        claims=(of(Kind.DUPLICATED, Hop.RENDERED),),
        by=per_run,
        taps=(Hop.RENDERED,),
        strength=Strength.NAMED,
        against=(
            "the page's state holds it twice already; or there are no more rows than events, and another has none:\n"
            "a row known by its name alone may be that one's, one with a number be drawn with what it had before"
        ),
        remedy="Give each row the event's own key and make the list from the state alone: something else adds rows.",
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return is_changed(evidence, outcome) or _may_be_another_s(evidence, outcome.label)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = of_kind(outcomes, Kind.DUPLICATED, hop=Hop.RENDERED)
        if mine:
            labels = sorted({o.label for o in mine})
            yield self.blame(
                "the list shows an event in two rows, and the page's state holds it once.",
                [Cited(o.finding, f"dashboard {o.dashboard}: {o.key} ") for o in mine[:5]],
                mine,
                remedy=f"Give each row the event's own key ({mine[0].key!r} here) and make the list from the state\n"
                f"alone: something else adds rows in dashboard {', '.join(labels)}.",
            )


@remembered
def _may_be_another_s(evidence: Evidence, label: str) -> bool:
    """Whether there are not more rows than events that the page has, and a row stands for one that has none.

    Rows may be known by their names alone; or they have numbers, and keep what they were drawn with first.
    """
    view = evidence.view(label)
    if view is None or view.body.rows is None:
        return False
    too_many = len(view.body.rows) - len({*view.body.rows})
    if view.body.rows_numbered and (too_many < SEVERAL or view.body.window is not None):
        return False
    hop = Hop.APPLIED if evidence.has_tap(Hop.APPLIED, label) else Hop.DELIVERED
    return len(view.body.rows) <= sum(len(evidence.on_page(hop, load)) for load in evidence.loads_of(label)[-1:])


RULE = RowTwice()
