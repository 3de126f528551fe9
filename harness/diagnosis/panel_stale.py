"""Panel stale: a panel that events concern shows what it showed before they came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, about, of_kind, per_run
from harness.judge.panels.expected import concerned
from harness.model import Aspect, Blame, Cited, Hop, Kind, Outcome, Panel, Strength
from harness.model.facts import PanelPart, PanelShown
from harness.record.evidence import Evidence, names


class PanelStale(Rule):
    """Misrendered, and the panel's values never changed since the page was loaded."""

    head = Head(
        cause="panel-stale",
        title="a panel that events concern shows what it showed before they came",
        claims=(
            about(Kind.MISRENDERED, Aspect.PANEL_VALUE, Aspect.PANEL_ITEM, Aspect.PANEL_UNCHANGED, Aspect.PANEL_ABSENT),
        ),
        by=per_run,
        taps=(Hop.RENDERED,),
        strength=Strength.AROUND,
        against="the panel changed at some time, or the page holds and shows none of the events that concern it",
        remedy=(
            "Look at what the panel is memoised by: props that are changed in place compare equal. Make a new\n"
            "object for each change of the state, or let the panel depend on the values that it shows."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        panel = evidence.panel(outcome.finding.panel, outcome.dashboard)
        return panel is None or not _is_held(evidence, panel, outcome.dashboard)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        shown = {o: what for o in of_kind(outcomes, Kind.MISRENDERED) if (what := _unchanged(evidence, o)) is not None}
        if shown:
            panels = sorted({repr(o.finding.panel) for o in shown})
            yield self.blame(
                f"panel {names(panels)} shows what it showed before any event came."
                if len(panels) == 1
                else f"panels {names(panels)} show what they showed before any event came.",
                [
                    line
                    for o, what in [*shown.items()][:4]
                    for line in (
                        Cited(o.finding, f"dashboard {o.dashboard}: "),
                        f"dashboard {o.dashboard}: it showed {what} from the beginning to the end",
                    )
                ],
                [*shown],
                remedy=_remedy(evidence, shown),
            )


def _remedy(evidence: Evidence, stale: Iterable[Outcome]) -> str | None:
    """Where the page's state is not observed, it may not have taken in for the panel what its list shows."""
    if all(evidence.has_tap(Hop.APPLIED, outcome.dashboard) for outcome in stale):
        return None
    panels = [panel for o in stale if (panel := evidence.panel(o.finding.panel, o.dashboard)) is not None]
    events = [*evidence.events.values()]
    concerning = dict.fromkeys(repr(event.name) for panel in panels for event in concerned(panel, None, events))
    return (
        f"See first whether the state takes in {names([*concerning])} for it (spelling of the name, place of\n"
        "the data), then what the panel is memoised by: props that are changed in place compare equal."
    )


def _unchanged(evidence: Evidence, outcome: Outcome) -> object:
    """What the panel showed all the time; None where it changed, or nothing is known of it from before."""
    panel = evidence.panel(outcome.finding.panel, outcome.dashboard)
    view = evidence.view(outcome.label)
    if panel is None or view is None:
        return None
    told = [
        (f.body.values, f.body.text)
        for f in evidence.facts(PanelShown)
        if f.body.panel == panel.name and f.observer == view.observer
    ]
    last = (view.body.panels or {}).get(panel.name, PanelPart())
    told.append((last.values, last.text))
    at_times = {name for name, each in panel.shows.items() if each.only_before or each.only_after}
    shows = [name for name in (*panel.values, *panel.shows) if name not in at_times]
    shown = [{name: values.get(name) for name in shows} or text for values, text in told]
    return shown[0] if len(shown) > 1 and all(each == shown[0] for each in shown) else None


def _is_held(evidence: Evidence, panel: Panel, dashboard: str | None) -> bool:
    """Whether the page took in an event that the panel is about: else it is not the panel that is stale."""
    hop = next((each for each in (Hop.APPLIED, Hop.RENDERED) if evidence.has_tap(each, dashboard)), Hop.DELIVERED)
    held = [evidence.events[key] for load in evidence.loads_of(dashboard) for key in evidence.keys_on_page(hop, load)]
    return bool(concerned(panel, None, held))


RULE = PanelStale()
