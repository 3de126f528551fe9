"""Never connected: the CLI reports its events and never reaches the server, by whatever way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._kept import is_kept
from harness.diagnosis.rule import Head, Rule, losses, per_cli, producer_of
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import Acknowledged, ClientConnected, ClientRefused, CliMessage, UnservedEmit
from harness.record.evidence import Evidence
from harness.record.remembered import remembered


class NeverConnected(Rule):
    """Lost at sent, by a CLI that sent nothing at all: not let in, not refused, and no emit elsewhere was seen."""

    head = Head(
        cause="never-connected",
        title="the CLI reports its events and never reaches the server, by whatever way",
        claims=(losses(Hop.SENT, exact=True),),
        by=per_cli,
        taps=(Hop.SENT,),
        strength=Strength.ABSENT,
        against="the CLI was let in or refused, had an answer of the server, or emitted elsewhere",
        remedy=(
            "Await the connection before the first event, and close it after the last acknowledgement. What is\n"
            "emitted on a closed socket, or on a server object of the CLI's own, goes nowhere without a word."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return producer_of(evidence, outcome) in _reached(evidence)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        cli = producer_of(evidence, outcomes[0])
        end = evidence.exits.get(cli)
        yield self.blame(
            "the CLI was never connected to the server, and posted nothing to it.",
            [
                f"{cli}: let in 0 times, refused 0 times, sent 0 events",
                f"{cli}: reported {len({o.key for o in outcomes})} events, and ended with status "
                f"{end.body.status if end else 'unknown'}",
                *(f"{cli}: on standard error: {text}" for text in _said(evidence, cli)),
            ],
            outcomes,
        )


@remembered
def _reached(evidence: Evidence) -> set[str]:
    """The CLIs that the server let in, refused or answered, and those that sent anything, to it or elsewhere."""
    reached = {f.observer for kind in (ClientConnected, ClientRefused, UnservedEmit) for f in evidence.facts(kind)}
    answers = (fact for fact, _ in evidence.told.kinds(Acknowledged))
    reached |= {f.observer for f in answers if not is_kept(f) and not f.body.never_left}
    return reached | {sighting.observer for sighting in evidence.flow[Hop.SENT].kinds()}


def _said(evidence: Evidence, cli: str) -> list[str]:
    """The first lines and the last that a CLI wrote on standard error: that a package or a name is missing, say."""
    lines = [f.body.text.strip()[:200] for f in evidence.facts(CliMessage, cli)]
    told = [line for line in lines if line]
    return [*dict.fromkeys([*told[:2], *told[-1:]])]


RULE = NeverConnected()
