"""Sessions mixed: a panel that names one session counts the events of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from harness.diagnosis.rule import Head, Rule, about, of_kind, per_run
from harness.model import Aspect, Blame, Cited, Hop, Kind, Outcome, Strength
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

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return _of_all(evidence, outcome) is None

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
    """How many events of all sessions a wrong number counts, and those sessions; None where it is another number."""
    told = outcome.finding
    panel = evidence.panel(told.panel, outcome.dashboard)
    patterns = () if panel is None else panel.values.get(str(told.field), ())
    last = evidence.loads_of(outcome.label)[-1:]
    held = [evidence.events[key] for load in last for key in evidence.counted(Hop.APPLIED, load)]
    counted = [event for event in held if any(fnmatchcase(event.name, each) for each in patterns)]
    sessions = sorted({event.session or "" for event in counted})
    is_of_all = len(sessions) > 1 and str(told.found) == str(len(counted))
    return (len(counted), sessions) if is_of_all and told.expected != len(counted) else None


RULE = SessionsMixed()
