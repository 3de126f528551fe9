"""CORS refused: the server refuses the origin that the dashboard's page comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from harness.diagnosis.rule import Head, Rule, of, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Cited, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import ClientRefused, PageError, Refused
from harness.record.evidence import Evidence, family, label_of
from harness.record.remembered import remembered

BLOCKED = re.compile(r"at '([^'?]+)\?[^']*\bEIO=\d[^']*' from origin '([^']+)' has been blocked by CORS policy")
"""Chromium's words on its console, with the address, of a request of Engine.IO's, and the origin."""


class CorsRefused(Rule):
    """A dashboard never connected, and the server refused an origin.

    A CLI has one, too, where its library gives the server's own address for it, as websocket-client does.
    """

    head = Head(
        cause="cors-refused",
        title="the server refuses the origin that the dashboard's page comes from",
        claims=(of(Kind.REFUSED, Hop.DELIVERED), of(Kind.REFUSED, Hop.RECEIVED)),
        by=per_run,
        strength=Strength.NAMED,
        against="the server refused no origin, or not that of the CLI, and no browser kept its answers from a page",
        remedy=(
            "Add the page's origin to the server's cors_allowed_origins (scheme, host and port must be equal),\n"
            "or serve the page from an origin that is allowed."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.dashboard in _blocked(evidence):
            return False
        origins = {f.body.origin for f in _origins(evidence)}
        return not origins or (outcome.dashboard is None and origins.isdisjoint(_of_cli(evidence, outcome)))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        origins = _origins(evidence)
        if not origins:
            yield self._by_browser(evidence, outcomes)
            return
        pages = [o for o in outcomes if o.dashboard is not None]
        of_clis = {origin for o in outcomes if o.dashboard is None for origin in _of_cli(evidence, o)}
        origin = next(
            (f.body.origin for f in origins if pages and f.body.origin not in of_clis), origins[0].body.origin
        )
        yield self.blame(
            f"the server does not accept {'pages' if pages else 'clients'} from {origin}.",
            [
                f"server: refused origin {origin} {amount(len(origins), 'time')} (status {origins[0].body.status})",
                *(Cited(o.finding) for o in [*pages, *(o for o in outcomes if o not in pages)][:3]),
            ],
            outcomes,
            at=pages or None,
            remedy=f"Add {origin} to the server's cors_allowed_origins (scheme, host and port must be equal),\n"
            "or serve the page from an origin that is allowed.",
        )

    def _by_browser(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Blame:
        """A server that refuses no origin, and says of none that its answers may be read there."""
        blocked = {o.dashboard: _blocked(evidence)[o.dashboard] for o in outcomes if o.dashboard is not None}
        origin = next(iter(blocked.values())).origin
        return self.blame(
            f"the server does not accept pages from {origin}.",
            [
                f"dashboard {label}: its browser kept {amount(each.times, 'answer')} of {each.address} from the page: "
                "they name no origin that may read them"
                for label, each in blocked.items()
            ],
            outcomes,
            remedy=f"Have the server allow {origin} (`cors: {{ origin: … }}` in socket.io for Node.js),\n"
            "or serve the page from the server's own origin.",
        )


class _Blocked(NamedTuple):
    """What a browser says of answers that it keeps from a page."""

    origin: str
    address: str
    times: int


@remembered
def _blocked(evidence: Evidence) -> Mapping[str | None, _Blocked]:
    """Dashboard to what its browser said of the server's answers, in words that Chromium has for nothing else."""
    found: dict[str | None, _Blocked] = {}
    for fact in evidence.facts(PageError):
        said = BLOCKED.search(fact.body.text)
        if said is None:
            continue
        label = label_of(fact.observer)
        before = found.get(label)
        found[label] = _Blocked(said[2], said[1], 1 if before is None else before.times + 1)
    return found


def _origins(evidence: Evidence) -> list[Fact[Refused]]:
    """The refusals of origins."""
    return [f for f in evidence.facts(Refused) if f.body.reason == "bad-origin"]


def _of_cli(evidence: Evidence, outcome: Outcome) -> set[str]:
    """The origins that a CLI may have given: those of the addresses at which it was refused."""
    mine = (f for f in evidence.facts(ClientRefused) if family(f.observer) == outcome.finding.party and f.body.url)
    parts = (urlsplit(str(f.body.url)) for f in mine)
    return {f"{each.scheme.replace('ws', 'http')}://{each.netloc}" for each in parts}


RULE = CorsRefused()
