"""What is played on a system with a seeded defect: the smallest run in which such a bug can show itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.dashboard import Dashboard
from harness.run import Run
from harness.workload import Item, first_half, second_half


@dataclass(frozen=True, slots=True)
class Scene:
    """Steps of a run. `declares`: the documented task runs, so that its event types must be seen."""

    name: str
    perform: Callable[[Run], None]
    dashboards: tuple[str, ...] = ("A", "B")
    declares: bool = False


def steps(count: int) -> Iterator[Item]:
    """Events of skills, in pairs, with a number each."""
    for number in range(1, count // 2 + 1):
        skill = {"skill": f"step {number}", "index": number, "of": count // 2, "title": f"Step {number}"}
        yield Item("skill:started", skill)
        yield Item("skill:completed", {**skill, "duration_ms": number})


def _open(run: Run, *labels: str) -> list[Dashboard]:
    """Dashboards that watch the main session, whatever the strategy asks of them for that."""
    must_ask = run.contract.strategy == "subscription"
    return run.open_dashboards(*labels, sessions=dict.fromkeys(labels, run.main) if must_ask else None)


def _task(run: Run) -> None:
    run.act("two dashboards open the page, and the documented task runs")
    _open(run, "A", "B")
    run.do("main", run.main).finish()


def _burst(run: Run) -> None:
    run.act("forty events leave the CLI as fast as it can send them")
    _open(run, "A", "B")
    main = run.pipe("main", run.main, window=50)
    main.publish([*first_half(), *steps(40), *second_half()])
    main.finish()


def _restart(run: Run) -> None:
    run.act("the server restarts in the middle of a session")
    _open(run, "A", "B")
    main = run.pipe("main", run.main)
    main.publish(first_half())
    run.wait_routed(run.main, 2)
    run.restart_server()
    main.publish([*steps(4), *second_half()])
    main.finish()


def _big(run: Run) -> None:
    run.act("an event of 100 kB in the middle of a session")
    _open(run, "A", "B")
    main = run.pipe("main", run.main)
    large = Item("skill:started", {"skill": "draw", "index": 2, "of": 2, "title": "x" * 100_000})
    main.publish([*first_half(), large, *second_half()])
    main.finish()


_SCENES = (
    Scene("restart", _restart),
    Scene("big", _big),
    Scene("task", _task, declares=True),
    Scene("burst", _burst),
)

SCENES = {scene.name: scene for scene in _SCENES}
"""Every scene by its name."""
