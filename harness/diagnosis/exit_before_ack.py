"""Exit before acknowledgement: the CLI disconnects right behind its last emit, and the tail never arrives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, per_run, producer_of
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class ExitBeforeAck(Rule):
    """The tail of a session is lost at received, was never acknowledged, and the CLI ended as if all were well."""

    head = Head(
        cause="exit-before-ack",
        title="the CLI disconnects right behind its last emit, and the tail never arrives",
        claims=(of(Kind.LOST, Hop.RECEIVED),),
        by=per_run,
        taps=(
            Hop.SENT,
            Hop.RECEIVED,
        ),
        strength=Strength.ABSENT,
        against="an event after it was received or acknowledged, or the CLI ended with an error",
        remedy=(
            "Await the acknowledgement of every event (call() or a callback) before disconnecting,\n"
            "and exit with an error when it doesn't come."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lost = {o.key for o in outcomes if o.kind is Kind.LOST and o.hop is Hop.RECEIVED}
        tail = {key for session in evidence.sessions for key in _tail(evidence, session, lost)}
        mine = [o for o in outcomes if o.kind is Kind.LOST and o.hop is Hop.RECEIVED and o.key in tail]
        if mine:
            keys = sorted({o.event_key for o in mine})
            clis = sorted({producer_of(evidence, o) for o in mine})
            yield self.blame(
                "the CLI left before the server had acknowledged what it sent.",
                [
                    f"sent and never acknowledged: {', '.join(keys[:5])}",
                    f"{', '.join(clis)} exited with status 0",
                ],
                mine,
            )


def _tail(evidence: Evidence, session: str, lost: set[str | None]) -> Iterable[str]:
    """The lost events at the end of a session, behind all that was received; none where its CLI told of an error."""
    end = evidence.exit_of(session)
    if end is None or end.data.get("status") != 0:
        return
    for event in reversed(evidence.sessions[session]):
        if event.key not in lost or event.key in evidence.acknowledged:
            return
        yield event.key


RULE = ExitBeforeAck()
