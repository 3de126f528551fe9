"""What became of each expectation: how far its event came on the way to the dashboard that is owed it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Set
from functools import cached_property

from harness.judge.afterwards import sent_afterwards
from harness.judge.holding import held_by_handler
from harness.judge.properties.rendering import is_cut_short
from harness.judge.rows.pushed import with_pushed_out
from harness.judge.rows.shown import really_shown
from harness.judge.strategies.watch import absences
from harness.model import PAGE_SIDE, SERVER_SIDE, Aspect, Expectation, Finding, Hop, Kind, Level, Outcome, Settled
from harness.record.evidence import Evidence, label_of
from harness.record.evidence.keys import union, without


def settle(evidence: Evidence, expectations: Iterable[Expectation]) -> list[Settled]:
    """What became of each expectation."""
    settler = _Settler(evidence)
    return [Settled(expected, settler.outcomes(expected)) for expected in expectations]


def blind_spots(evidence: Evidence) -> set[Hop]:
    """Hops whose taps demonstrably missed events: emitted, not sighted there, and sighted after it.

    A loss is never pinned on such a hop alone. A CLI that died may have taken its last records with it.
    """
    emitted = evidence.once[evidence.first_hop].keys()
    server = {hop: evidence.once[hop].keys() & emitted for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED)}
    delivered = union(stream.keys for stream in evidence.shown[Hop.DELIVERED].values()) & emitted
    doomed = {
        event.key
        for session, events in evidence.sessions.items()
        if evidence.producer.get(session) in evidence.dead
        for event in events
    }
    later = {
        Hop.SENT: server[Hop.RECEIVED] | server[Hop.ROUTED] - doomed,
        Hop.RECEIVED: server[Hop.ROUTED],
        Hop.ROUTED: delivered,
    }
    spots = {hop for hop, keys in later.items() if keys - server[hop]}
    for hop, following in ((Hop.DELIVERED, Hop.APPLIED), (Hop.APPLIED, Hop.RENDERED)):
        for load, stream in evidence.shown[following].items():
            if evidence.has_tap(hop, label_of(load)) and (stream.keys & emitted) - evidence.keys_on_page(hop, load):
                spots.add(hop)
    return {hop for hop in spots if evidence.has_tap(hop)}


class _Trail:
    """Which events came how far on their way to one dashboard, or to one load of its page."""

    def __init__(self, settler: _Settler, dashboard: str, load: str | None) -> None:
        self._settler, self._evidence, self._dashboard = settler, settler.evidence, dashboard
        self._loads = [load] if load is not None else self._evidence.loads_of(dashboard)
        self.rendered = really_shown(self._evidence, dashboard, self._on_pages(Hop.RENDERED))
        ends = self._evidence.ends_at(dashboard)
        self.arrived = with_pushed_out(self._evidence, dashboard, self.rendered)  # as far as is promised
        if ends is not Hop.RENDERED:
            self.arrived = self._on_pages(*(hop for hop in PAGE_SIDE if hop >= ends))
        elif listed := self._evidence.contract_of(dashboard).listed:
            held = self._evidence.held(dashboard)
            has = self._on_pages(*(hop for hop in PAGE_SIDE if hop >= held))
            self.arrived = self.arrived | {key for key in has if self._evidence.events[key].name not in listed}

    def _on_pages(self, *hops: Hop) -> Set[str]:
        """What its loads had at any of these hops."""
        return union(self._evidence.keys_on_page(hop, each) for each in self._loads for hop in hops)

    @cached_property
    def routed(self) -> set[str]:
        """What was routed here."""
        mine = {sid for sid, holder in self._evidence.sids.items() if holder in self._loads}
        return set().union(*(self._settler.routed_to[sid] for sid in mine))

    @cached_property
    def _passed(self) -> list[Container[str]]:
        """What passed each hop on its way here."""
        passed: dict[Hop, Container[str]] = dict(self._evidence.once)
        while_away = self._settler.routed_while_away(self._dashboard)
        passed[Hop.ROUTED] = self.routed | self._evidence.unresolved | while_away
        before = [hop for hop in PAGE_SIDE if hop is not Hop.RENDERED]
        return [*(passed[hop] for hop in SERVER_SIDE), *map(self._on_pages, before), self.rendered]

    def last(self, key: str) -> Hop | None:
        """The last hop that the event was sighted at on its way here."""
        return next((hop for hop in reversed(Hop) if key in self._passed[hop]), None)

    def leaked_at(self, key: str) -> Hop | None:
        """The first hop at which the event was on its way here alone."""
        if key in self.routed:
            return Hop.ROUTED
        return next((hop for hop in PAGE_SIDE if key in self._passed[hop]), None)


class _Settler:
    """Decides outcomes, with what many expectations ask worked out once."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self._trails: dict[tuple[str, str | None], _Trail] = {}
        self._reasons: dict[tuple[Hop, str, str | None], Finding | None] = {}

    @cached_property
    def routed_to(self) -> dict[str, set[str]]:
        """Socket.IO id to the events that were routed to it."""
        found: dict[str, set[str]] = defaultdict(set)
        for key, sids in self.evidence.recipients.items():
            for sid in sids:
                found[sid].add(key)
        return found

    @cached_property
    def _absences(self) -> dict[str, list[tuple[tuple[int, int], tuple[int, int]]]]:
        return absences(self.evidence)

    @cached_property
    def _blind(self) -> set[Hop]:
        return blind_spots(self.evidence)

    @cached_property
    def _unhandled(self) -> set[str]:
        """Event names that no page ever took into its state.

        One such event alone proves nothing where pages also drop events of names that they do know, and several of
        them prove nothing where pages drop more of those than they take in.
        """
        events, shown = self.evidence.events, self.evidence.shown
        taken = sum((events.called(stream.keys) for stream in shown[Hop.APPLIED].values()), Counter[str]())
        dropped: Counter[str] = Counter()
        keys: dict[str, set[str]] = defaultdict(set)
        for load, delivered in shown[Hop.DELIVERED].items():
            if not self.evidence.reaches(Hop.APPLIED, label_of(load)):
                continue
            for key in delivered.keys - self.evidence.keys_on_page(Hop.APPLIED, load):
                dropped[events[key].name] += 1
                keys[events[key].name].add(key)
        known = sum(count for name, count in dropped.items() if name in taken)
        if known > taken.total():
            return set()
        return {name for name, mine in keys.items() if name not in taken and (len(mine) > 1 or not known)}

    @cached_property
    def _short_lists(self) -> set[str]:
        """Dashboards whose list shows fewer events than the page counts, and doesn't say so."""
        views = {label: self.evidence.view(label) for label in self.evidence.pages}
        return {
            label
            for label, view in views.items()
            if view is not None and is_cut_short(self.evidence, view.body, view.observer)
        }

    def routed_while_away(self, dashboard: str) -> set[str]:
        """Events that were rightly routed without a dashboard, which had no connection: what is missing is the replay.

        The server resolved the clients that were there; the loss is that it never handed the event over afterwards.
        """
        gaps = self._absences.get(dashboard, ())
        if not gaps:
            return set()
        places = ((key, self.evidence.routed_at(key)) for key in self.evidence.once[Hop.ROUTED])
        return {key for key, at in places if at is not None and any(start < at < end for start, end in gaps)}

    def outcomes(self, expected: Expectation) -> tuple[Outcome, ...]:
        """What became of the events of one expectation."""
        trail = self._trails.get((expected.dashboard, expected.observer)) or self._trail(expected)
        if expected.level is Level.NEVER:
            leaks = [(key, hop) for key in expected.keys if (hop := trail.leaked_at(key)) is not None]
            prop = "P17" if expected.why.aspect is Aspect.NOT_ENTITLED else "P6"
            alone = [
                Outcome(
                    Kind.LEAKED, prop, key, expected.dashboard, *self._leaked(expected.dashboard, key, at), expected.why
                )
                for key, at in leaks
            ]
            return (*alone, *_arrived(expected, prop, len(alone), None))
        missing = [(key, trail.last(key)) for key in without(expected.keys, trail.arrived)]
        missing = [(key, last) for key, last in missing if not self._is_too_late(key, expected.dashboard)]
        if expected.level is Level.MAY:
            alone = [
                Outcome(Kind.DELIVERED, "P1", key, expected.dashboard, last, (), expected.why) for key, last in missing
            ]
        else:
            alone = [self._missing(expected, key, last) for key, last in missing]
        return (*alone, *_arrived(expected, "P1", len(alone), self.evidence.ends_at(expected.dashboard)))

    def _leaked(self, dashboard: str, key: str, seen: Hop) -> tuple[Hop | None, tuple[Hop, ...]]:
        """Where what a dashboard must never have went to it: where the server resolved it, unless that was seen."""
        hops = tuple(hop for hop in self.evidence.blamed(seen, dashboard, key)[1] if hop >= Hop.ROUTED)
        return (seen if len(hops) == 1 else None), hops

    def _is_too_late(self, key: str, dashboard: str) -> bool:
        """Whether the server made it, as a timer does, when the page was proven already and was not looked at again."""
        fence = self.evidence.fences.get(dashboard) if key in self.evidence.made else None
        if fence is None or not fence.body.back:
            return False
        routed = self.evidence.at(Hop.ROUTED, key)
        return bool(routed) and all(each.at_ns > fence.at_ns for each in routed)

    def _missing(self, expected: Expectation, key: str, last: Hop | None) -> Outcome:
        """An event that was owed and is not rendered: where it was lost, as far as the taps can tell."""
        dashboard = expected.dashboard
        if last is Hop.ROUTED and (afterwards := sent_afterwards(self.evidence, key, dashboard)) is not None:
            return afterwards
        if self._is_with_others(key):
            last = max(last or Hop.RECEIVED, Hop.RECEIVED)  # it came as far as the server
        ends = self.evidence.ends_of(key, dashboard)
        later = [hop for hop in Hop if (last is None or hop > last) and hop <= ends]
        blind = {hop: self._why_blind(hop, dashboard, key) for hop in later}
        visible = [hop for hop in later if blind[hop] is None]
        if not visible:
            because = tuple(each for each in blind.values() if each is not None)
            return _undetermined(expected, key, Finding(Aspect.NOT_BELIEVED, hop=last, because=because))
        if visible[0] is Hop.ROUTED and (held := held_by_handler(self.evidence, key, dashboard)) is not None:
            return held
        for hop in visible:
            if (unfinished := self.evidence.why_unfinished(hop, dashboard)) is not None:
                return _undetermined(expected, key, unfinished)
        blamed = tuple(hop for hop in later if hop <= visible[0])
        first = blamed[0] if len(blamed) == 1 else None
        return Outcome(self._kind(key, dashboard, blamed), "P1", key, dashboard, first, blamed, expected.why)

    def _is_with_others(self, key: str) -> bool:
        """Whether the server resolved a recipient of an event, or where that is not seen, a page was delivered it."""
        if key in self.evidence.once[Hop.ROUTED]:
            return True
        return any(key in seen for seen in self.evidence.seen[Hop.DELIVERED].values())

    def _kind(self, key: str, dashboard: str, hops: tuple[Hop, ...]) -> Kind:
        """A list that is shorter than the page's own count cuts off what the page holds, its state seen or not."""
        if hops == (Hop.APPLIED,) and self.evidence.events[key].name in self._unhandled:
            return Kind.UNHANDLED
        if hops[-1] is Hop.RENDERED and hops[0] >= Hop.APPLIED and dashboard in self._short_lists:
            return Kind.TRUNCATED
        return Kind.LOST

    def _trail(self, expected: Expectation) -> _Trail:
        place = (expected.dashboard, expected.observer)
        trail = self._trails[place] = _Trail(self, *place)
        return trail

    def _why_blind(self, hop: Hop, dashboard: str, key: str) -> Finding | None:
        """Why a hop can't be blamed alone: it has no tap, a dead one, or one that missed other events."""
        cli = self.evidence.producer.get(self.evidence.events[key].session or "")
        asked = (hop, dashboard, cli)
        if asked not in self._reasons:
            why = self.evidence.why_blind(*asked)
            if why is None and hop in self._blind:
                why = Finding(Aspect.TAP_MISSED, hop=hop)
            self._reasons[asked] = why
        return self._reasons[asked]


def _arrived(expected: Expectation, prop: str, others: int, hop: Hop | None) -> Iterator[Outcome]:
    """One outcome for the events of an expectation that are not among the `others`."""
    if len(expected.keys) > others:
        key = expected.keys[0] if len(expected.keys) == 1 else None
        yield Outcome(Kind.DELIVERED, prop, key, expected.dashboard, hop, (), expected.why)


def _undetermined(expected: Expectation, key: str, why: Finding) -> Outcome:
    return Outcome(Kind.UNDETERMINED, "P1", key, expected.dashboard, None, (), why)
