"""Retry without id: an event that is not acknowledged in time is sent again, and nothing says that it is the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._sent_twice import answered, answers, places, retried
from harness.diagnosis.rule import Head, Rule, of, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Kind, Outcome, Sighting, Strength
from harness.record.evidence import Evidence
from harness.record.remembered import remembered


class RetryWithoutId(Rule):
    """Twice at sent over one connection, from the same place in the code; or exactly what had no answer until then."""

    head = Head(
        cause="retry-without-id",
        title="an event that is not acknowledged in time is sent again, and nothing says that it is the same",
        claims=(of(Kind.DUPLICATED, Hop.SENT),),
        by=per_run,
        taps=(Hop.SENT,),
        strength=Strength.AROUND,
        against=(
            "two places in the code sent it, or unknown ones, and not just what had no answer until then; it had been\n"
            "acknowledged by then; or the CLI never was, or sent it again sooner than any answer came in this run"
        ),
        remedy=(
            "Send an id with each event, the same one again on a retry, and let the server drop what it has;\n"
            "or wait for the acknowledgement as long as the connection lives."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        seen, patience = evidence.at(Hop.SENT, outcome.key), _patience(evidence)
        if outcome.key in retried(evidence):
            return False
        if patience is None or not _is_from_one_place(seen):
            return True
        is_answered = answers(evidence).get(outcome.event_key, seen[1].at_ns) < seen[1].at_ns
        return is_answered or seen[1].at_ns - seen[0].at_ns < patience

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        twice = [evidence.at(Hop.SENT, outcome.key) for outcome in outcomes]
        apart_ms = min((seen[1].at_ns - seen[0].at_ns) / 1e6 for seen in twice)
        yield self.blame(
            "the CLI sends events again that were not acknowledged in time, and nothing marks them as the same.",
            [
                f"{twice[0][0].observer}: {amount(len(twice), 'event')} sent again {_whence(places(twice[0]))}",
                f"the second time came at least {apart_ms:.1f} ms after the first, over the same connection",
            ],
            outcomes,
            places=places(twice[0]),
        )


def _whence(found: Sequence[str]) -> str:
    if len(found) == 1:
        return f"from the same place ({found[0]})"
    return f"from another place ({', '.join(found)}), all that had no answer by then and nothing else"


def _is_from_one_place(seen: Sequence[Sighting]) -> bool:
    """Whether it was sent more than once from one place, which is known: unknown ones may be two."""
    return len(seen) > 1 and len(places(seen)) == 1 and all(each.detail.get("where") for each in seen)


@remembered
def _patience(evidence: Evidence) -> int | None:
    """Nanoseconds in which the quickest acknowledgement of this run came; None without one."""
    _, sent_ns, answered_ns = evidence.first_times(Hop.SENT).beside(answered(evidence))
    return int((answered_ns - sent_ns).min()) if len(sent_ns) else None


RULE = RetryWithoutId()
