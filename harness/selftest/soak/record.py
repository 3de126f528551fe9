"""The record of a soak: totals and the bound that they allow, as JSON for programs and as a page of documentation."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from harness.faults import Effect, Fault
from harness.model import Answer
from harness.selftest.soak.runs import BOUND_MS, Trial

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over some trials. `judged` are those that were called passed or failed."""

    runs: int
    judged: int
    alarms: int
    unknown: int
    broken: int
    seconds: float

    @classmethod
    def of(cls, trials: Sequence[Trial]) -> Totals:
        """The counts of these trials."""
        answers = [trial.answer for trial in trials]
        alarms, passed = answers.count(Answer.FAILED), answers.count(Answer.PASSED)
        seconds = sum(trial.seconds for trial in trials)
        return cls(
            len(trials), alarms + passed, alarms, answers.count(Answer.UNKNOWN), answers.count(None), seconds
        )  # fmt: skip

    @property
    def bound(self) -> float | None:
        """The false alarms a run that these runs exclude at 95 %: the rule of three. None when there was one."""
        return None if self.alarms or not self.judged else min(1.0, 3 / self.judged)


def bound_in_words(totals: Totals) -> str:
    """What the runs allow to be said."""
    if totals.bound is None:
        return f"{totals.alarms} false alarms in {totals.judged} judged runs: no bound is claimed."
    return (
        f"0 false alarms in {totals.judged} judged runs: fewer than 3/{totals.judged} = {totals.bound:.2%} of clean "
        f"runs raise one, at 95 % confidence."
    )


def effect(name: str, trials: Iterable[Trial]) -> Effect | None:
    """What one fault did in all these trials; None when it was on in none that was judged."""
    found = [trial.effects[name] for trial in trials if name in trial.effects]
    if not found:
        return None
    return Effect(sum(each.count for each in found), sum(each.seconds for each in found), found[0].unit)


def document(trials: Sequence[Trial], seed: int, seconds: float) -> dict[str, Any]:
    """The JSON form, described in docs/json.md."""
    totals = Totals.of(trials)
    return {
        "schema": SCHEMA,
        "seed": seed,
        **{name: value for name, value in asdict(totals).items() if name != "seconds"},
        "bound": totals.bound,
        "seconds": round(seconds, 1),
        "trials": [_object(trial) for trial in trials],
    }


def _object(trial: Trial) -> dict[str, Any]:
    draw = trial.draw
    return {
        "number": draw.number,
        "strategy": draw.strategy,
        "transport": draw.transport,
        "faults": {
            name: {**asdict(did), "seconds": round(did.seconds, 3)} if (did := trial.effects.get(name)) else None
            for name in draw.faults
        },
        "verdict": "broken" if trial.answer is None else trial.answer.value,
        "sentence": trial.told,
        "run_dir": None if trial.folder is None else str(trial.folder),
        "seconds": round(trial.seconds, 2),
    }


def markdown(
    trials: Sequence[Trial], seed: int, seconds: float, faults: Mapping[str, Fault], machine: str
) -> Iterator[str]:
    """The lines of the page in the documentation."""
    totals = Totals.of(trials)
    yield "# Soak"
    yield ""
    yield "Clean runs of the reference system in random order, disturbed as a healthy system must survive it."
    yield f"Written by `harness soak --runs {totals.runs} --seed {seed} --table docs/soak.md` on"
    yield f"{time.strftime('%Y-%m-%d')}: {machine}, {seconds / 60:.0f} minutes."
    yield ""
    yield f"**{bound_in_words(totals)}**"
    yield ""
    yield f"Latency is promised within {BOUND_MS / 1000:.0f} s, for processors are taken away on purpose; the rest as"
    yield "`harness verify` promises it."
    yield ""
    yield "| strategy | pages over | runs | false alarms | unknown | broken | mean seconds |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: |"
    for strategy, transport in sorted({(trial.draw.strategy, trial.draw.transport) for trial in trials}):
        mine = [t for t in trials if (t.draw.strategy, t.draw.transport) == (strategy, transport)]
        yield _row((strategy, transport), Totals.of(mine))
    yield _row(("all", ""), totals)
    yield ""
    yield "| fault | what it does | runs | false alarms | unknown | its effect, measured |"
    yield "| --- | --- | ---: | ---: | ---: | --- |"
    for name, fault in faults.items():
        mine = [trial for trial in trials if name in trial.draw.faults]
        did, of = effect(name, mine), Totals.of(mine)
        told = "–" if did is None else f"{did.count:,} {did.unit}, {did.seconds:,.0f} s"
        yield f"| {name} | {fault.does} | {of.runs} | {of.alarms} | {of.unknown} | {told} |"
    none = Totals.of([trial for trial in trials if not trial.draw.faults])
    yield f"| none | | {none.runs} | {none.alarms} | {none.unknown} | |"


def _row(names: Iterable[str], of: Totals) -> str:
    mean_s = of.seconds / of.runs if of.runs else 0.0
    figures = (of.runs, of.alarms, of.unknown, of.broken, f"{mean_s:.1f}")
    return f"| {' | '.join((*names, *map(str, figures)))} |"
