"""Incidents that a line brings about: it is put into a condition, stays in it, and is healed."""

from __future__ import annotations

import time
from collections.abc import Callable

from harness.faults import Effect
from harness.faults._relay import HEALTHY, Condition, Relay


class OnLine:
    """A line that is not as it should be. `resets` at its end: what was under way is lost, as the line was."""

    def __init__(self, line: Relay, condition: Condition, lasts_s: float, unit: str, *, resets: bool = False) -> None:
        self._line, self._unit, self._resets = line, unit, resets
        self.lasts_s = lasts_s
        self.count, self._before, self._began = 0, line.count, time.monotonic()
        line.put(condition)

    def heal(self) -> Effect:
        """The line is as it was; the effect is what it did, or how many connections it did it to."""
        cut = self._line.cut() if self._resets else 0
        self._line.put(HEALTHY)
        did = self._line.count - self._before + self.count
        return Effect(did or cut, time.monotonic() - self._began, self._unit)


def cut_off(line: Relay, lasts_s: float) -> OnLine:
    """Reset all connections of a line, and let no other one through for a while."""
    on = OnLine(line, Condition(refuses=True), lasts_s, "connections cut or refused")
    on.count += line.cut()
    return on


def without(line: Relay, marker: bytes, lasts_s: float) -> OnLine:
    """Reset all connections of a line, and let no HTTP request through whose head holds a marker for a while."""
    on = OnLine(line, Condition(rejects=marker), lasts_s, "connections cut or requests turned away")
    on.count += line.cut()
    return on


class Acted:
    """Something that was done, and is undone by `undo`."""

    def __init__(self, count: int, unit: str, lasts_s: float = 0.0, undo: Callable[[], None] = lambda: None) -> None:
        self._count, self._unit, self.lasts_s, self._undo = count, unit, lasts_s, undo
        self._began = time.monotonic()

    def heal(self) -> Effect:
        """Undo it."""
        self._undo()
        return Effect(self._count, time.monotonic() - self._began, self._unit)
