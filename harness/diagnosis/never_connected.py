"""Never connected: the CLI reports its events and never reaches the server, by whatever way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.diagnosis._kept import is_kept
from harness.diagnosis.rule import Head, Rule, losses, per_cli, producer_of
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import Acknowledged, ClientConnected, ClientRefused, CliMessage, UnservedEmit
from harness.record.evidence import Evidence
from harness.record.remembered import remembered


@dataclass(frozen=True, slots=True)
class Words:
    """What a runtime says where a connection was not even tried, or could not be, and what mends it.

    The words are those of Python, Node.js and client libraries on standard error, where nothing else tells why.
    """

    pattern: re.Pattern[str]
    remedy: str


TELLING = (
    Words(
        re.compile(r"\bnot installed\b|No module named|Cannot find (?:module|package)"),
        "Install what is missing where the CLI runs, and let it fail aloud where it can't connect: its events go\n"
        "nowhere without a word.",
    ),
    Words(
        re.compile(r"\bwas never awaited\b"),
        "Await what is named: it has not even begun to run. Let the CLI fail aloud where it is not connected before\n"
        "its first event.",
    ),
)
"""The first that fits is told; the most certain come first."""


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
            "Await the connection before the first event, close it after the last acknowledgement, and look at the\n"
            "error of each request: what is emitted on a closed socket, or posted to nobody, goes without a word."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return producer_of(evidence, outcome) in _reached(evidence)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        cli = producer_of(evidence, outcomes[0])
        end, said = evidence.exits.get(cli), _said(evidence, cli)
        why = next((each for each in TELLING if any(each.pattern.search(text) for text in said)), None)
        words = next((text for text in said if why is not None and why.pattern.search(text)), None)
        says = f"; it says {words!r}" if words else ""
        yield self.blame(
            f"the CLI never reached the server: it made no connection to it, and no request{says}.",
            [
                f"{cli}: let in 0 times, refused 0 times, sent 0 events, over Socket.IO or by HTTP requests",
                f"{cli}: reported {amount(len({o.key for o in outcomes}), 'event')}, and ended with status "
                f"{end.body.status if end else 'unknown'}",
                *(f"{cli}: on standard error: {text}" for text in said),
            ],
            outcomes,
            remedy=why.remedy if why is not None else None,
        )


@remembered
def _reached(evidence: Evidence) -> set[str]:
    """The CLIs that the server let in, refused or answered, and those that sent anything, to it or elsewhere."""
    reached = {f.observer for kind in (ClientConnected, ClientRefused, UnservedEmit) for f in evidence.facts(kind)}
    answers = (fact for fact, _ in evidence.told.kinds(Acknowledged))
    reached |= {f.observer for f in answers if not is_kept(f) and not f.body.never_left}
    return reached | {sighting.observer for sighting in evidence.flow[Hop.SENT].kinds()}


def _said(evidence: Evidence, cli: str) -> list[str]:
    """What a CLI wrote on standard error: what tells why, else the first lines and the last."""
    lines = [f.body.text.strip()[:200] for f in evidence.facts(CliMessage, cli)]
    told = [line for line in lines if line]
    telling = [line for line in told if any(each.pattern.search(line) for each in TELLING)]
    return [line for line in dict.fromkeys(told) if line in {*telling[:2], *told[:2], *told[-1:]}]


RULE = NeverConnected()
