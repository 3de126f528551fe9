"""Left out: a dashboard is in the room, and not among those whom the event is emitted to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis import blame, lost_at
from harness.evidence import Evidence, Position, label_of, position
from harness.model import Blame, FactKind, Hop, Outcome


class LeftOut:
    """Lost at routed: resolved for others, and not for a dashboard that had joined the room."""

    name = "left-out"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        joined: dict[tuple[str, str], Position] = {}
        for fact in evidence.facts(FactKind.JOINED):
            joined.setdefault((str(fact.data.get("sid")), str(fact.data.get("room"))), position(fact))
        by_label: dict[str, list[Outcome]] = defaultdict(list)
        places: dict[str, None] = {}
        for outcome in lost_at(outcomes, Hop.ROUTED):
            sids = [sid for sid, load in evidence.sids.items() if label_of(load) == outcome.dashboard]
            for sighting in evidence.at(Hop.ROUTED, outcome.key):
                room = str(sighting.detail.get("room"))
                since = [joined[sid, room] for sid in sids if (sid, room) in joined]
                if sighting.recipients and since and min(since) < position(sighting):
                    by_label[outcome.label].append(outcome)
                    places[str(sighting.detail.get("where") or "an unknown place")] = None
                    break
        for label, mine in by_label.items():
            yield blame(
                self.name,
                f"dashboard {label} is in the room, and the server leaves it out.",
                [
                    f"server: {len(mine)} events resolved for others in the room, and not for dashboard {label}",
                    *(f"emitted at {place}" for place in list(places)[:3]),
                ],
                f"Look at who is skipped at {next(iter(places))}\n"
                "(skip_sid, a list of recipients that is kept beside the room): the room knows who is in it.",
                mine,
            )


RULE = LeftOut()
