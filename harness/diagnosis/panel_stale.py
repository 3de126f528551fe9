"""Panel stale: a panel that events concern shows what it showed before they came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame, of_kind
from harness.model import Blame, Cited, FactKind, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class PanelStale:
    """Misrendered, and the panel's values never changed since the page was loaded."""

    name = "panel-stale"

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
                yield blame(
                    self.name,
                    f"panel {panel.name!r} shows what it showed before any event came.",
                    [
                        Cited(outcome.finding, f"dashboard {outcome.dashboard}: "),
                        f"dashboard {outcome.dashboard}: it showed {shown[0]} from the beginning to the end",
                    ],
                    "Look at what the panel is memoised by: props that are changed in place compare equal. Make a new\n"
                    "object for each change of the state, or let the panel depend on the values that it shows.",
                    [outcome],
                    strength=Strength.AROUND,
                )


RULE = PanelStale()
