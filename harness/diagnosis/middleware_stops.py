"""Middleware stops: a message comes to the server, and a middleware in front of its handler never passes it on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from harness.diagnosis._unhandled import BY_MIDDLEWARE, unhandled
from harness.diagnosis.rule import Head, Rule, losses, per_run
from harness.model import Blame, Hop, Outcome, Strength
from harness.record.evidence import Evidence


class MiddlewareStops(Rule):
    """Lost at received, and until its connection ended the server's middlewares had the message and kept it."""

    head = Head(
        cause="middleware-stops",
        title="a message comes to the server, and a middleware in front of its handler never passes it on",
        claims=(losses(Hop.RECEIVED),),
        by=per_run,
        taps=(Hop.RECEIVED,),
        strength=Strength.NAMED,
        against="it was passed on before its connection ended, or refused with an error",
        remedy=(
            "Have the server's middleware (`socket.use`) call `next()` on each of its ways, with an error where it\n"
            "refuses: what it neither passes on nor refuses is never answered, and nothing is logged."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.event_key not in unhandled(evidence, BY_MIDDLEWARE)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        kept = unhandled(evidence, BY_MIDDLEWARE)
        facts = {key: kept[key] for key in dict.fromkeys(o.event_key for o in outcomes)}
        names = Counter((fact.observer, fact.body.name) for fact in facts.values())
        yield self.blame(
            f"a middleware of the server never passes on {' and '.join(repr(name) for _, name in names)}.",
            [f"{who}: {count} {name!r} came and reached no handler" for (who, name), count in names.items()],
            outcomes,
        )


RULE = MiddlewareStops()
