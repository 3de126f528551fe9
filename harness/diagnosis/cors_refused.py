"""CORS refused: the server refuses the origin that the dashboard's page comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame, of_kind
from harness.model import Blame, Cited, FactKind, Hop, Kind, Outcome
from harness.record.evidence import Evidence


class CorsRefused:
    """A dashboard never connected, and the server refused an origin."""

    name = "cors-refused"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        origins = [f for f in evidence.facts(FactKind.REFUSED) if f.data.get("reason") == "bad-origin"]
        mine = [o for o in of_kind(outcomes, Kind.REFUSED) if o.dashboard is not None and o.hop is Hop.DELIVERED]
        if origins and mine:
            origin = origins[0].data.get("origin")
            yield blame(
                self.name,
                f"the server does not accept pages from {origin}.",
                [
                    f"server: refused origin {origin} {len(origins)} times (status {origins[0].data.get('status')})",
                    *(Cited(o.finding) for o in mine[:3]),
                ],
                f"Add {origin} to the server's cors_allowed_origins (scheme, host and port must be equal),\n"
                "or serve the page from an origin that is allowed.",
                mine,
            )


RULE = CorsRefused()
