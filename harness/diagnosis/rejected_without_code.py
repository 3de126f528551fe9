"""Rejected without code: a session is turned away in words that no program can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame, of_kind
from harness.model import Blame, Kind, Outcome
from harness.record.evidence import OPEN, Evidence


class RejectedWithoutCode:
    """The server's answer to an opening is no, and has no code."""

    name = "rejected-without-code"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        without = {session for session, code in evidence.rejected.items() if not code}
        mine = [o for o in of_kind(outcomes, Kind.EXCLUSIVITY, Kind.REFUSED) if o.finding.session in without]
        if mine:
            said = [e for e in evidence.exchanges if e.name == OPEN and e.ok is False and not e.code]
            yield blame(
                self.name,
                "the rejection carries no code: a program can't tell it from any other failure.",
                [f"server: answered {e.session} with {dict(e.result)}" for e in said[:3]],
                "Answer with a code beside the words, such as session-active, and with the session that holds the\n"
                "place, so that the CLI can say so and exit with a status of its own.",
                mine,
            )


RULE = RejectedWithoutCode()
