"""What people read of findings, outcomes and verdicts: the one place where sentences are made of the judge's data.

What each finding says is in `_findings.py`, which is read through here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.judge.messages.complaints import complaints
from harness.lib.amounts import amount
from harness.model import (
    Answer,
    Aspect,
    Blame,
    Broken,
    Cited,
    Hop,
    Kind,
    Line,
    NotRuledOut,
    Outcome,
    Unknown,
    Verdict,
)
from harness.record.evidence import Evidence
from harness.reporting._finding_words import who
from harness.reporting._findings import finding

__all__ = [
    "broken", "counted", "evidence", "finding", "headline", "line", "not_ruled_out", "outcome", "remarks", "unknown",
    "unknowns", "verdict", "who", "worst",
]  # fmt: skip


def headline(judged: Verdict) -> str:
    """The answer and its sentence, without saying "unknown" twice."""
    said = verdict(judged)
    return f"{judged.answer}: {said.removeprefix('Unknown: ')}"


def verdict(judged: Verdict) -> str:
    """What a verdict says, in one sentence."""
    if judged.answer is Answer.UNKNOWN:
        return f"Unknown: {unknown(judged.unknowns[0])}."
    if judged.answer is Answer.PASSED:
        return f"Every promise held: {_events(judged)}, {amount(judged.dashboards, 'dashboard')}."
    if not judged.blame:
        failed = [o for o in judged.outcomes if o.kind not in (Kind.DELIVERED, Kind.UNDETERMINED)]
        return f"{worst(failed, judged.events)}."
    first = judged.blame[0]
    at = set(first.hops)
    there = [replace(o, hops=first.hops) if at < set(o.hops) else o for o in first.explains if o.key]
    there = [o for o in there if set(o.hops) <= at]  # a cause may know better where it was than the taps do
    keyed = [o for o in first.explains if o.key and o.kind is Kind.LOST]  # what a session lacks follows from those
    where = [o for o in first.explains if o.hops and set(o.hops) <= at]  # not what follows elsewhere
    those = there or keyed or where or first.explains
    if not any(o.key for o in those) and _repeats(first.sentence, those[0]):
        return f"{_at(those[0])}: {line(first.sentence)}"
    return f"{worst(those, judged.events)}: {line(first.sentence)}"


def _repeats(said: Line, what: Outcome) -> bool:
    """Whether the sentence of a cause says all that the finding says which it explains."""
    words = set(re.findall(r"\w+", line(said)))
    return isinstance(said, Cited) or words.issuperset(re.findall(r"\w+", outcome(what)))


def counted(judged: Verdict) -> str:
    """Which events the counts of the hops are, where the run has more than those; empty where they are all."""
    return "" if judged.counted is None else f"counted: session {judged.counted}; the run has {_events(judged)}"


def _events(judged: Verdict) -> str:
    of = "" if judged.sessions < 2 else f" of {amount(judged.sessions, 'session')}"
    return f"{amount(judged.events, 'event')}{of}"


def _at(first: Outcome) -> str:
    where = " to ".join(dict.fromkeys(hop.label for hop in (first.hops[:1] + first.hops[-1:]))) or "no hop"
    return f"{first.kind.capitalize()} at {where}"


def worst(outcomes: Sequence[Outcome], total: int) -> str:
    """What went wrong at the earliest hop, without a full stop; `total` is how many events the run had."""
    first = min(outcomes, key=lambda each: each.hops[0] if each.hops else Hop.RENDERED)
    alike = {each.key for each in outcomes if each.kind is first.kind and each.hops == first.hops and each.key}
    if not alike:
        return f"{_at(first)}: {outcome(first)}"
    return f"{len(alike)} of {total} events {_at(first).lower()}"


def unknown(missing: Unknown) -> str:
    """What is missing for the verdict "passed"."""
    if missing.finding.aspect is Aspect.NOT_EXERCISED:
        return f"{missing.prop} {finding(missing.finding)}"
    return f"{missing.prop}: {finding(missing.finding)}" if missing.prop else finding(missing.finding)


def evidence(blame: Blame) -> list[str]:
    """The lines of evidence of a cause."""
    return [line(each) for each in blame.evidence]


def line(said: Line) -> str:
    """A line of a rule, with what it cites."""
    return f"{said.before}{finding(said.finding)}{said.after}" if isinstance(said, Cited) else said


def unknowns(judged: Verdict) -> list[str]:
    """Everything that is missing for the verdict "passed"; what was never exercised is one sentence."""
    idle = [each for each in judged.unknowns if each.finding.aspect is Aspect.NOT_EXERCISED]
    if len(idle) < 2:
        return [unknown(each) for each in judged.unknowns]
    names = ", ".join(dict.fromkeys(each.prop or "" for each in idle))
    together = f"{names} were to be exercised, and were never checked"
    return [*(unknown(each) for each in judged.unknowns if each not in idle), together]


def complained(evidence: Evidence) -> list[str]:
    """What CLIs that ended well told of errors: whatever the verdict, a person has to see it."""
    return [
        f"{each.cli} ended with status 0, and its standard error has {each.errors[0]!r}"
        + (f" and {amount(len(each.errors) - 1, 'more error', 'more errors')}" if len(each.errors) > 1 else "")
        for each in complaints(evidence)
    ]


def remarks(judged: Verdict) -> list[str]:
    """What a reader has to know of how the verdict came about: what broke, and causes that may be it all the same."""
    return [*map(broken, judged.broken), *not_ruled_out(judged.not_ruled_out)]


def broken(what: Broken) -> str:
    """A part that raised an exception."""
    return f"{what.part} {what.name} broke: {what.error}"


def not_ruled_out(causes: Iterable[NotRuledOut]) -> list[str]:
    """Causes that nothing is known of, one line for those that the same blind hops hide."""
    hidden: dict[tuple[Hop, ...], list[str]] = {}
    for each in causes:
        hidden.setdefault(each.hops, []).append(each.cause)
    return [
        f"not ruled out: {', '.join(found)} (hop {' and '.join(hop.label for hop in hops)} "
        f"{'is' if len(hops) == 1 else 'are'} blind)"
        for hops, found in hidden.items()
    ]


def outcome(what: Outcome) -> str:
    """What exactly became of an expectation or a promise."""
    return finding(what.finding)
