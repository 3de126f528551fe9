"""Envelope nesting: the page looks for session, number and data on another level than they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, per_dashboard
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, names


class EnvelopeNesting(Rule):
    """Delivered and not applied, and the page's state holds as many items that belong to no session."""

    head = Head(
        cause="envelope-nesting",
        title="the page looks for session, number and data on another level than they are",
        claims=(
            of(Kind.UNHANDLED, Hop.APPLIED),
            of(Kind.LOST, Hop.APPLIED),
        ),
        by=per_dashboard,
        taps=(Hop.APPLIED,),
        strength=Strength.NAMED,
        against="the state holds no items that belong to no session",
        remedy=(
            "Compare the payload that is delivered with what the page reads: unwrap one level less, or more.\n"
            "Let the page complain of an envelope that it can't read, instead of going on without it."
        ),
    )

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        view, lost = evidence.view(outcomes[0].label), _names_of(evidence, outcomes)
        nameless = Counter(view.body.state_events or () if view is not None else ())
        nameless.subtract(evidence.contract.own_events)
        return not lost or any(nameless[name] < count for name, count in lost.items())

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        label, lost = outcomes[0].label, _names_of(evidence, outcomes)
        yield self.blame(
            "the page reads the envelope on another level than it is: it doesn't know whose the events are.",
            [
                f"dashboard {label}: {amount(sum(lost.values()), 'event')} delivered with session and number",
                f"dashboard {label}: holds {names([f'{n} {name!r}' for name, n in lost.items()])} without them",
            ],
            outcomes,
        )


def _names_of(evidence: Evidence, outcomes: Sequence[Outcome]) -> Counter[str]:
    """How many of each name are lost."""
    return Counter(evidence.events[o.event_key].name for o in outcomes if o.key in evidence.events)


RULE = EnvelopeNesting()
