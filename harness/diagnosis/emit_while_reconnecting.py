"""Emit while reconnecting: the CLI emitted without a connection, and the event was never sent again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from harness.diagnosis._kept import failures, is_kept, waited_in_vain
from harness.diagnosis.emit_after_close import closed_by_itself, is_after
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_cli, producer_of
from harness.lib.amounts import amount
from harness.model import Blame, Fact, Hop, Outcome, Sighting, Strength
from harness.model.facts import Acknowledged, ClientConnected, ClientDisconnected, Disconnected
from harness.record.evidence import BY_CLIENT, BY_SERVER, Evidence, names, position, reason_of
from harness.record.remembered import remembered

NOT_SENT = "not sent"
"""How the error begins of an emit that did not leave the CLI's own client."""

DROPPED = f"{NOT_SENT}: dropped"
"""How it begins where the client dropped it for want of a connection, and raised nothing."""

VOLATILE = f"{DROPPED}: volatile"
"""How it begins of a volatile emit, which no client keeps for a connection that is still to come."""

NOT_KEPT = (
    "Emit without `volatile` what must arrive: a client keeps that until it is connected. Volatile is for values that\n"
    "the next one replaces; what is emitted before the connection is there, or while it is away, is gone."
)

DISMISSED = (
    "Look for what calls disconnect() for the CLI in the server: a limit, a clean-up, a token that ends. A client\n"
    "that the server has disconnected doesn't come back by itself: it has to connect again, and send what is left."
)


