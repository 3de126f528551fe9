"""Never unsubscribed: the page shows another session, and has not told the server that it gave the former one up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, events, per_run
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, label_of


class NeverUnsubscribed(Rule):
    """Leaked at routed to a connection that asked for this session, then for another one, and never to leave any."""

    head = Head(
        cause="never-unsubscribed",
        title="the page shows another session, and has not told the server that it gave the former one up",
        claims=(events(Kind.LEAKED, Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against="the connection asked to leave the former session, or for no other one after it",
        remedy=(
            "Unsubscribe from the former session before the page subscribes to the next one;\n"
            "also when the answer to the former subscription comes late, after the next choice."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return not any(_asked_instead(evidence, sid, session) for sid, session in _sent_to(evidence, outcome))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lines = dict.fromkeys(
            f"dashboard {outcome.dashboard}: subscribed to {session}, then to {switched}; "
            f"no unsubscribe {session} was sent by {sid}"
            for outcome in outcomes
            for sid, session in _sent_to(evidence, outcome)
            if (switched := _asked_instead(evidence, sid, session)) is not None
        )
        yield self.blame(
            "the page chose another session and never gave the former one up.",
            [*lines, *(f"dashboard {o.dashboard} was sent {o.key}" for o in outcomes[:3])],
            outcomes,
        )


def _sent_to(evidence: Evidence, outcome: Outcome) -> list[tuple[str, str | None]]:
    """The connections of the outcome's dashboard that its event was sent to, each with the event's session."""
    session = evidence.events[outcome.event_key].session
    sids = sorted(evidence.recipients_of(outcome.key))
    return [(sid, session) for sid in sids if label_of(evidence.sids.get(sid, "")) == outcome.dashboard]


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
