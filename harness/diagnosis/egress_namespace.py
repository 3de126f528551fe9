"""Egress namespace: the server emits in a namespace that no dashboard is in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis.only_sender_told import sender_told
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import Connected
from harness.record.evidence import Evidence


class EgressNamespace(Rule):
    """Recipients empty at routed, in another namespace than the dashboards'."""

    head = Head(
        cause="egress-namespace",
        title="the server emits in a namespace that no dashboard is in",
        claims=(losses(Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against="a dashboard is connected in the namespace of the emit, or it went to the sender alone",
        remedy=(
            "Emit with the namespace that the dashboards connect to, or let them connect to this one:\n"
            "an emit knows nothing of the namespace of the handler that it stands in."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return sender_told(evidence, outcome) is not None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        spaces = {f.body.sid: f.body.namespace for f in evidence.facts(Connected)}
        theirs = {spaces.get(sid) for sid in evidence.sids} - {None}
        by_space: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in lost_at(outcomes, Hop.ROUTED):
            routed = evidence.at(Hop.ROUTED, outcome.key)
            replays = [s for s in routed if not evidence.sids.keys().isdisjoint(s.recipients or ())]
            used = {s.detail.get("namespace") for s in routed if s not in replays}
            if theirs and used and None not in used and not used & theirs:
                by_space[", ".join(sorted(map(str, used)))].append(outcome)
        for space, mine in by_space.items():
            where = {str(s.detail.get("where")) for o in mine for s in evidence.once[Hop.ROUTED][o.event_key]}
            yield self.blame(
                f"the server emits in namespace {space!r}, and no dashboard is in it.",
                [
                    f"server: {len({o.key for o in mine})} events emitted in {space!r} ({', '.join(sorted(where))})",
                    *(
                        f"connected: {sid} ({load}) in {spaces.get(sid)!r}"
                        for sid, load in list(evidence.sids.items())[:5]
                    ),
                ],
                mine,
                places=where,
            )


RULE = EgressNamespace()