class EmitWhileReconnecting(Rule):
    """Lost at sent: the emit failed in the CLI's own client, or the CLI had lost its connection and never came back."""

    head = Head(
        cause="emit-while-reconnecting",
        title="the CLI emitted while its connection was lost, and never sent the event again",
        claims=(losses(Hop.SENT), losses(Hop.RECEIVED, exact=True)),
        by=per_cli,
        taps=(Hop.SENT,),
        strength=Strength.NAMED,
        against=(
            "the CLI was connected when it emitted, had none to lose, or ended it itself; or refused the payload; of\n"
            "what was sent: the server did not end the connection, or had something that was sent later"
        ),
        remedy=(
            "Keep what could not be sent, and send it again, in order, when the connection is back.\n"
            "Never swallow the exception of an emit: nothing else tells that the event is lost."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        cli = producer_of(evidence, outcome)
        if outcome.hop is Hop.RECEIVED and not _was_on_its_way(evidence, cli, outcome.event_key):
            return True
        if not any(fact.observer == cli for fact in evidence.facts(ClientConnected)):
            return True
        closed = closed_by_itself(evidence, cli)
        failed = failures(evidence).get(outcome.key or "", ())
        is_late = closed is not None and all(is_after(fact, closed) for fact in failed)
        return waited_in_vain(evidence, cli) or is_late

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        failed = {
            f.body.key: f
            for f in evidence.answers(attrgetter("failed_on_connection"))
            if (f.body.error or "").startswith(NOT_SENT) and _was_away(evidence, f)
        }
        lost, sent = lost_at(outcomes, Hop.SENT), lost_at(outcomes, Hop.RECEIVED)
        for cli in dict.fromkeys(producer_of(evidence, o) for o in (*lost, *sent)):
            gone = _lost_connections(evidence, cli)
            never_left = [
                o
                for o in lost
                if producer_of(evidence, o) == cli and (o.key in failed or _is_reported_after(evidence, o, gone))
            ]
            on_its_way = [o for o in sent if producer_of(evidence, o) == cli]
            mine = [*never_left, *on_its_way]
            if not mine:
                continue
            refused = [failed[o.event_key] for o in never_left if o.key in failed]
            is_volatile = bool(refused) and all((f.body.error or "").startswith(VOLATILE) for f in refused)
            by_server = any(f.body.reason == BY_SERVER for f in gone[-1:]) or hung_up_on(evidence, cli) is not None
            yield self.blame(
                "the server disconnected the CLI, and what it emitted after that never reached it."
                if by_server
                else "the CLI emits them as volatile while it has no connection, and its client drops them."
                if is_volatile
                else "they were emitted while the CLI had no connection, and the failure was swallowed.",
                [
                    *(f"{cli}: lost its connection: {reason_of(f)}" for f in gone[:3]),
                    *(f"{cli}: the emit of {f.body.key} failed: {reason_of(f)}" for f in refused[:3]),
                    f"{cli}: reported {amount(len({o.key for o in never_left}), 'event')} that it never sent, "
                    f"and ended with "
                    f"status {evidence.exits[cli].body.status if cli in evidence.exits else 'unknown'}",
                    *(
                        [f"{cli}: sent {names(sorted({o.event_key for o in on_its_way}))} when the server had hung up"]
                        if on_its_way
                        else []
                    ),
                ],
                mine,
                at=never_left or mine,
                strength=Strength.NAMED if refused or on_its_way else Strength.AROUND,
                remedy=DISMISSED if by_server else NOT_KEPT if is_volatile else None,
            )


def hung_up_on(evidence: Evidence, cli: str) -> Fact[Disconnected] | None:
    """How the server ended a CLI's last connection itself, with a word or by closing what is under it."""
    sids = {
        str(s.detail["sid"]) for s in evidence.flow[Hop.RECEIVED] if s.detail.get("sid") and _is_of(evidence, s, cli)
    }
    ends = [f for f in evidence.facts(Disconnected) if f.body.sid in sids]
    last = max(ends, key=position, default=None)
    return last if last is not None and last.body.reason == BY_SERVER else None


def _is_of(evidence: Evidence, sighting: Sighting, cli: str) -> bool:
    return evidence.cli_of(sighting.event.key) == cli


def _was_on_its_way(evidence: Evidence, cli: str, key: str) -> bool:
    """Whether an event was sent, had no answer, and came to a server that had ended the connection: none came later."""
    if key in evidence.acknowledged or hung_up_on(evidence, cli) is None:
        return False
    had = evidence.once[Hop.RECEIVED]
    later = [event.key for event in evidence.events_of(evidence.events[key].session or "")]
    return key in later and not any(each in had for each in later[later.index(key) + 1 :])


@remembered
def refused_emits(evidence: Evidence) -> dict[str, Fact[Acknowledged]]:
    """Event to the failure of its emit, where the CLI was connected: its client refused it for what it is."""
    return {
        f.body.key: f
        for f in evidence.answers(lambda told: not told.ok)
        if (f.body.error or "").startswith(NOT_SENT) and not is_kept(f) and not _was_away(evidence, f)
    }


def _was_away(evidence: Evidence, failure: Fact[Acknowledged]) -> bool:
    """Whether a CLI had no connection, or not yet one, when its emit failed; with one, the client refused the emit."""
    if (failure.body.error or "").startswith(DROPPED):
        return True
    came, ended = (
        max((f.n for f in evidence.facts(kind) if f.observer == failure.observer and f.n < failure.n), default=-1)
        for kind in (ClientConnected, ClientDisconnected)
    )
    return came < 0 or ended > came


def _is_reported_after(evidence: Evidence, outcome: Outcome, gone: Sequence[Fact[ClientDisconnected]]) -> bool:
    """Whether an event was reported after its CLI had lost its connection, or kept for another one.

    A line is read after it is printed.
    """
    kept = any(map(is_kept, failures(evidence).get(outcome.key or "", ())))
    return bool(gone) and (kept or any(each.at_ns > gone[0].at_ns for each in evidence.at(Hop.EMITTED, outcome.key)))


def _lost_connections(evidence: Evidence, cli: str) -> list[Fact[ClientDisconnected]]:
    """How a CLI lost the connection that it never had again; none when it left by itself."""
    came = [f.n for f in evidence.facts(ClientConnected) if f.observer == cli]
    ended = [f for f in evidence.facts(ClientDisconnected) if f.observer == cli]
    gone = [f for f in ended if f.body.reason != BY_CLIENT]
    return gone if gone and ended[-1].n > max(came, default=-1) else []


RULE = EmitWhileReconnecting()
