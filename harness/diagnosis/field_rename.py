"""Field rename: the page reads a field under another name than the payload has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, per_run
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class FieldRename(Rule):
    """Corrupted at applied: a field of the payload is missing in the state, and another one is there instead."""

    head = Head(
        cause="field-rename",
        title="the page reads a field under another name than the payload has it",
        claims=(of(Kind.CORRUPTED, Hop.APPLIED),),
        by=per_run,
        taps=(Hop.APPLIED,),
        strength=Strength.NAMED,
        against="the field was called that already where it was delivered",
        remedy=(
            "Read the field by its name in the page, or rename it where it is emitted; take both from one\n"
            "definition of the payload, and check what arrives against it."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        there, before = (_differences(evidence, outcome, hop) for hop in (Hop.APPLIED, Hop.DELIVERED))
        return not set(there) - set(before)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        pairs: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            for pair in _differences(evidence, outcome, Hop.APPLIED):
                pairs[pair].append(outcome)
        for (has, reads), mine in pairs.items():
            yield self.blame(
                f"the payload has {has!r}, and the page reads {reads!r}.",
                [f"dashboard {o.dashboard}: {o.key} has {has}, and in the state {reads} instead" for o in mine[:5]],
                mine,
                remedy=f"Read {has!r} in the page, or name the field {reads!r} where it is emitted; take both from\n"
                "one definition of the payload, and check what arrives against it.",
            )


def _differences(evidence: Evidence, outcome: Outcome, hop: Hop) -> list[tuple[str, str]]:
    """Names of fields that an event lacks on a page, and of those that it has there instead."""
    seen = (s for load in evidence.loads_of(outcome.dashboard) for s in evidence.on_page(hop, load).of(outcome.key))
    differs = (s.detail.get("differs") or {} for s in seen)
    return [(", ".join(d["missing"]), ", ".join(d["added"])) for d in differs if d.get("missing") and d.get("added")]


RULE = FieldRename()
