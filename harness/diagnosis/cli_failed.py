"""CLI failed: it ended with an error of its own before it had told of the session's end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._outside import gave_up_outside
from harness.diagnosis._parties import last_words, said_by
from harness.diagnosis.rule import Head, Pattern, Rule, losses, of, of_kind, per_session
from harness.judge.properties.refusals import reported_in
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import Acknowledged
from harness.record.evidence import Evidence

ENDLESS = (Aspect.TERMINAL_COUNT, Aspect.CLI_ENDED)
ON_ITS_WAY = (Hop.EMITTED, Hop.SENT, Hop.RECEIVED, Hop.ROUTED)
"""Where a CLI can notice that something went wrong: what a page does is not told to it."""


class CliFailed(Rule):
    """A session without a terminal event, whose CLI exited with an error and said why, and nothing of it is lost."""

    head = Head(
        cause="cli-failed",
        title="the CLI ended with an error before its session's end",
        claims=(Pattern((Kind.INCOMPLETE,), (Hop.EMITTED,), exact=True, aspects=ENDLESS),),
        carries=(losses(*ON_ITS_WAY), of(Kind.REFUSED, *ON_ITS_WAY), of(Kind.EXCLUSIVITY)),
        by=per_session,
        strength=Strength.ABSENT,
        against=(
            "events of the session are lost before a page, or it was refused: the CLI may have given up over that;\n"
            "or the server never let it in"
        ),
        remedy=(
            "Mend what the CLI says on standard error; and let it report the end of its session whatever happens,\n"
            "so that dashboards don't show it as running."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return gave_up_outside(evidence, outcome) is not None

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        return len(of_kind(outcomes, Kind.INCOMPLETE)) < len(outcomes)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = of_kind(outcomes, Kind.INCOMPLETE)
        session = mine[0].finding.session
        end = evidence.exit_or_only(session or "")
        if end is None or end.body.status <= 0 or end.body.killed:
            return
        said = said_by(evidence, end.observer)
        if said:
            last, words = reported_in(evidence, session)[-1:], last_words(said)[:200].rstrip(".")
            lines = dict.fromkeys([last_words(said), said[-1]])
            refused = [f for f in evidence.facts(Acknowledged) if not f.body.ok and f.body.key in {e.key for e in last}]
            when = f"in the middle of session {session}" if last else "before its first event"
            yield self.blame(
                f"the CLI ended with status {end.body.status} {when}: {words}.",
                [
                    f"{end.observer}: exited with status {end.body.status}",
                    *(f"{end.observer}: on standard error: {text[:200]}" for text in lines),
                    *(f"the last that it reported: {each.key} {each.name}" for each in last),
                    *(f"the server answered {f.body.key}: {f.body.error}" for f in refused[-1:]),
                ],
                mine,
            )


RULE = CliFailed()
