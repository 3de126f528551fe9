"""Runs against the baseline: what is worse, what of it is excused, and what that means for an exit status."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase

from harness.gate.baseline import Baseline, Known
from harness.gate.observed import Observed
from harness.gate.rules import OF_PROMISES, RULES, follows


class Weight(StrEnum):
    """What a finding means."""

    WORSE = "worse"
    UNKNOWN = "unknown"  # evidence is missing that was there before
    EXPIRED = "expired"  # a known failure whose time is over
    KNOWN = "known"  # excused


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a run is worse than accepted. `why` tells until when it is known, and why.

    `causes` are those of every run that it was found in.
    """

    run: str
    rule: str
    what: str
    detail: str
    weight: Weight
    causes: frozenset[str] = frozenset()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything found, and the known failures that nothing needs any more."""

    findings: tuple[Finding, ...]
    needless: tuple[Known, ...]

    @property
    def is_worse(self) -> bool:
        """Whether something stands against the runs."""
        return any(each.weight in (Weight.WORSE, Weight.EXPIRED) for each in self.findings)

    @property
    def is_unknown(self) -> bool:
        """Whether nothing stands against them but evidence that is missing."""
        return not self.is_worse and any(each.weight is Weight.UNKNOWN for each in self.findings)


def compare(baseline: Baseline, observed: Mapping[str, Sequence[Observed]], today: date) -> Comparison:
    """What is worse. Runs of one name are repeats: one that is worse counts, and passing again hides nothing."""
    found = _followed([_weighed(each, baseline.known, today) for each in _findings(baseline, observed)])
    needless = tuple(each for each in baseline.known if not any(_is_about(each, finding) for finding in found))
    return Comparison(tuple(found), needless)


def _findings(baseline: Baseline, observed: Mapping[str, Sequence[Observed]]) -> Iterator[Finding]:
    for name in baseline.runs:
        if not observed.get(name):
            yield Finding(name, "missing", name, "accepted before, and not among these runs", Weight.WORSE)
    for name, repeats in observed.items():
        accepted = baseline.runs.get(name)
        if accepted is None:
            told = f"not in the baseline; {', '.join(dict.fromkeys(each.verdict for each in repeats))} now"
            yield Finding(name, "unaccepted", name, told, Weight.WORSE, _causes(repeats))
        else:
            yield from _worse(name, accepted, repeats)
        yield from _flaky(name, repeats)


def _worse(name: str, accepted: Observed, repeats: Sequence[Observed]) -> Iterator[Finding]:
    """What the rules find, each once with the number of repeats that it was found in."""
    for rule, find in RULES.items():
        found: dict[tuple[str, Weight], list[tuple[Observed, str]]] = defaultdict(list)
        for now in repeats:
            for what, detail in find(accepted, now):
                found[what, _weight(rule, what, now)].append((now, detail))
        for (what, weight), times in found.items():
            often = f" (in {len(times)} of {len(repeats)} runs)" if len(repeats) > 1 else ""
            yield Finding(name, rule, what, times[0][1] + often, weight, _causes(now for now, _ in times))


def _causes(runs: Iterable[Observed]) -> frozenset[str]:
    return frozenset(cause for run in runs for cause in run.causes)


def _weight(rule: str, what: str, now: Observed) -> Weight:
    """Evidence that is missing says nothing against the system: neither a blind tap nor what it leaves unproven."""
    is_missing = (
        rule == "blind"
        or (rule == "unproven" and now.properties.get(what) != "violated")
        or (rule == "verdict" and now.verdict == "unknown")
    )
    return Weight.UNKNOWN if is_missing else Weight.WORSE


def _flaky(name: str, repeats: Sequence[Observed]) -> Iterator[Finding]:
    verdicts = Counter(each.verdict for each in repeats)
    if len(verdicts) > 1:
        told = ", ".join(f"{verdict} {count}" for verdict, count in verdicts.items())
        yield Finding(
            name,
            "flaky",
            name,
            f"the same run went differently {len(repeats)} times: {told}",
            Weight.WORSE,
            _causes(repeats),
        )


def _weighed(finding: Finding, known: Sequence[Known], today: date) -> Finding:
    """The finding as the known failures see it; one that still holds goes before one that has expired."""
    about = sorted((each for each in known if _is_about(each, finding)), key=lambda each: each.until, reverse=True)
    if not about:
        return finding
    weight = Weight.KNOWN if today <= about[0].until else Weight.EXPIRED
    why = f"{about[0].until}: {about[0].why}"
    return replace(finding, weight=weight, why=why)


def _followed(findings: Sequence[Finding]) -> list[Finding]:
    """What follows from broken promises is excused with them: a run that failed, a property violated, fewer events."""
    broken: dict[str, list[Finding]] = defaultdict(list)
    for each in findings:
        if each.rule in OF_PROMISES:
            broken[each.run].append(each)
    excuses = {run: told[0].why for run, told in broken.items() if all(each.weight is Weight.KNOWN for each in told)}

    def excused(each: Finding) -> Finding:
        is_excused = each.run in excuses and each.weight is Weight.WORSE and follows(each.rule, each.what)
        return replace(each, weight=Weight.KNOWN, why=excuses[each.run]) if is_excused else each

    return [excused(each) for each in findings]


def _is_about(known: Known, finding: Finding) -> bool:
    is_it = known.rule in (None, finding.rule) and known.what in (None, finding.what)
    is_cause = known.cause is None or finding.causes == {known.cause}
    return is_it and is_cause and fnmatchcase(finding.run, known.run)
