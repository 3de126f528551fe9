"""Sessions mixed: a panel that names one session counts the events of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from harness.diagnosis.rule import Head, Rule, about, of_kind, per_run
from harness.model import Aspect, Blame, Cited, Hop, Kind, Outcome, Strength
from harness.model.facts import PanelPart
from harness.record.evidence import Evidence, names


class SessionsMixed(Rule):
    """Misrendered, and the value is the number of all sessions' events."""

    head = Head(
        cause="sessions-mixed",
        title="a panel that names one session counts the events of all",
        claims=(about(Kind.MISRENDERED, Aspect.PANEL_VALUE),),
        by=per_run,
        taps=(Hop.RENDERED,),
        strength=Strength.AROUND,
        against="the number is not that of all sessions together, or the page holds one session",
        remedy=(
            "Keep the numbers of each session apart, by the session that is in every event, and let the\n"
            "panel show those of the session that it names."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        found = {o: every for o in of_kind(outcomes, Kind.MISRENDERED) if (every := _of_all(evidence, o)) is not None}
        if found:
            panels = sorted({repr(o.finding.panel) for o in found})
            sessions = {session for _, listed in found.values() for session in listed}
            yield self.blame(
                f"panel {names(panels)} counts the events of {len(sessions)} sessions as those of one.",
                [
                    line
                    for o, (every, listed) in [*found.items()][:4]
                    for line in (
                        Cited(o.finding, f"dashboard {o.dashboard}: "),
                        f"dashboard {o.dashboard}: holds {every} such events, of {', '.join(listed)}",
                    )
                ],
                [*found],
            )


def _of_all(evidence: Evidence, outcome: Outcome) -> tuple[int, list[str]] | None:
    """How many events of all sessions a panel's value counts, and which those are; None where it counts others."""
    panel = next((p for p in evidence.contract.panels if p.name == outcome.finding.panel), None)
    view = evidence.view(outcome.label)
    if panel is None or view is None:
        return None
    last = evidence.loads_of(outcome.label)[-1:]
    held = [evidence.events[key] for load in last for key in evidence.counted(Hop.APPLIED, load)]
    shown = (view.body.panels or {}).get(panel.name, PanelPart()).values
    sessions = sorted({event.session or "" for event in held})
    for value, patterns in panel.values.items():
        every = sum(1 for event in held if any(fnmatchcase(event.name, each) for each in patterns))
        is_it = outcome.finding.field in (None, value)
        if is_it and len(sessions) > 1 and every and str(shown.get(value)) == str(every):
            return every, sessions
    return None


RULE = SessionsMixed()
