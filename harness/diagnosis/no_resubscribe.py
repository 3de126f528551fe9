"""No resubscribe: a dashboard came back and is in none of the rooms that it was in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._parties import dashboards
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.judge.strategies.watch import connections
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import Joined
from harness.record import rooms
from harness.record.evidence import Evidence, names
from harness.record.remembered import remembered


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

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return not _rooms(evidence, outcome) & _forgotten(evidence, outcome.label)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        at = lost_at(outcomes, Hop.ROUTED)
        watched = {(o.label, evidence.events[o.event_key].session) for o in at}
        gaps = [
            o for o in lost_at(outcomes, Hop.DELIVERED) if (o.label, evidence.events[o.event_key].session) in watched
        ]
        lines, here = list[str](), {o.label for o in at}
        labels = [label for label in connections(evidence) if label in here]
        for label in labels:
            spans = connections(evidence)[label]
            lines += [
                f"dashboard {label}: {amount(len(spans), 'connection')}, the last one {spans[-1].sid}",
                f"server: an earlier one had joined {names(sorted(_forgotten(evidence, label)))}, "
                "the last one never did",
            ]
        said = f"{dashboards(labels)} came back and did not subscribe again."
        yield self.blame(said, lines, [*at, *gaps], at=at)


@remembered
def _forgotten(evidence: Evidence, label: str) -> frozenset[str]:
    """The rooms that a connection of a dashboard had joined which ended before the last began, and none since."""
    rooms: dict[str, set[str]] = defaultdict(set)
    for fact in evidence.facts(Joined):
        rooms[fact.body.sid].add(str(fact.body.room))
    spans = connections(evidence).get(label, [])
    # one of each namespace is a connection of its own: only what ended before the last began has one after it
    earlier = [span for span in spans if span.end < spans[-1].start]
    later = [span for span in spans if span not in earlier]
    joined = frozenset[str]().union(*(rooms[span.sid] for span in earlier))
    return joined.difference(*(rooms[span.sid] for span in later), {span.sid for span in spans})


def _rooms(evidence: Evidence, outcome: Outcome) -> set[str]:
    return {name for s in evidence.at(Hop.ROUTED, outcome.key) for name in rooms.each(s.detail.get("room"))}


RULE = NoResubscribe()
