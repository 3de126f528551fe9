"""The two readings of the documented run: a room without members, and before it a server object without clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harness.judging import Judged
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.model import Answer, Hop, Verdict
from harness.reporting import sentences
from harness.run.run import Run
from harness.run.workloads import COMMON
from harness.selftest.defects.catalogue import FOLDER as DEFECTS
from harness.selftest.defects.catalogue import environment
from harness.target.spec import Target
from harness.verify import ended, note_start, perform


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A bug to make happen: how the server routes, what is patched into the CLI, and what the verdict must say."""

    name: str
    routing: str
    hop: Hop
    evidence: tuple[str, ...]
    """Words that the evidence must hold."""
    cli_env: Mapping[str, str] = field(default_factory=dict)


REPRODUCTIONS = {
    "room-mismatch": Reproduction(
        "room-mismatch", "room-mismatch", Hop.ROUTED, ("room", "members", "recipients: none", "connected:", "in rooms:")
    ),
    "wrong-process": Reproduction(
        "wrong-process",
        "broadcast",
        Hop.SENT,
        ("server object without clients",),
        environment(DEFECTS / "wrong_process.py"),
    ),
}


class DocumentedRun:
    """The documented run: two dashboards without a session, one task."""

    name = "documented run"
    properties: tuple[str, ...] = COMMON
    needs_pipe: bool = False
    dashboards: tuple[str, ...] = ("A", "B")

    def perform(self, run: Run) -> None:
        run.step("two dashboards open the page and choose no session")
        a, b = run.open_dashboards("A", "B")
        run.screenshots("before", a, b)
        run.step("the documented task runs")
        run.do("main", run.main).finish()


def reproduce(target: Target, wanted: Reproduction, step: Callable[[str], None]) -> Judged:
    """Make the bug happen against the promise of broadcast, and judge it."""
    with Resources() as resources:
        note_start(resources)
        step(f"{wanted.name}: starting server, dashboard and browser")
        stack = Stack(target, wanted.routing, resources, cli_env=wanted.cli_env)
        with stack.start(lambda: resources.browser):
            return ended(stack, perform(stack, "broadcast", DocumentedRun(), step, name=wanted.name))


def complaints(wanted: Reproduction, verdict: Verdict) -> list[str]:
    """What of the verdict is not as the bug demands; empty when it was caught and blamed rightly."""
    if verdict.answer is not Answer.FAILED:
        return [f"the verdict is {verdict.answer}, not failed"]
    first = verdict.blame[0]
    wrong = []
    if first.hop is not wanted.hop:
        wrong.append(f"blamed hop {first.hop.label if first.hop is not None else 'none'}, not {wanted.hop.label}")
    if first.cause != wanted.name:
        wrong.append(f"named cause {first.cause!r}, not {wanted.name!r}")
    missing = [word for word in wanted.evidence if not any(word in line for line in sentences.evidence(first))]
    if missing:
        wrong.append(f"the evidence lacks {', '.join(map(repr, missing))}")
    return wrong
