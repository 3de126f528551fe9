"""Made up: something in the chain emits what no CLI reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._identities import is_changed
from harness.diagnosis._renamed import is_such
from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
from harness.model import SERVER_SIDE, Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, names


class MadeUp(Rule):
    """A phantom, with the place that it was first seen at."""

    head = Head(
        cause="made-up",
        title="something in the chain emits what no CLI reported",
        claims=(of(Kind.PHANTOM),),
        by=per_run,
        strength=Strength.ABSENT,
        against="a CLI reported it, if under another name, session or number",
        remedy=(
            "Let the producer alone make events; what the server has to say by itself it says as a notice,\n"
            "without a session's sequence number."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.event_key in evidence.once[Hop.EMITTED]:
            return True  # it came by messages that the target file does not describe
        return is_such(evidence, outcome) or is_changed(evidence, outcome)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_hop: dict[Hop, list[Outcome]] = defaultdict(list)
        for outcome in of_kind(outcomes, Kind.PHANTOM):
            if outcome.hop is not None:
                by_hop[outcome.hop].append(outcome)
        for hop, mine in by_hop.items():
            seen = [s for o in mine if hop in SERVER_SIDE for s in evidence.at(hop, o.key)]
            places = dict.fromkeys(str(s.detail["where"]) for s in seen if s.detail.get("where"))
            listed = sorted({f"{o.key} {evidence.events[o.event_key].name}" for o in mine if o.key in evidence.events})
            yield self.blame(
                f"they were first seen at {hop.label}, and no CLI reported them.",
                [f"no CLI reported {names(listed)}", *(f"emitted at {place}" for place in list(places)[:3])],
                mine,
                places=places,
            )


RULE = MadeUp()
