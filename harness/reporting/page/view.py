"""What the page says of a run, in plain data for its template. Texts are raw here; the template makes them harmless."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from harness.judge.properties import TITLES
from harness.model import Answer, Blame, Hop, Kind, PropertyResult, Standing
from harness.model.facts import CliStarted
from harness.record.evidence import label_of
from harness.reporting import sentences
from harness.reporting.compared import COMPARED
from harness.reporting.explanation import MEANING
from harness.reporting.figures import Change, Figures, broken, failures, hop_names
from harness.reporting.record_sections import commit, recorded_at
from harness.reporting.run_sections import durations, without_secrets

MOST_EVIDENCE, MOST_TYPES, MOST_PLAIN = 40, 60, 40


@dataclass(frozen=True, slots=True)
class Step:
    """A hop on the path. `state` is ok, partial (not all came), broken, gone (after the break) or blind."""

    label: str
    meaning: str
    count: int | None
    missing: int
    state: str
    is_break: bool
    """Whether the way to this hop is where the break is."""
    note: str
    """What is said beside it; empty where its count says all."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A blame, ready to be read."""

    blame: Blame
    sentence: str
    hop: str
    events: int
    promises: int
    places: tuple[str, ...]
    evidence: list[str]
    hidden: int
    """Lines of evidence that are left out."""


@dataclass(frozen=True, slots=True)
class TypeRow:
    """An event type: emitted, and for each dashboard owed and shown."""

    name: str
    emitted: int
    boards: list[tuple[int | None, int]]


@dataclass(frozen=True, slots=True)
class PropertyRow:
    """A property: where it stands, and the first thing that was found."""

    prop: str
    title: str
    standing: str
    checks: int
    note: str


def path(figures: Figures) -> list[Step]:
    """The seven hops with their counts."""
    verdict = figures.verdict
    bad = broken(verdict) if verdict.answer is Answer.FAILED else ()
    steps, total = [], verdict.hops.get(figures.evidence.first_hop) or 0
    for hop in Hop:
        count = verdict.hops.get(hop)
        missing = 0 if count is None else max(total - count, 0)
        state = _state(hop, bad, count, missing)
        note = _note(hop, bad, count, missing)
        steps.append(Step(hop.label, MEANING[hop], count, missing, state, bool(bad) and hop is bad[0], note))
    return steps


def _note(hop: Hop, bad: tuple[Hop, ...], count: int | None, missing: int) -> str:
    """Of several hops that may be to blame none is said to be it: where a tap is missing, the break is among them."""
    if hop in bad:
        others = "" if len(bad) == 1 else " or after" if hop is bad[0] else " or before"
        return f"✗ {'no tap: here' if count is None else 'lost here' if missing else 'broken here'}{others}"
    if count is None:
        return "no tap looks here"
    return f"{missing:,} missing" if missing else ""


def _state(hop: Hop, bad: tuple[Hop, ...], count: int | None, missing: int) -> str:
    if hop in bad:
        return "broken"
    if count is None:
        return "blind"
    if bad and hop > bad[0] and missing:
        return "gone"
    return "partial" if missing else "ok"


def causes(figures: Figures) -> list[Cause]:
    """Every blame, the one that explains most first."""
    return [_cause(blame) for blame in figures.verdict.blame]


def _cause(blame: Blame) -> Cause:
    keys = {outcome.key for outcome in blame.explains if outcome.key}
    shown = sentences.evidence(blame)[:MOST_EVIDENCE]
    hidden = len(blame.evidence) - len(shown)
    return Cause(
        blame,
        sentences.line(blame.sentence),
        hop_names(blame.hops),
        len(keys),
        len(blame.explains),
        blame.places,
        shown,
        hidden,
    )


def unexplained(figures: Figures) -> list[str]:
    """Broken promises in words, for a verdict whose cause was not looked for."""
    if figures.verdict.blame:
        return []
    bad = failures(figures.verdict.outcomes)[:MOST_PLAIN]
    return [
        " ".join(filter(None, (o.kind, o.key or o.prop, o.dashboard and f"at {o.dashboard}:", sentences.outcome(o))))
        for o in bad
    ]


def types(figures: Figures) -> list[TypeRow]:
    """Each event type of the run's session, expected and received."""
    last = figures.at[figures.last_page_hop]
    rows = []
    for name, keys in figures.types[:MOST_TYPES]:
        boards: list[tuple[int | None, int]] = []
        for label in figures.dashboards:
            owed = None if figures.owed is None else len(keys & figures.owed.get(label, frozenset()))
            boards.append((owed, len(keys & last.get(label, frozenset()))))
        rows.append(TypeRow(name, figures.emitted(keys), boards))
    return rows


def properties(figures: Figures) -> list[PropertyRow]:
    """Every property that the run exercised, the worst first."""
    order = (Standing.VIOLATED, Standing.UNPROVEN, Standing.PROVEN)
    rows = []
    for standing in order:
        for each in figures.verdict.properties:
            if each.standing is standing:
                found = [o for o in each.outcomes if o.kind is not Kind.DELIVERED]
                more = f" (and {len(found) - 1:,} more)" if len(found) > 1 else ""
                who = (
                    " ".join(filter(None, (found[0].key, found[0].dashboard and f"at {found[0].dashboard}")))
                    if found
                    else ""
                )
                note = f"{found[0].kind} {who}: {sentences.outcome(found[0])}{more}" if found else compared(each)
                rows.append(PropertyRow(each.prop, TITLES.get(each.prop, ""), standing.value, each.checks, note))
    return rows


def compared(result: PropertyResult) -> str:
    """What was compared with what, and what else there is to say of a property that nothing was found against."""
    return "; ".join(filter(None, (COMPARED.get(result.prop, "") if result.checks else "", result.note)))


def facts(figures: Figures, run_dir: Path) -> list[tuple[str, str]]:
    """What was run, as name and value."""
    contract, evidence = figures.contract, figures.evidence
    producer = evidence.producer.get(contract.session or "")
    end = evidence.exits.get(producer or "")
    return [
        ("Target", contract.target),
        ("Strategy", contract.strategy),
        ("Session", contract.session or "every session of the run"),
        ("Recorded", recorded_at(figures, run_dir)),
        *([("Commit", told)] if (told := commit(figures)) else []),
        ("CLI", "not seen" if end is None else f"exit status {end.body.status}"),
        ("Duration", durations(figures, producer)),
        ("Events matched by", figures.verdict.identity),
        ("Absence", "proven by a fence" if figures.verdict.confidence == "fence" else "concluded from quiet"),
        *((("Traces", f"harness trace {run_dir.name}"),) if any(run_dir.glob("recordings/*-trace.zip")) else ()),
        ("Run folder", run_dir.name),
    ]


def commands(figures: Figures) -> list[tuple[str, str]]:
    """The command lines of the run, without secrets."""
    found = []
    for fact in figures.evidence.facts(CliStarted)[:12]:
        words = shlex.join(without_secrets(fact.body.argv))
        found.append((label_of(fact.observer) or fact.observer, words))
    return found


def changes(figures: Figures) -> list[tuple[Change, str]]:
    """The event count of each dashboard before and after, and whether it rose as it should: yes, no, unknown."""
    found = []
    for change in figures.changes():
        is_known = None not in (change.increase, change.expected)
        found.append((change, ("yes" if change.increase == change.expected else "no") if is_known else "unknown"))
    return found
