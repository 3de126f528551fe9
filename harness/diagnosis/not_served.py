"""Not served: what is posted over plain HTTP is answered before any handler of the application takes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, losses, per_run, producer_of
from harness.model import Blame, Hop, Outcome, Strength
from harness.record.evidence import Evidence

TOO_LARGE = 413


class NotServed(Rule):
    """Lost at received, and its own answer has a status that says so: no such path, no such method, too large."""

    head = Head(
        cause="not-served",
        title="what is posted over plain HTTP is answered before any handler of the application takes it",
        claims=(losses(Hop.RECEIVED),),
        by=per_run,
        strength=Strength.NAMED,
        against="it was answered by a handler: with success, or a refusal of its own, or an error of the server's",
        remedy=(
            "Serve the path in the server, or post to the one that it serves: compare spelling, prefix and method of\n"
            "both, and what the server takes. Have the CLI look at the status of each answer."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.event_key not in evidence.unserved

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        unserved = evidence.unserved
        for is_large in (False, True):
            mine = [o for o in outcomes if (unserved[o.event_key] == TOO_LARGE) is is_large]
            if mine:
                keys = [*dict.fromkeys(o.event_key for o in mine)]
                paths = Counter((_path(evidence, key), unserved[key]) for key in keys)
                first, *others = dict.fromkeys(path for path, _ in paths)
                where = f"{first}{f' and {len(others)} more' if others else ''}"
                yield self.blame(
                    f"the server finds what is posted to {where} too large."
                    if is_large
                    else f"the server does not serve {where}.",
                    [
                        *(f"HTTP {status} for {path}, {count} times" for (path, status), count in paths.most_common(5)),
                        f"posted by {', '.join(sorted({producer_of(evidence, o) for o in mine}))}",
                    ],
                    mine,
                )


def _path(evidence: Evidence, key: str) -> str:
    return next((str(s.detail["path"]) for s in evidence.at(Hop.SENT, key) if "path" in s.detail), "a path")


RULE = NotServed()
