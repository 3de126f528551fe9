"""Two emit paths: two places in the CLI's code emit the same event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame
from harness.diagnosis._sent_twice import places, sent_twice
from harness.model import Blame, Outcome
from harness.record.evidence import Evidence


class TwoEmitPaths:
    """Twice at sent, from different places in the code."""

    name = "two-emit-paths"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        twice = [(o, where) for o, seen in sent_twice(evidence, outcomes) if len(where := places(seen)) > 1]
        if twice:
            names = sorted({evidence.events[o.event_key].name for o, _ in twice})
            where = list(dict.fromkeys(place for _, several in twice for place in several))
            yield blame(
                self.name,
                f"two places in the CLI's code emit {', '.join(map(repr, names))}.",
                [f"emitted at {place}" for place in where[:5]],
                f"Let one place emit: keep {where[0]}\nand remove {where[1]}, or let it call the first.",
                [o for o, _ in twice],
            )


RULE = TwoEmitPaths()
