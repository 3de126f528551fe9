"""The blame for what no rule explains: its hop, and the facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from harness.diagnosis.rule import blame
from harness.model import Blame, Cited, Hop, Kind, Outcome, Strength
from harness.record.evidence import names

CAUSE = "unexplained"


def unexplained(outcomes: Sequence[Outcome]) -> list[Blame]:
    """One blame for those that went wrong alike at one hop."""
    groups: dict[tuple[tuple[Hop, ...], Kind], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[(outcome.hops, outcome.kind)].append(outcome)
    found = []
    for (hops, kind), group in groups.items():
        where = " or ".join(hop.label for hop in hops) or "an unknown hop"
        lines = [
            Cited(o.finding, f"{o.key or o.prop} {kind} {f'for dashboard {o.dashboard} ' if o.dashboard else ''}(", ")")
            for o in group[:5]
        ]
        what, end = names(sorted({o.key for o in group if o.key})), f" {kind} at {where}."
        why = "no rule explains why "
        said = f"{why}{what}{end}" if what else Cited(group[0].finding, why, end)
        remedy = (
            f"No rule knows this. Look at hop {where}: what it received is in the ledger, what it handed on is not."
        )
        found.append(blame(CAUSE, said, lines, remedy, group, strength=Strength.NONE))
    return found
