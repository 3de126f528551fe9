"""Handler gone: the server took events of a name from a connection, and later has no handler for it there any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._handled_before import handled_before
from harness.diagnosis._unhandled import unhandled
from harness.diagnosis.rule import Head, Rule, losses, per_run
from harness.model import Blame, Hop, Outcome, Strength
from harness.record.evidence import Evidence


class HandlerGone(Rule):
    """Lost at received, without a handler, and earlier ones of the same name and connection were handled."""

    head = Head(
        cause="handler-gone",
        title="the server took events of a name from a connection, and has no handler for it there any more",
        claims=(losses(Hop.RECEIVED),),
        by=per_run,
        strength=Strength.NAMED,
        against="no event of that name was handled before on that connection, or its message is called otherwise",
        remedy=(
            "Look for what takes the handler away: `once` in place of `on`, `off` or `removeAllListeners` in the\n"
            "handler of another event."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.key not in handled_before(evidence)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        before, facts = handled_before(evidence), unhandled(evidence)
        by_name: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            by_name[facts[outcome.event_key].body.name].append(outcome)
        for name, mine in by_name.items():
            keys = [*dict.fromkeys(o.event_key for o in mine)]
            earlier = before[keys[0]]
            yield self.blame(
                f"the server had a handler for {name!r}, and has it no more.",
                [
                    f"{earlier[0].observer}: took {earlier[-1].event.key} from the same connection, the last of "
                    f"{len(earlier)} that it handled",
                    f"{facts[keys[0]].observer}: messages named {name!r} after that, without a handler: {len(keys)}",
                ],
                mine,
            )


RULE = HandlerGone()
