"""Exit before acknowledgement: the CLI disconnects right after its last emit, and the tail never arrives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, per_run, producer_of
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import ClientDisconnected
from harness.record.evidence import BY_CLIENT, Evidence
from harness.record.remembered import remembered


class ExitBeforeAck(Rule):
    """The tail of a session is lost at received, was never acknowledged, and the CLI left by itself."""

    head = Head(
        cause="exit-before-ack",
        title="the CLI disconnects right after its last emit, and the tail never arrives",
        claims=(of(Kind.LOST, Hop.RECEIVED),),
        by=per_run,
        taps=(
            Hop.SENT,
            Hop.RECEIVED,
        ),
        strength=Strength.ABSENT,
        against="an event after it was received or acknowledged, or the CLI waited before it left with an error",
        remedy=(
            "Await the acknowledgement of every event (call() or a callback) before disconnecting,\n"
            "and exit with an error when it doesn't come."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.key not in _tails(evidence)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        keys = sorted({o.event_key for o in outcomes})
        clis = sorted({producer_of(evidence, o) for o in outcomes})
        yield self.blame(
            "the CLI left before the server had acknowledged what it sent.",
            [
                f"sent and never acknowledged: {', '.join(keys[:5])}",
                *(f"{cli} exited with status {_status(evidence, cli)}" for cli in clis),
            ],
            outcomes,
        )


def _status(evidence: Evidence, cli: str) -> object:
    return evidence.exits[cli].body.status if cli in evidence.exits else "unknown"


@remembered
def _tails(evidence: Evidence) -> set[str]:
    """The events at the ends of all sessions that were neither received nor acknowledged."""
    return {key for session in evidence.sessions for key in _tail(evidence, session)}


def _tail(evidence: Evidence, session: str) -> Iterable[str]:
    """Those of one session, after all that was received; none where its CLI told of an error."""
    if not _left_by_itself(evidence, session):
        return
    for event in reversed(evidence.sessions[session]):
        if event.key not in evidence.once[Hop.SENT] and evidence.has_tap(Hop.SENT):
            continue  # it never left the CLI: that is another cause, and hides no tail
        if event.key in evidence.once[Hop.RECEIVED] or event.key in evidence.acknowledged:
            return
        yield event.key


def _left_by_itself(evidence: Evidence, session: str) -> bool:
    """Whether the CLI ended well, or closed its connection right after its last emit, whatever status it ended with."""
    end = evidence.exit_of(session)
    if end is None or end.body.killed:
        return False
    if end.body.status == 0:
        return True
    left = [f for f in evidence.facts(ClientDisconnected) if f.observer == end.observer]
    sent = [s.at_ns for s in evidence.flow[Hop.SENT] if s.observer == end.observer]
    if not left or not sent or left[-1].body.reason != BY_CLIENT:
        return False
    return 0 <= left[-1].at_ns - sent[-1] <= evidence.contract.bound_ms * 1e6


RULE = ExitBeforeAck()
