"""What all open pages are told, as one JSON text; and since when an event waits, by this program's clock."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

MOST_RUNS = 20


class Feed:
    """The latest news. Threads wait for what is newer than what they know."""

    def __init__(self, runner: Callable[[], Mapping[str, Any]], clock: Callable[[], float] = time.monotonic) -> None:
        """`runner` tells of the runs that are made here; `clock` gives seconds."""
        self._runner, self._clock = runner, clock
        self._news = threading.Condition()
        self._number = 0
        self._live: Mapping[str, Any] | None = None
        self._runs: dict[str, dict[str, Any]] = {}
        self._since: dict[tuple[str, str | None, str], float] = {}
        self._is_closed = False

    def take(self, live: Mapping[str, Any]) -> None:
        """A run's state (see `state.state`)."""
        with self._news:
            now = self._clock()
            before = self._since if self._live is not None and self._live["run"]["name"] == live["run"]["name"] else {}
            self._since = {key: before.get(key, now) for key in map(_waits, live["stuck"])}
            self._live = live
            if live["verdict"] is not None:
                self._runs.pop(live["run"]["name"], None)  # one that is judged again is the newest
                self._runs[live["run"]["name"]] = _summary(live)
        self.changed()

    def changed(self) -> None:
        """Something is new; wakes all who wait."""
        with self._news:
            self._number += 1
            self._news.notify_all()

    def close(self) -> None:
        """Nothing comes any more."""
        with self._news:
            self._is_closed = True
            self._news.notify_all()

    @property
    def is_closed(self) -> bool:
        """Whether nothing comes any more."""
        return self._is_closed

    def newer(self, number: int, timeout_s: float) -> tuple[int, str] | None:
        """What is told now, with its number, once it is newer than `number`; None after that time, or at the end."""
        with self._news:
            self._news.wait_for(lambda: self._number > number or self._is_closed, timeout_s)
            if self._number <= number or self._is_closed:
                return None
            return self._number, self._text()

    def _text(self) -> str:
        now, live = self._clock(), self._live
        if live is not None:
            stuck = [{**each, "since_s": round(now - self._since.get(_waits(each), now), 3)} for each in live["stuck"]]
            live = {**live, "stuck": stuck}
        runs = [*reversed(self._runs.values())][:MOST_RUNS]
        return json.dumps({"live": live, "runner": self._runner(), "runs": runs}, separators=(",", ":"))


def _waits(stuck: Mapping[str, Any]) -> tuple[str, str | None, str]:
    return stuck["key"], stuck["dashboard"], stuck["after"]


def _summary(live: Mapping[str, Any]) -> dict[str, Any]:
    """A run among others: what the table of runs has of it."""
    return {
        **live["run"], "verdict": live["verdict"], "cause": live["cause"] and live["cause"]["cause"],
        "hops": [{"label": s["label"], "count": s["count"], "state": s["state"]} for s in live["path"]],
    }  # fmt: skip
