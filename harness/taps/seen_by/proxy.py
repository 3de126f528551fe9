"""The wire proxy in front of a server sees what passes it, whatever the processes are written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.model import Hop
from harness.model.facts import InFlight, Members, TapTried
from harness.taps.seen_by import Gateway, Patience, Place, Told

ONE_SIDED = "the wire proxy sees what the server acknowledged, and can't tell what became of the rest"

QUIET_S = 0.3
"""How long nothing may pass the wire proxy until the server counts as idle."""


@dataclass(frozen=True, slots=True)
class ProxyAtServer:
    """Its canary goes through each door to a server and back. What is in flight isn't seen: it waits."""

    place: Place
    quiet_s: float = QUIET_S
    hops: tuple[Hop, ...] = (Hop.RECEIVED,)

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        return dict(inherited)

    def look(self, phase: str, patience: Patience | None, timeout_s: float) -> Iterator[Told]:
        gateway = _gateway(self.place)
        tried = (gateway.proxy.why_dead(door, timeout_s) for door in gateway.entrances)
        why = next((trouble for trouble in tried if trouble is not None), None)
        yield TapTried("wire proxy (received)", (Hop.RECEIVED,), phase, why is None, why, ONE_SIDED)
        if patience is not None and (state := gateway.proxy.wait_quiet(self.quiet_s, timeout_s)) is not None:
            yield InFlight(0, means="quiet", unanswered=state.unanswered)
            yield Members(connected=tuple(state.members))

    def stopped(self, timeout_s: float) -> None:
        """What passed is told already."""


@dataclass(frozen=True, slots=True)
class ProxyAtClient:
    """Its canary goes through the CLI's own door."""

    place: Place
    tap: str = "wire proxy (sent)"
    hops: tuple[Hop, ...] = (Hop.SENT,)

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        return dict(inherited)

    def conclude(self, has_died: bool, timeout_s: float) -> str | None:  # noqa: ARG002  # the proxy goes on
        gateway = _gateway(self.place)
        return gateway.proxy.why_dead(gateway.address_for(self.place.observer, self.place.session), timeout_s)


class ProxyTap:
    """What acknowledgements and answers on the wire allow to be said; whom a server resolves is not among it."""

    name = "proxy"
    about = "the wire proxy in front of the server; it may be written in anything"
    server_hops = (Hop.RECEIVED,)
    client_hops = (Hop.SENT,)
    stands_in_front = True

    def at_server(self, place: Place) -> ProxyAtServer:
        return ProxyAtServer(place)

    def at_client(self, place: Place) -> ProxyAtClient:
        return ProxyAtClient(place)


def _gateway(place: Place) -> Gateway:
    gateway = place.gateway()
    assert gateway is not None, "a tap that stands in front has a gateway as soon as the server is ready"
    return gateway


TAP = ProxyTap()
