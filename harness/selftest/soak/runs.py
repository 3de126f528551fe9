"""The runs of a soak on warm stacks: one workload each, disturbed as its draw says, judged as any other run."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.faults import Effect, Fault, injected
from harness.judging import judge_folder, run_folder
from harness.launch.browser import BrowserMissing
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.lib.closing import Closing
from harness.model import Answer, Contract
from harness.reporting import sentences
from harness.run.contract import contract_for
from harness.run.run import Run
from harness.run.session_id import new_session_id
from harness.run.workloads import Workload, workloads
from harness.selftest.soak.plan import Draw
from harness.target.spec import Target

PATIENCE_S = 120.0
"""How long a step of a workload may take on a machine that is made slow on purpose."""

BOUND_MS = 10_000.0
"""The latency that is promised there: two seconds can't be kept without a processor to run on (2.1 and 2.3 s were seen
on two cores with twenty others waiting for them). Everything else is promised as ever.
"""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a draw. `answer` None: the harness broke, `told` says how. `folder` None: it was not kept."""

    draw: Draw
    answer: Answer | None
    told: str
    seconds: float
    folder: Path | None = None
    effects: Mapping[str, Effect] = field(default_factory=dict)


def promised(target: Target, workload: Workload, strategy: str, session: str) -> Contract:
    """What a run of a soak must keep: all that `harness verify` asks of the workload, but for the latency."""
    contract = contract_for(target, strategy, session, workload.properties, workload.dashboards, target.declared)
    return replace(contract, bound_ms=max(BOUND_MS, contract.bound_ms))


class Soak(Closing):
    """Runs draws one after the other; keeps one warm stack for each strategy."""

    def __init__(self, target: Target, faults: Mapping[str, Fault]) -> None:
        self._target, self._faults, self._machine = target, faults, Resources()
        self._warm: dict[str, Stack] = {}

    def run(self, draw: Draw) -> Trial:
        """One run. A folder is kept where it is evidence: of an alarm, of an unknown, of a harness that broke."""
        started = time.monotonic()
        folder = run_folder(f"soak-{draw.strategy}", session := new_session_id())
        try:
            effects = self._perform(draw, folder, session)
        except (BrowserMissing, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001  # one run that breaks is told of, and the others go on
            self._drop(draw.strategy)
            told = f"{type(error).__name__}: {error}"
            return Trial(draw, None, told, time.monotonic() - started, folder)
        seconds = time.monotonic() - started
        verdict = judge_folder(folder, seconds, report=False).verdict
        if verdict.answer is Answer.PASSED:
            shutil.rmtree(folder)
            return Trial(draw, verdict.answer, sentences.verdict(verdict), seconds, effects=effects)
        judge_folder(folder, seconds)  # with its reports, for a person will read them
        return Trial(draw, verdict.answer, sentences.verdict(verdict), seconds, folder, effects)

    def _perform(self, draw: Draw, folder: Path, session: str) -> Mapping[str, Effect]:
        workload, stack = workloads()[draw.strategy], self._stack(draw.strategy)
        contract = promised(self._target, workload, draw.strategy, session)
        stack.addresses.page_query = {"transport": draw.transport}
        chosen = [self._faults[name] for name in draw.faults]
        with injected(chosen, stack, draw.seed) as effects, Run(stack, contract, folder, PATIENCE_S) as run:
            run.step(
                f"run {draw.number} of a soak, pages over {draw.transport}, {', '.join(draw.faults) or 'no fault'}"
            )
            workload.perform(run)
            run.settle()
        return effects

    def _stack(self, strategy: str) -> Stack:
        """The warm stack, started when it is first asked for, and again when a run left it in a state of its own."""
        if strategy in self._warm and self._warm[strategy].is_spoiled:
            self._drop(strategy)
        if strategy not in self._warm:
            self._warm[strategy] = Stack(self._target, strategy, self._machine).start(lambda: self._machine.browser)
        return self._warm[strategy]

    def _drop(self, strategy: str) -> None:
        if (stack := self._warm.pop(strategy, None)) is not None:
            stack.close()

    def close(self) -> None:
        """Stop every stack, and the browser."""
        for strategy in list(self._warm):
            self._drop(strategy)
        self._machine.close()
