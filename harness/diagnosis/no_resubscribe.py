"""No resubscribe: a dashboard came back and is in none of the rooms that it was in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._parties import dashboards
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.judge.strategies.watch import connections
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import Joined
from harness.record.evidence import Evidence, names


class NoResubscribe(Rule):
    """Lost at routed: an earlier connection of the dashboard was in the room, its later one never joined it."""

    head = Head(
        cause="no-resubscribe",
        title="a dashboard came back and is in none of the rooms that it was in",
        claims=(losses(Hop.ROUTED),),
        carries=(losses(Hop.DELIVERED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against="the last connection joined the room too",
        remedy=(
            "Rooms belong to a connection, and end with it: subscribe again in the connect handler, with the\n"
            "last sequence number that the page has, so that the gap is replayed."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        rooms: dict[str, set[str]] = defaultdict(set)
        for fact in evidence.facts(Joined):
            rooms[fact.body.sid].add(str(fact.body.room))
        labels, lines, at, gaps = list[str](), list[str](), list[Outcome](), list[Outcome]()
        for label, spans in connections(evidence).items():
            # one of each namespace is a connection of its own: only what ended before the last began has one after it
            earlier = [span for span in spans if span.end < spans[-1].start]
            later = [span for span in spans if span not in earlier]
            forgotten = set().union(*(rooms[span.sid] for span in earlier))
            forgotten -= set().union(*(rooms[span.sid] for span in later)) | {span.sid for span in spans}
            here = [
                o for o in lost_at(outcomes, Hop.ROUTED) if o.dashboard == label and _rooms(evidence, o) & forgotten
            ]
            sessions = {evidence.events[o.event_key].session for o in here}
            gap = [
                o
                for o in lost_at(outcomes, Hop.DELIVERED)
                if o.dashboard == label and evidence.events[o.event_key].session in sessions
            ]
            if here:
                labels.append(label)
                at += here
                gaps += gap
                lines += [
                    f"dashboard {label}: {len(spans)} connections, the last one {spans[-1].sid}",
                    f"server: an earlier one had joined {names(sorted(forgotten))}, the last one never did",
                ]
        if labels:
            said = f"{dashboards(labels)} came back and did not subscribe again."
            yield self.blame(said, lines, [*at, *gaps], at=at)


def _rooms(evidence: Evidence, outcome: Outcome) -> set[str]:
    return {str(s.detail.get("room")) for s in evidence.at(Hop.ROUTED, outcome.key)}


RULE = NoResubscribe()
