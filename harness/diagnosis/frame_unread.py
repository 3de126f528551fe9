"""Frame unread: a message is not JSON, and the page's client closes the connection over it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.diagnosis._connection_ended import STAYED_AWAY, stayed_away
from harness.diagnosis._transports import was_away
from harness.diagnosis.rule import Head, Pattern, Rule, events, losses, lost_at, of, of_kind, per_run
from harness.judge.strategies.watch import absences
from harness.model import PAGE_SIDE, Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import FrameUnread, PageClosed, PageConnected, Unrouted
from harness.record.evidence import Evidence, Position, family, label_of, names, position

_AGAIN = (Kind.DUPLICATED, Kind.REORDERED, Kind.LATE)
"""What a page has that connects again, and is given what it had already."""


class FrameIsUnread(Rule):
    """Lost before a page had it: its message is there as no JSON; and what passed while the page was away after it.

    Or given to the page once more, each time that it was back after such a message.
    """

    head = Head(
        cause="frame-unread",
        title="a message is not JSON: the page's client closes the connection over it",
        claims=(
            losses(Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED),
            events(Kind.DUPLICATED, Hop.DELIVERED),  # all that is proven of a page that is away again in the end
        ),
        carries=(
            Pattern((Kind.LATE, Kind.DUPLICATED, Kind.REORDERED), keyed=True),
            of(Kind.LOST, Hop.ROUTED),
            losses(Hop.APPLIED),
            STAYED_AWAY,
        ),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against="the page could read all of its messages, or those that it could not are other events'",
        remedy=(
            "Keep what JSON does not have (NaN, Infinity) out of payloads, and send null instead: Python's json\n"
            "writes them, and no browser reads them. `allow_nan=False` in the server's json tells of it at the emit."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        unread = {label_of(f.observer) for f in evidence.facts(FrameUnread)}
        shares = [_of_dashboard(evidence, label, outcomes) for label in sorted(unread)]
        again = [o for share in shares for o in share.again]
        first = [o for share in shares for o in share.lost] or of_kind(again, Kind.DUPLICATED, hop=Hop.DELIVERED)
        if not first:
            return
        why = next(each.why for each in shares if {*each.lost, *each.again} & {*first})
        yield self.blame(
            f"a message that no browser can read reached the page: {why}.",
            [line for share in shares for line in share.lines],
            [
                *first,
                *(o for share in shares for o in share.held),
                *_unrouted(evidence, outcomes),
                *(o for o in again if o not in first),
            ],
            at=first,
        )


@dataclass(frozen=True, slots=True)
class _Share:
    """What such messages brought about at one dashboard: what it lost, got late or twice, and lines that tell of it."""

    lost: list[Outcome]
    held: list[Outcome]
    again: list[Outcome]
    lines: list[str]
    why: str


def _of_dashboard(evidence: Evidence, label: str, outcomes: Sequence[Outcome]) -> _Share:
    # where the server is not observed, they were lost at a range that ends with the page
    here = [o for o in outcomes if o.label == label]
    lost = [o for o in here if o.kind is Kind.LOST and o.hops[-1:] == (Hop.DELIVERED,)]
    frames = [f for f in evidence.facts(FrameUnread) if family(f.observer) == f"dashboard:{label}"]
    why = frames[0].body.why
    again = [o for o in here if o.kind in _AGAIN and _came_again(evidence, frames, o)]
    again += stayed_away(here, {label})
    mine = _unread(evidence, frames, lost)
    twice = names(sorted({o.event_key for o in again if o.key}))
    lines = [f"dashboard {label}: {twice} came again when it was back"] if twice else []
    if not mine:
        return _Share([], [], again, [*_closed(evidence, label, frames[0]), *lines] if lines else [], why)
    gaps = absences(evidence).get(label, ())
    missed = [o for o in lost if o not in mine and _is_missed(evidence, gaps, frames, mine, o)]
    late = [o for o in here if o.kind is Kind.LATE and _was_held(evidence, frames[0], o.event_key)]
    told = [f"dashboard {label}: {names(sorted(o.event_key for o in mine))} came, and can't be read"]
    told += [*_closed(evidence, label, frames[0]), *_missed(evidence, label, gaps)]
    if late:
        held = names(sorted(o.event_key for o in late))
        told.append(f"dashboard {label}: {held} came before it, and its client held them until it was back")
    unhandled = _unhandled(evidence, frames, lost_at(outcomes, Hop.APPLIED))
    return _Share([*mine, *missed], [*late, *unhandled], again, [*told, *lines], why)


def _unrouted(evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """What was emitted to no connection of a dashboard, for it was away."""
    emitted = {f.body.key: position(f) for f in evidence.facts(Unrouted)}
    for outcome in of_kind(outcomes, Kind.LOST, hop=Hop.ROUTED):
        at = emitted.get(outcome.key) or evidence.routed_at(outcome.event_key)
        if outcome.key and _is_in(absences(evidence).get(outcome.label, ()), at):
            yield outcome


def _following(evidence: Evidence, frames: Sequence[Fact[FrameUnread]], lost: Sequence[Outcome]) -> list[Outcome]:
    """The lost events that the server sent after the last one that a page had before such messages, in that order.

    A connection brings what is sent in order: the first of them is the first that the page could not read.
    """
    first = min(frames, key=lambda fact: fact.n)
    had = (s.event.key for s in evidence.page[Hop.DELIVERED].get(first.observer, ()) if s.n < first.n)
    last = max((at for key in had if (at := evidence.routed_at(key)) is not None), default=None)
    sent = [
        (at, o) for o in lost if (at := evidence.routed_at(o.event_key)) is not None and (last is None or at > last)
    ]
    return [o for _, o in sorted(sent, key=lambda each: each[0])]


def _unread(evidence: Evidence, frames: Sequence[Fact[FrameUnread]], lost: Sequence[Outcome]) -> list[Outcome]:
    """The lost events whose messages these are: by number, by name and data, and the nameless as all that is left."""
    keys = {f.body.key for f in frames}
    left = Counter((f.body.name, f.body.digest) for f in frames if f.body.name is not None and f.body.key is None)
    found = []
    for outcome in lost:
        event = evidence.events[outcome.event_key]
        if outcome.key in keys:
            found.append(outcome)
        elif left[event.name, event.digest] > 0:
            left[event.name, event.digest] -= 1
            found.append(outcome)
    strange = [f for f in frames if f.body.key is None]
    known = {(event.name, event.digest) for event in evidence.events.values()} if strange else set()
    changed = Counter(  # what breaks a message changes its data
        f.body.name for f in strange if (f.body.name, f.body.digest) not in known
    )
    for name in changed.keys() - {None}:
        others = [o for o in lost if o not in found and evidence.events[o.event_key].name == name]
        sids = {f.body.sid for f in frames if f.body.name == name}
        sent_there = [o for o in others if sids & evidence.recipients_of(o.key)]  # others passed while it was away
        next_ones = _following(evidence, [f for f in strange if f.body.name == name], sent_there)[: changed[name]]
        found += next((each for each in (others, sent_there) if len(each) == changed[name]), next_ones)
    nameless = [f for f in frames if f.body.name is None and f.body.sid is not None]
    sids = {f.body.sid for f in nameless}
    rest = [o for o in lost if o not in found and sids & evidence.recipients_of(o.key)]
    return [*found, *rest] if len(rest) == len(nameless) else found


def _was_held(evidence: Evidence, frame: Fact[FrameUnread], key: str) -> bool:
    """Whether an event was delivered before a message that can't be read, and taken in or shown after it alone.

    A client hands on what one answer to a poll brought in a later turn: when it has no connection any more.
    """
    seen = {hop: [s.n for s in evidence.on_page(hop, frame.observer).of(key)] for hop in PAGE_SIDE}
    later = seen[Hop.APPLIED] or seen[Hop.RENDERED]
    return bool(seen[Hop.DELIVERED] and later) and min(seen[Hop.DELIVERED]) < frame.n < min(later)


def _came_again(evidence: Evidence, frames: Iterable[Fact[FrameUnread]], outcome: Outcome) -> bool:
    """Whether an event came to a page before a message that closed its connection, and over a later one once more.

    It is then there twice, after what came after it, and late by its last appearance.
    """
    if not outcome.hops or outcome.hops[0] < Hop.DELIVERED:
        return False
    for frame in frames:
        came = [s.n for s in evidence.on_page(Hop.DELIVERED, frame.observer).of(outcome.event_key)]
        back = [f.n for f in evidence.facts(PageConnected) if f.observer == frame.observer and f.n > frame.n]
        if came and back and min(came) < frame.n and max(came) > min(back):
            return True
    return False


def _is_missed(
    evidence: Evidence,
    gaps: Iterable[tuple[Position, Position]],
    frames: Sequence[Fact[FrameUnread]],
    unread: Sequence[Outcome],
    lost: Outcome,
) -> bool:
    """Whether an event passed while the page was away, or was still sent to the connection that it had closed.

    By the server's record, and by time where that does not have it.
    """
    key = lost.event_key
    if key not in evidence.once[Hop.ROUTED] and was_away(evidence, lost.label, key):
        return True
    if _is_in(gaps, evidence.routed_at(key)):
        return True
    at, closed = evidence.routed_at(key), {f.body.sid for f in frames}
    first = min((place for o in unread if (place := evidence.routed_at(o.event_key)) is not None), default=None)
    return at is not None and first is not None and at > first and bool(closed & evidence.recipients_of(key))


def _unhandled(evidence: Evidence, frames: Sequence[Fact[FrameUnread]], lost: Sequence[Outcome]) -> Iterable[Outcome]:
    """What came in one answer with a message that can't be read, after it: the client had closed the connection."""
    for load in {f.observer for f in frames}:
        first = min(f.n for f in frames if f.observer == load)
        back = min((f.n for f in evidence.facts(PageConnected) if f.observer == load and f.n > first), default=1 << 60)
        came = {s.event.key for s in evidence.on_page(Hop.DELIVERED, load) if first < s.n < back}
        yield from (o for o in lost if o.label == label_of(load) and o.key in came)


