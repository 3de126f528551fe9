"""One seeded defect played once: on a warm stack where its patch is in a CLI or a page, else on a stack of its own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace

from harness.judging import Judged, judge_folder, run_folder
from harness.launch.browser import BrowserMissing
from harness.launch.processes import ProcessError
from harness.launch.resources import Resources
from harness.launch.stack import PageScripts, Stack
from harness.lib.closing import Closing
from harness.model import Contract, Hop
from harness.run.contract import contract_for
from harness.run.run import Run
from harness.run.session_id import new_session_id
from harness.run.waiting import RunError
from harness.selftest.defects import outage
from harness.selftest.defects.catalogue import Seeded
from harness.selftest.defects.scenes import SCENES, Scene
from harness.selftest.defects.score import Trial, assess
from harness.target.process import Command
from harness.target.spec import Target

PATIENCE_S = 4.0
"""How long a step of a scene may take: a bug may keep what is waited for from ever happening."""


CLI_PATIENCE_S = "1.5"
"""How long a CLI waits for a server that a bug keeps from answering."""


def impatient(target: Target) -> Target:
    """The target with CLIs that give up early, where its command lines say how long they wait."""
    pipe = None if target.pipe is None else _hurried(target.pipe)
    return replace(target, do=_hurried(target.do), pipe=pipe)


def _hurried(command: Command) -> Command:
    argv = list(command.argv)
    if "--patience-s" in argv:
        argv[argv.index("--patience-s") + 1] = CLI_PATIENCE_S
    return replace(command, argv=tuple(argv))


class Player(Closing):
    """Plays defects one after the other; keeps one warm stack for each way of routing."""

    def __init__(self, target: Target) -> None:
        self._target, self._machine = target, Resources()
        self._warm: dict[str, Stack] = {}

    def play(self, seeded: Seeded, repetition: int) -> Trial:
        """One trial. What broke the harness is its `error`, and never a verdict on the defect."""
        started = time.monotonic()
        try:
            with self._stack(seeded) as stack:
                judged = perform(stack, seeded)
        except (BrowserMissing, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001  # one trial that breaks is told of, and the others go on
            return Trial.broken(seeded, repetition, time.monotonic() - started, f"{type(error).__name__}: {error}")
        return assess(seeded, repetition, judged, time.monotonic() - started)

    @contextlib.contextmanager
    def _stack(self, seeded: Seeded) -> Iterator[Stack]:
        """A stack with the defect in it. A server that is patched, or was left in a state of its own, is not kept."""
        stack = None if seeded.in_server else self._warm.pop(seeded.routing, None)
        if stack is None:
            env = seeded.environment() if seeded.in_server else {}
            stack = Stack(self._target, seeded.routing, self._machine, server_env=env)
            stack.start(lambda: self._machine.browser)
        stack.cli_env = seeded.environment() if seeded.in_cli else {}
        stack.page_scripts = PageScripts(f"{outage.script()}\n{seeded.wire}", seeded.page)
        with contextlib.ExitStack() as closing:
            closing.callback(stack.close)
            yield stack
            if not seeded.in_server and not stack.is_spoiled:
                closing.pop_all()
                self._warm[seeded.routing] = stack

    def close(self) -> None:
        """Stop every stack, and the browser."""
        for stack in self._warm.values():
            stack.close()
        self._machine.close()


def perform(stack: Stack, seeded: Seeded) -> Judged:
    """Play a defect's scene and judge what it left. What the bug keeps from happening does not stop it."""
    from playwright.sync_api import Error as BrowserError

    scene, session, started = SCENES[seeded.scene], new_session_id(), time.monotonic()
    folder = run_folder(f"defect-{seeded.id}", session)
    with Run(stack, _contract(stack.target, seeded, scene, session), folder, PATIENCE_S) as run:
        try:
            scene.perform(run)
        except (RunError, ProcessError, BrowserError) as error:
            run.step(f"the scene could not go on: {str(error).splitlines()[0]}")
        run.end_clis()
        run.settle()
    return judge_folder(folder, time.monotonic() - started, report=False)


def _contract(target: Target, seeded: Seeded, scene: Scene, session: str) -> Contract:
    declared = target.declared if scene.declares else ()
    contract = contract_for(target, seeded.strategy, session, (), scene.dashboards, declared)
    taps = tuple(hop for hop in Hop if hop not in seeded.off)
    return replace(contract, taps=taps, clients=scene.clients, bound_ms=scene.bound_ms or contract.bound_ms)
