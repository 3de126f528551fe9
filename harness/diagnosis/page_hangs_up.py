"""Page hangs up: a page closes its own connection in the middle of a session, and stays away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._connection_ended import ConnectionEnded
from harness.diagnosis.rule import Head, Pattern, losses, lost_at, of, per_run
from harness.lib.amounts import agreeing, amount
from harness.model import Aspect, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import Disconnected, PageClosed
from harness.record.evidence import START, Evidence


class PageHangsUp(ConnectionEnded):
    """A dashboard's last connection was ended by the page itself, as both sides say, and events were routed after."""

    aspect = Aspect.DASHBOARD_HUNG_UP
    head = Head(
        cause="page-hangs-up",
        title="a page closes its own connection in the middle of a session, and stays away",
        claims=(Pattern((Kind.REFUSED,), (Hop.DELIVERED,), exact=True, aspects=(Aspect.DASHBOARD_HUNG_UP,)),),
        carries=(of(Kind.MISRENDERED), losses(Hop.ROUTED, Hop.DELIVERED)),
        by=per_run,
        strength=Strength.NAMED,
        against="the server or the line ended the connection, the page came back, or the session was over",
        remedy=(
            "Look for what calls disconnect() or close() on the socket: the clean-up of one component, a limit on\n"
            "errors. A socket that several parts of a page share is closed when the page goes, by none of them."
        ),
    )

    def end(self, evidence: Evidence, label: str) -> Fact[Disconnected] | None:
        return evidence.hung_up(label)

    def sentence(self, labels: Sequence[str]) -> str:
        return f"dashboard {' and '.join(labels)}: the page closes its own connection in the middle of a session."

    def seen(self, evidence: Evidence, label: str) -> Iterable[str]:
        loads = evidence.loads_of(label)
        for load in loads[-1:]:
            closed = max((fact.n for fact in evidence.facts(PageClosed) if fact.observer == load), default=0)
            before = [each.event for each in evidence.on_page(Hop.DELIVERED, load) if each.n < closed]
            last = f"the last that it had been delivered: {before[-1].key} {before[-1].name}" if before else "at once"
            yield f"{load}: closed the connection itself; {last}"
        end = evidence.hung_up(label)
        on_its_way = [key for key in evidence.places if end and end.body.sid in evidence.recipients_of(key)]
        count = sum(not any(key in evidence.keys_on_page(Hop.DELIVERED, load) for load in loads) for key in on_its_way)
        if count:
            yield f"server: {amount(count, 'event')} {agreeing(count, 'was', 'were')} on their way to it then"

    def missed(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Outcome]:
        """What the server had emitted to the page before it knew, and after all that came."""
        for outcome in lost_at(outcomes, Hop.DELIVERED):
            end, at = evidence.hung_up(outcome.label), evidence.routed_at(outcome.event_key)
            came = [evidence.keys_on_page(Hop.DELIVERED, load) for load in evidence.loads_of(outcome.label)]
            last = max((evidence.places[key] for keys in came for key in keys if key in evidence.places), default=START)
            if end is not None and end.body.sid in evidence.recipients_of(outcome.key) and at is not None and at > last:
                yield outcome


RULE = PageHangsUp()
