"""Post dropped: the server's transport failed at a POST of the CLI, and every event in it is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, losses, per_cli
from harness.lib.amounts import amount
from harness.model import Blame, Fact, Hop, Outcome, Strength
from harness.model.facts import PostDropped
from harness.record.evidence import Evidence

MANY = "Too many packets"
"""How python-engineio (4.15) begins to say that a POST holds more packets than `Payload.max_decode_packets`."""


class PostIsDropped(Rule):
    """Lost at received in one run of sends, and the server dropped a POST of theirs before anything later came."""

    head = Head(
        cause="post-dropped",
        title="the server's transport failed at a POST, and threw away every event in it",
        claims=(losses(Hop.RECEIVED),),
        by=per_cli,
        taps=(Hop.SENT, Hop.RECEIVED),
        strength=Strength.NAMED,
        against="no POST was dropped after it was sent, or a later event of the client arrived before that",
        remedy=(
            "Read the server's own words on the POST. Send over websocket, where every event is a message of its own;\n"
            "or await acknowledgements: only they tell the producer, since the server answers OK to such a POST."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        sent = evidence.at(Hop.SENT, outcome.key)[:1]
        return not any(fact.at_ns >= each.at_ns for fact in evidence.facts(PostDropped) for each in sent)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        taken: set[str] = set()
        for fact in evidence.facts(PostDropped):
            keys = _carried(evidence, fact, {o.event_key for o in outcomes} - taken)
            taken |= keys
            lost = [o for o in outcomes if o.event_key in keys]
            if lost:
                yield self.blame(
                    f"the server failed at a POST of the CLI and dropped {amount(len(keys), 'event')} in it: "
                    f"{fact.body.error}.",
                    [
                        f"server: {fact.body.error} ({_size(fact)})",
                        f"sent in one go and never received: {', '.join(sorted(keys)[:5])}",
                    ],
                    lost,
                    remedy=_LIMIT if MANY in fact.body.error else None,
                )


def _carried(evidence: Evidence, dropped: Fact[PostDropped], lost: set[str]) -> set[str]:
    """The last unbroken run of lost events among those that were sent before the POST was dropped."""
    sent = [s for s in evidence.flow[Hop.SENT] if s.at_ns <= dropped.at_ns]
    run: set[str] = set()
    for sighting in reversed(sent):
        if sighting.event.key in lost:
            run.add(sighting.event.key)
        elif run or sighting.event.key in evidence.once[Hop.RECEIVED]:
            break
    return run


def _size(fact: Fact[PostDropped]) -> str:
    return "a body of unknown size" if fact.body.size is None else f"a body of {fact.body.size:,} bytes"


_LIMIT = (
    "Python's Engine.IO takes 16 packets in one POST, and its client packs all that waits into one: raise\n"
    "engineio.payload.Payload.max_decode_packets in the server, send over websocket, or await acknowledgements."
)

RULE = PostIsDropped()
