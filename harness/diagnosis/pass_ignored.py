"""Pass ignored: the server lets a dashboard in by its pass, and then sends it sessions that the pass is not for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Pattern, Rule, of, per_dashboard
from harness.judge.properties.entitlement import SHORTEST
from harness.judge.strategies import chooses_sessions
from harness.lib.amounts import amount
from harness.model import Aspect, Blame, Cited, Hop, Kind, Outcome
from harness.model.facts import NoticeRouted
from harness.record.evidence import Evidence

SENT_AT = (Hop.ROUTED, Hop.DELIVERED)
"""Where a server sends, and where that is first seen of a server that is not observed."""


class PassIgnored(Rule):
    """Leaked to a dashboard whose pass is for other sessions."""

    head = Head(
        cause="pass-ignored",
        title="a dashboard is sent a session that its pass is not for",
        claims=(Pattern((Kind.LEAKED,), SENT_AT, aspects=(Aspect.NOT_ENTITLED, Aspect.TOLD_NOT_ENTITLED)),),
        carries=(of(Kind.MISRENDERED),),
        by=per_dashboard,
        against="the server did not send it there, or sent it to all clients: the emit names no room (broadcast-leak)",
        remedy=(
            "Ask what a connection is entitled to wherever it is sent something: events, replays, announcements,\n"
            "ends, lists and answers."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.hops[:1] == (Hop.DELIVERED,) and evidence.why_blind(Hop.ROUTED, None) is None:
            return True  # the server was seen to send it to others: how it came to this page is not on record
        if outcome.key is None or not chooses_sessions(evidence.contract.strategy):
            return False
        sightings = evidence.at(Hop.ROUTED, outcome.key)
        return any("room" in each.detail and each.detail["room"] is None for each in sightings)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        followers = [each for each in outcomes if each.kind is not Kind.LEAKED]
        outcomes = [each for each in outcomes if each.kind is Kind.LEAKED]
        if not outcomes:
            return
        label, leaked = outcomes[0].label, [each for each in outcomes if each.key is not None]
        told = [*dict.fromkeys(each.finding.other or "a message" for each in outcomes if each.key is None)]
        what = [amount(len(leaked), "event")] if leaked else []
        sessions = [*dict.fromkeys(each.finding.session or "" for each in outcomes)]
        allowed = sorted(evidence.passes.get(label, ()))
        places = _places(evidence, label, outcomes)
        yield self.blame(
            f"dashboard {label} was sent {', '.join([*what, *told])} of session {', '.join(sessions[:3])}, "
            "and its pass is not for that.",
            [
                f"the pass of dashboard {label} is for: {', '.join(allowed) or 'no session'}",
                *(f"server: sent it at {place}" for place in places[:3]),
                *(Cited(o.finding, f"{o.key}: " if o.key else "") for o in outcomes[:3]),
            ],
            [*outcomes, *(each for each in followers if _is_about(each, sessions))],
            at=outcomes,
            places=places,
        )


def _is_about(outcome: Outcome, sessions: Sequence[str]) -> bool:
    """Whether what a page shows wrongly is what it makes of a part of a session, or what it says of it."""
    said = str(outcome.finding.found)
    return outcome.finding.session in sessions or any(each in said for each in sessions if len(each) >= SHORTEST)


def _places(evidence: Evidence, label: str, outcomes: Sequence[Outcome]) -> list[str]:
    """Where in the server what leaked was sent to one of the dashboard's connections."""
    mine = {sid for sid, load in evidence.sids.items() if load in evidence.loads_of(label)}
    found = dict[str, None]()
    for outcome in outcomes:
        for sighting in evidence.at(Hop.ROUTED, outcome.key) if outcome.key is not None else ():
            if not mine.isdisjoint(sighting.recipients or ()):
                found[str(sighting.detail.get("where") or UNKNOWN_PLACE)] = None
    names = {outcome.finding.other for outcome in outcomes if outcome.key is None}
    for notice in evidence.facts(NoticeRouted):
        if notice.body.name in names and notice.body.where and not mine.isdisjoint(notice.body.recipients or ()):
            found[notice.body.where] = None
    return [*found]


RULE = PassIgnored()
