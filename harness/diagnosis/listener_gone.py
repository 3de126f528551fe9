"""Listener gone: what the page removed took every listener of a name with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._listeners import grouped, unheard
from harness.diagnosis.rule import Head, Rule, losses, of, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import PageListens
from harness.record.evidence import Evidence, names

ONCE = (
    "Listen with `socket.on(name, listener)` where more than one message comes: `once` takes its listener away before\n"
    "the first is handled."
)
"""What mends it where nothing but `once` took the listener away."""


class ListenerGone(Rule):
    """Lost in the page: its client had listeners for the name before, and none any more when it came."""

    head = Head(
        cause="listener-gone",
        title="the page removed its listeners of a name, and messages still come",
        claims=(losses(Hop.APPLIED), of(Kind.UNHANDLED, Hop.APPLIED)),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against="the page still had a listener for the name, or never had one",
        remedy=(
            "Remove the listener that you added, and only that: `socket.off(name, listener)`. `socket.off(name)` and\n"
            "`removeAllListeners()` in one component's clean-up take those of all others."
        ),
    )

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        return not any(each.gone is not None for each in unheard(evidence, outcomes))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        found = (each for each in unheard(evidence, outcomes) if each.gone is not None)
        for listed, mine in grouped(found).items():
            name = names(map(repr, listed))
            ends = {each.load: each.gone for each in mine if each.gone is not None}
            places = dict.fromkeys(gone.body.where for gone in ends.values() if gone.body.where)
            at = f" at {next(iter(places))}" if places else ""
            is_once = all(gone.body.is_once for gone in ends.values())
            yield self.blame(
                f"the page listens to {name} only once{at}, and messages still came."
                if is_once
                else f"the page removed all of its listeners for {name}{at}, and messages still came.",
                [
                    *(
                        f"{load}: 0 listeners for {name} from when "
                        f"{amount(_before(evidence, load, gone.n), 'event')} had come"
                        + (f", {_how(gone.body)} at {gone.body.where}" if gone.body.where else "")
                        for load, gone in ends.items()
                    ),
                    f"{amount(len({each.outcome.key for each in mine}), 'message')} {name} delivered after that",
                ],
                [each.outcome for each in mine],
                remedy=ONCE if is_once else None,
                places=places,
            )


def _how(gone: PageListens) -> str:
    return "listened once" if gone.is_once else "removed"


def _before(evidence: Evidence, load: str, n: int) -> int:
    """How many events had come to a page when something was told."""
    return sum(1 for each in evidence.on_page(Hop.DELIVERED, load) if each.n < n)


RULE = ListenerGone()
