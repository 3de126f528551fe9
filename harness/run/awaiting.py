"""What workloads may wait for, in the words of a run: events that passed a hop, answers, connections."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.model import Hop
from harness.run.conditions import Conditions

if TYPE_CHECKING:
    from harness.run.producer import Cli


class Awaiting:
    """What workloads may wait for in a run. `taken` is the hop at which the server shows that it has an event."""

    def __init__(self, conditions: Conditions, taken: Hop) -> None:
        self._news, self._taken = conditions, taken

    def wait_routed(self, session: str, count: int) -> None:
        """Wait until the server has routed so many sightings of a session."""
        self._news.wait(
            lambda: self._news.seen(self._taken, session) >= count,
            f"{count} events of {session} to be {self._taken.label}",
            self.ended_of(session),
        )

    def ended_of(self, session: str) -> Callable[[], str | None]:  # noqa: ARG002  # a run knows its CLIs
        """Who tells whether the CLI of a session has ended, how, and what was refused of it."""
        return lambda: None

    def wait_first(self, cli: Cli) -> None:
        """Wait until the server has any event at all, whatever session it is of, or a CLI has ended."""
        self._news.wait(
            lambda: self._news.any_seen(self._taken) or cli.child.status is not None,
            f"an event of {cli.label} to be {self._taken.label}",
        )

    def wait_routed_by(self, cli: Cli, count: int) -> bool:
        """The same for the session of a CLI; False where that has ended before."""
        self._news.wait(
            lambda: self._news.seen(self._taken, cli.session) >= count or cli.child.status is not None,
            f"{count} events of {cli.session} to be {self._taken.label}",
        )
        return self._news.seen(self._taken, cli.session) >= count

    def wait_told(self, cli: Cli, count: int, timeout_s: float) -> bool:
        """Wait until a CLI has told of so many events, or has ended; False where it told nothing for so long.

        One that tells of none at all is not waited for.
        """
        return not self._news.any_seen(Hop.EMITTED) or self._news.comes(
            lambda: self._news.seen(Hop.EMITTED, cli.session) >= count or cli.child.status is not None, timeout_s
        )

    def taken(self, session: str) -> int:
        """How many sightings of a session showed so far that the server has its events."""
        return self._news.seen(self._taken, session)

    def wait_acknowledged(self, session: str, count: int) -> None:
        """Wait until so many events of a session were acknowledged to their producer."""
        self._news.wait(
            lambda: self._news.acknowledged(session) >= count,
            f"{count} acknowledgements for {session}",
            self.ended_of(session),
        )

    @property
    def connections(self) -> tuple[int, int]:
        """How many connections of dashboards the server has seen come, and how many connections of all parties end."""
        return self._news.members, self._news.departures

    def wait_connections(self, came: int = 0, went: int = 0) -> None:
        """Wait until so many connections came and went (see `connections`)."""
        self._news.wait(
            lambda: self._news.members >= came and self._news.departures >= went,
            f"{came} connections of dashboards to come and {went} connections to go",
        )

    def wait_answer(self, request: str, session: str, count: int = 1) -> None:
        """Wait until the server has answered so many requests of a name for a session."""
        self._news.wait(lambda: self.answers(request, session) >= count, f"the answer to {request} for {session}")

    def answers(self, request: str, session: str) -> int:
        """How many requests of a name were answered for a session so far."""
        return self._news.answers(request, session)
