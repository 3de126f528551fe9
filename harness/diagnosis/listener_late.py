"""Listener late: messages came before the page listened to their name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._listeners import grouped, unheard
from harness.diagnosis.rule import Head, Rule, losses, of, per_run
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, names


class ListenerLate(Rule):
    """Lost in the page: it came before the page registered the first listener for its name."""

    head = Head(
        cause="listener-late",
        title="the page registers its listener after messages of the name have come",
        claims=(losses(Hop.APPLIED), of(Kind.UNHANDLED, Hop.APPLIED)),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against="the page had a listener for the name when it came",
        remedy=(
            "Register listeners right where the socket is made, before anything is awaited; what they need that isn't\n"
            "there yet can be kept until it is."
        ),
    )

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        return not any(each.gone is None and each.later is not None for each in unheard(evidence, outcomes))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        found = (each for each in unheard(evidence, outcomes) if each.gone is None and each.later is not None)
        for listed, mine in grouped(found).items():
            name = names(map(repr, listed))
            late = {each.load: each.later for each in mine if each.later is not None}
            places = dict.fromkeys(later.body.where for later in late.values() if later.body.where)
            count = len({each.outcome.key for each in mine})
            yield self.blame(
                f"the page listened to {name} only after {count} such messages had come.",
                [
                    f"{load}: first listener for {name} registered"
                    + (f" at {later.body.where}" if later.body.where else "")
                    + ", after them"
                    for load, later in late.items()
                ],
                [each.outcome for each in mine],
                places=places,
            )


RULE = ListenerLate()
