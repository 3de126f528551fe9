"""The clients of a load as Locust users, under Locust's own master and workers: one user is one dashboard.

A locustfile that has them is a line, and may have other users beside:

    from harness.load.locust import Dashboard

`harness load --locust` starts Locust's master with it, and tells it what the page was seen to do (`master.py`). Each
worker has a process of clients beside itself (`clients.py`, `harness.load.worker`), for they want a loop of asyncio,
and gevent has replaced in Locust's process what that stands on. To import this is to import Locust, which does that.
"""

from __future__ import annotations

from harness.load.locust.user import Dashboard

__all__ = ("Dashboard",)
