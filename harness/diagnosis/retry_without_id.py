"""Retry without id: an event that is not acknowledged in time is sent again, and nothing says that it is the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from harness.diagnosis._sent_twice import answered, answers, places, retried
from harness.diagnosis.rule import Head, Rule, of, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Kind, Outcome, Sighting, Strength
from harness.record.evidence import Evidence
from harness.record.remembered import remembered

LONG = 4
"""So many times longer than half of the others a post waited that was given up: the first of a run may be slow."""

FEW = 3
"""Of so many other posts it has to be known how long their answers took."""


class RetryWithoutId(Rule):
    """Twice at sent over one connection, from the same place in the code; or exactly what had no answer until then.

    Where posts tell no place: posted again after a wait that is far longer than answers to others took.
    """

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
        if patience is None or not (_is_from_one_place(seen) or _is_posted_again(evidence, seen)):
            return True
        is_answered = answers(evidence).get(outcome.event_key, seen[1].at_ns) < seen[1].at_ns
        return is_answered or seen[1].at_ns - seen[0].at_ns < patience

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        twice = [evidence.at(Hop.SENT, outcome.key) for outcome in outcomes]
        apart_ms = min((seen[1].at_ns - seen[0].at_ns) / 1e6 for seen in twice)
        yield self.blame(
            "the CLI sends events again that were not acknowledged in time, and nothing marks them as the same.",
            [
                f"{twice[0][0].observer}: {amount(len(twice), 'event')} sent again "
                + (f"to {twice[0][0].detail['path']}" if _is_post(twice[0]) else _whence(places(twice[0]))),
                f"the second time came at least {apart_ms:.1f} ms after the first"
                + ("" if _is_post(twice[0]) else ", over the same connection"),
            ],
            outcomes,
            places=() if _is_post(twice[0]) else places(twice[0]),
        )


def _whence(found: Sequence[str]) -> str:
    if len(found) == 1:
        return f"from the same place ({found[0]})"
    return f"from another place ({', '.join(found)}), all that had no answer by then and nothing else"


def _is_from_one_place(seen: Sequence[Sighting]) -> bool:
    """Whether it was sent more than once from one place, which is known: unknown ones may be two."""
    return len(seen) > 1 and len(places(seen)) == 1 and all(each.detail.get("where") for each in seen)


def _is_post(seen: Sequence[Sighting]) -> bool:
    """Whether it was posted over plain HTTP, and from where in the code is not known."""
    return all(each.detail.get("path") and not each.detail.get("where") for each in seen)


def _is_posted_again(evidence: Evidence, seen: Sequence[Sighting]) -> bool:
    """Whether one post waited for far longer than others usually did, and was made once more then."""
    if len(seen) < 2 or not _is_post(seen) or len({each.detail["path"] for each in seen}) > 1:
        return False
    keys, sent_ns, answered_ns = evidence.first_times(Hop.SENT).beside(answered(evidence))
    others = [int(took) for key, took in zip(keys, answered_ns - sent_ns, strict=True) if key != seen[0].event.key]
    return len(others) >= FEW and seen[1].at_ns - seen[0].at_ns > LONG * median(others)


@remembered
def _patience(evidence: Evidence) -> int | None:
    """Nanoseconds in which the quickest acknowledgement of this run came; None without one."""
    _, sent_ns, answered_ns = evidence.first_times(Hop.SENT).beside(answered(evidence))
    return int((answered_ns - sent_ns).min()) if len(sent_ns) else None


RULE = RetryWithoutId()
