"""Whose records an agent's are, and what they say as a fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from harness.model import Body, Event, Fact, Record


class Observed(Protocol):
    """Whose records they are: a CLI's, a server's, or those of a process beside them."""

    @property
    def observer(self) -> str:
        """Its name in the ledger."""

    @property
    def role(self) -> str:
        """`client`, `server` or `beside`."""

    @property
    def ingress(self) -> Callable[[str, Sequence[Any]], Event | None]:
        """Which event a message to the server is."""

    @property
    def paths(self) -> set[str]:
        """Where events were posted to."""


def fact(record: Mapping[str, Any], by: Observed, body: Body) -> Record:
    """What a record says, numbered and timed as it is."""
    return Fact(by.observer, record["n"], record["t"], body)
