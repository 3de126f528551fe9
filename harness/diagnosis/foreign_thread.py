"""Foreign thread: an emit from outside of the server's event loop waits until something else wakes the loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Pattern, Rule, losses, of, per_run
from harness.model import Blame, Hop, Kind, Outcome, Sighting, Strength
from harness.record.evidence import Evidence


class ForeignThread(Rule):
    """Late or lost at delivered, and emitted by a thread or loop that is not the one which the server runs in."""

    head = Head(
        cause="foreign-thread",
        title="an emit from another thread or event loop stays in the server's queue until its own loop turns",
        claims=(
            Pattern((Kind.LATE,), (Hop.DELIVERED,), keyed=True),
            losses(Hop.DELIVERED),
        ),
        carries=(of(Kind.REORDERED, Hop.ROUTED, Hop.DELIVERED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against="the server's own loop emitted it",
        remedy=(
            "Emit in the server's own loop: start the worker by `start_background_task`, let gevent or eventlet patch\n"
            "threads before all other imports, or hand the emit over (asyncio.run_coroutine_threadsafe)."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        routed = evidence.at(Hop.ROUTED, outcome.key)
        return not routed or any(_thread(each) is None for each in routed)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        outcomes = [o for o in outcomes if not self.is_refuted(evidence, o)]
        first = [o for o in outcomes if o.kind is not Kind.REORDERED]
        emits = [each for outcome in outcomes for each in evidence.at(Hop.ROUTED, outcome.key)]
        threads = sorted({str(_thread(each)) for each in emits})
        places = sorted({str(each.detail.get("where") or UNKNOWN_PLACE) for each in emits})
        late = [o.finding.measured_ms for o in outcomes if o.finding.measured_ms is not None]
        waited = [f"the slowest came {max(late):,.0f} ms after it was emitted"] if late else []
        yield self.blame(
            f"thread {threads[0]} emits outside of the server's event loop, which does not wake for it.",
            [f"emitted by thread {', '.join(threads)} at {', '.join(places[:3])}", *waited],
            outcomes,
            at=first,
            places=places,
        )


def _thread(routed: Sighting) -> str | None:
    name = routed.detail.get("foreign")
    return name if isinstance(name, str) else None


RULE = ForeignThread()
