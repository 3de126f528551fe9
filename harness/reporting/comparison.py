"""Two runs side by side: what each hop saw, what each is blamed on, and which events went differently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.model import PAGE_SIDE, Hop
from harness.reporting.figures import Figures, failures

ABSENT = "–"
"""What stands for an event that a run does not have."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of both runs."""

    name: str
    left: str
    right: str

    @property
    def differs(self) -> bool:
        return self.left != self.right


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both runs: how they ended, hop by hop; and of the events and of what pages show what is not alike."""

    ends: list[Line]
    hops: list[Line]
    events: list[Line]
    shown: list[Line]

    @property
    def is_alike(self) -> bool:
        return not any(line.differs for part in (self.ends, self.hops, self.events, self.shown) for line in part)

    def document(self) -> dict[str, Any]:
        """It as plain data; each line's name to what the one and the other run has."""
        parts = {"ends": self.ends, "hops": self.hops, "events": self.events, "shown": self.shown}
        return {"alike": self.is_alike, **{name: _data(lines) for name, lines in parts.items()}}


def _data(lines: list[Line]) -> dict[str, list[str]]:
    return {line.name: [line.left, line.right] for line in lines}


def compared(left: Figures, right: Figures) -> Comparison:
    """Events are the same where they have the same place among those of the run's session and the same name."""
    ends = [Line(name, _end(left)[name], _end(right)[name]) for name in _end(left)]
    hops = [Line(hop.label, _count(left, hop), _count(right, hop)) for hop in Hop]
    return Comparison(ends, hops, _unlike(_fates(left), _fates(right)), _unlike(_shown(left), _shown(right)))


def _end(figures: Figures) -> dict[str, str]:
    verdict, contract = figures.verdict, figures.contract
    causes = ", ".join(dict.fromkeys(each.cause for each in verdict.blame))
    return {
        "target": contract.target,
        "strategy": contract.strategy,
        "verdict": verdict.answer.value,
        "cause": causes or ABSENT,
        "broken promises": str(len(failures(verdict.outcomes))),
    }


def _count(figures: Figures, hop: Hop) -> str:
    count = figures.verdict.hops.get(hop)
    return "?" if count is None else str(count)


def _fates(figures: Figures) -> dict[str, str]:
    """Event, by its place and name, to how far it came: server-side, and then at each dashboard."""
    evidence = figures.evidence
    return {
        f"{place} {event.name}": ", ".join(
            [_far(figures, event.key), *(f"{label} {_far_at(figures, label, event.key)}" for label in evidence.loads)]
        )
        for place, event in enumerate(figures.events, start=1)
    }


def _far(figures: Figures, key: str) -> str:
    hops = [hop for hop in Hop if hop not in PAGE_SIDE and figures.evidence.at(hop, key)]
    if hops and hops[-1] is Hop.ROUTED and key in figures.evidence.unrouted:
        return "routed to no client"
    return hops[-1].label if hops else "nowhere"


def _far_at(figures: Figures, label: str, key: str) -> str:
    return next((hop.label for hop in reversed(PAGE_SIDE) if key in figures.at[hop].get(label, ())), "not there")


def _unlike(left: Mapping[str, str], right: Mapping[str, str]) -> list[Line]:
    lines = (Line(name, left.get(name, ABSENT), right.get(name, ABSENT)) for name in {**left, **right})
    return [line for line in lines if line.differs]


def _shown(figures: Figures) -> dict[str, str]:
    """What each dashboard shows in the end, by part. A text that says the run's session says it as `SESSION`."""
    found: dict[str, str] = {}
    session = figures.contract.session
    for label in figures.dashboards:
        view = figures.evidence.view(label)
        if view is None:
            continue
        shown = view.body
        told = {
            "counter": ABSENT if shown.counter is None else str(shown.counter),
            "status": ABSENT if shown.status is None else shown.status.text,
            "rows": ABSENT if shown.rows is None else str(len(shown.rows)),
        }
        for name, panel in (shown.panels or {}).items():
            told |= {f"{name} {value}": text for value, text in panel.values.items()}
        found |= {
            f"{label} {part}": text.replace(session, "SESSION") if session else text for part, text in told.items()
        }
    return found
