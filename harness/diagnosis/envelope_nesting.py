"""Envelope nesting: the page looks for session, number and data on another level than they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from harness.diagnosis import blame, of_kind
from harness.model import Blame, Hop, Kind, Outcome
from harness.record.evidence import Evidence, names


class EnvelopeNesting:
    """Delivered and not applied, and the page's state holds as many items that are no event of any session."""

    name = "envelope-nesting"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        for label in evidence.contract.dashboards:
            view = evidence.view(label)
            mine = [
                o for o in of_kind(outcomes, Kind.UNHANDLED, Kind.LOST) if o.dashboard == label and o.hop is Hop.APPLIED
            ]
            held = list(view.data.get("state_events") or ()) if view is not None else []
            nameless = Counter(held)
            nameless.subtract(evidence.contract.own_events)
            lost = Counter(evidence.events[o.key].name for o in mine if o.key in evidence.events)
            if lost and all(nameless[name] >= count for name, count in lost.items()):
                yield blame(
                    self.name,
                    "the page reads the envelope on another level than it is: it doesn't know whose the events are.",
                    [
                        f"dashboard {label}: {sum(lost.values())} events delivered with session and number",
                        f"dashboard {label}: holds {names([f'{n} {name!r}' for name, n in lost.items()])} without them",
                    ],
                    "Compare the payload that is delivered with what the page reads: unwrap one level less, or more.\n"
                    "Let the page complain of an envelope that it can't read, instead of going on without it.",
                    mine,
                )


RULE = EnvelopeNesting()
