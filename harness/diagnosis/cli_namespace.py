"""CLI namespace: the CLI connects to a namespace that the server does not have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, about, losses, lost_at, per_cli, producer_of
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import ClientRefused, Connected, Refused
from harness.record.evidence import Evidence, reason_of

UNKNOWN = ("Invalid namespace", "Unable to connect")
"""What servers of socket.io and of python-socketio answer to a namespace that they do not have."""


class CliNamespace(Rule):
    """A CLI that was refused, in a namespace into which the server let no client."""

    head = Head(
        cause="cli-namespace",
        title="the CLI connects to a namespace that the server does not have",
        claims=(about(Kind.REFUSED, Aspect.CLI_REFUSED, Aspect.CLI_UNREACHED, Aspect.CLI_OUTSIDE),),
        carries=(losses(Hop.SENT),),
        by=per_cli,
        strength=Strength.NAMED,
        against=(
            "another client is connected in that namespace, it is the one that every server has, or the refusal has\n"
            "another reason than a missing namespace: words of a middleware or a handler, which it does have"
        ),
        remedy=(
            "Connect to the namespace that the server declares (the default is '/'), or declare this one:\n"
            "a handler in it, or `namespaces=` of the server."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        tried = [f for f in evidence.facts(ClientRefused) if f.observer == outcome.finding.party]
        return all(f.body.namespace in (None, "/") or f.body.namespace in _joined(evidence) for f in tried)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        joined = _joined(evidence)
        refused = {f.body.namespace for f in evidence.facts(Refused)}
        for fact in evidence.facts(ClientRefused):
            space = fact.body.namespace
            told = any(words in reason_of(fact) for words in UNKNOWN) if fact.body.error else space in refused
            if not told:
                continue
            mine = [o for o in outcomes if o.kind is Kind.REFUSED and o.finding.party == fact.observer]
            silenced = [o for o in lost_at(outcomes, Hop.SENT) if producer_of(evidence, o) == fact.observer]
            if mine:
                yield self.blame(
                    f"the CLI asks for namespace {space!r}, which the server does not have.",
                    [
                        f"{fact.observer}: {space}: {reason_of(fact)}",
                        f"server: let no client into {space}; others are in {', '.join(sorted(joined)) or 'none'}",
                    ],
                    [*mine, *silenced],
                    at=mine,
                )


def _joined(evidence: Evidence) -> set[str]:
    """The namespaces that a client was let into."""
    return {f.body.namespace or "/" for f in evidence.facts(Connected)}


RULE = CliNamespace()
