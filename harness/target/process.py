"""The processes of a system: how each starts, how it says that it is ready, and who sees into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.locations import documentation
from harness.model import Hop
from harness.taps.seen_by import Tap, taps


class TargetError(Exception):
    """A target that can't be used. The message says what is wrong and what to do."""


BLOCK = "block"
"""What answers for an origin that is not let through."""

PLACEHOLDER = re.compile(r"\{([A-Za-z][\w-]*(?:\.port)?)\}")
"""A placeholder in a command, in an environment or in an address. Other braces mean nothing here."""


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in. Raises TargetError for one that has no value here."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise TargetError(f"nothing fills in {found[0]} in {text!r}; here there is {', '.join(sorted(values))}.")
        return values[found[1]]

    return PLACEHOLDER.sub(value, text)


@dataclass(frozen=True, slots=True)
class Work:
    """What is put into a fresh folder before a process starts in it or with it."""

    copy_from: Path | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    git: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """How a process starts. `{name}` in an argument or in the environment is filled in when it starts.

    `cwd` None is a fresh folder, `{work}`, with `work` in it.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    work: Work = Work()

    def fill(self, **values: str) -> list[str]:
        """The arguments with their placeholders filled in."""
        return [fill(argument, values) for argument in self.argv]

    def fill_env(self, **values: str) -> dict[str, str]:
        """The same for the environment that is set for it."""
        return {name: fill(value, values) for name, value in self.env.items()}


@dataclass(frozen=True, slots=True)
class Ready:
    """How a process is known to be ready: by a line of its log, by a path that answers, or by its port.

    The line's group `url` is its address, or `port` its port.
    """

    log: str | None = None
    http: str | None = None


@dataclass(frozen=True, slots=True)
class SeenBy:
    """Who sees what passes the server and the CLIs: the names of taps (`harness.taps.seen_by`)."""

    server: str = "agent"
    cli: str = "agent"

    @property
    def server_tap(self) -> Tap:
        """The tap at the servers. Raises TargetError for one that isn't there."""
        return tap(self.server)

    @property
    def cli_tap(self) -> Tap:
        """The tap at the CLIs. Raises TargetError for one that isn't there."""
        return tap(self.cli)

    @property
    def hops(self) -> tuple[Hop, ...]:
        """The hops that they see."""
        return (*self.cli_tap.client_hops, *self.server_tap.server_hops)


def tap(name: str) -> Tap:
    """The tap that a target names. Raises TargetError when it isn't there."""
    found = taps().get(name)
    if found is None:
        raise TargetError(
            f"there is no tap {name!r}; there is {', '.join(taps())} ({documentation('write-a-tap.md')})."
        )
    return found


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the system that stays for as many runs as are wanted.

    `port` None is a free one, found for it; 0 is one that it chooses itself. It starts when those in `after` are ready.
    One that does not `listen` has no port, and is ready by its log, or at once. One with a `url` runs already: it is
    found there, and neither started nor stopped.
    """

    name: str
    command: Command
    ready: Ready
    port: int | None = None
    serves: bool = False
    seen_by: str = "agent"
    after: tuple[str, ...] = ()
    listens: bool = True
    url: str | None = None
    certificate: Path | None = None
    """That of a server behind HTTPS, or of who signed it, where this machine doesn't know it."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something done on the page: `click`, `fill`, `press` or `wait`. `text` is what is filled in, or the key."""

    what: str
    selector: str
    text: str = ""
