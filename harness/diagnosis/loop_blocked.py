"""Loop blocked: something keeps the server's event loop, and everything that comes meanwhile waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Pattern, Rule, per_run
from harness.model import PAGE_SIDE, Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import Blocked
from harness.record.evidence import Evidence


class LoopBlocked(Rule):
    """Late at a hop in the server, and its loop stood still for most of the time that went before that hop."""

    head = Head(
        cause="loop-blocked",
        title="a handler or a task keeps the server's event loop, and everything that comes meanwhile waits",
        claims=(Pattern((Kind.LATE,), (Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED), keyed=True),),
        by=per_run,
        strength=Strength.NAMED,
        against="the loop ran for most of the time that the event waited",
        remedy=(
            "Nothing in an event loop may compute for long, or wait without `await`: take the awaitable call\n"
            "(asyncio.sleep, in Node.js the one without Sync), or a thread (asyncio.to_thread, worker_threads)."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        waited = _waited(evidence, outcome)
        return waited is None or sum(_overlap(f, waited) for f in evidence.facts(Blocked)) < (waited[1] - waited[0]) / 2

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        windows = [waited for o in outcomes if (waited := _waited(evidence, o)) is not None]
        by_what: dict[tuple[str, str], list[float]] = defaultdict(list)
        for fact in evidence.facts(Blocked):
            if any(_overlap(fact, window) for window in windows):
                by_what[_what(fact)].append(fact.body.ms)
        ranked = sorted(by_what.items(), key=lambda item: (-sum(item[1]), item[0]))
        (what, where), took = ranked[0]
        yield self.blame(
            f"{what} stops the server's event loop, for up to {max(took):,.0f} ms at a time.",
            [
                f"{each}: kept the loop {_often(times)}, {sum(times):,.0f} ms in all ({place})"
                for (each, place), times in ranked[:4]
            ],
            outcomes,
            places=[where],
        )


def _what(fact: Fact[Blocked]) -> tuple[str, str]:
    name = fact.body.name
    return ("a task" if name is None else f"the handler of {name!r}"), fact.body.where or UNKNOWN_PLACE


def _often(times: Sequence[float]) -> str:
    return "once" if len(times) == 1 else f"{len(times)} times"


def _overlap(fact: Fact[Blocked], window: tuple[int, int]) -> float:
    """Nanoseconds of a time during which the loop was kept."""
    return max(0.0, min(window[1], fact.at_ns) - max(window[0], fact.at_ns - fact.body.ms * 1e6))


def _waited(evidence: Evidence, outcome: Outcome) -> tuple[int, int] | None:
    """When an event was at the last hop before the one that it was late at, and there, in the server's clock."""
    last = outcome.hops[-1]
    at = [times for hop in Hop if hop <= last and (times := _seen(evidence, hop, outcome)) is not None]
    return (at[-2], at[-1]) if len(at) > 1 else None


def _seen(evidence: Evidence, hop: Hop, outcome: Outcome) -> int | None:
    if hop not in PAGE_SIDE:
        return next((each.at_ns for each in evidence.at(hop, outcome.key)), None)
    loads = evidence.loads_of(outcome.dashboard)
    pages = (each for load in loads for each in evidence.on_page(hop, load).of(outcome.key))
    return min((each.at_ns for each in pages), default=None)


RULE = LoopBlocked()
