"""Two connections: one page holds several connections at once, and each of them brings every event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.diagnosis.rule import Head, Pattern, Rule, about, per_run
from harness.lib.amounts import amount
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import PageClosed, PageConnected
from harness.record.evidence import Evidence, names


class TwoConnections(Rule):
    """Delivered as often as one load of the page has connections that are open at once, and more often than once."""

    head = Head(
        cause="two-connections",
        title="the page holds several connections at once, and each brings every event",
        claims=(Pattern((Kind.DUPLICATED,), (Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED), keyed=True),),
        carries=(
            Pattern((Kind.REORDERED,), (Hop.APPLIED, Hop.RENDERED), keyed=True),
            about(Kind.MISRENDERED, Aspect.ROW_PLACE, Aspect.STATE_PLACE),  # what else a row says has its own reasons
        ),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against=(
            "one connection was closed before the next was open, events came more often than there are any, or one\n"
            "connection brought it twice; or neither the hop that doubled it nor each delivery's connection is observed"
        ),
        remedy=(
            "Connect once for the page and hand the socket on; socket.io-client makes a connection of its own for\n"
            "each address, and for each io(…) with forceNew. Close the one that is replaced."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return _load(evidence, outcome) is None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = [o for o in outcomes if o.hops[-1:] == (Hop.DELIVERED,)]
        loads = {load: _sids(evidence, load, o) for o in mine if (load := _load(evidence, o))}
        twice = {(o.key, o.dashboard) for o in mine}
        follow = [o for o in outcomes if o not in mine and (o.key, o.dashboard) in twice]
        if mine:
            made = self.blame(
                "the page holds several connections at once, and each brings every event.",
                [
                    *(f"{load}: open at once: {', '.join(sids)}" for load, sids in loads.items()),
                    f"{amount(len(mine), 'event')} came over more than one: "
                    f"{names(sorted({o.event_key for o in mine}))}",
                ],
                [*mine, *follow],
                at=mine,
            )
            yield replace(made, hop=Hop.DELIVERED, hops=(Hop.DELIVERED,))  # whatever is not seen before it


def _load(evidence: Evidence, outcome: Outcome) -> str | None:
    """The load of the page that was delivered the event as often, at most, as it had connections open then."""
    if outcome.hops[-1:] != (Hop.DELIVERED,):
        return None
    loads = (load for load in evidence.loads_of(outcome.dashboard) if len(_sids(evidence, load, outcome)) > 1)
    return next(loads, None)


def _sids(evidence: Evidence, load: str, outcome: Outcome) -> list[str]:
    """The connections of a load that were open when it was delivered an event for the last time; none if too few.

    Where each delivery tells its connection, those; where the hops before are not observed, only those.
    """
    delivered = [*evidence.on_page(Hop.DELIVERED, load).of(outcome.key)]
    brought = [str(s.detail["sid"]) for s in delivered if s.detail.get("sid")]
    if len(brought) == len(delivered):
        return sorted(brought) if len(set(brought)) == len(brought) > 1 else []
    if outcome.hop is None or not delivered:
        return []
    closed = [f for f in evidence.facts(PageClosed) if f.observer == load]
    opened = [f for f in evidence.facts(PageConnected) if f.observer == load and f.body.sid]
    last = max(s.at_ns for s in delivered)
    sids = {str(f.body.sid) for f in opened if _is_open(f, closed, last)}
    return sorted(sids) if 1 < len(delivered) <= len(sids) else []


def _is_open(connected: Fact[PageConnected], closed: Sequence[Fact[PageClosed]], at_ns: int) -> bool:
    """Whether a connection is open at a moment. An end without an id is that of all that were open."""
    ends = [f.at_ns for f in closed if f.body.sid in (None, connected.body.sid) and f.at_ns >= connected.at_ns]
    return connected.at_ns <= at_ns < min(ends, default=at_ns + 1)


RULE = TwoConnections()
