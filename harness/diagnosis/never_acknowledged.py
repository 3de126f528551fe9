"""Never acknowledged: the server takes an event or a subscription, and who sent it waits for the answer in vain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._answers import unheard
from harness.diagnosis.rule import Head, Rule, of, per_run
from harness.model import Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import Acknowledged, CliExited, CliMessage, Disconnected, HandlerError
from harness.record.evidence import BY_SERVER, Evidence, position

WAITED_NS = 1_000_000_000
"""Who leaves sooner has not waited for an answer: no process waits less than a second for one."""

HUNG_UP = (
    "Look for what ends the CLI's connection in the server: a limit, a clean-up, a call of Engine.IO's own\n"
    "disconnect(), which a client over WebSocket is not told of: it notices when no ping comes (45 s by default)."
)


class NeverAcknowledged(Rule):
    """A session without its end, whose last event was received and not answered, and whose CLI gave up by itself.

    Or a dashboard that was not answered while it waited. A handler that raised has not answered either: that is another
    cause.
    """

    head = Head(
        cause="never-acknowledged",
        title="the server takes an event or a subscription, and who sent it waits for the answer in vain",
        claims=(
            of(Kind.INCOMPLETE),
            of(Kind.REFUSED, Hop.RECEIVED),
        ),
        by=per_run,
        taps=(Hop.RECEIVED,),
        strength=Strength.AROUND,
        against=(
            "a handler raised; or the CLI was acknowledged nothing at all and left without waiting, so that nothing\n"
            "says that it asks for acknowledgements"
        ),
        remedy=(
            "Look at what its handler waits for (a lock, a database, a call that never returns), and give it a limit:\n"
            "whoever waits for the answer stands still with it."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        if evidence.facts(HandlerError):
            return
        for session, cli in evidence.producer.items():
            end, last = evidence.exits.get(cli), [*evidence.events_of(session)][-1:]
            mine = [o for o in outcomes if o.kind is Kind.INCOMPLETE and o.finding.session == session]
            if not mine or not last or end is None or end.body.status <= 0:
                continue
            key = last[0].key
            if key not in evidence.once[Hop.RECEIVED] or key in evidence.acknowledged:
                continue
            if not _asks(evidence, cli) and not _waited(evidence, end):
                continue
            routed = "and routed" if key in evidence.once[Hop.ROUTED] else "and not routed"
            said = [f.body.text for f in evidence.facts(CliMessage, cli) if f.body.text]
            hung_up = _hung_up(evidence, key)
            yield self.blame(
                f"the server has {key} and never answers it, and the CLI gives up."
                if hung_up is None
                else f"the server ended the CLI's connection before it answered {key}, and the CLI waits in vain.",
                [
                    f"server: {key} received {routed}, and not acknowledged",
                    f"server: {evidence.in_flight() or 0} handlers run"
                    if hung_up is None
                    else f"server: {hung_up.body.sid} ended: {hung_up.body.reason}",
                    f"{cli}: exited with status {end.body.status}" + (f": {said[-1][:200]}" if said else ""),
                ],
                mine,
                remedy=None if hung_up is None else HUNG_UP,
            )
        waiting = [(asked, o) for asked in evidence.unheard for o in unheard(evidence, outcomes, asked)]
        if waiting:
            who = " and ".join(dict.fromkeys(o.label for _, o in waiting))
            asked_for = dict.fromkeys(f"{asked.sid} asked to {asked.name} {asked.session}" for asked, _ in waiting)
            yield self.blame(
                f"the server has what dashboard {who} asked of it, and never answers.",
                [
                    *(f"server: {each}, no answer" for each in asked_for),
                    f"server: {evidence.in_flight() or 0} handlers run",
                ],
                [o for _, o in waiting],
            )


def _hung_up(evidence: Evidence, key: str) -> Fact[Disconnected] | None:
    """How the server itself ended the connection that brought an event, after it had it."""
    came = evidence.once[Hop.RECEIVED][key][0]
    mine = (f for f in evidence.facts(Disconnected) if f.body.sid == came.detail.get("sid"))
    return next((f for f in mine if f.body.reason == BY_SERVER and position(f) > position(came)), None)


def _asks(evidence: Evidence, cli: str) -> bool:
    """Whether a CLI was acknowledged anything."""
    return any(fact.observer == cli for fact, _ in evidence.told.kinds(Acknowledged))


def _waited(evidence: Evidence, end: Fact[CliExited]) -> bool:
    """Whether it stayed after it had sent the last that it sent."""
    last = max((s.at_ns for s in evidence.flow[Hop.SENT] if s.observer == end.observer), default=None)
    return last is not None and end.at_ns - last >= WAITED_NS


RULE = NeverAcknowledged()
