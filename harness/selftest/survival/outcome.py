"""What became of one fault under one strategy with one seed, as a line of a file that a campaign goes on with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from harness.faults.promises import PROMISES, Promise

Cell = tuple[str, str, int]
"""Fault, strategy and seed."""

TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "float": (float, int),
    "float | None": (float, int, type(None)),
}


class PartError(Exception):
    """A file of outcomes that can't be used. The message says which line, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Survived:
    """One fault, once. `why` says how the harness broke, and is empty where it did not.

    `recovered_s`: from the end of the fault until traffic passed again, None where that was not to be seen; `took_s`:
    the whole run.
    """

    fault: str
    strategy: str
    seed: int
    answer: str
    lost: int
    doubled: int
    leaked: int
    recovered_s: float | None
    took_s: float
    why: str = ""

    @property
    def cell(self) -> Cell:
        return self.fault, self.strategy, self.seed

    @property
    def is_passed(self) -> bool:
        return self.answer == "passed"

    def broken(self, promise: Promise) -> list[str]:
        """What was promised and not kept, in words; nothing when it was."""
        if self.why:
            return [f"the harness broke: {self.why}"]
        told = [
            f"{count} {what}, and {most} are promised"
            for what, count, most in (
                ("lost", self.lost, promise.lost),
                ("doubled", self.doubled, promise.doubled),
                ("leaked", self.leaked, promise.leaked),
            )
            if count > most
        ]
        if promise.recovers_s is not None and (self.recovered_s is None or self.recovered_s > promise.recovers_s):
            told.append(f"traffic passed again after {self.recovered_s} s, and {promise.recovers_s:g} s are promised")
        if not self.is_passed:
            told.append(f"the verdict is {self.answer}")
        return told

    def line(self) -> str:
        """It as a line of JSON."""
        return json.dumps(asdict(self))


def read_part(path: Path) -> list[Survived]:
    """The outcomes in a file; none where it is not there. Raises PartError."""
    try:
        text = path.read_text("utf-8") if path.exists() else ""
    except OSError as error:
        raise PartError(f"{path}: can't be read: {error.strerror}") from None
    except ValueError:
        raise PartError(f"{path}: can't be read: it is not UTF-8") from None
    return [_outcome(path, number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def merged(parts: Iterable[Path]) -> list[Survived]:
    """The outcomes of several files, in the order of their seeds; of one cell and seed the last. Raises PartError."""
    found = {each.cell: each for path in parts for each in read_part(path)}
    return sorted(found.values(), key=lambda each: each.seed)


def _outcome(path: Path, number: int, line: str) -> Survived:
    try:
        said: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise PartError(f"{path}, line {number}: not JSON; remove the line, and its run is made again") from None
    if not isinstance(said, dict):
        raise PartError(f"{path}, line {number}: a JSON object is wanted")
    wrong = sorted({each.name for each in fields(Survived)} ^ set(said))
    wrong += [each.name for each in fields(Survived) if each.name in said and not _fits(each.type, said[each.name])]
    if wrong:
        raise PartError(f"{path}, line {number}: at {wrong[0]}: not as a run of this version writes it")
    if said["strategy"] not in PROMISES.get(said["fault"], {}):
        raise PartError(f"{path}, line {number}: nothing is promised for this fault and strategy")
    return Survived(**said)


def _fits(kind: Any, value: object) -> bool:
    return isinstance(value, TYPES[str(kind)]) and (str(kind) == "bool" or not isinstance(value, bool))
