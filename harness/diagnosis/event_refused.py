"""Event refused: the server says no to an event, and its CLI ends with an error over that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._parties import last_words, said_by
from harness.diagnosis.cli_failed import ENDLESS
from harness.diagnosis.rule import Head, Pattern, Rule, of, per_session
from harness.judge.properties.refusals import refused_over
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class EventRefused(Rule):
    """A CLI exited with an error, and the server had refused an event of its, after which it took none."""

    head = Head(
        cause="event-refused",
        title="the server refuses an event, and its CLI ends with an error over that",
        claims=(Pattern((Kind.INCOMPLETE,), (Hop.RECEIVED, Hop.ROUTED), aspects=(*ENDLESS, Aspect.EXIT_STATUS)),),
        carries=(of(Kind.EXCLUSIVITY),),
        by=per_session,
        strength=Strength.NAMED,
        against="the server took the event all the same, or events after it, or the CLI ended well",
        remedy=(
            "Compare what the server demands of an event with what the CLI sent, which is in the ledger: either its\n"
            "check is wrong, or the event is."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return refused_over(evidence, outcome.finding) is None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = [o for o in outcomes if o.kind is Kind.INCOMPLETE]
        finding = mine[0].finding
        over, end = refused_over(evidence, finding), evidence.exit_of(finding.session or "")
        if over is None or end is None:
            return
        event, answers = evidence.events[over], evidence.answers(lambda told: not told.ok)
        answer = next(str(fact.body.error or "no") for fact in answers if fact.body.key == over)
        said = said_by(evidence, end.observer)
        words = last_words(said)[:200].rstrip(".") if said else ""
        yield self.blame(
            f"the server refused {event.name!r} ({answer}), and the CLI ended with status {end.body.status}"
            + (f": {words}." if words else "."),
            [
                f"server: {over} {event.name}: refused, {answer}",
                *(f"{end.observer}: on standard error: {text[:200]}" for text in dict.fromkeys(said[-2:])),
                f"{end.observer}: exited with status {end.body.status}",
            ],
            outcomes,
        )


RULE = EventRefused()
