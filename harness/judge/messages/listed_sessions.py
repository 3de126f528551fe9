"""Whether messages that list the sessions which are active list those, and when a notice says that a session began.

Pure. What happened while a page was connecting may be told either way.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from harness.judge.messages.notices import hops_of_wrong, told
from harness.judge.messages.reported_at import SLACK
from harness.judge.values.paths import at, list_at
from harness.judge.values.quantities import moment
from harness.model import Aspect, Fact, Finding, Hop, Kind, Outcome
from harness.model.facts import Notice, PageLoaded, RunBegun
from harness.record.evidence import CLOSE, OPEN, Evidence, label_of

NEVER = 1 << 62
"""After everything that is on record, in ns."""


def troubles(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """How many comparisons were made, and what is wrong."""
    lists, times = [*_lists(evidence)], [*_times(evidence)]
    found = [each for each in (*lists, *times) if each is not None]
    return len(lists) + len(times), found


def _lists(evidence: Evidence) -> Iterator[Outcome | None]:
    loaded = {fact.observer: fact.at_ns for fact in evidence.facts(PageLoaded)}
    spans = _spans(evidence) if evidence.contract.lists else {}
    for fact in evidence.facts(Notice) if evidence.contract.lists else ():
        listing = evidence.contract.lists.get(fact.body.name)
        if listing is None or fact.observer not in loaded:
            continue
        shown = {str(at(each, listing.session)) for each in list_at(fact.body.payload, listing.list)}
        asked_ns, heard_ns = loaded[fact.observer], fact.at_ns
        missing = sorted(s for s, (_, begun, ends, _) in spans.items() if begun < asked_ns and heard_ns < ends)
        label = label_of(fact.observer)
        missing = [each for each in missing if each not in shown and evidence.may_see(label, each)]
        strange = sorted(shown & {s for s, (asks, _, _, over) in spans.items() if heard_ns < asks or over < asked_ns})
        why = Finding(
            Aspect.NOTICE_LIST,
            party=f"dashboard:{label}",
            other=fact.body.name,
            session=(*missing, *strange, "")[0],
            expected=bool(missing),
        )
        is_wrong = bool(missing or strange)
        yield _wrong(evidence, fact, why) if is_wrong else None


def _spans(evidence: Evidence) -> dict[str, tuple[int, int, int, int]]:
    """Session to when it was asked for, was there for certain, began to end, and was over for certain."""
    found: dict[str, tuple[int, int, int, int]] = {}
    for each in evidence.exchanges:
        session = each.session
        if session is None or each.is_refused:
            continue
        asks, begun, ends, over = found.get(session, (NEVER, NEVER, NEVER, NEVER))
        answered_ns = NEVER if each.took_ms is None else each.asked_ns + round(each.took_ms * 1e6)
        if each.name == OPEN:
            found[session] = (min(asks, each.asked_ns), min(begun, answered_ns), ends, over)
        elif each.name == CLOSE:
            found[session] = (asks, begun, min(ends, each.asked_ns), min(over, answered_ns))
    gone = {session: ended.at_ns for session in found if (ended := evidence.exit_of(session)) is not None}
    for session, ended_ns in _told_over(evidence).items():  # what ends without having been asked to
        gone[session] = min(gone.get(session, ended_ns), ended_ns)
    return {s: (asks, begun, min(ends, gone.get(s, ends)), over) for s, (asks, begun, ends, over) in found.items()}


def _told_over(evidence: Evidence) -> dict[str, int]:
    """Session to when a page was told first that it has ended."""
    found: dict[str, int] = {}
    for each in (each for listed in told(evidence).values() for each in listed if each.is_end):
        found[each.session] = min(found.get(each.session, NEVER), each.fact.at_ns)
    return found


def _times(evidence: Evidence) -> Iterator[Outcome | None]:
    """A session began in the run, before its first event was sent, and ended before that was told."""
    begun = next(((fact, time) for fact in evidence.facts(RunBegun) if (time := moment(fact.body.at))), None)
    all_told = (each for listed in told(evidence).values() for each in listed if each.session not in evidence.lives)
    notices = [each for each in all_told if each.notice.time is not None]
    if begun is None or not notices:
        return
    fact, began = begun
    first: dict[str | None, int] = {}
    for sighting in evidence.flow[Hop.SENT]:
        first.setdefault(sighting.event.session, sighting.at_ns)
    for each in notices:
        said = at(each.fact.body.payload, each.notice.time or "")
        until_ns = each.fact.at_ns if each.is_end else min(first.get(each.session, NEVER), each.fact.at_ns)
        until = began + timedelta(microseconds=(until_ns - fact.at_ns) / 1000)
        told_at = moment(said)
        if told_at is not None and told_at.tzinfo is not None and began - SLACK <= told_at <= until + SLACK:
            yield None
            continue
        why = Finding(
            Aspect.NOTICE_TIME,
            other=each.fact.body.name,
            field=each.notice.time,
            expected=f"by {until.isoformat(timespec='milliseconds')}",
            found=str(said)[:40],
            session=each.session,
        )
        yield _wrong(evidence, each.fact, why)


def _wrong(evidence: Evidence, fact: Fact[Notice], why: Finding) -> Outcome:
    hops = hops_of_wrong(evidence, fact)
    first = hops[0] if len(hops) == 1 else None
    return Outcome(Kind.CORRUPTED, "P13", None, label_of(fact.observer), first, hops, why)
