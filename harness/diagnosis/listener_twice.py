"""Listener twice: the page registers its handler again on each connection and keeps the former ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._listeners import carrier, is_by_listeners, listening, taken_more
from harness.diagnosis.rule import Head, Pattern, Rule, about, of_kind, per_run
from harness.judge.panels.numbers import number
from harness.lib.amounts import amount
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import PageConnected
from harness.record.evidence import Evidence, names


class ListenerTwice(Rule):
    """Twice in the page, delivered once, and the page had several listeners for its name when it came.

    Where listeners are not observed: twice at applied in a page that had connected again before, as all others of it.
    """

    head = Head(
        cause="listener-twice",
        title="the page registers its handler again on each connection and keeps the former ones",
        claims=(Pattern((Kind.DUPLICATED,), (Hop.APPLIED,), keyed=True), about(Kind.MISRENDERED, Aspect.COUNTER)),
        carries=(about(Kind.MISRENDERED, Aspect.PANEL_VALUE),),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against="the page had one listener for it, or connected once, or some events are there once in a page that did",
        remedy=(
            "Register the handlers once for the socket, not in its connect handler; or take them away (off)\n"
            "when the connection ends or the component is unmounted."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.kind is Kind.MISRENDERED:
            return outcome.finding.aspect is Aspect.COUNTER and not is_by_listeners(evidence, outcome)
        told = _listeners(evidence, outcome)
        return told is not None and told[1] < 2

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        numbers, outcomes = of_kind(outcomes, Kind.MISRENDERED), of_kind(outcomes, Kind.DUPLICATED)
        counters = [o for o in numbers if o.finding.aspect is Aspect.COUNTER]
        if counters and not outcomes:
            yield self._by_counters(evidence, counters, numbers)
        counts = {o: count for o in outcomes if (count := _listeners(evidence, o)) is not None}
        if counts:
            told = dict.fromkeys(counts.values())
            places = [where for _, _, where in told if where]
            yield self.blame(
                f"the page has several listeners for {names(sorted({repr(name) for name, _, _ in told}))}, "
                "and each takes the event.",
                [
                    f"{count} listeners for {name!r} when it came" + (f", the last added at {where}" if where else "")
                    for name, count, where in list(told)[:3]
                ],
                [*counts],
                places=places,
            )
        again = [o for o in outcomes if o not in counts and len(_connected(evidence, o)) > 1]
        if again and len(again) + len(counts) == len(outcomes):
            load = _connected(evidence, again[0])[0].observer
            yield self.blame(
                "the page takes each event as often as it has connected: its handlers pile up.",
                [
                    f"{load}: connected {len(_connected(evidence, again[0]))} times",
                    f"{load}: {amount(len(again), 'event')} delivered once and applied more than once: "
                    f"{names(sorted({o.key or '' for o in again}))}",
                ],
                again,
                strength=Strength.AROUND,
            )

    def _by_counters(self, evidence: Evidence, counters: Sequence[Outcome], numbers: Sequence[Outcome]) -> Blame:
        """Of a page that draws each event once, and counts it each time."""
        labels = {outcome.label for outcome in counters}
        messages = [
            s
            for label in labels
            for load in evidence.loads_of(label)[-1:]
            for s in evidence.on_page(Hop.DELIVERED, load)
        ]
        told = {carrier(s): found for s in messages if (found := listening(evidence, s)) is not None and found[0] > 1}
        return self.blame(
            f"the page has several listeners for {names(sorted(map(repr, told)))}, and counts each event as often.",
            [
                *(
                    f"{count} listeners for {name!r} when it came" + (f", the last added at {where}" if where else "")
                    for name, (count, where) in list(told.items())[:3]
                ),
                *(
                    f"dashboard {o.label}: its listeners were called {amount(taken_more(evidence, o.label), 'time')} "
                    f"more than events came, and the counter says {o.finding.found} for {o.finding.expected}"
                    for o in counters
                ),
            ],
            [*counters, *(o for o in numbers if o not in counters and o.label in labels and _is_too_much(o))],
            at=counters,
            places=[where for _, where in told.values() if where],
        )


def _is_too_much(outcome: Outcome) -> bool:
    """Whether a panel shows a larger number than its events make."""
    shown, expected = number(outcome.finding.found), number(outcome.finding.expected)
    return shown is not None and expected is not None and shown > expected


def _listeners(evidence: Evidence, outcome: Outcome) -> tuple[str, int, str | None] | None:
    """The message's name, how many listeners for it the page had when it came, and where the last was added.

    None where this page's listeners are not observed.
    """
    found = None
    for load in evidence.loads_of(outcome.dashboard):
        for message in evidence.on_page(Hop.DELIVERED, load).of(outcome.key):
            told = listening(evidence, message)
            if told is not None and (found is None or told[0] > found[1]):
                found = carrier(message), *told
    return found


def _connected(evidence: Evidence, outcome: Outcome) -> list[Fact[PageConnected]]:
    """The connections of the page load that holds the event twice, before it came there."""
    loads = [
        load
        for load in evidence.loads_of(outcome.dashboard)
        if evidence.counted(Hop.APPLIED, load)[outcome.event_key] > 1
    ]
    return [f for f in evidence.facts(PageConnected) if f.observer in loads]


RULE = ListenerTwice()
