"""CORS refused: the server refuses the origin that the dashboard's page comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, per_run
from harness.model import Blame, Cited, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import Refused
from harness.record.evidence import Evidence


class CorsRefused(Rule):
    """A dashboard never connected, and the server refused an origin."""

    head = Head(
        cause="cors-refused",
        title="the server refuses the origin that the dashboard's page comes from",
        claims=(of(Kind.REFUSED, Hop.DELIVERED),),
        by=per_run,
        strength=Strength.NAMED,
        against="the server refused no origin",
        remedy=(
            "Add the page's origin to the server's cors_allowed_origins (scheme, host and port must be equal),\n"
            "or serve the page from an origin that is allowed."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.dashboard is None or not _origins(evidence)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        origins = _origins(evidence)
        origin = origins[0].body.origin
        yield self.blame(
            f"the server does not accept pages from {origin}.",
            [
                f"server: refused origin {origin} {len(origins)} times (status {origins[0].body.status})",
                *(Cited(o.finding) for o in outcomes[:3]),
            ],
            outcomes,
            remedy=f"Add {origin} to the server's cors_allowed_origins (scheme, host and port must be equal),\n"
            "or serve the page from an origin that is allowed.",
        )


def _origins(evidence: Evidence) -> list[Fact[Refused]]:
    """The refusals of origins."""
    return [f for f in evidence.facts(Refused) if f.body.reason == "bad-origin"]


RULE = CorsRefused()
