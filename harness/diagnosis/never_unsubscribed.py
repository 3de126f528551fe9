"""Never unsubscribed: the page shows another session, and has not told the server that it gave the former one up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, label_of


class NeverUnsubscribed(Rule):
    """Leaked at routed to a connection that asked for this session, then for another one, and never to leave any."""

    head = Head(
        cause="never-unsubscribed",
        title="the page shows another session, and has not told the server that it gave the former one up",
        claims=(of(Kind.LEAKED, Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against="the connection asked to leave the former session",
        remedy=(
            "Unsubscribe from the former session before the page subscribes to the next one;\n"
            "also when the answer to the former subscription comes late, after the next choice."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine, lines = [], dict[str, None]()
        for outcome in of_kind(outcomes, Kind.LEAKED, hop=Hop.ROUTED):
            session = evidence.events[outcome.event_key].session
            for sid in sorted(evidence.recipients_of(outcome.key)):
                if label_of(evidence.sids.get(sid, "")) == outcome.dashboard:
                    switched = _asked_instead(evidence, sid, session)
                    if switched is not None:
                        mine.append(outcome)
                        lines[
                            f"dashboard {outcome.dashboard}: subscribed to {session}, then to {switched}; "
                            f"no unsubscribe {session} was sent by {sid}"
                        ] = None
        if mine:
            yield self.blame(
                "the page chose another session and never gave the former one up.",
                [*lines, *(f"dashboard {o.dashboard} was sent {o.key}" for o in mine[:3])],
                mine,
            )


def _asked_instead(evidence: Evidence, sid: str, session: str | None) -> str | None:
    """The session that a connection asked for after this one, where it never gave this one up."""
    asked, instead = False, None
    for exchange in evidence.exchanges:
        if exchange.sid != sid:
            continue
        if exchange.name == "unsubscribe" and exchange.session == session:
            return None
        if exchange.name == "subscribe" and exchange.ok:
            if exchange.session == session:
                asked, instead = True, None
            elif asked:
                instead = instead or exchange.session
    return instead


RULE = NeverUnsubscribed()
