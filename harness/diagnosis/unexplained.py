"""The blame for what no rule explains: its hop, and the facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from harness.diagnosis._in_common import blind_in, in_common, name_in_common, said_around
from harness.diagnosis._queued import queued
from harness.diagnosis.rule import blame
from harness.model import Blame, Cited, Hop, Kind, Line, Outcome, Strength
from harness.model.facts import CliMessage
from harness.record.evidence import Evidence, names

CAUSE = "unexplained"


def unexplained(evidence: Evidence, outcomes: Sequence[Outcome]) -> list[Blame]:
    """One blame for those that went wrong alike at one hop, with what they have in common.

    What only waited for another event goes with that one; who is late is overtaken.
    """
    groups: dict[tuple[tuple[Hop, ...], Kind], list[Outcome]] = defaultdict(list)
    waited = queued(evidence, outcomes)
    late = {(o.key, o.dashboard, o.hops) for o in outcomes if o.kind is Kind.LATE and o not in waited}
    for outcome in outcomes:
        if outcome not in waited:
            is_overtaken = outcome.kind is Kind.REORDERED and (outcome.key, outcome.dashboard, outcome.hops) in late
            groups[(outcome.hops, Kind.LATE if is_overtaken else outcome.kind)].append(outcome)
    found = []
    for (hops, kind), group in groups.items():
        where = " or ".join(hop.label for hop in hops) or "an unknown hop"
        keys = sorted({o.key for o in group if o.key})
        name = name_in_common(evidence, keys)
        lines: list[Line] = [
            *in_common(evidence, group),
            *(said_around(evidence, group) if keys else _on_standard_error(group, evidence)),
            *(blind_in(evidence, hops) if len(hops) > 1 else ()),
        ]
        lines += [
            Cited(o.finding, f"{o.key or o.prop} {kind} {f'for dashboard {o.dashboard} ' if o.dashboard else ''}(", ")")
            for o in group[:5]
        ]
        all_of = f", all {len(keys)} of them {name!r}" if name is not None else ""
        what, end = names(keys), f" {kind} at {where}{all_of}."
        why = "no rule explains why "
        said = f"{why}{what}{end}" if keys else Cited(group[0].finding, why, end)
        remedy = (
            f"No rule knows this. Look at hop {where}: what it received is in the ledger, what it handed on is not."
        )
        behind = [o for o, key in waited.items() if kind is Kind.LATE and key in keys and hops[-1] > o.hops[-1]]
        if behind:
            later = names(sorted({o.event_key for o in behind}))
            did = "took" if behind[0].hop is Hop.RECEIVED else "emitted"
            lines.append(f"server: {did} {later} when it was through: they waited for it")
        found.append(blame(CAUSE, said, lines, remedy, [*group, *behind], at=group, strength=Strength.NONE))
    return found


def _on_standard_error(group: Sequence[Outcome], evidence: Evidence) -> list[str]:
    """What the CLIs said whose sessions did not end as they should: a traceback, say, or that it was nothing."""
    if not any(outcome.hops and outcome.hops[0] <= Hop.RECEIVED for outcome in group):
        return []
    clis = {evidence.producer.get(outcome.finding.session or "") for outcome in group}
    said = ((f.observer, f.body.text.strip()[:200]) for f in evidence.facts(CliMessage) if f.observer in clis)
    lines = [*dict.fromkeys(f"{cli}: on standard error: {text}" for cli, text in said if text)]
    spoke = {f.observer for f in evidence.facts(CliMessage) if f.body.text.strip()}
    silent = sorted(cli for cli in clis if cli is not None and cli in evidence.exits and cli not in spoke)
    ends = ((cli, evidence.exits[cli].body.status) for cli in silent)
    mute = [
        f"{cli}: exited with status {status}, and no line of its standard error is on record"
        for cli, status in ends
        if status > 0
    ]
    return [*dict.fromkeys([*lines[:2], *lines[-2:]]), *mute]
