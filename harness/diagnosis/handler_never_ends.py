"""Handler never ends: it took an event, has neither ended nor passed it on, and nobody waits for its answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._answers import is_unasked
from harness.diagnosis.rule import Head, Pattern, Rule, per_run
from harness.judge.holding import held
from harness.lib.amounts import amount
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import HandlerRuns
from harness.record.evidence import Evidence

MOST = 5
"""So many of the events that one handler holds stand as evidence."""


class HandlerNeverEnds(Rule):
    """Late at routed: the handler that took the event still ran when everything else was at rest."""

    head = Head(
        cause="handler-never-ends",
        title="a handler waits for something that never comes, and its event stands still with it",
        claims=(Pattern((Kind.LATE,), (Hop.ROUTED,), exact=True, aspects=(Aspect.HANDLER_HOLDS,)),),
        by=per_run,
        taps=(Hop.RECEIVED, Hop.ROUTED),
        strength=Strength.NAMED,
        against="the handler had ended, or had emitted the event; or its client waits for an answer to it",
        remedy=(
            "Look at what its handler waits for (a lock, a queue, a promise that nobody keeps), and give it a limit:\n"
            "nobody waits for its answer, so that no client notices it either."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        """What was asked for an answer is never acknowledged; a post over plain HTTP always is asked."""
        return not is_unasked(evidence, outcome.event_key)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        found = held(evidence)
        keys = [key for key in dict.fromkeys(o.event_key for o in outcomes) if key in found]
        by_what: dict[tuple[str, str | None], list[str]] = {}
        for key in keys:
            told = found[key].body
            by_what.setdefault((told.name, told.where), []).append(key)
        for (name, where), mine in by_what.items():
            longest = max((found[key] for key in mine), key=lambda fact: fact.body.ms)
            yield self.blame(
                f"the handler of {name!r} has run for {_seconds(longest)} and has not ended"
                + (f" ({where})." if where else "."),
                [
                    *(
                        f"server: {key} received and not routed; its handler has run for {_seconds(found[key])}"
                        for key in mine[:MOST]
                    ),
                    f"server: {amount(evidence.in_flight() or 0, 'handler')} running at the end",
                ],
                [o for o in outcomes if o.key in mine],
                places=[where],
            )


def _seconds(fact: Fact[HandlerRuns]) -> str:
    return f"{fact.body.ms / 1000:.1f} s"


RULE = HandlerNeverEnds()
