"""One CLI process of a run, with its two taps: what it prints, and the agent in it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from harness.launch.processes import Child, TimedOut
from harness.model.facts import CliExited, CliMessage
from harness.run.waiting import LOOK_S, PartEnded
from harness.run.workloads._items import Item
from harness.taps.cli_output import CliOutput

ALONE_S = 2.0
"""How long a CLI may take to end by itself after its server has."""

TOLD_BYTES = 1 << 20
"""So much of standard error is in the record, of its beginning and of its end."""


class Cli:
    """A started CLI. `finish` for one that ends by itself, `publish` for one that reads its events from a pipe."""

    def __init__(
        self,
        label: str,
        session: str,
        child: Child,
        tap: CliOutput,
        ended: Callable[[Cli], None],
        timeout_s: float,
        alone: Callable[[], str | None] = lambda: None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """`ended` is called when its end is on record; `alone` says who of those that it needs has ended.

        `meanwhile` is done again and again by who waits for its end.
        """
        self.label, self.session, self.child, self.tap = label, session, child, tap
        self._ended, self._timeout_s, self._alone, self._meanwhile = ended, timeout_s, alone, meanwhile
        self.exit_status: int | None = None
        self.was_killed = False

    @property
    def errors(self) -> Path | None:
        """The file that its standard error goes to."""
        return self.child.errors

    @property
    def has_died(self) -> bool:
        """Whether it was terminated by a signal."""
        return self.was_killed or (self.exit_status or 0) < 0

    def publish(self, items: Iterable[Item], done: Callable[[], int] = lambda: 0) -> None:
        """Hand events to a CLI that reads them; it acknowledges in its own time (`Run.wait_routed`).

        One that does not read is waited for as in `finish`.
        """
        lines = "".join(json.dumps({"type": each.name, "data": each.data}) + "\n" for each in items)
        self.child.write(lines, self._timeout_s, done)

    def finish(self, done: Callable[[], int] = lambda: 0) -> int:
        """End its input, wait for its exit, and return the status. Raises PartEnded where its server has ended.

        Patience begins anew whenever `done` rises, which can't for ever: a slow producer is late, and not stuck.
        """
        self.child.close_input()
        deadline, known = time.monotonic() + self._timeout_s, done()
        while not self.child.ends_within(min(LOOK_S, max(0.0, deadline - time.monotonic()))):
            self._meanwhile()
            if (now := done()) > known:
                deadline, known = time.monotonic() + self._timeout_s, now
            if (who := self._alone()) is not None and not self.child.ends_within(ALONE_S):
                raise PartEnded(f"{who}, and {self.child.name} still runs.")
            if time.monotonic() > deadline:
                break
        if not self.child.ends_within(max(0.0, deadline - time.monotonic())):
            raise TimedOut(f"{self.child.name} still runs after {self._timeout_s:g} s.\n{self.child.tail()}")
        return self._conclude(self.child.wait(self._timeout_s), killed=False)

    def note_end(self) -> None:
        """Record that it has ended by itself, if it has: before it is told to, for that would be another end."""
        if self.exit_status is None and self.child.status is not None:
            self._conclude(self.child.wait(self._timeout_s), killed=False)

    def end_within(self, timeout_s: float) -> None:
        """See it to its end if that comes in time, and kill it otherwise."""
        if self.exit_status is None:
            self.child.close_input()
            if self.child.ends_within(timeout_s):
                self._conclude(self.child.wait(timeout_s), killed=False)
            else:
                self.kill()

    def kill(self) -> int:
        """SIGKILL: a CLI that dies in the middle."""
        return self._conclude(self.child.kill(), killed=True)

    def _conclude(self, status: int, killed: bool) -> int:
        if self.exit_status is None:
            self.exit_status, self.was_killed = status, killed
            now_ns = time.monotonic_ns()
            self.child.take_last(self.tap.flush)
            if self.errors is not None:
                for line in told(self.errors):
                    self.tap.fact(CliMessage(line), now_ns)
            self.tap.fact(CliExited(status, killed), now_ns)
            self.tap.alive("after", now_ns, self.child.trouble)
            self._ended(self)
        return status


def told(errors: Path) -> Iterator[str]:
    """What a CLI said on standard error, line by line; of what is very long the beginning and the end."""
    with errors.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        yield from file.read(TOLD_BYTES).decode("utf-8", "replace").splitlines()
        if size > TOLD_BYTES:
            left = min(TOLD_BYTES, size - TOLD_BYTES)
            if size > 2 * TOLD_BYTES:
                yield f"({size - 2 * TOLD_BYTES:,} bytes are left out here: see {errors.name})"
            file.seek(-left, os.SEEK_END)
            yield from file.read(left).decode("utf-8", "replace").splitlines()
