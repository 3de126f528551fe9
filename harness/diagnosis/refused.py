"""Refused: a dashboard or a CLI was not let in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame
from harness.evidence import Evidence
from harness.model import Blame, FactKind, Kind, Outcome


class Refused:
    """A refusal on record, and somebody who should have been connected and was not."""

    name = "refused"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        kinds = (FactKind.REFUSED, FactKind.PAGE_REFUSED, FactKind.CLIENT_REFUSED)
        facts = [fact for kind in kinds for fact in evidence.facts(kind)]
        mine = [o for o in outcomes if o.kind is Kind.REFUSED]
        if facts and mine:
            yield blame(
                self.name,
                f"{mine[0].detail}.",
                [
                    f"{f.observer}: {f.kind} {f.data.get('reason') or f.data.get('text') or f.data.get('error')}"
                    for f in facts[:5]
                ],
                "Compare what the server accepts (origins, namespace, token) with what the client presents;\n"
                "the refusal above says which of them it was.",
                mine,
            )


RULE = Refused()
