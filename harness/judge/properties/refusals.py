"""Events that the server refused and that reached no dashboard (P14): a CLI that ends well swallowed the answer."""

from __future__ import annotations

from collections.abc import Iterator

from harness.model import PAGE_SIDE, Aspect, Event, Finding, Hop, Kind, Outcome
from harness.model.facts import CliMessage
from harness.record.evidence import Evidence
from harness.record.evidence.observers import SERVER


def swallowed(evidence: Evidence) -> Iterator[Outcome]:
    """Refused events of CLIs that exited with status 0: failed where the CLI said nothing, or else not known.

    What it says on standard error may be the refusal; whether that is how it should end is not declared.
    """
    if not evidence.refused:
        return
    answers = {fact.body.key: fact.body.error for fact in evidence.answers(lambda told: not told.ok)}
    talking = {fact.observer for fact in evidence.facts(CliMessage) if fact.body.text.strip()}
    for key in filter(evidence.events.__contains__, sorted(evidence.refused)):
        event = evidence.events[key]
        cli = _cli(evidence, key)
        if not _ended_well(evidence, event, cli) or _went_on(evidence, event):
            continue
        why = Finding(Aspect.EVENT_REFUSED, session=event.session, party=cli, text=answers[key])
        if cli in talking:
            yield Outcome(Kind.UNDETERMINED, "P14", key, None, None, (), why)
        else:
            hops = hops_of_refusal(evidence, key)
            yield Outcome(Kind.REFUSED, "P14", key, None, hops[0] if len(hops) == 1 else None, hops, why)


def hops_of_refusal(evidence: Evidence, key: str) -> tuple[Hop, ...]:
    """Before which hop an event was refused: routed, or one of two where nobody saw that the server had it."""
    return tuple(hop for hop in (Hop.RECEIVED, Hop.ROUTED) if key not in evidence.once[hop])


def refused_over(evidence: Evidence, wrong: Finding) -> str | None:
    """The event over whose refusal a CLI ended with an error: without the session's end, or though that says otherwise.

    The first that was refused; one that gave up over it had nothing taken that it reported after it.
    """
    status, session = wrong.found, wrong.session
    if not evidence.refused or not isinstance(status, int) or status <= 0:
        return None
    is_open = wrong.aspect is Aspect.TERMINAL_COUNT and not wrong.count
    if not is_open and wrong.aspect not in (Aspect.EXIT_STATUS, Aspect.CLI_ENDED):
        return None
    keys, routed = [event.key for event in reported_in(evidence, session)], evidence.once[Hop.ROUTED]
    over = next((key for key in keys if key in evidence.refused and key not in routed), None)
    if over is None or not is_open:
        return over
    later = keys[keys.index(over) + 1 :]
    return None if any(key in routed or evidence.acknowledged.get(key) for key in later) else over


def reported_in(evidence: Evidence, session: str | None) -> list[Event]:
    """The events of a session that its CLI reported; the server may have sent others meanwhile."""
    mine, known = evidence.events_of(session), evidence.reported
    return [event for event in mine if known is None or event.key in known]


def _cli(evidence: Evidence, key: str) -> str:
    """Who reported or sent an event, also where nothing says of which session it is; empty where that is not known."""
    seen = (*evidence.once[Hop.EMITTED].get(key, ()), *evidence.once[Hop.SENT].get(key, ()))
    return next((each.observer for each in seen), evidence.cli_of(key))


def _ended_well(evidence: Evidence, event: Event, cli: str) -> bool:
    """Whether the CLI of an event says by its exit that nothing was wrong, and no fault speaks for the refusal."""
    if event.session in evidence.rejected or cli not in evidence.exits or cli in evidence.dead:
        return False
    return evidence.exits[cli].body.status == 0 and event.key not in evidence.strikes.touched(cli, SERVER)


def _went_on(evidence: Evidence, event: Event) -> bool:
    """Whether the event did not leave its CLI, or went on all the same; or was sent again, and was taken then."""
    key = event.key
    if Hop.SENT in evidence.contract.taps and key not in evidence.once[Hop.SENT]:
        return True
    shown = (seen for hop in PAGE_SIDE for seen in evidence.seen[hop].values())
    if key in evidence.once[Hop.ROUTED] or any(key in seen for seen in shown):
        return True
    taken = (evidence.events.get(other) for other, is_yes in evidence.acknowledged.items() if is_yes)
    same = (event.session, event.name, event.digest)
    return event.seq is None and any(each and (each.session, each.name, each.digest) == same for each in taken)
