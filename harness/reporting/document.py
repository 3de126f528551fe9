"""The JSON document about one or more runs: an interface for programs, described in docs/json.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.model import Answer, Blame, Finding, Hop, Kind, Outcome, Standing, Verdict
from harness.record.evidence import Evidence
from harness.reporting import sentences
from harness.reporting.figures import begun
from harness.reporting.load import load_object

SCHEMA = 1
"""Rises when a reader of the former one would misunderstand; new members don't raise it."""

_WORST = (Standing.VIOLATED, Standing.UNPROVEN, Standing.PROVEN, Standing.NOT_EXERCISED)


def document(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The document about several runs. One failure is a failure, else one unknown is unknown; no run is unknown too."""
    answers = {run["verdict"] for run in runs} or {Answer.UNKNOWN.value}
    worst = next(a.value for a in (Answer.FAILED, Answer.UNKNOWN, Answer.PASSED) if a.value in answers)
    return {"schema": SCHEMA, "verdict": worst, "flaky": flaky(runs), "runs": [dict(run) for run in runs]}


def flaky(runs: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Runs that were repeated and went differently, by `<target>/<strategy>`: `passed 2, failed 1`."""
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    for run in runs:
        verdicts[f"{run['target']}/{run['strategy']}"][run["verdict"]] += 1
    return {
        name: ", ".join(f"{verdict} {count}" for verdict, count in counts.items())
        for name, counts in verdicts.items()
        if len(counts) > 1
    }


def run_object(evidence: Evidence, verdict: Verdict, run_dir: Path, seconds: float) -> dict[str, Any]:
    """The part about one run. `seconds` is how long it took, all told."""
    contract, began = evidence.contract, begun(evidence)
    return {
        "target": contract.target,
        "strategy": contract.strategy,
        "session": contract.session,
        "verdict": verdict.answer.value,
        "run_dir": str(run_dir),
        "began": began and began.at,
        "commit": (began and began.commit) or None,
        "changed": began is not None and began.changed,
        "hops": {hop.label: verdict.hops.get(hop) for hop in Hop},
        "taps": {hop.label: _tap(evidence, hop) for hop in Hop},
        "outcomes": _outcomes(verdict.outcomes),
        "blame": [_blame(each) for each in verdict.blame],
        "properties": _properties(verdict),
        "unknowns": sentences.unknowns(verdict),
        "not_ruled_out": [
            {"cause": each.cause, "blind": [hop.label for hop in each.hops]} for each in verdict.not_ruled_out
        ],
        "broken": [{"part": each.part.value, "name": each.name, "error": each.error} for each in verdict.broken],
        "seconds": round(seconds, 3),
        **({} if (load := load_object(evidence, verdict)) is None else {"load": load}),
    }


def _tap(evidence: Evidence, hop: Hop) -> str:
    if not evidence.has_tap(hop):
        return "none"
    return "alive" if evidence.alive[hop] else "in doubt"


def _outcomes(outcomes: Iterable[Outcome]) -> dict[str, list[dict[str, Any]]]:
    by_kind: dict[str, list[dict[str, Any]]] = {kind.value: [] for kind in Kind if kind is not Kind.DELIVERED}
    for outcome in outcomes:
        if outcome.kind is Kind.DELIVERED:
            continue
        by_kind[outcome.kind.value].append(
            {
                "key": outcome.key,
                "dashboard": outcome.dashboard,
                "hop": _label(outcome.hop),
                "property": outcome.prop,
                "detail": sentences.outcome(outcome),
                "finding": _finding(outcome.finding),
            }
        )
    return by_kind


def _finding(finding: Finding) -> dict[str, Any]:
    """The fields that a finding has, by name."""
    found: dict[str, Any] = {name: getattr(finding, name) for name in Finding.__slots__}
    told = {name: each for name, each in found.items() if each not in (None, ())}
    if finding.hop is not None:
        told["hop"] = finding.hop.label
    if finding.because:
        told["because"] = [_finding(each) for each in finding.because]
    return {**told, "aspect": finding.aspect.value}


def _blame(blame: Blame) -> dict[str, Any]:
    return {
        "hop": _label(blame.hop),
        "hops": [hop.label for hop in blame.hops],
        "cause": blame.cause,
        "sentence": sentences.line(blame.sentence),
        "evidence": sentences.evidence(blame),
        "places": list(blame.places),
        "remedy": blame.remedy,
    }


def _properties(verdict: Verdict) -> dict[str, str]:
    """Property to its standing, the worst where two results speak of one."""
    found: dict[str, Standing] = {}
    for result in verdict.properties:
        known = found.get(result.prop, Standing.NOT_EXERCISED)
        found[result.prop] = min(known, result.standing, key=_WORST.index)
    return {prop: standing.value for prop, standing in found.items()}


def _label(hop: Hop | None) -> str | None:
    return None if hop is None else hop.label
