"""Two active: a session is accepted while another one holds the place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame, of_kind
from harness.model import Blame, Cited, Kind, Outcome
from harness.record.evidence import OPEN, Evidence


class TwoActive:
    """The server said yes to both openings, and nothing ended the first in between."""

    name = "two-active"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = [o for o in of_kind(outcomes, Kind.EXCLUSIVITY) if o.prop == "X1"]
        if mine:
            accepted = [e for e in evidence.exchanges if e.name == OPEN and e.ok]
            yield blame(
                self.name,
                Cited(mine[0].finding, after="."),
                [f"server: accepted {e.session} of {e.sid}" for e in accepted[:5]],
                "Ask whether a session is active and open the new one in one step, under one lock (or by one atomic\n"
                "command, where several servers share the place), and answer the others with a code.",
                mine,
            )


RULE = TwoActive()
