"""What is played on a system with a seeded defect: the smallest run in which such a bug can show itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from harness.load.crowd import labels
from harness.load.hosts import Processes
from harness.load.workload import PAGES, gather
from harness.run.dashboard import Dashboard
from harness.run.run import Run
from harness.run.workloads._items import Item, first_half, second_half
from harness.selftest.defects.outage import cut, mend

FLOW = 240
"""So many events, each acknowledged before the next one, outlast the opening of a dashboard."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Steps of a run. `declares`: the documented task runs, so that its event types must be seen.

    `bound_ms`: another bound of latency than the target's, where a page that is only opening is given more.
    """

    name: str
    perform: Callable[[Run], None]
    dashboards: tuple[str, ...] = ("A", "B")
    declares: bool = False
    bound_ms: float | None = None
    clients: tuple[str, ...] = ()
    """Of the dashboards those that are connections without a page."""


def steps(count: int) -> Iterator[Item]:
    """Events of skills, in pairs, with a number each."""
    for number in range(1, count // 2 + 1):
        skill = {"skill": f"step {number}", "index": number, "of": count // 2, "title": f"Step {number}"}
        yield Item("skill:started", skill)
        yield Item("skill:completed", {**skill, "duration_ms": 0})


def _end(count: int) -> list[Item]:
    """The end of a session that had so many events of `steps` between its halves: what it sums up has to hold."""
    last, end = second_half()
    return [last, Item(end.name, {**end.data, "skills": 1 + count // 2})]


def _open(run: Run, *labels: str) -> list[Dashboard]:
    """Dashboards that watch the main session, whatever the strategy asks of them for that."""
    must_ask = run.contract.strategy == "subscription"
    return run.open_dashboards(*labels, sessions=dict.fromkeys(labels, run.main) if must_ask else None)


def _task(run: Run) -> None:
    run.step("two dashboards open the page, and the documented task runs")
    _open(run, "A", "B")
    run.do("main", run.main).finish()


def _burst(run: Run) -> None:
    run.step("forty events leave the CLI as fast as it can send them")
    _open(run, "A", "B")
    main = run.pipe("main", run.main, window=50)
    main.publish([*first_half(), *steps(40), *_end(40)])
    main.finish()


def _restart(run: Run) -> None:
    run.step("the server restarts in the middle of a session")
    _open(run, "A", "B")
    main = run.pipe("main", run.main)
    main.publish(first_half())
    run.wait_routed(run.main, 2)
    run.restart_server()
    main.publish([*steps(4), *_end(4)])
    main.finish()


def _big(run: Run) -> None:
    run.step("an event of 100 kB in the middle of a session")
    _open(run, "A", "B")
    main = run.pipe("main", run.main)
    large = Item("skill:started", {"skill": "draw", "index": 2, "of": 2, "title": "x" * 100_000})
    main.publish([*first_half(), large, *second_half()])
    main.finish()


def _cut(run: Run) -> None:
    run.step("a dashboard loses its connection for a moment, and comes back")
    a, _ = _open(run, "A", "B")
    main = run.pipe("main", run.main)
    main.publish(first_half())
    run.wait_routed(run.main, 2)
    cut(run, a)
    main.publish(steps(4))
    run.wait_acknowledged(run.main, 6)
    mend(run, a)
    main.publish(_end(4))
    main.finish()


def _away(run: Run) -> None:
    run.step("a dashboard loses its connection for good")
    a, _ = _open(run, "A", "B")
    main = run.pipe("main", run.main)
    main.publish(first_half())
    run.wait_routed(run.main, 2)
    cut(run, a)
    main.publish(second_half())
    main.finish()


def _hostile(run: Run) -> None:
    run.step("payloads that would run if a page took them for HTML")
    _open(run, "A", "B")
    main = run.pipe("main", run.main)
    markup = Item("skill:started", {"skill": "<img src=x onerror=alert(1)>", "title": "<b onclick=alert(1)>bold</b>"})
    main.publish([*first_half(), markup, *second_half()])
    main.finish()


def _beside(run: Run) -> None:
    run.step("two sessions at once")
    _open(run, "A", "B")
    main, beside = run.pipe("main", run.main), run.pipe("beside")
    beside.publish(first_half())
    main.publish([*first_half(), *steps(4), *_end(4)])
    beside.publish(second_half())
    main.finish()
    beside.finish()


def _race(run: Run) -> None:
    run.step("two sessions start at once")
    _open(run, "A", "B")
    winner = run.winner([run.pipe("main", run.main), run.pipe("racer")])
    winner.publish([*first_half(), *second_half()])
    winner.finish()


def _heir(run: Run) -> None:
    run.step("a CLI is killed in the middle of its session, and another one wants to start")
    _open(run, "A", "B")
    main = run.pipe("main", run.main)
    main.publish(first_half())
    run.wait_acknowledged(run.main, 2)
    main.kill()
    heir = run.accepted("heir")
    heir.publish([*first_half(), *second_half()])
    heir.finish()


def _late(run: Run) -> None:
    run.step("a dashboard opens in the middle of a session")
    _open(run, "A")
    main = run.pipe("main", run.main)
    main.publish(first_half())
    run.wait_routed(run.main, 2)
    _open(run, "B")
    main.publish([*steps(4), *_end(4)])
    main.finish()


def _switch(run: Run) -> None:
    run.step("a dashboard gives one session up for another one")
    a, _ = _open(run, "A", "B")
    main, beside = run.pipe("main", run.main), run.pipe("beside")
    main.publish(first_half())
    beside.publish(first_half())
    run.wait_routed(run.main, 2)
    run.wait_acknowledged(beside.session, 2)
    run.subscribe(a, beside.session)
    main.publish([*steps(4), *_end(4)])
    beside.publish(second_half())
    main.finish()
    beside.finish()


def _flow(run: Run) -> None:
    run.step("a dashboard opens while events flow")
    _open(run, "A")
    main = run.pipe("main", run.main)
    main.publish([*first_half(), *steps(FLOW)])
    run.wait_routed(run.main, 2)
    _open(run, "B")
    main.publish(_end(FLOW))
    main.finish()


CROWD = labels(24)


def _crowd(run: Run) -> None:
    gather(run, PAGES[:1], CROWD, [run.main], partial(Processes, count=1))
    run.step("forty events leave the CLI as fast as it can send them")
    main = run.pipe("main", run.main, window=50)
    main.publish([*first_half(), *steps(40), *_end(40)])
    main.finish()


_SCENES = (
    Scene("crowd", _crowd, dashboards=(PAGES[0], *CROWD), clients=CROWD, bound_ms=8000),
    Scene("flow", _flow, bound_ms=8000),
    Scene("race", _race),
    Scene("heir", _heir),
    Scene("late", _late),
    Scene("switch", _switch),
    Scene("cut", _cut),
    Scene("away", _away),
    Scene("hostile", _hostile),
    Scene("beside", _beside),
    Scene("restart", _restart),
    Scene("big", _big),
    Scene("task", _task, declares=True),
    Scene("burst", _burst),
)

SCENES = {scene.name: scene for scene in _SCENES}
"""Every scene by its name."""
