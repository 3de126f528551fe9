"""Not sticky: the requests of one polling connection go to several server processes, and only one of them knows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from harness.diagnosis._parties import dashboards
from harness.diagnosis.rule import Head, Rule, about, losses, of, per_run
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import Connected, PageClosed, PageRefused, ServerStarted, ServerStopped
from harness.record.evidence import Evidence, label_of, names, reason_of
from harness.record.remembered import remembered

UNKNOWN = re.compile(r"invalid session|session id unknown", re.IGNORECASE)
"""How python-engineio and engine.io answer to the id of a session that they do not have."""

SEVERAL = 2
"""A server that was started anew does not know a page's session once; then the page has another."""


class NotSticky(Rule):
    """A dashboard whose polls were answered several times that nobody knows its session, and no server had ended."""

    head = Head(
        cause="not-sticky",
        title="the requests of one polling connection go to several server processes, and one alone knows it",
        claims=(about(Kind.REFUSED, Aspect.DASHBOARD_OUTSIDE), losses(Hop.ROUTED, Hop.DELIVERED)),
        carries=(of(Kind.MISRENDERED),),
        by=per_run,
        strength=Strength.NAMED,
        against="a server ended or was started anew, which forgets its sessions; or a page had such an answer once",
        remedy=(
            "Let the load balancer send all requests of a connection to one process (sticky sessions: by a cookie, or\n"
            "by the client's address), or let clients use WebSocket alone, which is one request."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.dashboard is None:
            return not all(len(_answers(evidence, label)) >= SEVERAL for label in evidence.contract.dashboards)
        return len(_answers(evidence, outcome.label)) < SEVERAL

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        first = [o for o in outcomes if o.kind is Kind.REFUSED]
        labels = sorted({o.label for o in outcomes if o.dashboard} or {*evidence.contract.dashboards})
        processes = sorted({str(f.body.process).partition(":")[0] for f in evidence.facts(Connected) if f.body.process})
        yield self.blame(
            f"requests of {dashboards(labels)} go to a server process that does not know the connection.",
            [
                *(
                    f"dashboard {label}: {len(told)} requests were answered so: {told[0]}"
                    for label in labels
                    for told in [_answers(evidence, label)]
                    if told
                ),
                *([f"connections were let in by processes {names(processes)}"] if len(processes) > 1 else []),
            ],
            outcomes,
            at=first or outcomes,
        )


@remembered
def _answers(evidence: Evidence, label: str) -> Sequence[str]:
    """What the polls of a dashboard were answered by processes that do not know it; nothing where a server was new."""
    if evidence.facts(ServerStopped) or len({f.observer for f in evidence.facts(ServerStarted)}) > 1:
        return ()
    told: list[Fact[PageRefused] | Fact[PageClosed]] = [*evidence.facts(PageRefused), *evidence.facts(PageClosed)]
    return [text for f in told if label_of(f.observer) == label and UNKNOWN.search(text := reason_of(f))]


RULE = NotSticky()
