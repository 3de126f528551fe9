"""What the harness does to a healthy system, which must survive it: one file a fault.

A fault measures what it did while it was on: one that did nothing proves nothing, and is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Protocol

from harness.extensions import FAULT, members


class IdleFault(Exception):
    """A fault that was on for a whole run and did nothing. The message says which."""


class NothingToStrike(IdleFault):
    """A fault in the middle of a run that found nothing there to do it to. The message says what is needed."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a fault did while it was on: `count` of what `unit` says, which took `seconds` altogether."""

    count: int
    seconds: float
    unit: str


class System(Protocol):
    """What a fault may take hold of: a stack, seen through a slit."""

    before_log_write: Callable[[], None]
    """Called before each write of a child's output to its log, in the thread that reads that output."""

    @property
    def folder(self) -> Path:
        """For a fault's own files; it is removed with the stack."""

    @property
    def server_url(self) -> str:
        """Where the server listens."""

    def redirect(self, url: str | None) -> None:
        """Send everyone who starts from now on to another address for the server; None is the server's own."""


class Injected(Protocol):
    """A fault that is on."""

    def heal(self) -> Effect:
        """Take the fault away, and say what it did."""


class Fault(Protocol):
    """What the harness does to a healthy system. `does` is the sentence for the reader of a report.

    The numbers of one that is a frozen dataclass can be changed: `harness verify --fault NAME:key=value`. One that
    `redirects` stands between the server and all clients, where the wire proxy can't stand, too.
    """

    @property
    def name(self) -> str: ...
    @property
    def does(self) -> str: ...

    def inject(self, system: System, random: Random) -> Injected:
        """Put the fault into a system; the same state of `random` makes the same choices."""


def faults() -> dict[str, Fault]:
    """Every fault by its name."""
    return members(FAULT)


def strikes(fault: Fault) -> str | None:
    """Whom a fault strikes in the middle of a run (`scene.py`), None for one that is on for the whole of it."""
    return getattr(fault, "strikes", None)


def lasting() -> dict[str, Fault]:
    """The faults that are on for a whole run, whatever is done in it."""
    return {name: each for name, each in faults().items() if strikes(each) is None}


@contextmanager
def injected(chosen: Iterable[Fault], system: System, seed: str) -> Iterator[dict[str, Effect]]:
    """Faults that are on as long as the block lasts; after it the dictionary has each one's effect by its name.

    They are healed whatever happens. Raises IdleFault after a block that went well when one of them did nothing.
    """
    effects: dict[str, Effect] = {}

    def heal(name: str, on: Injected) -> None:
        effects[name] = on.heal()

    with ExitStack() as healing:
        for fault in chosen:
            on = fault.inject(system, Random(f"{seed} {fault.name}"))  # noqa: S311  # to be repeated, not to be secret
            healing.callback(heal, fault.name, on)
        yield effects
    idle = [name for name, effect in effects.items() if not effect.count]
    if idle:
        raise IdleFault(f"{', '.join(idle)} was on for a whole run and did nothing: the fault is broken.")
