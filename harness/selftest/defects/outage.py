"""An outage of one dashboard's network: its connections break, and no new one comes about until it is mended."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from harness.model import LOSE
from harness.run.dashboard import Dashboard
from harness.run.run import Run


@cache
def script() -> str:
    """What makes a page's network breakable; to be put in before the tap."""
    return Path(__file__).with_suffix(".js").read_text("utf-8")


def cut(run: Run, dashboard: Dashboard) -> None:
    """Cut, and wait until the server has seen the connection go."""
    _, went = run.connections
    dashboard.note(LOSE)
    dashboard.page.evaluate("__outage.cut()")
    run.wait_connections(went=went + 1)


def mend(run: Run, dashboard: Dashboard) -> None:
    """Mend, and wait until the page is connected again."""
    came, _ = run.connections
    dashboard.note("have the network again")
    dashboard.page.evaluate("__outage.mend()")
    run.wait_connections(came=came + 1)
