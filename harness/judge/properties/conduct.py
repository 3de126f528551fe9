"""How the run went: latency, quiescence, and errors (P11, P12, P14)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from harness.judge.messages.complaints import complaints
from harness.judge.properties.dashboards import dashboards_outside
from harness.judge.properties.refusals import swallowed
from harness.judge.starving import is_timeout, unless_never_tried, unless_starved
from harness.judge.strategies import refuses_sessions
from harness.lib.amounts import amount
from harness.model import (
    SERVER_SIDE,
    Aspect,
    Finding,
    Hop,
    Kind,
    Outcome,
    PropertyResult,
    Sighting,
)
from harness.model.facts import (
    BackgroundError,
    ClientConnected,
    ClientRefused,
    CliStarted,
    ClockCompared,
    HandlerError,
    NeverAwaited,
    NoHandler,
    PageError,
    PageIntrusion,
    PageRefused,
    Refused,
    UnservedEmit,
)
from harness.record.evidence import Evidence, label_of, reason_of
from harness.record.evidence.observers import SERVER
from harness.record.evidence.seen import Seen
from harness.record.evidence.times import Times

ERRORS = (
    Refused,
    NoHandler,
    HandlerError,
    BackgroundError,
    NeverAwaited,
    ClientRefused,
    PageRefused,
    PageError,
    PageIntrusion,
    UnservedEmit,
)
"""Facts that a report must show, whatever the verdict."""


def latency(evidence: Evidence) -> PropertyResult:
    """P11: emitted to rendered within the bound, in the harness's time. What was replayed counts from its replay.

    What was on its way while the harness's own fault was on is not late: how long that took is told of the fault.
    """
    offsets: dict[str, int] = defaultdict(int)
    for fact in evidence.facts(ClockCompared):
        offsets[fact.observer] = fact.body.offset_ns
    sids: dict[str, set[str]] = defaultdict(set)
    for sid, load in evidence.sids.items():
        sids[load].add(sid)
    checks, found, worst_ns, bound_ns = 0, [], 0, evidence.contract.bound_ms * 1e6
    slowest = _Slowest()
    for hop, load, sightings in _last_seen(evidence):
        if load not in evidence.clock_errors:
            continue  # times of two clocks can't be compared
        slack_ns = offsets[load] - evidence.clock_errors[load]
        places, took_ns = _starts(evidence, sids[load]).took(evidence.shown[hop][load], sightings)
        checks += len(took_ns)
        slowest_ns = slack_ns + int(took_ns.max()) if len(took_ns) else 0
        worst_ns = max(worst_ns, slowest_ns)
        if slowest_ns > bound_ns:
            slow = took_ns > bound_ns - slack_ns
            timed = [
                (sightings[place], sightings[place].at_ns - ns)
                for place, ns in zip(places[slow].tolist(), took_ns[slow].tolist(), strict=True)
            ]
            excused = evidence.strikes.touched(f"dashboard:{label_of(load)}", SERVER, *evidence.exits)
            late = [(each, start) for each, start in timed if each.event.key not in excused]
            if label_of(load) in evidence.clients:  # of a thousand clients the slowest tells when an event had come
                slowest.take(load, late, slack_ns)
                continue
            found += [
                unless_starved(evidence, _late(evidence, load, each, start, slack_ns), start, each.at_ns)
                for each, start in late
            ]
    for load, each, start, slack_ns in slowest.of_each.values():
        found.append(unless_starved(evidence, _late(evidence, load, each, start, slack_ns), start, each.at_ns))
    note = f"worst {worst_ns / 1e6:.1f} ms" if checks else "no page had its clock compared"
    return PropertyResult.of("P11", checks, found, note)


class _Slowest:
    """Of each event that came late to clients the one that it came to last: load, sighting, start and slack."""

    def __init__(self) -> None:
        self.of_each: dict[str, tuple[str, Sighting, int, int]] = {}

    def take(self, load: str, late: Iterable[tuple[Sighting, int]], slack_ns: int) -> None:
        """What came late to one of them."""
        for each, start in late:
            known = self.of_each.get(each.event.key)
            if known is None or each.at_ns + slack_ns - start > known[1].at_ns + known[3] - known[2]:
                self.of_each[each.event.key] = load, each, start, slack_ns


def _last_seen(evidence: Evidence) -> Iterator[tuple[Hop, str, Seen]]:
    """The last hop of each load of a page, and of each connection without one, with what was seen there."""
    for load, sightings in evidence.page[Hop.RENDERED].items():
        yield Hop.RENDERED, load, sightings
    for load, sightings in evidence.page[Hop.DELIVERED].items() if evidence.clients else ():
        if label_of(load) in evidence.clients:
            yield Hop.DELIVERED, load, sightings


def _late(evidence: Evidence, load: str, last_seen: Sighting, start_ns: int, slack_ns: int) -> Outcome:
    """A late event is blamed on the hop before which most of the time passed; blind hops before it widen that.

    Where only its answer tells that the server had received it, the time may have passed before any hop from there on
    to the next one that is observed.
    """
    key, end = last_seen.event.key, last_seen.hop
    way = [each for each in _way(evidence, load, key, start_ns) if each[0] < end]
    places = pairwise([(Hop.EMITTED, start_ns), *way, (end, last_seen.at_ns)])
    _, last, hop = max((to_ns - from_ns, last, hop) for (last, from_ns), (hop, to_ns) in places)
    hops = (*(each for each in Hop if last < each < hop and not evidence.has_tap(each)), hop)
    if hop is Hop.RECEIVED and _is_told_by_answer(evidence, key):
        following = next((each for each in Hop if each > hop and evidence.has_tap(each)), end)
        hops = (*hops, *(each for each in Hop if hop < each <= following))
    why = Finding(
        Aspect.LATENCY,
        hop=hop,
        measured_ms=(last_seen.at_ns + slack_ns - start_ns) / 1e6,
        bound_ms=evidence.contract.bound_ms,
        items=tuple(each.label for each in hops) if len(hops) > 1 else (),
    )
    only = hop if len(hops) == 1 else None
    return Outcome(Kind.LATE, "P11", key, label_of(last_seen.observer), only, hops, why)


def _way(evidence: Evidence, load: str, key: str, start_ns: int) -> Iterator[tuple[Hop, int]]:
    """When an event was at the hops between emitted and rendered, on its way to one load of a page."""
    last_ns = start_ns
    for hop in filter(evidence.has_tap, (Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED)):
        sightings = evidence.once[hop].get(key, ()) if hop in SERVER_SIDE else evidence.on_page(hop, load).of(key)
        at_ns = next((s.at_ns for s in sightings if s.at_ns >= last_ns), None)
        if at_ns is not None and hop is Hop.RECEIVED and _is_told_by_answer(evidence, key):
            given = evidence.on_page(Hop.DELIVERED, load).of(key)
            at_ns = min([at_ns, *(s.at_ns for s in given if s.at_ns >= last_ns)])  # the answer may come after that
        if at_ns is not None:
            last_ns = at_ns
            yield hop, at_ns


def _is_told_by_answer(evidence: Evidence, key: str) -> bool:
    """Whether an event's time at received is that of the server's answer: it was there at that time at the latest."""
    return any("forwarded" in sighting.detail for sighting in evidence.once[Hop.RECEIVED].get(key, ()))


def _starts(evidence: Evidence, sids: set[str]) -> Times:
    """When events set out for a page: emitted when they were routed there at once, or else replayed."""
    found = evidence.emitted
    if all(_reaches(resolved, sids) for resolved in evidence.resolved):
        return found
    by_key = found.by_key()
    _count_from_replay(evidence, sids, by_key)
    return Times.of(by_key)


def _count_from_replay(evidence: Evidence, sids: set[str], found: dict[str, int]) -> None:
    """What was not routed to a page at once set out for it when it was replayed, and what never was, never."""
    for key, sightings in evidence.once[Hop.ROUTED].items():
        if key in found and _reaches(sightings[0].recipients, sids):
            continue
        replayed = next((each for each in sightings if _reaches(each.recipients, sids)), None)
        if replayed is not None:
            found[key] = replayed.at_ns
        else:
            found.pop(key, None)


def _reaches(recipients: tuple[str, ...] | None, sids: set[str]) -> bool:
    return recipients is None or not sids.isdisjoint(recipients)


def quiescence(evidence: Evidence) -> PropertyResult:
    """P12: the fence came back after everything, no handler runs, and every page is still."""
    found = []
    if evidence.has_tap(Hop.RECEIVED) and (why := evidence.why_in_flight()) is not None:
        found.append(Outcome(Kind.UNDETERMINED, "P12", None, None, Hop.ROUTED, (Hop.ROUTED,), why))
    for label in evidence.contract.dashboards:
        for hop, why_open in ((Hop.DELIVERED, evidence.why_unfenced), (Hop.RENDERED, evidence.why_restless)):
            if evidence.reaches(hop, label) and (doubt := why_open(label)) is not None:
                found.append(Outcome(Kind.UNDETERMINED, "P12", None, label, hop, (hop,), doubt))
    proofs = len(evidence.contract.dashboards) + len(evidence.pages)
    return PropertyResult.of("P12", proofs, found)


def errors_surface(evidence: Evidence) -> PropertyResult:
    """P14: refusals and exceptions are in the report; who should have been let in, and was not, is a failure."""
    found = [*dashboards_outside(evidence), *_clis_outside(evidence), *_servers_ended(evidence)]
    found += swallowed(evidence)
    if not refuses_sessions(evidence.contract.strategy):
        for session, code in evidence.rejected.items():
            why = Finding(Aspect.SESSION_REFUSED, session=session, text=code or None)
            found.append(Outcome(Kind.REFUSED, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why))
        for session in evidence.unanswered:
            why = Finding(Aspect.SESSION_UNANSWERED, session=session)
            never = Outcome(Kind.REFUSED, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why)
            found.append(unless_never_tried(evidence, never, *evidence.waited_for(session)))
    errors = sum(len(evidence.facts(kind)) for kind in ERRORS)
    note = f"{amount(errors, 'error')} on record"
    if told := sum(len(each.errors) for each in complaints(evidence)):
        note += f", and {told} on the standard error of CLIs that ended with status 0"
    return PropertyResult.of("P14", 1 + errors, found, note)


def _servers_ended(evidence: Evidence) -> Iterator[Outcome]:
    """Servers that failed in the middle of the run."""
    for fact in evidence.ended_servers:
        why = Finding(Aspect.SERVER_ENDED, party=str(fact.body.process), found=fact.body.status)
        yield Outcome(Kind.INCOMPLETE, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why)


def _clis_outside(evidence: Evidence) -> Iterator[Outcome]:
    """CLIs that could not connect, and were not let in afterwards: refused by the server, or they never got there."""
    let_in = {fact.observer: fact.n for fact in evidence.facts(ClientConnected)}
    refused = {fact.observer: fact for fact in evidence.facts(ClientRefused)}
    by_server = [fact for fact in evidence.facts(Refused) if fact.body.role in (None, "producer")]
    started = {fact.observer: fact.at_ns for fact in evidence.facts(CliStarted)}
    for cli, fact in refused.items():
        if let_in.get(cli, -1) > fact.n:
            continue
        error = reason_of(fact)
        since = started.get(cli) if is_timeout(error) else None
        if by_server:
            why = Finding(Aspect.CLI_REFUSED, party=cli, text=error)
            yield Outcome(Kind.REFUSED, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why)
        elif evidence.why_blind(Hop.RECEIVED, None) is None:
            why = Finding(Aspect.CLI_UNREACHED, party=cli, text=error)
            unreached = Outcome(Kind.REFUSED, "P14", None, None, Hop.SENT, (Hop.SENT,), why)
            yield unless_never_tried(evidence, unreached, since, fact.at_ns)
        else:
            why = Finding(Aspect.CLI_OUTSIDE, party=cli, text=error)
            outside = Outcome(Kind.REFUSED, "P14", None, None, None, (Hop.SENT, Hop.RECEIVED), why)
            yield unless_never_tried(evidence, outside, since, fact.at_ns)
