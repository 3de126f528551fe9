"""Follows the newest run in a folder of runs: its ledger is read again as it grows, and judged as far as it is."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.diagnosis import diagnose
from harness.judge.judge import UnknownStrategy, judge_evidence
from harness.live.state import Phase, state
from harness.record.evidence import Evidence
from harness.record.ledger import Ending, LedgerError, collector_at_rest, find, read

LOOK_S = 0.05
"""How often is looked whether there is more: the writer of a ledger gathers for as long."""

SHARE = 4
"""So many times as long as reading took nothing is read again: a long record must not keep the run from going on."""


class Follower:
    """A thread that tells what the newest run shows, each time that its record has grown."""

    def __init__(self, runs: Path, tell: Callable[[dict[str, Any]], None]) -> None:
        """`runs` is the folder of all runs. `tell` gets `state.state(…)`; it is called from one thread."""
        self._runs, self._tell = runs, tell
        self._known: set[str] = set()
        self._begun: set[str] = set()
        """New folders that have no ledger yet."""
        self._looked_ns = 0
        self._run: Path | None = None
        self._is_old = True
        """Whether the run was there before it was followed, and has not grown since."""
        self._seen: tuple[int, bool] = (-1, False)
        self._rest_until_s = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="follower", daemon=True)

    def start(self) -> None:
        """Begin with the run that was made last."""
        self._list()
        made = [find(self._runs / name) for name in self._known]
        last = max((ledger for ledger in made if ledger.is_file()), key=lambda each: each.stat().st_mtime, default=None)
        self._begun.clear()
        self._run = None if last is None else last.parent
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _follow(self) -> None:
        while not self._stop.wait(LOOK_S):
            with contextlib.suppress(OSError):  # a folder that was removed meanwhile holds no run
                self.look()

    def look(self) -> None:
        """Look once: for a newer run, and for more of the one that is followed."""
        self._list()
        newest = self._newest()
        if newest is not None:
            self._run, self._seen, self._rest_until_s, self._is_old = newest, (-1, False), 0.0, False
        if self._run is None or time.monotonic() < self._rest_until_s:
            return
        now = (find(self._run).stat().st_size, (self._run / "verdict.json").is_file())
        if now == self._seen:
            return
        self._is_old &= self._seen[0] in (-1, now[0])
        began_s = time.monotonic()
        with contextlib.suppress(LedgerError, UnknownStrategy):  # it is being written, or can't be judged here
            self._tell(seen(self._run, now[1], Phase.STOPPED if self._is_old else Phase.RUNNING))
        self._seen = now
        self._rest_until_s = time.monotonic() + SHARE * (time.monotonic() - began_s)

    def _list(self) -> None:
        """Note folders that are new. A folder's time changes with what is made in it: most looks list nothing."""
        try:
            changed_ns = self._runs.stat().st_mtime_ns
        except OSError:
            return
        if changed_ns == self._looked_ns:
            return
        names = {each.name for each in self._runs.iterdir()}
        self._begun |= names - self._known
        self._known, self._looked_ns = names, changed_ns

    def _newest(self) -> Path | None:
        """The newest of the folders that are new and have a ledger by now."""
        ready = [find(self._runs / name) for name in self._begun if find(self._runs / name).is_file()]
        self._begun -= {ledger.parent.name for ledger in ready}
        return max(ready, key=lambda each: each.stat().st_mtime).parent if ready else None


def seen(run: Path, is_judged: bool, otherwise: Phase = Phase.RUNNING) -> dict[str, Any]:
    """What a run's record shows now; `otherwise` is how far it is where it has no verdict. Raises LedgerError."""
    with collector_at_rest():
        ledger = read(find(run))
        is_over = is_judged and ledger.ending is not Ending.CUT
        if ledger.ending is Ending.CUT:
            ledger = replace(ledger, ending=Ending.COMPLETE)  # complete as far as it is
        evidence = Evidence(ledger)
        verdict = diagnose(evidence, judge_evidence(evidence))
    return state(run.name, evidence, verdict, Phase.JUDGED if is_over else otherwise)
