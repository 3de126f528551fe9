"""Ingress name: the message that carries an event has a name that no handler of the server listens to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._handled_before import handled_before
from harness.diagnosis._renamed import is_renamed
from harness.diagnosis._unhandled import unhandled
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run, producer_of
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import LateHandler
from harness.record.evidence import Evidence


class IngressName(Rule):
    """Lost at received, and the server said that it has no handler for its sender's message."""

    head = Head(
        cause="ingress-name",
        title="the message that carries an event has a name that no handler of the server listens to",
        claims=(losses(Hop.RECEIVED),),
        by=per_run,
        strength=Strength.NAMED,
        against=(
            "the message without a handler came from a dashboard, carries no event, or got that name on its way;\n"
            "or one of that name was handled before on that connection"
        ),
        remedy=(
            "Register a handler for the name in the server, or send under the name that it listens to. Compare case,\n"
            "colons and underscores, and the namespace of both."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        """Who was given another name before is not known by it: that is where the first thing went wrong.

        And a name that was handled before is the right one.
        """
        return is_renamed(evidence, outcome) or outcome.key in handled_before(evidence)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        late = {(f.body.sid, f.body.name) for f in evidence.facts(LateHandler)}
        found = unhandled(evidence)
        by_name: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in lost_at(outcomes, Hop.RECEIVED):
            fact = found.get(outcome.event_key)
            if (
                fact is not None
                and outcome.event_key not in evidence.unserved
                and (fact.body.sid, fact.body.name) not in late
            ):
                by_name[fact.body.name].append(outcome)
        for name, mine in by_name.items():
            facts = {o.event_key: found[o.event_key] for o in mine}
            namespaces = {f.body.namespace for f in facts.values()} - {None, "/"}
            where = f" in namespace {' or '.join(sorted(map(str, namespaces)))}" if namespaces else ""
            senders = sorted({producer_of(evidence, o) for o in mine})
            yield self.blame(
                f"the server has no handler for {name!r}{where}.",
                [
                    f"{next(iter(facts.values())).observer}: {amount(len(facts), 'message')} named {name!r} arrived, "
                    "without a handler",
                    f"sent by {', '.join(senders)}; Socket.IO answers nothing, and keeps the connection",
                ],
                mine,
                remedy=f"Register a handler for {name!r} in the server, or send under the name that it listens to.\n"
                "Compare case, colons and underscores, and the namespace of both.",
            )


RULE = IngressName()
