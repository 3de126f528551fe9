"""Never acknowledged: the server takes an event or a subscription, and never answers its sender."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._answers import all_unasked, is_unasked, unheard
from harness.diagnosis._parties import last_words
from harness.diagnosis.rule import Head, Pattern, Rule, losses, lost_at, of, per_run
from harness.judge.holding import held as held_events
from harness.lib.amounts import amount
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import Acknowledged, CliExited, CliMessage, Disconnected, HandlerError, HandlerRuns
from harness.record.evidence import BY_SERVER, Evidence, names, position
from harness.record.evidence.stored_events import key_set

WAITED_NS = 1_000_000_000
"""Who leaves sooner has not waited for an answer: no process waits less than a second for one."""

HUNG_UP = (
    "Look for what ends the CLI's connection in the server: a limit, a clean-up, a call of Engine.IO's own\n"
    "disconnect(), which a client over WebSocket is not told of: it notices when no ping comes (45 s by default)."
)

RETURNED = (
    "No handler runs any more: look for a path through it that returns without an answer (a condition, an early\n"
    "return, an acknowledgement that is not called), and answer on it, too."
)


class NeverAcknowledged(Rule):
    """A session without its end, whose last event was received and not answered, and whose CLI gave up by itself.

    Or an event that is lost after its handler, which never answered it and answers others; or a dashboard that was not
    answered while it waited. A handler that raised has not answered either: that is another cause.
    """

    head = Head(
        cause="never-acknowledged",
        title="the server takes an event or a subscription, and never answers its sender",
        claims=(
            of(Kind.INCOMPLETE),
            of(Kind.REFUSED, Hop.RECEIVED),
            losses(Hop.ROUTED, exact=True),
            Pattern((Kind.LATE,), (Hop.ROUTED,), exact=True, aspects=(Aspect.HANDLER_HOLDS,)),
        ),
        by=per_run,
        taps=(Hop.RECEIVED,),
        strength=Strength.AROUND,
        against=(
            "a handler raised, or the server ended; the event was routed, or came without asking for an answer; or\n"
            "the CLI was acknowledged nothing at all and left without waiting, so that nothing says that it asks"
        ),
        remedy=(
            "Look at what its handler waits for (a lock, a database, a call that never returns), and give it a limit:\n"
            "the client that waits for the answer stands still with it."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        if evidence.facts(HandlerError):
            return
        for session, cli in evidence.producer.items():
            end, last = evidence.exits.get(cli), evidence.events_of(session)[-1:]
            mine = [o for o in outcomes if o.kind is Kind.INCOMPLETE and o.finding.session == session]
            runs_on = _runs_on(evidence, session, outcomes)
            held = [*(_held(evidence, session, outcomes) if _asks(evidence, cli) else []), *runs_on]
            if not last or end is None or not ((_gave_up(evidence, cli, last[0].key, end) and mine) or held):
                continue
            keys = list(dict.fromkeys(o.event_key for o in held)) or [last[0].key]
            key, gives_up = names(keys), ", and the CLI gives up" if end.body.status > 0 else ""
            still = held_events(evidence).get(keys[0]) if runs_on else None
            routed = "and not routed" if held or keys[0] not in evidence.once[Hop.ROUTED] else "and routed"
            said = [f.body.text for f in evidence.facts(CliMessage, cli) if f.body.text]
            them, runs = ("it" if len(keys) == 1 else "them"), evidence.in_flight()
            hung_up = _hung_up(evidence, keys[0])
            yield self.blame(
                f"the server has {key} and never answers {them}{gives_up}."
                if hung_up is None
                else f"the server ended the CLI's connection before it answered {key}, and the CLI waits in vain.",
                [
                    f"server: {key} received {routed}, and not acknowledged",
                    (f"server: {amount(runs or 0, 'handler')} running" + _where(still))
                    if hung_up is None
                    else f"server: {hung_up.body.sid} ended: {hung_up.body.reason}",
                    f"{cli}: exited with status {end.body.status}" + (f": {last_words(said)[:200]}" if said else ""),
                ],
                [*held, *(mine if end.body.status > 0 else ())],
                places=[] if still is None else [still.body.where],
                remedy=HUNG_UP if hung_up is not None else RETURNED if held and runs == 0 else None,
            )
        waiting = [(asked, o) for asked in evidence.unheard for o in unheard(evidence, outcomes, asked)]
        if waiting:
            who = " and ".join(dict.fromkeys(o.label for _, o in waiting))
            asked_for = dict.fromkeys(f"{asked.sid} asked to {asked.name} {asked.session}" for asked, _ in waiting)
            yield self.blame(
                f"the server has the request of dashboard {who}, and never answers it.",
                [
                    *(f"server: {each}, no answer" for each in asked_for),
                    f"server: {amount(evidence.in_flight() or 0, 'handler')} running",
                ],
                [o for _, o in waiting],
            )


def _hung_up(evidence: Evidence, key: str) -> Fact[Disconnected] | None:
    """How the server itself ended the connection that brought an event, after it had it."""
    came = evidence.once[Hop.RECEIVED][key][0]
    mine = (f for f in evidence.facts(Disconnected) if f.body.sid == came.detail.get("sid"))
    return next((f for f in mine if f.body.reason == BY_SERVER and position(f) > position(came)), None)


def _gave_up(evidence: Evidence, cli: str, last: str, end: Fact[CliExited]) -> bool:
    """Whether a CLI waited for the answer to its last event, which the server had, and failed for want of it."""
    if end.body.status <= 0 or last not in evidence.once[Hop.RECEIVED] or last in evidence.acknowledged:
        return False
    if is_unasked(evidence, last):
        return False
    return _asks(evidence, cli) or _waited(evidence, end)


def _held(evidence: Evidence, session: str, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The session's events that were lost after a handler that took them, and neither emitted nor answered them.

    A CLI may ask for an answer to some of its events alone: to those of a name that was answered, or to all if none was
    routed without an answer.
    """
    lost = [o for o in lost_at(outcomes, Hop.ROUTED) if o.hop is Hop.ROUTED]
    if evidence.ended_servers or not lost:
        return []
    had = key_set(evidence.events_of(session)) & evidence.once[Hop.RECEIVED].keys() - all_unasked(evidence)
    routed, answered = evidence.once[Hop.ROUTED].keys(), evidence.acknowledged.keys()
    mine = had - routed - answered
    if not had & routed <= answered:
        asked = evidence.events.called(had & answered)
        mine = {key for key in mine if evidence.events[key].name in asked}
    return [o for o in lost if o.key in mine]


def _runs_on(evidence: Evidence, session: str, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The session's events whose handler still runs, of those that an answer was asked to."""
    mine = key_set(evidence.events_of(session)) - all_unasked(evidence)
    return [o for o in outcomes if o.finding.aspect is Aspect.HANDLER_HOLDS and o.key in mine]


def _where(runs: Fact[HandlerRuns] | None) -> str:
    if runs is None:
        return ""
    place = f" ({runs.body.where})" if runs.body.where else ""
    return f", that of {runs.body.name!r} for {runs.body.ms / 1000:.1f} s{place}"


def _asks(evidence: Evidence, cli: str) -> bool:
    """Whether a CLI was acknowledged anything."""
    return any(fact.observer == cli for fact, _ in evidence.told.kinds(Acknowledged))


def _waited(evidence: Evidence, end: Fact[CliExited]) -> bool:
    """Whether it stayed after it had sent the last that it sent."""
    last = max((s.at_ns for s in evidence.flow[Hop.SENT] if s.observer == end.observer), default=None)
    return last is not None and end.at_ns - last >= WAITED_NS


RULE = NeverAcknowledged()
