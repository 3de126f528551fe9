"""Sessions mixed: a panel that names one session counts the events of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from harness.diagnosis.rule import Head, Rule, about, of_kind, per_outcome
from harness.model import Aspect, Blame, Cited, Hop, Kind, Outcome, Strength
from harness.model.facts import PanelPart
from harness.record.evidence import Evidence


class SessionsMixed(Rule):
    """Misrendered, and the value is the number of all sessions' events."""

    head = Head(
        cause="sessions-mixed",
        title="a panel that names one session counts the events of all",
        claims=(about(Kind.MISRENDERED, Aspect.PANEL_VALUE),),
        by=per_outcome,
        taps=(Hop.RENDERED,),
        strength=Strength.AROUND,
        against="the number is not that of all sessions together, or the page holds one session",
        remedy=(
            "Keep the numbers of each session apart, by the session that is in every event, and let the\n"
            "panel show those of the session that it names."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        for outcome in of_kind(outcomes, Kind.MISRENDERED):
            panel = next((p for p in evidence.contract.panels if p.name == outcome.finding.panel), None)
            view = evidence.view(outcome.label)
            if panel is None or view is None:
                continue
            last = evidence.loads_of(outcome.label)[-1:]
            held = [evidence.events[key] for load in last for key in evidence.counted(Hop.APPLIED, load)]
            shown = (view.body.panels or {}).get(panel.name, PanelPart()).values
            sessions = sorted({event.session or "" for event in held})
            for value, patterns in panel.values.items():
                every = sum(1 for event in held if any(fnmatchcase(event.name, each) for each in patterns))
                if len(sessions) > 1 and every and str(shown.get(value)) == str(every):
                    yield self.blame(
                        f"panel {panel.name!r} counts the events of {len(sessions)} sessions as those of one.",
                        [
                            Cited(outcome.finding, f"dashboard {outcome.dashboard}: "),
                            f"dashboard {outcome.dashboard}: holds {every} such events, of {', '.join(sessions)}",
                        ],
                        [outcome],
                    )
                    break


RULE = SessionsMixed()
