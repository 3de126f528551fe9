"""The user class: one Locust user is one client dashboard."""

from __future__ import annotations

import sys
import time
from typing import Any, ClassVar

import gevent
from locust import User, events, task
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from harness.load.locust.clients import Clients
from harness.load.locust.master import Master

LOOK_S = 1.0
"""How often a user that has nothing to do gives Locust the chance to end it."""


class NotConnected(Exception):
    """A dashboard's connection did not come about; the verdict of the run says why."""


class Dashboard(User):
    """A dashboard without a page: it connects as the page was seen to; what it gets is judged as what the page gets.

    It stays connected to the end of the run, also where Locust moves its user to another worker.
    """

    clients: ClassVar[Clients | None] = None

    def on_start(self) -> None:
        """Connect; Locust's statistics have how long that took."""
        assert self.clients is not None
        started_s = time.monotonic()
        is_there = self.clients.place()
        if is_there is not None:
            self.environment.events.request.fire(
                request_type="dashboard",
                name="connected",
                response_time=(time.monotonic() - started_s) * 1e3,
                response_length=0,
                exception=None if is_there else NotConnected("see the verdict of the run"),
                context={},
            )

    @task
    def be_there(self) -> None:
        """Nothing: what comes is recorded as it comes."""
        gevent.sleep(LOOK_S)


@events.init.add_listener
def _begin(environment: Environment, **_: Any) -> None:
    """Take one's part, which depends on what this process is."""
    if isinstance(environment.runner, MasterRunner):
        Master(environment.runner).begin()
    elif isinstance(environment.runner, WorkerRunner):
        clients = Dashboard.clients = Clients(environment.runner)
        environment.events.quit.add_listener(lambda exit_code: clients.close())
    else:
        sys.exit("dashboards are users under a master: `harness load --locust` starts it, and its workers.")
