"""Panel stale: a panel that events concern shows what it showed before they came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, about, of_kind, per_outcome
from harness.model import Aspect, Blame, Cited, FactKind, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class PanelStale(Rule):
    """Misrendered, and the panel's values never changed since the page was loaded."""

    head = Head(
        cause="panel-stale",
        title="a panel that events concern shows what it showed before they came",
        claims=(about(Kind.MISRENDERED, Aspect.PANEL_VALUE, Aspect.PANEL_UNCHANGED, Aspect.PANEL_ABSENT),),
        by=per_outcome,
        taps=(Hop.RENDERED,),
        strength=Strength.AROUND,
        against="the panel changed at some time",
        remedy=(
            "Look at what the panel is memoised by: props that are changed in place compare equal. Make a new\n"
            "object for each change of the state, or let the panel depend on the values that it shows."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        for outcome in of_kind(outcomes, Kind.MISRENDERED):
            panel = next((p for p in evidence.contract.panels if p.name == outcome.finding.panel), None)
            view = evidence.view(outcome.label)
            if panel is None or view is None:
                continue
            told = [
                f.data.get("values") or {}
                for f in evidence.facts(FactKind.PANEL)
                if f.data.get("panel") == panel.name and f.observer == view.observer
            ]
            told.append(((view.data.get("panels") or {}).get(panel.name) or {}).get("values") or {})
            shown = [{name: values.get(name) for name in panel.values} for values in told]
            if len(shown) > 1 and all(each == shown[0] for each in shown):
                yield self.blame(
                    f"panel {panel.name!r} shows what it showed before any event came.",
                    [
                        Cited(outcome.finding, f"dashboard {outcome.dashboard}: "),
                        f"dashboard {outcome.dashboard}: it showed {shown[0]} from the beginning to the end",
                    ],
                    [outcome],
                )


RULE = PanelStale()
