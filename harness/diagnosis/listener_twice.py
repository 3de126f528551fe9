"""Listener twice: the page registers its handler again on each connection and keeps the former ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._listeners import carrier, listening
from harness.diagnosis.rule import Head, Pattern, Rule, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import PageConnected
from harness.record.evidence import Evidence, names


class ListenerTwice(Rule):
    """Twice in the page, delivered once, and the page had several listeners for its name when it came.

    Where listeners are not observed: twice at applied in a page that had connected again before, as all others of it.
    """

    head = Head(
        cause="listener-twice",
        title="the page registers its handler again on each connection and keeps the former ones",
        claims=(Pattern((Kind.DUPLICATED,), (Hop.APPLIED,), keyed=True),),
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
        told = _listeners(evidence, outcome)
        return told is not None and told[1] < 2

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
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
