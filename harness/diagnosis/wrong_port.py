"""Wrong port: the CLI's connection reaches no server, and the CLI goes on without it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from harness.diagnosis.rule import Head, Rule, about, losses, lost_at, per_cli, producer_of
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import ClientConnected, ClientRefused, PageLoaded, ServerStarted
from harness.record.evidence import Evidence, reason_of

ANSWERED = re.compile(r"invalid namespace|namespaces? failed|status code|HTTP \d{3}|\bOPEN packet", re.IGNORECASE)
"""How clients say that they were answered, and not with a connection (python-socketio, socket.io-client).

Nothing but these words of the libraries tells it: neither client hands on what it was answered.
"""


class WrongPort(Rule):
    """Lost at sent, by a CLI that tried to connect, was never connected, and of which the server saw nothing."""

    head = Head(
        cause="wrong-port",
        title="the CLI's connection reaches no server, and the CLI goes on without it",
        claims=(about(Kind.REFUSED, Aspect.CLI_UNREACHED),),
        carries=(losses(Hop.SENT),),
        by=per_cli,
        strength=Strength.NAMED,
        against="the server saw an attempt of the CLI, the CLI was answered, or other clients reach the server there",
        remedy=(
            "Give the CLI the address of the server that the dashboards are connected to, and let it end with\n"
            "an error, or at least say so, when it can't connect."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.finding.party in _answered(evidence)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        tried = {f.observer: f for f in evidence.facts(ClientRefused)}
        for outcome in outcomes:
            if outcome.kind is not Kind.REFUSED or outcome.hop is not Hop.SENT:
                continue
            cli = outcome.finding.party or ""
            lost = [o for o in lost_at(outcomes, Hop.SENT) if producer_of(evidence, o) == cli]
            if cli in tried:
                fact = tried[cli]
                others = {f.body.url or "an unknown address" for f in evidence.facts(ClientConnected)}
                yield self.blame(
                    "nothing answers where the CLI connects to, and it goes on as if it were connected.",
                    [
                        f"{cli}: tried {fact.body.url or 'an unknown address'}: {reason_of(fact)}",
                        f"server: saw no attempt of {cli}, neither accepted nor refused",
                        f"others connected to: {', '.join(sorted(others)) or 'no other client did'}",
                    ],
                    [outcome, *lost],
                )


def _answered(evidence: Evidence) -> set[str]:
    """CLIs whose address is served: it refused them, or the page or another client has reached the server there."""
    known = [
        *(f.body.url for f in evidence.facts(ServerStarted)),
        *(f.body.url for f in evidence.facts(PageLoaded)),
        *(f.body.url for f in evidence.facts(ClientConnected)),
    ]
    places = {_place(url) for url in known if url} - {None}
    tried = {f.observer: f for f in evidence.facts(ClientRefused)}
    return {cli for cli, f in tried.items() if _is_answer(f) or _place(f.body.url) in places}


def _is_answer(refused: Fact[ClientRefused]) -> bool:
    """Whether the CLI was answered, and not with a connection: an object is what a server said."""
    error = refused.body.error
    return ANSWERED.search(error) is not None if isinstance(error, str) else bool(error)


def _place(url: str | None) -> str | None:
    return urlsplit(url or "").netloc or None


RULE = WrongPort()
