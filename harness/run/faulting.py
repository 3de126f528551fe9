"""What faults need of a run: their place in the record, traffic that is proven again, and a page that is closed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.model.facts import Faulted, Phase, ServerStopped
from harness.run.quiescence import prove_absence
from harness.run.waiting import RunError

if TYPE_CHECKING:
    from harness.run.dashboard import Dashboard
    from harness.run.run import Run

FENCE_S = 2.0
"""How long one fence may take while a page is waited for that was cut off."""

LOOK_MS = 20.0


def note(run: Run, fault: str, phase: Phase, does: str, parties: Sequence[str], effect: str = "") -> None:
    """Note where in every observer's own numbering a fault began, was healed, or was recovered from."""
    run.drain()
    run.tell(Faulted(fault, phase, does, tuple(parties), dict(run.latest), effect))


def wait_traffic(run: Run, dashboard: Dashboard) -> None:
    """Wait until a page says that it is connected, and its fence comes back: traffic passes, both ways.

    Raises RunError where that does not come within the run's patience.
    """
    deadline = time.monotonic() + run.timeout_s
    while not dashboard.is_reached(FENCE_S):
        if time.monotonic() > deadline:
            raise RunError(f"dashboard {dashboard.label} had no traffic within {run.timeout_s:g} s.")
        dashboard.page.wait_for_timeout(LOOK_MS)
    dashboard.wait_connected(run.timeout_s)


def close_page(run: Run, dashboard: Dashboard) -> None:
    """Close a page as a person does; what it showed is proven before, for it can't be asked afterwards."""
    run.wait_delivered()
    [proof] = prove_absence([dashboard.tap], run.timeout_s, "wire", run.stack.target.quiet_ms)
    dashboard.conclude(proof)
    dashboard.leave()
    run.left.add(dashboard.label)


def stop_process(run: Run, name: str) -> None:
    """End one process of the system by SIGKILL. The others go on, so that not all connections are gone."""
    run.stack.is_spoiled = True
    servers = run.stack.children.servers
    run.stack.children.stop(name, kill=True)
    if name in servers:
        run.tell(ServerStopped("ended by the run", name, running=len(servers) - 1))


def start_process(run: Run, name: str) -> None:
    """Start it again where it was, and wait until it is ready."""
    run.stack.children.start(name)
