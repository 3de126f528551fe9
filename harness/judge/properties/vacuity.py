"""Whether anything was seen at all, by each tap and of each declared event (P16)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.judge.messages.unread import unread
from harness.judge.values.differences import shown
from harness.model import SERVER_SIDE, Aspect, Finding, Hop, Kind, Outcome, PropertyResult
from harness.model.facts import CliMessage, Notice
from harness.record.evidence import Evidence


def not_vacuous(evidence: Evidence) -> PropertyResult:
    """P16: every tap proved itself alive and saw what passed, and every declared event type was seen, else unknown."""
    troubles = [
        *evidence.tap_troubles(),
        *_asleep(evidence),
        *(Finding(Aspect.UNKNOWN_DASHBOARD, party=sid) for sid in evidence.unclaimed),
    ]
    if not evidence.events:
        troubles.append(_nothing(evidence))
    main = evidence.contract.session
    seen = evidence.events.names(main)
    missing = tuple(name for name in evidence.contract.declared if name not in seen)
    if missing:
        troubles.append(Finding(Aspect.NEVER_SEEN, items=missing))
    found = [Outcome(Kind.UNDETERMINED, "P16", None, None, None, (), trouble) for trouble in troubles]
    return PropertyResult.of("P16", len(evidence.contract.taps) + len(evidence.contract.declared), found)


def _nothing(evidence: Evidence) -> Finding:
    """That no event was seen; with the CLI that ended with an error before it could emit one, and its last words."""
    for cli, end in evidence.exits.items():
        if end.body.status and not end.body.has_died:
            said = [fact.body.text for fact in evidence.facts(CliMessage, cli) if fact.body.text.strip()]
            return Finding(Aspect.NOTHING_SIGHTED, party=cli, found=end.body.status, text=said[-1] if said else None)
    return Finding(Aspect.NOTHING_SIGHTED)


def _asleep(evidence: Evidence) -> Iterator[Finding]:
    """Taps that saw nothing at all of what was seen after them, or messages in which no event is found."""
    seen = {hop: bool(evidence.once[hop] if hop in SERVER_SIDE else evidence.page[hop]) for hop in Hop}
    begins, messages = Hop.ROUTED if _is_all_made(evidence) else Hop.EMITTED, _unread(evidence)
    for hop in (each for each in evidence.contract.taps if each >= begins):
        later = [each.label for each in Hop if each > hop and seen[each]]
        if not later or seen[hop] or evidence.is_one_sided(hop):
            continue
        if messages and hop in (Hop.ROUTED, Hop.DELIVERED):
            called = tuple(dict.fromkeys(repr(each.name) for each in messages))
            such = shown(messages[0].payload)
            yield Finding(Aspect.NO_EVENT_FOUND, hop=hop, other=later[0], items=called, count=len(messages), text=such)
        else:
            yield Finding(Aspect.TAP_ASLEEP, hop=hop, other=later[0])


def _unread(evidence: Evidence) -> list[Notice]:
    """What pages were given under the names of events, without one in it."""
    loads = (load for label in evidence.contract.dashboards for load in evidence.loads_of(label))
    return [fact.body for load in loads for told in unread(evidence, load).values() for fact in told]


def _is_all_made(evidence: Evidence) -> bool:
    """Whether the server made everything that was seen, and the target declares nothing else.

    Where it declares nothing, a producer's events may not have been observed.
    """
    contract = evidence.contract
    return bool(contract.declared) and {*contract.declared} <= {*contract.made} and {*evidence.events} <= evidence.made