def _is_in(gaps: Iterable[tuple[Position, Position]], at: Position | None) -> bool:
    return at is not None and any(start < at < end for start, end in gaps)


def _closed(evidence: Evidence, label: str, frame: Fact[FrameUnread]) -> Iterable[str]:
    party = f"dashboard:{label}"
    closed = next((f for f in evidence.facts(PageClosed) if f.observer == frame.observer and f.n > frame.n), None)
    if closed is None:
        return
    later = (f for f in evidence.facts(PageConnected) if family(f.observer) == party and f.at_ns > closed.at_ns)
    back = next(later, None)
    for_s = "and never came back" if back is None else f"and was back {(back.at_ns - closed.at_ns) / 1e9:.1f} s later"
    yield f"dashboard {label}: its client closed the connection over it ({closed.body.reason}), {for_s}"


def _missed(evidence: Evidence, label: str, gaps: Iterable[tuple[Position, Position]]) -> Iterable[str]:
    """What passed while the page was disconnected, whether or not it was promised."""
    held = {key for load in evidence.loads_of(label) for key in evidence.keys_on_page(Hop.DELIVERED, load)}
    gone = [key for key in evidence.events if key not in held and _is_in(gaps, evidence.routed_at(key))]
    if gone:
        yield f"dashboard {label}: passed while it was disconnected, and never delivered: {names(gone)}"


RULE = FrameIsUnread()
