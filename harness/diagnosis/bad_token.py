"""Bad token: the CLI presents a token that the server does not know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, about, losses, lost_at, of_kind, per_cli, producer_of
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import ClientConnected, ClientRefused, Refused
from harness.record.evidence import Evidence

BAD_TOKEN = "bad-token"  # noqa: S105  # a code, and no token
"""The code of a refusal that is about the token."""


class BadToken(Rule):
    """A CLI was refused, and the server's reason is the token."""

    head = Head(
        cause="bad-token",
        title="the CLI presents a token that the server does not know",
        claims=(about(Kind.REFUSED, Aspect.CLI_REFUSED, Aspect.CLI_UNREACHED, Aspect.CLI_OUTSIDE),),
        carries=(losses(Hop.SENT),),
        by=per_cli,
        strength=Strength.NAMED,
        against="the server gave another reason, or let the CLI in afterwards",
        remedy=(
            "Give the CLI the token file of the server that runs now: a server that made a new one knows\n"
            "the old one no more."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        tried = [f for f in evidence.facts(ClientRefused) if f.observer == outcome.finding.party]
        let_in = [f.n for f in evidence.facts(ClientConnected) if f.observer == outcome.finding.party]
        return not any(f.body.code == BAD_TOKEN and f.n > max(let_in, default=-1) for f in tried)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        for fact in evidence.facts(ClientRefused):
            by_server = [f for f in evidence.facts(Refused) if f.body.code == BAD_TOKEN]
            mine = [o for o in of_kind(outcomes, Kind.REFUSED) if o.finding.party == fact.observer]
            if by_server and mine:
                silenced = [o for o in lost_at(outcomes, Hop.SENT) if producer_of(evidence, o) == fact.observer]
                yield self.blame(
                    "the CLI's token is not the server's.",
                    [
                        f"{by_server[0].observer}: refused {by_server[0].body.sid}: {BAD_TOKEN}",
                        f"{fact.observer}: {fact.body.error}",
                    ],
                    [*mine, *silenced],
                    at=mine,
                )


RULE = BadToken()
