"""What was to be found, what was found, and how often that was right. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.judging import Judged
from harness.model import Answer, Aspect, Blame, Hop, Kind
from harness.reporting import sentences
from harness.selftest.defects.catalogue import Finding, Seeded

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Named:
    """One blame of a verdict: its outcomes, its hop (None: a range), its hops, its cause."""

    outcomes: tuple[Kind, ...]
    hop: Hop | None
    hops: tuple[Hop, ...]
    cause: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One defect played once. `answer` is None when the harness broke, and `error` says how."""

    seeded: Seeded
    repetition: int
    answer: Answer | None
    blames: tuple[Named, ...]
    sentence: str
    run_dir: str
    seconds: float
    error: str = ""
    doubts: tuple[Aspect, ...] = ()
    """What could not be decided, where the answer is unknown."""

    @classmethod
    def broken(cls, seeded: Seeded, repetition: int, seconds: float, error: str) -> Trial:
        return cls(seeded, repetition, None, (), "", "", seconds, error)

    def to_line(self) -> str:
        """The trial without its defect as one line of JSON, for another process."""
        blames = [[list(b.outcomes), b.hop, list(b.hops), b.cause] for b in self.blames]
        return json.dumps([self.answer, blames, self.doubts, self.sentence, self.run_dir, self.seconds, self.error])

    @classmethod
    def from_line(cls, seeded: Seeded, repetition: int, line: str) -> Trial:
        """What `to_line` of another process said of a defect."""
        answer, blames, doubts, *rest = json.loads(line)
        named = tuple(
            Named(tuple(map(Kind, outcomes)), None if hop is None else Hop(hop), tuple(map(Hop, hops)), cause)
            for outcomes, hop, hops, cause in blames
        )
        told = cls(seeded, repetition, None if answer is None else Answer(answer), named, *rest)
        return replace(told, doubts=tuple(map(Aspect, doubts)))

    @property
    def is_caught(self) -> bool:
        """The run failed, as it must with a bug in it."""
        return self.answer is Answer.FAILED

    @property
    def is_unknown(self) -> bool:
        return self.answer is Answer.UNKNOWN

    @property
    def is_hop_right(self) -> bool:
        """For every finding there is a blame with its outcome, on its hop or on a range of blind hops that holds it."""
        return self.is_caught and all(self._blamed(finding) for finding in self.seeded.findings)

    @property
    def is_cause_right(self) -> bool:
        """And that blame names the cause; no other blame stands before those of the findings."""
        wanted = {finding.cause for finding in self.seeded.findings}
        first = {blame.cause for blame in self.blames[: len(wanted)]}
        return self.is_hop_right and not self.is_blame_wrong and wanted == first

    @property
    def is_blame_wrong(self) -> bool:
        """The first blame is on a hop that no finding is at: worse than not to know. So is any alarm without a bug."""
        if not self.is_caught:
            return False
        return not self.blames or not any(_is_at(self.blames[0], finding) for finding in self.seeded.findings)

    @property
    def is_as_expected(self) -> bool:
        """All that was to be found was found. With a tap off, unknown is right, and so is a range; and where the system
        may mean it so, unknown alone is.
        """
        if self.seeded.is_harmless:
            return self.answer is Answer.PASSED
        if self.seeded.doubt is not None:
            return self.is_unknown and self.seeded.doubt in self.doubts
        if self.seeded.off:
            return self.is_unknown or (self.is_caught and not self.is_blame_wrong)
        return self.is_cause_right

    def _blamed(self, finding: Finding) -> bool:
        return any(_is_at(blame, finding) and finding.outcome in blame.outcomes for blame in self.blames)


def _is_at(blame: Named, finding: Finding) -> bool:
    return finding.hop in (blame.hops if blame.hop is None else (blame.hop,))


def assess(seeded: Seeded, repetition: int, judged: Judged, seconds: float) -> Trial:
    """The trial that a judged run was."""
    verdict = judged.verdict
    blames = tuple(_named(blame) for blame in verdict.blame)
    told = Trial(seeded, repetition, verdict.answer, blames, sentences.verdict(verdict), str(judged.folder), seconds)
    doubts = (each.finding.aspect for each in verdict.outcomes if each.kind is Kind.UNDETERMINED)
    return replace(told, doubts=tuple(dict.fromkeys(doubts)))


def _named(blame: Blame) -> Named:
    outcomes = tuple(dict.fromkeys(outcome.kind for outcome in blame.explains))
    return Named(outcomes, blame.hop, blame.hops, blame.cause)


@dataclass(frozen=True, slots=True)
class Score:
    """The trials of one defect, or of all."""

    trials: int
    caught: int
    hop_right: int
    cause_right: int
    blame_wrong: int
    unknown: int
    as_expected: int
    broken: int
    seconds: float

    @classmethod
    def of(cls, trials: Sequence[Trial]) -> Score:
        return cls(
            trials=len(trials),
            caught=sum(each.is_caught for each in trials),
            hop_right=sum(each.is_hop_right for each in trials if not each.seeded.is_harmless),
            cause_right=sum(each.is_cause_right for each in trials if not each.seeded.is_harmless),
            blame_wrong=sum(each.is_blame_wrong for each in trials),
            unknown=sum(each.is_unknown for each in trials),
            as_expected=sum(each.is_as_expected for each in trials),
            broken=sum(each.answer is None for each in trials),
            seconds=sum(each.seconds for each in trials),
        )


def by_defect(trials: Iterable[Trial]) -> dict[str, list[Trial]]:
    """The trials of each defect, in the order of repetitions."""
    found: dict[str, list[Trial]] = {}
    for trial in sorted(trials, key=lambda each: (each.seeded.id, each.repetition)):
        found.setdefault(trial.seeded.id, []).append(trial)
    return found


def document(trials: Sequence[Trial], seconds: float) -> dict[str, Any]:
    """The JSON document: see docs/json.md."""
    defects = [_defect(listed) for listed in by_defect(trials).values()]
    return {"schema": SCHEMA, "seconds": round(seconds, 3), "total": _figures(trials), "defects": defects}


def _defect(trials: Sequence[Trial]) -> dict[str, Any]:
    seeded = trials[0].seeded
    return {
        "id": seeded.id,
        "mechanism": seeded.mechanism,
        "strategy": seeded.strategy,
        "scene": seeded.scene,
        "taps_off": [hop.label for hop in seeded.off],
        "expected": [{"outcome": f.outcome.value, "hop": f.hop.label, "cause": f.cause} for f in seeded.findings],
        "score": _figures(trials),
        "trials": [_trial(each) for each in trials],
    }


def _figures(trials: Sequence[Trial]) -> Mapping[str, float]:
    score = Score.of(trials)
    return {
        "trials": score.trials,
        "caught": score.caught,
        "hop_right": score.hop_right,
        "cause_right": score.cause_right,
        "blame_wrong": score.blame_wrong,
        "unknown": score.unknown,
        "broken": score.broken,
        "as_expected": score.as_expected,
        "seconds": round(score.seconds, 3),
    }


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "repetition": trial.repetition,
        "verdict": None if trial.answer is None else trial.answer.value,
        "found": [
            {
                "outcomes": [kind.value for kind in blame.outcomes],
                "hop": None if blame.hop is None else blame.hop.label,
                "hops": [hop.label for hop in blame.hops],
                "cause": blame.cause,
            }
            for blame in trial.blames
        ],
        "sentence": trial.sentence,
        "as_expected": trial.is_as_expected,
        "error": trial.error,
        "run_dir": trial.run_dir,
        "seconds": round(trial.seconds, 3),
    }
