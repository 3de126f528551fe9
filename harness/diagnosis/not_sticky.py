"""Not sticky: the requests of one polling connection go to several server processes, and only one of them knows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from harness.diagnosis._parties import dashboards, listed
from harness.diagnosis.rule import Head, Rule, about, losses, of, per_run, producer_of
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import ClientRefused, Connected, PageClosed, PageRefused, ServerStarted, ServerStopped
from harness.record.evidence import Evidence, family, names, reason_of
from harness.record.remembered import remembered

UNKNOWN = re.compile(r"invalid session|session id unknown", re.IGNORECASE)
"""How python-engineio and engine.io answer to the id of a session that they do not have: status 400, as of much else,
and these words of theirs alone say of what.
"""

SEVERAL = 2
"""A server that was started anew does not know a page's session once; then the page has another."""


class NotSticky(Rule):
    """Several times a client's polls were answered that its session is unknown, and no server had ended."""

    head = Head(
        cause="not-sticky",
        title="the requests of one polling connection go to several server processes, and one alone knows it",
        claims=(
            about(Kind.REFUSED, Aspect.DASHBOARD_OUTSIDE, Aspect.CLI_UNREACHED, Aspect.CLI_OUTSIDE),
            losses(Hop.ROUTED, Hop.DELIVERED),
        ),
        carries=(losses(Hop.SENT), of(Kind.MISRENDERED)),
        by=per_run,
        strength=Strength.NAMED,
        against="a server ended or was started anew, which forgets its sessions; or a client had such an answer once",
        remedy=(
            "Let the load balancer send all requests of a connection to one process (sticky sessions: by a cookie, or\n"
            "by the client's address), or let clients use WebSocket alone, which is one request."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.kind is Kind.REFUSED and outcome.dashboard is None:
            return len(_answers(evidence, str(outcome.finding.party))) < SEVERAL
        if outcome.dashboard is None:
            return not all(
                len(_answers(evidence, f"dashboard:{each}")) >= SEVERAL for each in evidence.contract.dashboards
            )
        return len(_answers(evidence, f"dashboard:{outcome.label}")) < SEVERAL

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        first = [o for o in outcomes if o.kind is Kind.REFUSED]
        clis = sorted({str(o.finding.party) for o in first if o.dashboard is None})
        unsent = [o for o in outcomes if o.kind is Kind.LOST and o.hops[:1] == (Hop.SENT,)]
        silenced = [o for o in unsent if producer_of(evidence, o) in clis]
        outcomes = [o for o in outcomes if o not in unsent or o in silenced]
        labels = sorted({o.label for o in outcomes if o.dashboard and o not in silenced})
        if not labels and not clis:
            labels = [*evidence.contract.dashboards]
        processes = sorted({str(f.body.process).partition(":")[0] for f in evidence.facts(Connected) if f.body.process})
        whose = [*([dashboards(labels)] if labels else []), *clis]
        yield self.blame(
            f"requests of {listed(whose)} go to a server process that does not know the connection.",
            [
                *(
                    f"{said}: {len(told)} requests were answered so: {told[0]}"
                    for said, party in (
                        *((f"dashboard {each}", f"dashboard:{each}") for each in labels),
                        *((each, each) for each in clis),
                    )
                    for told in [_answers(evidence, party)]
                    if told
                ),
                *([f"connections were let in by processes {names(processes)}"] if len(processes) > 1 else []),
            ],
            outcomes,
            at=first or outcomes,
        )


@remembered
def _answers(evidence: Evidence, party: str) -> Sequence[str]:
    """What the polls of a client were answered by processes that do not know it; nothing where a server was new."""
    if evidence.facts(ServerStopped) or len({f.observer for f in evidence.facts(ServerStarted)}) > 1:
        return ()
    told: list[Fact[PageRefused] | Fact[PageClosed] | Fact[ClientRefused]] = [
        *evidence.facts(PageRefused),
        *evidence.facts(PageClosed),
        *evidence.facts(ClientRefused),
    ]
    return [text for f in told if family(f.observer) == party and UNKNOWN.search(text := reason_of(f))]


RULE = NotSticky()
