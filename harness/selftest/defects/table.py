"""The score of seeded defects as a table, for people."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import IO

from harness.reporting.escape import clip, visible
from harness.reporting.terminal import say, table
from harness.selftest.defects.catalogue import Seeded
from harness.selftest.defects.score import Score, Trial, by_defect

HEAD = ("defect", "caught", "hop", "cause", "wrong blame", "unknown", "seconds", "as expected")


def show(trials: Sequence[Trial], seconds: float, stream: IO[str] | None = None) -> None:
    """Print a line for each defect, what was not as expected in full, and the totals."""
    out = sys.stdout if stream is None else stream
    table(HEAD, [_cells(name, listed) for name, listed in by_defect(trials).items()], range(1, 7), out)
    for trial in trials:
        if not trial.is_as_expected:
            say("\n".join(_complaint(trial)), out)
    bugs = [each for each in trials if each.seeded.findings and not each.seeded.off]
    say("\n" + _sum("bugs", bugs), out)
    say(_sum("harmless variants", [trial for trial in trials if trial.seeded.is_harmless]), out)
    say(_sum("with taps switched off", [trial for trial in trials if trial.seeded.off]), out)
    if doubted := [trial for trial in trials if trial.seeded.doubt is not None]:
        say(_sum("that can't be decided", doubted), out)
    say(f"{len(trials)} trials in {seconds:.1f} s", out)


def _nothing(seeded: Seeded) -> str:
    return "a passed run" if seeded.doubt is None else f"an unknown run: {seeded.doubt}"


def _cells(name: str, trials: Sequence[Trial]) -> tuple[str, ...]:
    score, harmless = Score.of(trials), trials[0].seeded.is_harmless
    right = ("–", "–") if harmless else (str(score.hop_right), str(score.cause_right))
    mean_s = score.seconds / len(trials)
    figures = (str(score.caught), *right, str(score.blame_wrong), str(score.unknown), f"{mean_s:.1f}")
    return (name, *figures, f"{score.as_expected}/{score.trials}")


def _complaint(trial: Trial) -> list[str]:
    seeded = trial.seeded
    wanted = " and ".join(f"{f.outcome} at {f.hop.label}: {f.cause}" for f in seeded.findings) or _nothing(seeded)
    lines = ["", f"{seeded.id} (repetition {trial.repetition}): expected {wanted}"]
    if trial.answer is None:
        return [*lines, f"  the harness broke: {visible(clip(trial.error, 500))}"]
    lines.append(f"  {trial.answer}: {visible(clip(trial.sentence, 300))}")
    for blame in trial.blames:
        where = " or ".join(hop.label for hop in blame.hops) or "no hop"
        lines.append(f"  found {', '.join(blame.outcomes)} at {where}: {visible(blame.cause)}")
    return [*lines, f"  run: {visible(trial.run_dir)}"]


def _sum(what: str, trials: Sequence[Trial]) -> str:
    score = Score.of(trials)
    told = f"{what}: {score.as_expected} of {score.trials} as expected"
    right = f"hop right {score.hop_right}, cause right {score.cause_right}, wrong blame {score.blame_wrong}"
    return f"{told}; caught {score.caught}, {right}, unknown {score.unknown}"
