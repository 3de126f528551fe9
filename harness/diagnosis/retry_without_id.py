"""Retry without id: what was not acknowledged soon enough is sent again, and nothing says that it is the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._sent_twice import places
from harness.diagnosis.rule import Head, Rule, of, per_run
from harness.model import Blame, Hop, Kind, Outcome, Sighting, Strength
from harness.model.facts import Acknowledged
from harness.record.evidence import Evidence
from harness.record.remembered import remembered


class RetryWithoutId(Rule):
    """Twice at sent over one connection, from the same place in the code."""

    head = Head(
        cause="retry-without-id",
        title="what was not acknowledged soon enough is sent again, and nothing says that it is the same",
        claims=(of(Kind.DUPLICATED, Hop.SENT),),
        by=per_run,
        taps=(Hop.SENT,),
        strength=Strength.AROUND,
        against=(
            "two places in the code sent it, or unknown ones; it had been acknowledged by then; or the CLI was\n"
            "never acknowledged, or sent it again sooner than any acknowledgement came in this run"
        ),
        remedy=(
            "Send an id with each event, the same one again on a retry, and let the server drop what it has;\n"
            "or wait for the acknowledgement as long as the connection lives."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        seen, patience = evidence.at(Hop.SENT, outcome.key), _patience(evidence)
        if patience is None or not _is_from_one_place(seen):
            return True
        is_answered = _answers(evidence).get(outcome.event_key, seen[1].at_ns) < seen[1].at_ns
        return is_answered or seen[1].at_ns - seen[0].at_ns < patience

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        twice = [evidence.at(Hop.SENT, outcome.key) for outcome in outcomes]
        apart_ms = min((seen[1].at_ns - seen[0].at_ns) / 1e6 for seen in twice)
        yield self.blame(
            "the CLI sends again what was not acknowledged in time, and nothing marks it as the same.",
            [
                f"{twice[0][0].observer}: {len(twice)} events sent again from the same place ({places(twice[0])[0]})",
                f"the second time came at least {apart_ms:.1f} ms after the first, over the same connection",
            ],
            outcomes,
            places=places(twice[0]),
        )


def _is_from_one_place(seen: Sequence[Sighting]) -> bool:
    """Whether it was sent more than once from one place, which is known: unknown ones may be two."""
    return len(seen) > 1 and len(places(seen)) == 1 and all(each.detail.get("where") for each in seen)


@remembered
def _answers(evidence: Evidence) -> dict[str, int]:
    """Event key to when its first acknowledgement came, on the CLI's clock."""
    first: dict[str, int] = {}
    for fact in evidence.facts(Acknowledged):
        if not fact.body.never_left:
            first.setdefault(fact.body.key, fact.at_ns)
    return first


@remembered
def _patience(evidence: Evidence) -> int | None:
    """Nanoseconds in which the quickest acknowledgement of this run came; None where there was none."""
    answers = _answers(evidence)
    sent = evidence.first_times(Hop.SENT).by_key()
    took = (answers[key] - at_ns for key, at_ns in sent.items() if key in answers)
    return min(took, default=None)


RULE = RetryWithoutId()
