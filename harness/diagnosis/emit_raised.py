"""Emit raised: the CLI's own client refused a payload, which it can't write as a message, and the CLI went on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.emit_while_reconnecting import refused_emits
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, lost_at, per_cli, producer_of
from harness.model import Blame, Hop, Outcome, Strength
from harness.record.evidence import Evidence, reason_of


class EmitRaised(Rule):
    """Lost at sent, by an emit that raised while the CLI was connected."""

    head = Head(
        cause="emit-raised",
        title="an emit raises in the CLI (a payload that is not JSON, say), and the exception is swallowed",
        claims=(losses(Hop.SENT),),
        by=per_cli,
        taps=(Hop.SENT,),
        strength=Strength.NAMED,
        against="the CLI had no connection when the emit failed, or the emit was called once more and left",
        remedy=(
            "Let no exception of an emit go unseen: end with an error, or tell the server so. Make the payload of\n"
            "what JSON has: dates, decimals, bytes in a set and objects of your own become texts, numbers or lists."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.event_key not in refused_emits(evidence) or bool(evidence.at(Hop.SENT, outcome.key))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = lost_at(outcomes, Hop.SENT)
        if not mine:
            return
        facts = {o.event_key: refused_emits(evidence)[o.event_key] for o in mine}
        first = next(iter(facts.values()))
        error = reason_of(first).partition(": ")[2]
        where = first.body.where or UNKNOWN_PLACE
        yield self.blame(
            f"the CLI's emit raised {error}, and the CLI went on.",
            [
                *(f"{fact.observer}: the emit of {key}: {reason_of(fact)}" for key, fact in list(facts.items())[:4]),
                f"{producer_of(evidence, mine[0])}: {len(facts)} of its emits raised, at {where}",
            ],
            mine,
            remedy=f"Mend what {where} emits: {error}\n"
            "Let no exception of an emit go unseen: end with an error, or tell the server so.",
            places=[fact.body.where for fact in facts.values()],
        )


RULE = EmitRaised()
