"""Changed after emit: one object is emitted again and again, and changed before it has left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._changed_after_emit import Overwritten, overwritten
from harness.diagnosis.rule import Head, Rule, events, losses, per_run
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, names


class ChangedAfterEmit(Rule):
    """Lost at sent or routed, and a later event was seen there once more for each of them, under their names or its."""

    head = Head(
        cause="changed-after-emit",
        title="an object is changed after it was handed to an emit and before it has left",
        claims=(
            losses(Hop.SENT, Hop.ROUTED, exact=True),
            events(Kind.DUPLICATED),
            events(Kind.CORRUPTED, Hop.SENT, Hop.ROUTED),
        ),
        by=per_run,
        strength=Strength.NAMED,
        against=(
            "what was seen twice is not as often there as events are missing before it, or has not their names;\n"
            "or the handler of an event after it emitted it, which keeps what is old"
        ),
        remedy=(
            "Hand over an object of its own with each emit: `{...told}`, `dict(told)`. A client that is not connected\n"
            "yet keeps what it is given, and a task or a promise runs later: both read the object when it has changed."
        ),
    )

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        return not overwritten(evidence)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        groups = overwritten(evidence)
        for group in {id(each): each for each in groups.values()}.values():
            keys = {*group.lost, group.last}
            mine = [o for o in outcomes if o.key in keys and o.hop is group.hop]
            if not mine:
                continue
            mine += [o for o in outcomes if o.key == group.last and o.kind is Kind.DUPLICATED and o not in mine]
            who = group.seen[0].observer
            places = [*dict.fromkeys(str(s.detail["where"]) for s in group.seen if s.detail.get("where"))]
            yield self.blame(
                f"{len(group.seen)} emits left with the data of the last one: what they were given was changed before.",
                [
                    f"{who}: {names(sorted(group.lost))} never seen at {group.hop.label}",
                    f"{who}: {group.last} {len(group.seen)} times at {group.hop.label}, named "
                    f"{names([*dict.fromkeys(s.event.name for s in group.seen)])}: {_whose(evidence, group)}",
                    *(f"emitted at {place}" for place in places[:3]),
                ],
                mine,
                at=[o for o in mine if o.hop is group.hop],
                places=places,
            )


def _whose(evidence: Evidence, group: Overwritten) -> str:
    """Whose names these emits have: those of the events that are missing, or that of the last, like all of its data."""
    missing = {evidence.events[key].name for key in group.lost} - {evidence.events[group.last].name}
    return "the names of the missing" if missing <= {s.event.name for s in group.seen} else "all of it is the last's"


RULE = ChangedAfterEmit()
