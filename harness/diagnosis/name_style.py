"""Name style: both sides mean the same event and write its name in different ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, events, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence
from harness.record.remembered import remembered


class NameStyle(Rule):
    """Unhandled under a name that differs from a known one only in case and separators."""

    head = Head(
        cause="name-style",
        title="both sides mean the same event and write its name in different ways",
        claims=(events(Kind.UNHANDLED),),
        by=per_run,
        strength=Strength.NAMED,
        against="no known name is written alike",
        remedy=(
            "Agree on one way to write the names of events (colons or underscores, case), and take them from one\n"
            "list that both sides share, so that an unknown name fails when it is built."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return not _meant(evidence, evidence.events[outcome.event_key].name)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_name: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            name = evidence.events[outcome.event_key].name
            for meant in _meant(evidence, name):
                by_name[name, meant].append(outcome)
        pairs = ", ".join(f"{name!r} for {meant!r}" for name, meant in by_name)
        yield self.blame(
            f"the page is delivered {pairs}: another way to write the same name.",
            [
                f"{amount(len({o.key for o in mine}), 'event')} named {name!r} delivered, 0 applied; known is {meant!r}"
                for (name, meant), mine in by_name.items()
            ],
            [o for mine in by_name.values() for o in mine],
        )


def _meant(evidence: Evidence, name: str) -> list[str]:
    """The known names that are written like this one, but for case and separators."""
    return sorted(known for known in _known(evidence) - {name} if _plain(known) == _plain(name))


@remembered
def _known(evidence: Evidence) -> set[str]:
    """The names that the target promises, or that a page did take in."""
    contract = evidence.contract
    applied = {evidence.events[key].name for seen in evidence.seen[Hop.APPLIED].values() for key in seen}
    patterns = {name for panel in contract.every_panel for name in (*panel.events, *sum(panel.values.values(), ()))}
    return {*contract.declared, *contract.terminal, *applied, *(name for name in patterns if "*" not in name)}


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


RULE = NameStyle()
