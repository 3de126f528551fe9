"""One fault on a fresh stack, and what became of it."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from harness.faults import Fault, faults
from harness.faults.promises import PROMISES, STRATEGIES
from harness.judge.recovery import Recovery, recoveries
from harness.judging import Judged
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.model import Kind
from harness.selftest.survival.outcome import Cell, Survived
from harness.target.reference import reference
from harness.target.spec import Target
from harness.verify import play, workload_for


@dataclass(frozen=True, slots=True)
class Played:
    """One fault, once. `judged` is None where the harness broke, and `why` says how."""

    cell: Cell
    judged: Judged | None
    took_s: float
    why: str = ""

    @property
    def recovery(self) -> Recovery | None:
        """What became of it."""
        return None if self.judged is None else recoveries(self.judged.evidence, self.judged.verdict)[0]

    def outcome(self) -> Survived:
        """It as a line of a campaign."""
        found = self.recovery
        if found is None or self.judged is None:
            return Survived(*self.cell, "error", 0, 0, 0, None, self.took_s, self.why)
        counted = found.lost, found.count(Kind.DUPLICATED), found.count(Kind.LEAKED)
        return Survived(*self.cell, str(self.judged.verdict.answer), *counted, found.seconds, self.took_s)


def play_once(target: Target, strategy: str, fault: Fault, seed: int, resources: Resources) -> Played:
    """One fault on a fresh stack."""
    began, cell = time.monotonic(), (fault.name, strategy, seed)
    try:
        with Stack(target, strategy, resources).start(lambda: resources.browser) as stack:
            judged = play(stack, strategy, workload_for(target, strategy), [fault], seed)
        return Played(cell, judged, time.monotonic() - began)
    except Exception as error:  # noqa: BLE001  # one that breaks is told of, and the others go on
        return Played(cell, None, time.monotonic() - began, f"{type(error).__name__}: {error}")


def quickened(fault: Fault, for_s: float | None) -> Fault:
    """The fault, no longer than that."""
    is_longer = for_s is not None and getattr(fault, "for_s", 0.0) > for_s
    return replace(fault, for_s=for_s) if is_longer else fault  # type: ignore[type-var]


def cells(
    seeds: Sequence[int], only: Collection[str] = (), for_s: float | None = None, done: Collection[Cell] = ()
) -> Iterator[Survived]:
    """Every cell with the first seed, then with the next one: what is broken off has tried all of them alike."""
    known, target = faults(), reference()
    wanted = [
        (name, strategy, seed)
        for seed in seeds
        for name in PROMISES
        for strategy in STRATEGIES
        if (not only or name in only) and (name, strategy, seed) not in done
    ]
    with Resources() as resources:
        for name, strategy, seed in wanted:
            yield play_once(target, strategy, quickened(known[name], for_s), seed, resources).outcome()
