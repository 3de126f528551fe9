"""CLI namespace: the CLI connects to a namespace that the server does not have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame, lost_at, producer_of
from harness.model import Blame, FactKind, Hop, Kind, Outcome
from harness.record.evidence import Evidence, reason_of


class CliNamespace:
    """A CLI that was refused, in a namespace in which the server never let anybody in."""

    name = "cli-namespace"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        joined = {str(f.data.get("namespace") or "/") for f in evidence.facts(FactKind.CONNECTED)}
        refused = {f.data.get("namespace") for f in evidence.facts(FactKind.REFUSED)}
        for fact in evidence.facts(FactKind.CLIENT_REFUSED):
            space = fact.data.get("namespace")
            if space in (None, "/") or space in joined or space not in refused:
                continue
            mine = [o for o in outcomes if o.kind is Kind.REFUSED and o.finding.party == fact.observer]
            silenced = [o for o in lost_at(outcomes, Hop.SENT) if producer_of(evidence, o) == fact.observer]
            if mine:
                yield blame(
                    self.name,
                    f"the CLI asks for namespace {space!r}, which the server does not have.",
                    [
                        f"{fact.observer}: {space}: {reason_of(fact)}",
                        f"server: refused {space}; others are in {', '.join(sorted(joined)) or 'none'}",
                    ],
                    "Connect to the namespace that the server declares (the default is '/'), or declare this one:\n"
                    "a handler in it, or `namespaces=` of the server.",
                    [*mine, *silenced],
                    at=mine,
                )


RULE = CliNamespace()
