"""Why a run failed, told from its record: the way of the first event that was lost, and what each strategy would owe.

Nothing here is a guess: each step is a sighting or the lack of one, each place is on record, and the strategies are
asked what they promise for these very connections and sessions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.judge.strategies import strategies
from harness.model import PAGE_SIDE, Answer, Blame, Event, Hop, Kind, Level, Sighting
from harness.record import rooms
from harness.record.evidence import Evidence, label_of
from harness.record.sources import kept
from harness.reporting.figures import Figures

MEANING = {
    Hop.EMITTED: "the CLI reported it",
    Hop.SENT: "its packet left the CLI for the server",
    Hop.RECEIVED: "the server's handler got it",
    Hop.ROUTED: "the server resolved a recipient",
    Hop.DELIVERED: "its frame reached a dashboard",
    Hop.APPLIED: "a page's state held it",
    Hop.RENDERED: "a person could see it",
}
"""When an event counts at a hop."""

MOST_SIGHTINGS = 50_000
"""Of a longer record the other strategies are not asked: each reads it anew."""


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one event at one hop. `seen` None: no tap looked there. `place` is where in the code."""

    hop: Hop
    seen: bool | None
    told: str
    place: str | None
    is_break: bool


@dataclass(frozen=True, slots=True)
class Way:
    """The way of one event; `dashboard` is the one that did not get it, None where no single one is meant."""

    event: Event
    dashboard: str | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A way of routing, and what it would have owed in this run: dashboard to events. `here`: the one that ran."""

    strategy: str
    trade_off: str
    owed: Mapping[str, int]
    is_here: bool


def way(figures: Figures) -> Way | None:
    """The way of the first event that the first blame explains; None where no event was lost."""
    verdict = figures.verdict
    if verdict.answer is not Answer.FAILED or not verdict.blame:
        return None
    blame = verdict.blame[0]
    order = {key: place for place, key in enumerate(figures.evidence.events)}
    lost = [o for o in blame.explains if o.kind is Kind.LOST and o.key in order]
    if not lost:
        return None
    first = min(lost, key=lambda o: (order[o.event_key], o.label))
    hops = blame.hops or first.hops
    label = first.dashboard
    return Way(
        figures.evidence.events[first.event_key],
        label,
        tuple(_steps(figures.evidence, first.event_key, label, replace(blame, hops=hops))),
    )


def _steps(evidence: Evidence, key: str, label: str | None, blame: Blame) -> Iterator[Step]:
    """What became of the event, hop by hop. Where it broke and was not seen, its cause may know a place."""
    broken = blame.hops
    for hop in Hop:
        found = _sightings(evidence, hop, key, label)
        place = next((str(s.detail["where"]) for s in found if s.detail.get("where")), None)
        seen = _is_resolved(evidence, key, label) if hop is Hop.ROUTED else bool(found)
        if not evidence.has_tap(hop):
            yield Step(hop, None, "no tap looks here", None, hop in broken)
        elif seen:
            yield Step(hop, True, MEANING[hop], place, hop in broken)
        else:
            place = place or next((known for known in blame.places if hop in broken[:1]), None)
            yield Step(hop, False, _absence(evidence, hop, key, label), place, hop in broken)


def _sightings(evidence: Evidence, hop: Hop, key: str, label: str | None) -> list[Sighting]:
    if hop not in PAGE_SIDE:
        return [*evidence.at(hop, key)]
    loads = (
        evidence.loads_of(label) if label is not None else [each for all_ in evidence.loads.values() for each in all_]
    )
    return [s for load in loads for s in evidence.on_page(hop, load).of(key)]


def _is_resolved(evidence: Evidence, key: str, label: str | None) -> bool:
    """Whether the server resolved the dashboard, or any client where no single dashboard is meant."""
    sids = evidence.recipients_of(key)
    if key in evidence.unresolved or label is None:
        return bool(sids) or key in evidence.unresolved
    return any(label_of(evidence.sids[sid]) == label for sid in sids if sid in evidence.sids)


def _absence(evidence: Evidence, hop: Hop, key: str, label: str | None) -> str:
    emits = evidence.at(hop, key) if hop is Hop.ROUTED else ()
    if not emits:
        return f"not seen at dashboard {label}" if hop in PAGE_SIDE and label else "not seen"
    count, where = len(evidence.recipients_of(key)), rooms.named(emits[0].detail.get("room"))
    who = "no recipient was resolved" if not count else f"{label} was not among the {count} that were resolved"
    return f"emitted to {where}, and {who}"


def listings(found: Way | None, run_dir: Path) -> list[tuple[str, str]]:
    """The code at each place on the way, as it was when the run was made: the place, and its lines with numbers."""
    sources = {} if found is None else kept(run_dir)
    places = dict.fromkeys(step.place for step in found.steps if step.place) if found is not None else {}
    return [(place, sources[place].numbered()) for place in places if place in sources]


def options(figures: Figures) -> list[Option]:
    """Every strategy with what it would have owed to each dashboard, judged from the connections on record.

    None of a run that did not fail, or is too long to be read once more for each.
    """
    evidence = figures.evidence
    if figures.verdict.answer is not Answer.FAILED or len(evidence.ledger.sightings) > MOST_SIGHTINGS:
        return []
    found = []
    for name, strategy in sorted(strategies().items()):
        contract = replace(evidence.contract, strategy=name)
        owed = dict.fromkeys(figures.dashboards, 0)
        for each in strategy.expectations(Evidence(replace(evidence.ledger, contract=contract))):
            if each.level is Level.MUST:
                owed[each.dashboard] = owed.get(each.dashboard, 0) + len(each.keys)
        found.append(Option(name, getattr(strategy, "trade_off", ""), owed, name == evidence.contract.strategy))
    return found
