"""Whether passes are kept to: a dashboard whose pass is for some sessions hears of no other one in any way (P17)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from harness.judge.messages.notices import BETWEEN, routed
from harness.model import Aspect, Fact, Finding, Hop, Json, Kind, Level, Outcome, PropertyResult, Settled
from harness.model.facts import Answered, Notice, Requested
from harness.record.evidence import Evidence, first_object, label_of

SHORTEST = 8
"""A session's id with fewer characters may stand in a message by chance: it counts where it is a whole value."""


def nothing_beyond_a_pass(evidence: Evidence, settled: Sequence[Settled]) -> PropertyResult:
    """P17: a dashboard is sent nothing of a session that its pass is not for.

    No event, live or replayed, and no message that names the session: an announcement, an end, a list, a gap, an
    answer. A refusal may name the session that was asked for.
    """
    events = [each for each in settled if each.expectation.why.aspect is Aspect.NOT_ENTITLED]
    never = [each for each in events if each.expectation.level is Level.NEVER]
    checks, told = 0, dict[tuple[str, str, str], Outcome]()
    for fact, name, said, session in _told(evidence):
        checks += 1
        if said:
            label = label_of(fact.observer)
            told.setdefault((label, session, name), _leaked(evidence, fact, name, session))
    outcomes = [outcome for each in never for outcome in each.outcomes]
    return PropertyResult.of("P17", checks + sum(each.checks for each in never), [*outcomes, *told.values()])


def _told(evidence: Evidence) -> Iterator[tuple[Fact[Notice] | Fact[Answered], str, bool, str]]:
    """Every message other than events to a dashboard with a pass, with each session that the pass is not for: its name,
    and whether it names that session.
    """
    sessions = {*evidence.sessions, *evidence.producer}
    strange = {label: sorted(sessions - allowed) for label, allowed in evidence.passes.items()}
    asked = _asked(evidence)
    for notice in evidence.facts(Notice):
        for session in strange.get(label_of(notice.observer), ()):
            yield notice, notice.body.name, _names(notice.body.payload, session), session
    for answer in evidence.facts(Answered):
        for session in strange.get(label_of(answer.observer), ()):
            name, wanted = asked.get((answer.observer, answer.body.sid, answer.body.id), ("an answer", None))
            is_refusal = first_object(answer.body.args).get("ok") is False and wanted == session
            yield answer, name, not is_refusal and _names([*answer.body.args], session), session


def _asked(evidence: Evidence) -> dict[tuple[str, str | None, int | None], tuple[str, str]]:
    """(Page load, connection, number of the request) to its name and the session that it was for."""
    return {
        (fact.observer, fact.body.sid, fact.body.id): (
            f"the answer to {fact.body.name}",
            str(first_object(fact.body.args).get("session")),
        )
        for fact in evidence.facts(Requested)
    }


def _names(said: Json, session: str) -> bool:
    """Whether JSON data names a session anywhere: as a value, as a key, or in a text."""
    waiting = [said]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple):
            waiting += each
        elif isinstance(each, str) and (each == session or (len(session) >= SHORTEST and session in each)):
            return True
    return False


def _leaked(evidence: Evidence, fact: Fact[Notice] | Fact[Answered], name: str, session: str) -> Outcome:
    label = label_of(fact.observer)
    hops = _hops(evidence, fact, name, session)
    why = Finding(Aspect.TOLD_NOT_ENTITLED, party=f"dashboard:{label}", session=session, other=name)
    return Outcome(Kind.LEAKED, "P17", None, label, hops[0] if len(hops) == 1 else None, hops, why)


def _hops(evidence: Evidence, fact: Fact[Notice] | Fact[Answered], name: str, session: str) -> tuple[Hop, ...]:
    """Where a message left the right way. Answers, and messages that no tap knows, are not seen resolved."""
    if evidence.why_blind(Hop.ROUTED, None) is not None:
        return BETWEEN
    emitted = routed(evidence, name, session)
    mine: Set[str] = {sid for sid, holder in evidence.sids.items() if holder == fact.observer}
    to_it = [each for each in emitted if each.body.recipients is not None and not mine.isdisjoint(each.body.recipients)]
    return (Hop.ROUTED,) if to_it else BETWEEN
