"""What was called and never awaited, and was to emit an event or to let its dashboard into the room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from harness.model import Fact, Hop, Outcome
from harness.model.facts import Joined, NeverAwaited
from harness.record import rooms
from harness.record.evidence import Evidence, label_of
from harness.record.evidence.keys import without
from harness.record.remembered import remembered

EMITS = {"emit", "send", "call"}
JOINS = "enter_room"


def unawaited(evidence: Evidence, outcome: Outcome) -> Fact[NeverAwaited] | None:
    """The call for which an event is lost at sent or routed: nothing of it ran, for it was never awaited."""
    facts = evidence.facts(NeverAwaited)
    return (_emit_of(evidence, facts, outcome) or _join_of(evidence, facts, outcome)) if facts else None


def _emit_of(evidence: Evidence, facts: Iterable[Fact[NeverAwaited]], outcome: Outcome) -> Fact[NeverAwaited] | None:
    """The call that was to emit an event which was not emitted."""
    if outcome.hop is None or outcome.event_key in evidence.once[outcome.hop]:
        return None
    mine = (f for f in facts if f.body.key == outcome.event_key and EMITS.intersection(f.body.does))
    return next(mine, None) or (_by_count(evidence).get(outcome.event_key) if outcome.hop is Hop.SENT else None)


@remembered
def _by_count(evidence: Evidence) -> Mapping[str, Fact[NeverAwaited]]:
    """Events that a CLI never sent, where it called as many functions that emit and awaited none of them.

    It is not known what a function of the CLI's own was to emit: it never ran.
    """
    called: dict[str, list[Fact[NeverAwaited]]] = defaultdict(list)
    for fact in evidence.facts(NeverAwaited):
        if fact.body.key is None and EMITS.intersection(fact.body.does):
            called[fact.observer].append(fact)
    found: dict[str, Fact[NeverAwaited]] = {}
    for cli, facts in called.items():
        unsent = [*without(evidence.keys_by(cli), evidence.once[Hop.SENT].keys())]
        found |= dict(zip(unsent, facts, strict=True)) if len(unsent) == len(facts) else {}
    return found


def _join_of(evidence: Evidence, facts: Iterable[Fact[NeverAwaited]], outcome: Outcome) -> Fact[NeverAwaited] | None:
    """What was to let the event's dashboard into a room that it was emitted to, and that it never joined."""
    routed = evidence.at(Hop.ROUTED, outcome.key)
    named = {name for each in routed for name in rooms.each(each.detail.get("room"))}
    sids = {sid for sid, load in evidence.sids.items() if outcome.dashboard in (None, label_of(load))}
    if not named or any(f.body.sid in sids and f.body.room in named for f in evidence.facts(Joined)):
        return None
    mine = (f for f in facts if JOINS in f.body.does and f.body.sid in sids)
    return next((f for f in mine if f.body.room is None or named & {*rooms.each(f.body.room)}), None)
