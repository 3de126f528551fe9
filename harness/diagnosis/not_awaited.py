"""Not awaited: the code calls an async function, and nothing of it runs because it is not awaited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._parties import in_brackets
from harness.diagnosis._unawaited import JOINS, unawaited
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.lib.amounts import agreeing, amount
from harness.model import Blame, Fact, Hop, Outcome, Strength
from harness.model.facts import NeverAwaited
from harness.record.evidence import Evidence


class NotAwaited(Rule):
    """Lost at sent or routed, never seen there, and its emit was called and never awaited; or its room's joining."""

    head = Head(
        cause="not-awaited",
        title="an emit, or the joining of a room, is called and never awaited: nothing of it runs",
        claims=(losses(Hop.SENT, Hop.ROUTED, exact=True),),
        by=per_run,
        strength=Strength.NAMED,
        against=(
            "the event was emitted after all; or what was not awaited neither emits it nor lets its dashboard into\n"
            "the room that it was emitted to, or the dashboard joined that room by another way"
        ),
        remedy=(
            "Write `await` before the call: an async function that is only called does not run. Python says so\n"
            "on standard error (`RuntimeWarning: coroutine … was never awaited`), and linters find it."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return unawaited(evidence, outcome) is None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        found: dict[tuple[str, str | None], list[tuple[Fact[NeverAwaited], Outcome]]] = defaultdict(list)
        for outcome in [*lost_at(outcomes, Hop.SENT), *lost_at(outcomes, Hop.ROUTED)]:
            fact = unawaited(evidence, outcome)
            if fact is not None:
                found[fact.body.function, fact.body.where].append((fact, outcome))
        for (function, where), mine in found.items():
            body = mine[0][0].body
            plain = function.rpartition(".")[2]
            joins = JOINS in body.does
            whom = f"{mine[0][0].observer}: "
            count = len({o.event_key for _, o in mine})
            yield self.blame(
                f"{plain}() is called and never awaited, so that the dashboard never joins the room."
                if joins
                else f"{plain}() is called for them and never awaited, so that it never runs.",
                [
                    f"{whom}coroutine '{function}' was never awaited" + in_brackets(where),
                    *([f"{whom}called for {body.sid}, at its {body.asked!r}"] * (joins and body.asked is not None)),
                    f"{whom}{amount(count, 'event')} {agreeing(count, 'was', 'were')} "
                    f"{'emitted without it' if joins else 'not emitted'}",
                ],
                [outcome for _, outcome in mine],
                remedy=f"Write `await` before {plain}(): an async function that is only called does not run. Python\n"
                "says so on standard error (`RuntimeWarning: coroutine … was never awaited`), and linters find it.",
                places=[where],
            )


RULE = NotAwaited()
