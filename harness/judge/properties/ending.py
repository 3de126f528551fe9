"""How sessions end (P13): by one terminal event, last, that agrees with the CLI's exit status and with what is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.judge.messages import answers, listed_sessions, notices
from harness.judge.messages.stories import contradiction, wrong_beginning
from harness.judge.messages.totals import wrong_total
from harness.judge.properties.refusals import hops_of_refusal, refused_over
from harness.judge.starving import gave_up, unless_never_tried
from harness.model import Aspect, Event, Fact, Finding, Hop, Kind, Outcome, PropertyResult
from harness.model.facts import CliExited, StepBlocked
from harness.record.evidence import Evidence
from harness.record.evidence.keys import is_subset
from harness.record.evidence.stored_events import keys_of, named


def ending(evidence: Evidence) -> PropertyResult:
    """P13: exactly one terminal event, last, agreeing with the CLI's exit status, in every session that had events; and
    what the server tells of sessions agrees with that.
    """
    checks, found = 0, []
    if not evidence.contract.terminal:
        return PropertyResult.of("P13", 0, _bad_exits(evidence), note="the system has no events that end a session")
    for session, events in evidence.sessions.items():
        end = evidence.exit_of(session)
        if session in evidence.rejected or (end is not None and end.body.killed) or evidence.gave_up(session):
            continue  # a rejected session has no events to end; one that the harness killed or cut off can't end
        checks += 1
        if (given_up := gave_up(evidence, session)) is not None:
            found.append(given_up)
        elif end is None:
            why = Finding(Aspect.EXIT_UNSEEN, session=session)
            found.append(Outcome(Kind.UNDETERMINED, "P13", None, None, None, (), why))
        elif (wrong := _wrong_life(evidence, session, end.body.status)) is None:
            continue
        elif not _was_cut_short(evidence, end, wrong):
            broken_off = _incomplete(_hops(evidence, wrong), wrong)
            found.append(unless_never_tried(evidence, broken_off, _waits_since(evidence, events, wrong), end.at_ns))
    compared, told = notices.troubles(evidence)
    answered, otherwise = answers.troubles(evidence)
    listed, unlisted = listed_sessions.troubles(evidence)
    compared += answered + listed
    return PropertyResult.of("P13", checks + compared, [*found, *told, *otherwise, *unlisted])


def _incomplete(hops: tuple[Hop, ...], wrong: Finding) -> Outcome:
    return Outcome(Kind.INCOMPLETE, "P13", None, None, hops[0] if len(hops) == 1 else None, hops, wrong)


def _hops(evidence: Evidence, wrong: Finding) -> tuple[Hop, ...]:
    """Where it went wrong first: where the server makes the end, or refused an event over which the CLI failed."""
    if _is_made(evidence, wrong):
        return (Hop.ROUTED,)
    over = refused_over(evidence, wrong)
    return (Hop.EMITTED,) if over is None else hops_of_refusal(evidence, over)


def _is_made(evidence: Evidence, wrong: Finding) -> bool:
    """Whether an end is missing that the server was to make by itself."""
    is_missing = wrong.aspect is Aspect.TERMINAL_COUNT and not wrong.count
    return is_missing and {*evidence.contract.terminal} <= {*evidence.contract.made}


def _bad_exits(evidence: Evidence) -> Iterator[Outcome]:
    """CLIs that ended with an error, in a system where nothing but that tells how a session ended."""
    for session in evidence.sessions or filter(None, [evidence.contract.session]):
        end = evidence.exit_or_only(session)
        if end is None or end.body.killed or session in evidence.rejected or evidence.gave_up(session):
            continue
        if (given_up := gave_up(evidence, session)) is not None:
            yield given_up
            continue
        is_blocked = any(blocked.at_ns <= end.at_ns for blocked in evidence.facts(StepBlocked))
        if end.body.status != 0 and not is_blocked:
            why = Finding(Aspect.CLI_ENDED, session=session, found=end.body.status)
            yield _incomplete(_hops(evidence, why), why)


def _was_cut_short(evidence: Evidence, end: Fact[CliExited], wrong: Finding) -> bool:
    """Whether a session has no end because its CLI was told to end when its workload was blocked."""
    has_none = wrong.aspect is Aspect.TERMINAL_COUNT and not wrong.count
    return has_none and any(blocked.at_ns <= end.at_ns for blocked in evidence.facts(StepBlocked))


def _waits_since(evidence: Evidence, events: Sequence[Event], wrong: Finding) -> int | None:
    """Since when a CLI that gave up waited for the answer to its last event; None where that is not how it ended."""
    last = events[-1].key
    if wrong.aspect is not Aspect.TERMINAL_COUNT or wrong.count or not wrong.found or last in evidence.acknowledged:
        return None
    return max((sighting.at_ns for sighting in evidence.once[Hop.SENT].get(last, ())), default=None)


def _wrong_life(evidence: Evidence, session: str, status: int | None) -> Finding | None:
    """What is wrong with how a session ended, each time that its id was used: with the status of its CLI the last."""
    *earlier, last = evidence.lives_in(session)
    for events in earlier:
        ended_well = events[-1].name in evidence.contract.terminal_ok
        if (wrong := _wrong_end(evidence, session, events, 0 if ended_well else 1)) is not None:
            return wrong
    return _wrong_end(evidence, session, last, status)


def _wrong_end(evidence: Evidence, session: str, events: Sequence[Event], status: int | None) -> Finding | None:
    """What is wrong with how a session ended, if anything is. Of what no CLI reported only an end that the server makes
    is part of it.
    """
    if evidence.reported is not None and not is_subset(keys_of(events), evidence.reported):
        ends = {key for key in evidence.made if evidence.events[key].name in evidence.contract.terminal}
        events = [event for event in events if event.key in evidence.reported or event.key in ends]
    terminal = named(events, evidence.contract.terminal)
    if len(terminal) != 1:
        return Finding(Aspect.TERMINAL_COUNT, session=session, count=len(terminal), found=status)
    if events[-1] is not terminal[0]:
        return Finding(Aspect.TERMINAL_LAST, session=session, expected=terminal[0].name)
    if (terminal[0].name in evidence.contract.terminal_ok) != (status == 0):
        return Finding(Aspect.EXIT_STATUS, session=session, expected=terminal[0].name, found=status)
    wrong = wrong_beginning(evidence, session, events) or wrong_total(evidence, session, events)
    return wrong or contradiction(evidence, session, events, is_good=status == 0)
