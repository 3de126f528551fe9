"""Connect raises: the server's handler of a new connection fails, and what it was to do for that client is not done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from harness.diagnosis._kept import is_kept
from harness.diagnosis._parties import at, in_brackets
from harness.diagnosis._unhandled import unhandled
from harness.diagnosis.rule import Head, Rule, about, losses, of, per_run, producer_of
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import Acknowledged, ClientConnected, ClientRefused, Connected, HandlerError, Joined, Unrouted
from harness.record import rooms
from harness.record.evidence import Evidence, label_of, position

OUTSIDE = Aspect.DASHBOARD_OUTSIDE
MOST = 5
"""So many exceptions stand as evidence."""


class ConnectRaises(Rule):
    """A handler of `connect` raised, or a middleware before it.

    Its client was never let in, joined no room, or no handler took its events.
    """

    head = Head(
        cause="connect-raises",
        title="the server's handler of a new connection fails, and what it was to do for that client is not done",
        claims=(
            about(Kind.REFUSED, OUTSIDE, Aspect.REQUEST_UNANSWERED),
            losses(Hop.SENT, Hop.RECEIVED, Hop.ROUTED),
        ),
        carries=(of(Kind.LOST), of(Kind.MISRENDERED), of(Kind.INCOMPLETE)),
        by=per_run,
        strength=Strength.GONE,
        against=(
            "the client was refused with a reason, fewer connections failed than dashboards and CLIs stayed outside,\n"
            "or a connection whose handler raised at that place joined a room, or had an event of that name handled"
        ),
        remedy=(
            "Mend the handler of the connection. Where it raises, python-socketio never answers the client; socket.io\n"
            "for Node.js leaves it connected, without the rooms and the handlers that come after that line."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        raised = {str(f.body.sid): f for f in evidence.facts(HandlerError) if f.body.name == "connect"}
        if not raised:
            return
        inside = {f.body.sid for f in evidence.facts(Connected)}
        strangers = [fact for sid, fact in raised.items() if sid not in inside]
        first = [*_outside(evidence, outcomes, strangers), *_without_rooms(evidence, outcomes, raised)]
        first += [*_without_handlers(evidence, outcomes, raised)]
        if not first:
            return
        mine = dict(first)
        labels = {o.dashboard for o in mine if o.kind is Kind.REFUSED or o.hop is Hop.ROUTED} - {None}
        follow = [o for o in outcomes if o not in mine and _follows(o, labels, mine)]
        errors = [*{id(fact): fact for fact in mine.values()}.values()]
        error = errors[0].body
        yield self.blame(
            f"the server's handler of a new connection raised: {error.error}.",
            [
                *(
                    f"{each.observer}: 'connect' of {each.body.sid}: {each.body.error}{in_brackets(each.body.where)}"
                    for each in errors[:MOST]
                ),
                *(f"after that, {each}" for each in _then(evidence, [*mine])),
            ],
            [*mine, *follow],
            at=[o for o in mine if o.kind is not Kind.INCOMPLETE],
            remedy=f"Mend the handler{at(error.where)}. Where it raises, python-socketio never answers the client;\n"
            "socket.io for Node.js leaves it connected, without the rooms and handlers that come after that line.",
            places=[each.body.where for each in errors],
        )


def _outside(
    evidence: Evidence, outcomes: Sequence[Outcome], strangers: Sequence[Fact[HandlerError]]
) -> Iterable[tuple[Outcome, Fact[HandlerError]]]:
    """Dashboards and CLIs refused without a word, where as many connections failed whose party is unknown."""
    parties: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.finding.aspect is OUTSIDE and outcome.finding.text is None:
            parties[f"dashboard:{outcome.label}"].append(outcome)
    never = _never_let_in(evidence)
    for outcome in outcomes:
        cli = producer_of(evidence, outcome) if outcome.key else evidence.producer.get(outcome.finding.session or "")
        if cli in never and outcome.hops[:1] in ((Hop.SENT,), (Hop.EMITTED,)):
            parties[cli].append(outcome)
    if len(strangers) < len(parties):
        return
    for (_, mine), fact in zip(parties.items(), strangers, strict=False):
        yield from ((outcome, fact) for outcome in mine)


def _never_let_in(evidence: Evidence) -> set[str]:
    """CLIs that were neither let in nor refused, and had no answer of the server by another way."""
    reached = {f.observer for kind in (ClientConnected, ClientRefused) for f in evidence.facts(kind)}
    reached |= {f.observer for f in evidence.facts(Acknowledged) if not is_kept(f) and not f.body.never_left}
    reached |= {sighting.observer for sighting in evidence.flow[Hop.SENT]}
    return {*evidence.exits} - reached if evidence.has_tap(Hop.SENT) else set()


def _without_rooms(
    evidence: Evidence, outcomes: Sequence[Outcome], raised: Mapping[str, Fact[HandlerError]]
) -> Iterable[tuple[Outcome, Fact[HandlerError]]]:
    """Events of a room, lost to dashboards whose connections joined none; and what those asked for in vain."""
    joins = [f for f in evidence.facts(Joined) if f.body.sid in raised]
    went_on = {raised[f.body.sid].body.where for f in joins if position(f) > position(raised[f.body.sid])}
    entered = {(label_of(evidence.sids[f.body.sid]), f.body.room) for f in joins if f.body.sid in evidence.sids}
    failed = {label_of(load): raised[sid] for sid, load in evidence.sids.items() if sid in raised}
    whole = {label_of(load) for sid, load in evidence.sids.items() if sid not in raised}
    emitted = {str(f.body.key): f.body.room for f in evidence.facts(Unrouted)}
    emitted |= {key: seen[0].detail.get("room") for key, seen in evidence.once[Hop.ROUTED].items()}
    for outcome in outcomes:
        fact = failed.get(outcome.dashboard or "")
        if fact is None or outcome.dashboard in whole or fact.body.where in went_on:
            continue
        names = rooms.each(emitted.get(outcome.key or ""))
        is_lost = outcome.kind is Kind.LOST and outcome.hop is Hop.ROUTED and names
        if outcome.finding.aspect is Aspect.REQUEST_UNANSWERED or (
            is_lost and not any((outcome.dashboard, name) in entered for name in names)
        ):
            yield outcome, fact


def _without_handlers(
    evidence: Evidence, outcomes: Sequence[Outcome], raised: Mapping[str, Fact[HandlerError]]
) -> Iterable[tuple[Outcome, Fact[HandlerError]]]:
    """Events of a connection that found no handler, where none of that name was handled for any that failed there."""
    found = unhandled(evidence)
    handled = {
        (raised[sid].body.where, s.event.name)
        for s in evidence.flow[Hop.RECEIVED]
        if (sid := str(s.detail.get("sid"))) in raised and s.event.key not in found
    }
    for outcome in outcomes:
        fact = found.get(outcome.event_key) if outcome.key else None
        error = raised.get(str(fact.body.sid)) if fact else None
        if error is None or outcome.hops[:1] != (Hop.RECEIVED,):
            continue
        if (error.body.where, evidence.events[outcome.event_key].name) not in handled:
            yield outcome, error


def _follows(outcome: Outcome, labels: set[str | None], mine: Mapping[Outcome, object]) -> bool:
    """Whether it is about a dashboard that has nothing, because it is outside or in no room."""
    outside = {o.dashboard for o in mine if o.finding.aspect is OUTSIDE}
    if outcome.dashboard in outside:
        return outcome.kind in (Kind.LOST, Kind.MISRENDERED)
    return outcome.dashboard in labels and outcome.finding.aspect is Aspect.STATUS


def _then(evidence: Evidence, mine: Sequence[Outcome]) -> Iterable[str]:
    outside = sorted({o.label for o in mine if o.finding.aspect is OUTSIDE})
    unsent = sorted({producer_of(evidence, o) for o in mine if o.key and o.hops[:1] == (Hop.SENT,)})
    roomless = sorted({o.label for o in mine if o.finding.aspect is not OUTSIDE and o.hop is Hop.ROUTED})
    names = sorted({evidence.events[o.event_key].name for o in mine if o.key and o.hop is Hop.RECEIVED})
    if outside:
        yield f"the server never let dashboard {' and '.join(outside)} in"
    if unsent:
        yield f"the server never let {' and '.join(unsent)} in"
    if roomless:
        yield f"it put dashboard {' and '.join(roomless)} into no room"
    if names:
        yield f"no handler took {' and '.join(map(repr, names))} of that client"


RULE = ConnectRaises()
