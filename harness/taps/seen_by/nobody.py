"""A process that is not observed: its hops are blind, and nothing is said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.model import Hop
from harness.taps.seen_by import Patience, Place, Told


@dataclass(frozen=True, slots=True)
class Unseen:
    """A server or a CLI without a tap."""

    tap: str = "nobody"
    hops: tuple[Hop, ...] = ()

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        return dict(inherited)

    def look(self, phase: str, patience: Patience | None, timeout_s: float) -> Iterator[Told]:  # noqa: ARG002  # nothing to look at
        yield from ()

    def stopped(self, timeout_s: float) -> None:
        """Nothing to take."""

    def conclude(self, has_died: bool, timeout_s: float) -> str | None:  # noqa: ARG002  # nothing to conclude
        return None


class NobodyTap:
    """No tap."""

    name = "nobody"
    about = "its hops are blind"
    server_hops: tuple[Hop, ...] = ()
    client_hops: tuple[Hop, ...] = ()
    stands_in_front = False

    def at_server(self, place: Place) -> Unseen:  # noqa: ARG002
        return Unseen()

    def at_client(self, place: Place) -> Unseen:  # noqa: ARG002
        return Unseen()


TAP = NobodyTap()
