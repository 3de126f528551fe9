"""Field rename: the page reads a field under another name than the payload has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
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

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        pairs: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
        for outcome in of_kind(outcomes, Kind.CORRUPTED, hop=Hop.APPLIED):
            for load in evidence.loads_of(outcome.dashboard):
                for sighting in evidence.on_page(Hop.APPLIED, load):
                    differs = sighting.detail.get("differs") or {}
                    if sighting.event.key == outcome.key and differs.get("missing") and differs.get("added"):
                        pairs[", ".join(differs["missing"]), ", ".join(differs["added"])].append(outcome)
        for (has, reads), mine in pairs.items():
            yield self.blame(
                f"the payload has {has!r}, and the page reads {reads!r}.",
                [f"dashboard {o.dashboard}: {o.key} has {has}, and in the state {reads} instead" for o in mine[:5]],
                mine,
                remedy=f"Read {has!r} in the page, or name the field {reads!r} where it is emitted; take both from\n"
                "one definition of the payload, and check what arrives against it.",
            )


RULE = FieldRename()
