"""CLI namespace: the CLI connects to a namespace that the server does not have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.diagnosis._parties import dashboards
from harness.diagnosis.rule import Head, Rule, about, losses, lost_at, per_run, producer_of
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import ClientRefused, Connected, PageRefused, Refused
from harness.record.evidence import Evidence, label_of, reason_of

UNKNOWN = ("Invalid namespace", "Unable to connect")
"""What servers of socket.io and of python-socketio answer to a namespace that they do not have."""


class CliNamespace(Rule):
    """A CLI that was refused, in a namespace into which the server let no client."""

    head = Head(
        cause="cli-namespace",
        title="the CLI connects to a namespace that the server does not have",
        claims=(about(Kind.REFUSED, Aspect.CLI_REFUSED, Aspect.CLI_UNREACHED, Aspect.CLI_OUTSIDE),),
        carries=(losses(Hop.SENT), about(Kind.REFUSED, Aspect.DASHBOARD_OUTSIDE)),
        by=per_run,
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
        joined = ", ".join(sorted(_joined(evidence))) or "none"
        for space, tried in _unknown(evidence).items():
            mine = [o for o in outcomes if o.kind is Kind.REFUSED and o.finding.party in tried]
            if not mine:
                continue
            silenced = [o for o in lost_at(outcomes, Hop.SENT) if producer_of(evidence, o) in tried]
            labels = _pages(evidence, space)
            pages = [o for o in outcomes if o.kind is Kind.REFUSED and o.dashboard in labels]
            who = "the CLI asks" if not pages else f"the CLI and {dashboards(sorted(labels))} ask"
            yield self.blame(
                f"{who} for namespace {space!r}, which the server does not have.",
                [
                    *(f"{each}: {space}: {reason_of(tried[each])}" for each in sorted(tried)),
                    *(f"dashboard {label}: {space}: {reason_of(labels[label])}" for label in sorted(labels)),
                    f"server: let no client into {space}; others are in {joined}",
                ],
                [*mine, *silenced, *pages],
                at=mine,
            )


def _unknown(evidence: Evidence) -> Mapping[str | None, Mapping[str, Fact[ClientRefused]]]:
    """Namespace to the CLIs that were refused there with the words for one that is not there."""
    refused = {f.body.namespace for f in evidence.facts(Refused)}
    found: dict[str | None, dict[str, Fact[ClientRefused]]] = {}
    for fact in evidence.facts(ClientRefused):
        space = fact.body.namespace
        if is_unknown(fact) if fact.body.error else space in refused:
            found.setdefault(space, {}).setdefault(fact.observer, fact)
    return found


def _pages(evidence: Evidence, space: str | None) -> Mapping[str, Fact[PageRefused]]:
    """The dashboards that were refused in the same namespace, with those words."""
    told = (f for f in evidence.facts(PageRefused) if f.body.namespace == space and is_unknown(f))
    return {label_of(fact.observer): fact for fact in told}


def is_unknown(refused: Fact[ClientRefused] | Fact[PageRefused]) -> bool:
    """Whether a server said that it has no such namespace: these words of the libraries are all that it answers."""
    return any(words in reason_of(refused) for words in UNKNOWN)


def _joined(evidence: Evidence) -> set[str]:
    """The namespaces that a client was let into."""
    return {f.body.namespace or "/" for f in evidence.facts(Connected)}


RULE = CliNamespace()
