"""Request failed: what the page asks a server for when an event comes is refused, and the page leaves the event out."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, losses, of, per_run
from harness.lib.alike import but_for_digits
from harness.lib.amounts import amount
from harness.model import Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import PageError
from harness.record.evidence import REQUEST, Evidence
from harness.record.remembered import remembered


class RequestFailed(Rule):
    """Delivered and not taken in, and for each of them a request of the page's failed after it came."""

    head = Head(
        cause="request-failed",
        title="what the page asks a server for when an event comes is refused, and the page leaves the event out",
        claims=(of(Kind.UNHANDLED), losses(Hop.APPLIED)),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against="no request of the page's failed once events came, or not one, to one address, for each that it lacks",
        remedy=(
            "Open the page's network log at this event and follow the request: its address, its answer, and what the\n"
            "page does with a failure. Take the event in first, and let what belongs to it come later."
        ),
    )

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        return not any(REQUEST in fact.body.text for fact in evidence.facts(PageError))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_label: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            by_label[outcome.label].append(outcome)
        mine, lines = list[Outcome](), list[str]()
        for label, lacking in by_label.items():
            failed = _one_for_each(evidence, label, {outcome.event_key for outcome in lacking})
            if failed:
                mine += lacking
                said = failed[0].body.text.removeprefix("console: ")
                lines.append(
                    f"dashboard {label}: {amount(len(failed), 'request')} failed after as many events came: {said}"
                )
        if mine:
            yield self.blame("the page asks for something when an event comes, and is refused.", lines, mine)


def _one_for_each(evidence: Evidence, label: str, lacking: set[str]) -> Sequence[Fact[PageError]]:
    """The requests to one address that failed, each after the event that it was made for; none where they don't fit."""
    came = [s for load in evidence.loads_of(label)[-1:] for s in evidence.on_page(Hop.DELIVERED, load)]
    times = [sighting.at_ns for sighting in came if sighting.event.key in lacking]
    for failed in _failed(evidence, label).values():
        if len(failed) == len(times) and all(at_ns < fact.at_ns for at_ns, fact in zip(times, failed, strict=True)):
            return failed
    return ()


@remembered
def _failed(evidence: Evidence, label: str) -> dict[str, list[Fact[PageError]]]:
    """What a page's console says of each kind of request that failed once the first event had come."""
    found: dict[str, list[Fact[PageError]]] = defaultdict(list)
    for load in evidence.loads_of(label)[-1:]:
        failed = [f for f in evidence.facts(PageError) if f.observer == load and REQUEST in f.body.text]
        first = min((s.at_ns for s in evidence.on_page(Hop.DELIVERED, load)), default=math.inf) if failed else math.inf
        for fact in failed:
            if fact.at_ns > first:
                found[but_for_digits(fact.body.text)].append(fact)
    return found


RULE = RequestFailed()
