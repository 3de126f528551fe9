"""The main job: one strategy's workload on a stack, recorded, judged, reported."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from harness.faults import Fault, injected, strikes
from harness.judging import Judged, judge_folder, run_folder
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.lib.timing import process_start_s
from harness.reporting import profile
from harness.run.contract import contract_for
from harness.run.run import Run
from harness.run.session_id import new_session_id
from harness.run.workloads import Workload, workloads
from harness.run.workloads.watched import watched
from harness.target.process import TargetError
from harness.target.spec import Target


def perform(
    stack: Stack,
    strategy: str,
    workload: Workload,
    step: Callable[[str], None] = lambda text: None,
    name: str | None = None,
    is_last: bool = False,
    faults: Sequence[str] = (),
) -> Judged:
    """Run a workload on a started stack and judge what it left against a strategy's promises. `faults` are noted.

    After the last run of a stack its processes end while the verdict is found and reported.
    """
    started = time.monotonic()
    session = new_session_id()
    folder = run_folder(name or strategy, session)
    declared = stack.target.declared if getattr(workload, "declares", True) else ()
    promised = contract_for(stack.target, strategy, session, workload.properties, workload.dashboards, declared)
    contract = replace(promised, taps=stack.taps, clients=tuple(getattr(workload, "clients", ())))
    spans = stack.resources.spans
    with Run(stack, contract, folder, stack.target.run_s) as run:
        try:
            for fault in faults:
                run.step(f"a fault is on: {fault}")
            step(f"{strategy}: the workload runs")
            with spans("workload"):
                workload.perform(run)
            step(f"{strategy}: proving quiescence")
            run.settle()
            run.screenshots("after", *run.present)
        except Exception as error:
            if not (run.break_off() or run.go_no_further(error)):
                raise
            step(f"{strategy}: broken off")
    if is_last:
        stack.dismiss()
    step(f"{strategy}: judging and reporting")
    return judge_folder(folder, time.monotonic() - started, spans=spans)


def verify(
    target: Target,
    strategies: Iterable[str],
    step: Callable[[str], None],
    faults: Sequence[Fault] = (),
    seed: int = 1,
    resources: Callable[[], contextlib.AbstractContextManager[Resources]] = Resources,
    plan: Callable[[Target, str], Workload] | None = None,
) -> Iterable[Judged]:
    """Verify strategies one after the other with one browser; each has a server of its own.

    Where two of a system may run side by side, the next one's processes start while the present one is verified.

    `faults` are on in each run; `seed` makes their choices, `resources` the browser. Raises IdleFault for one that did
    nothing, and TargetError where they can't stand between a system's parts. `plan` says what is done with the system
    in place of the strategy's own workload.
    """
    with resources() as shared, contextlib.ExitStack() as closing:
        note_start(shared)
        listed = [*strategies]
        ahead: Stack | None = None
        for strategy, later in zip(listed, [*listed[1:], None], strict=True):
            step(f"{strategy}: starting server, dashboard and browser")
            stack = ahead or Stack(target, strategy, shared)
            with stack.start(lambda: shared.browser):
                if later is not None and target.side_by_side and not faults and plan is None:
                    ahead = closing.enter_context(Stack(target, later, shared)).spawn()
                workload = (plan or workload_for)(stack.target, strategy)
                judged = play(stack, strategy, workload, faults, seed, step, is_last=True)
                yield ended(stack, judged)
            shared.spans.clear()


def play(
    stack: Stack,
    strategy: str,
    workload: Workload,
    faults: Sequence[Fault],
    seed: int,
    step: Callable[[str], None] = lambda text: None,
    is_last: bool = False,
) -> Judged:
    """Perform a workload with faults: those that are on for the whole of it, and one that strikes in the middle."""
    if stack.addresses.gateway is not None:
        _demand_room(faults, stack.target)
    whole = [each for each in faults if strikes(each) is None]
    noted = [f"{each.name}: {each.does}" for each in whole]
    with injected(whole, stack, f"{seed} {strategy}"), contextlib.ExitStack() as closing:
        for incident in faults:
            if strikes(incident) is not None:
                workload = _struck(closing, stack, workload, incident, f"{seed} {strategy}")
        return perform(stack, strategy, workload, step, is_last=is_last, faults=noted)


def _struck(closing: contextlib.ExitStack, stack: Stack, workload: Workload, incident: Fault, seed: str) -> Workload:
    """The workload in whose middle an incident strikes; its lines stay as long as the run needs them."""
    from harness.faults.scene import Lines, struck

    lines = closing.enter_context(Lines(stack))
    return struck(stack.target, workload, incident, lines, seed)


def _demand_room(faults: Iterable[Fault], target: Target) -> None:
    """Raises TargetError for a fault that would stand where the wire proxy of this system stands."""
    for fault in faults:
        if getattr(fault, "redirects", False):
            raise TargetError(
                f"target {target.name} is seen by the wire proxy, which stands where {fault.name} would stand: "
                "take another fault, or have agents see its processes."
            )


def note_start(resources: Resources) -> None:
    """What came before the first run: the interpreter and its imports."""
    began_s = process_start_s()
    if began_s is not None:
        resources.spans.add("Python and imports", began_s)


def ended(stack: Stack, judged: Judged) -> Judged:
    """Stop a stack after its only run, and complete that run's profile."""
    with stack.resources.spans("stop"):
        stack.close()
    profile.write(stack.resources.spans, judged.folder)
    return judged


def workload_for(target: Target, strategy: str) -> Workload:
    """The strategy's workload, or the plain one for a system whose CLI takes no events from outside."""
    workload = workloads()[strategy]
    return watched(target, strategy) if workload.needs_pipe and not target.takes_events else workload
