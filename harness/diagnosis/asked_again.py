"""Asked again: a dashboard asks the server for the same again and again, and is sent everything each time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from harness.diagnosis._parties import agreeing, dashboards
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Pattern, Rule, of, of_kind, per_run
from harness.judge.messages.notices import told
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import Requested
from harness.record.evidence import Evidence, Position, label_of, position
from harness.record.remembered import remembered


class AskedAgain(Rule):
    """Twice at routed, by emits to the dashboard alone, each of them after one of the same requests of its."""

    head = Head(
        cause="asked-again",
        title="a dashboard asks for the same again and again, and is sent everything each time",
        claims=(of(Kind.DUPLICATED, Hop.ROUTED),),
        carries=(Pattern((Kind.LATE, Kind.REORDERED), keyed=True),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against=(
            "it asked once only, or as often as the server told it that the session begins; it was sent more copies\n"
            "than it asked; several emits to others reached it, too; or to have one copy in spite of two requests is\n"
            "what the server promises"
        ),
        remedy=(
            "Ask once for each connection: where it is made, and not where an event comes or a component is drawn.\n"
            "Let the server answer a repeated request without sending everything again, or from a number on."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        found = asked_again(evidence, outcome)
        return found is None or _was_told_as_often(evidence, outcome, found[1])

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = of_kind(outcomes, Kind.DUPLICATED, hop=Hop.ROUTED)
        asked = {o.label: found for o in mine if (found := asked_again(evidence, o)) is not None}
        if not asked:
            return
        names = dict.fromkeys(repr(name) for name, _ in asked.values())
        given = {(o.key, o.label) for o in mine}
        emits = [s for o in mine for s in evidence.at(Hop.ROUTED, o.key) if _is_for_one(s.recipients, o)]
        places = [*dict.fromkeys(str(s.detail.get("where") or UNKNOWN_PLACE) for s in emits)]
        ask, are = agreeing(asked, "asks", "ask"), agreeing(asked, "is", "are")
        yield self.blame(
            f"{dashboards(sorted(asked))} {ask} for the same again and again ({', '.join(names)}), and {are} sent "
            "everything each time.",
            [
                *(f"dashboard {label}: asked {name!r} {count} times" for label, (name, count) in sorted(asked.items())),
                *(f"emitted to the one that asked at {place}" for place in places[:3]),
            ],
            [*mine, *(o for o in of_kind(outcomes, Kind.LATE, Kind.REORDERED) if (o.key, o.label) in given)],
            at=mine,
            places=places,
        )


def asked_again(evidence: Evidence, outcome: Outcome) -> tuple[str, int] | None:
    """The request that brought a dashboard one copy each time, and how often it was made."""
    sid, found = outcome.finding.party, _requests(evidence)
    if outcome.hop is not Hop.ROUTED or evidence.contract.asks or sid is None or sid not in found:
        return None
    name, first, count = found[sid]
    copies = [s for s in evidence.at(Hop.ROUTED, outcome.key) if sid in (s.recipients or ())]
    own = [s for s in copies if _is_for_one(s.recipients, outcome)]
    is_each_asked = 1 <= len(own) <= count and len(copies) - len(own) <= 1
    return (name, count) if is_each_asked and all(position(s) > first for s in own) else None


def _was_told_as_often(evidence: Evidence, outcome: Outcome, asked: int) -> bool:
    """Whether a dashboard that asks for each session of which it is told was told of this one as often as it asked."""
    load = evidence.sids.get(outcome.finding.party or "", "")
    session = evidence.events[outcome.event_key].session
    return sum(not each.is_end and each.session == session for each in told(evidence).get(load, ())) >= asked


def _is_for_one(recipients: Sequence[str] | None, outcome: Outcome) -> bool:
    return recipients is not None and {*recipients} == {outcome.finding.party}


@remembered
def _requests(evidence: Evidence) -> Mapping[str, tuple[str, Position, int]]:
    """Connection to what it asked most often, more than once: the name, when first, and how often."""
    made: dict[tuple[str, str, str], list[Position]] = {}
    for fact in evidence.facts(Requested):
        if fact.body.sid in evidence.sids and not label_of(fact.observer):  # a server, in whose order emits are, too
            said = json.dumps([*fact.body.args], sort_keys=True, default=str)
            made.setdefault((fact.body.sid, fact.body.name, said), []).append(position(fact))
    repeated = sorted((len(when), asked) for asked, when in made.items() if len(when) > 1)
    return {sid: (name, min(made[sid, name, said]), count) for count, (sid, name, said) in repeated}


RULE = AskedAgain()
