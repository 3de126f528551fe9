"""No reducer case: the page is delivered an event whose name it doesn't know, and drops it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis import blame
from harness.evidence import Evidence
from harness.model import Blame, Kind, Outcome, Strength


class NoReducerCase:
    """Delivered, and no event of that name was ever taken into the page's state."""

    name = "no-reducer-case"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_name: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            if outcome.kind is Kind.UNHANDLED and outcome.key in evidence.events:
                by_name[evidence.events[outcome.key].name].append(outcome)
        for name, mine in by_name.items():
            yield blame(
                self.name,
                f"the page is delivered {name!r} and takes none of them into its state.",
                [f"{len({o.key for o in mine})} events named {name!r} delivered, 0 applied"],
                f"Add a case for {name!r} to the page's reducer, or listen under the name that the server emits.\n"
                "Compare the names on both sides: an underscore for a colon is enough.",
                mine,
                strength=Strength.AROUND,
            )


RULE = NoReducerCase()
