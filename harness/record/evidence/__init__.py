"""One ledger, indexed once: what strategies, properties, the judge and the rules ask it. Pure; linear in its records.

Order in the server is the order of the server's own record (`server`, then `server.2` after a restart), never a
comparison of times.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from harness.model import LOSE, PAGE_SIDE, Aspect, Fact, Finding, Hop
from harness.model.facts import (
    ActionTaken,
    CliStarted,
    ClockCompared,
    Connected,
    Disconnected,
    Entitled,
    Fence,
    HandlerRuns,
    InFlight,
    PageClosed,
    PageError,
    ServerStopped,
    Still,
    TapTried,
)
from harness.record.evidence.exchanges import CLOSE, OPEN, Exchange, first_object
from harness.record.evidence.observers import (
    BY_CLIENT,
    BY_PAGE,
    BY_SERVER,
    END,
    SERVER,
    START,
    Position,
    family,
    in_words,
    incarnation,
    label_of,
    names,
    position,
    reason_of,
)
from harness.record.evidence.producers import Produced
from harness.record.evidence.taps import Taps

__all__ = [
    "BY_CLIENT", "BY_SERVER", "CLOSE", "END", "OPEN", "REQUEST", "START", "Evidence", "Exchange", "Position",
    "family", "first_object", "in_words", "incarnation", "label_of", "names", "position", "reason_of",
]  # fmt: skip


NO_CONNECTION = "no connection"
"""What a fence says of a page that has none."""

REQUEST, WEBSOCKET = "Failed to load resource", "WebSocket connection to '"
"""How Chromium's console begins to tell of a request or a connection that failed, which is not an error of a script."""


class Evidence(Produced):
    """The questions that a verdict asks of a ledger: what was seen, and what is known to be absent."""

    def has_tap(self, hop: Hop, dashboard: str | None = None) -> bool:
        """Whether the run has a tap for the hop at all, or at one dashboard; without one the hop is blind."""
        contract = self.contract if dashboard is None or not self.contract.pages else self.contract_of(dashboard)
        return hop in contract.taps

    @cached_property
    def _taps(self) -> Taps:
        return Taps(self.facts(TapTried))

    def _parties(self, hop: Hop) -> list[str]:
        """Who must have a tap of a hop: the server, every dashboard that was opened, every CLI that was started."""
        if hop in PAGE_SIDE:
            reached = (label for label, loads in self.loads.items() if loads and self.reaches(hop, label))
            return [f"dashboard:{label}" for label in reached]
        if hop in (Hop.RECEIVED, Hop.ROUTED):
            return [SERVER]
        return [*dict.fromkeys([*(f.observer for f in self.facts(CliStarted)), *self.producer.values()])]

    def tap_troubles(self) -> list[Finding]:
        """Taps that did not prove themselves alive before and after, or are not there at all."""
        absent = (hop for hop in self.contract.taps if not self._parties(hop) and not self._taps.parties(hop))
        troubles = (why for hop in self.contract.taps for why in self._taps.troubles(hop, self._parties(hop)))
        return [*troubles, *(Finding(Aspect.NO_OBSERVER, hop=hop) for hop in absent)]

    @cached_property
    def alive(self) -> dict[Hop, bool]:
        """Hop to whether every tap of it proved itself alive before and after."""
        return {hop: self._is_alive(hop) for hop in Hop}

    def _is_alive(self, hop: Hop) -> bool:
        has_any = self.has_tap(hop) and bool(self._taps.parties(hop))
        return has_any and not any(self._taps.troubles(hop, self._parties(hop)))

    @cached_property
    def passes(self) -> Mapping[str, frozenset[str]]:
        """Dashboard to the sessions that its pass is for; one without a pass is not in here, and may see them all."""
        return {f.body.dashboard: frozenset(f.body.sessions) for f in self.facts(Entitled)}

    def may_see(self, dashboard: str, session: str | None) -> bool:
        """Whether a dashboard is entitled to a session."""
        return session is None or dashboard not in self.passes or session in self.passes[dashboard]

    def in_flight(self) -> int | None:
        """Handlers that still ran in the server at the end; None when that is not known."""
        facts = self.facts(InFlight)
        return None if not facts else facts[-1].body.count

    @cached_property
    def fences(self) -> Mapping[str, Fact[Fence]]:
        """Dashboard to its last fence."""
        return {label_of(f.observer): f for f in self.facts(Fence)}

    @cached_property
    def stills(self) -> Mapping[str, Fact[Still]]:
        """Dashboard to whether its page came to rest."""
        return {label_of(f.observer): f for f in self.facts(Still)}

    @property
    def was_quiet(self) -> bool:
        """Whether nothing more came for a while, where it is not known what is in flight: a weaker proof."""
        return bool(self.fences) and all(fence.body.means == "quiet" for fence in self.fences.values())

    def why_in_flight(self) -> Finding | None:
        """Why something may still be on its way through the server, or None when nothing is."""
        count = self.in_flight()
        if count is None and self.was_quiet:
            return None
        if count is None:
            return Finding(Aspect.HANDLERS_UNKNOWN)
        if not count:
            return None
        known = (fact.body for fact in self.facts(HandlerRuns))
        named = (Finding(Aspect.HANDLER_RUNS, request=h.name, measured_ms=h.ms, other=h.where) for h in known)
        return Finding(Aspect.HANDLERS_RUN, count=count, because=tuple(named))

    @cached_property
    def ended_servers(self) -> list[Fact[ServerStopped]]:
        """The ends of servers that failed by themselves. One that ended well may have left another in its place."""
        return [f for f in self.facts(ServerStopped) if f.body.status not in (None, 0)]

    def thrown_out(self, dashboard: str) -> Fact[Disconnected] | None:
        """The end of a dashboard's last connection where the server itself brought it about."""
        end = self._last_end(dashboard)
        return end if end is not None and end.body.reason == BY_SERVER else None

    def _last_end(self, dashboard: str) -> Fact[Disconnected] | None:
        return self._last_ends.get(dashboard)

    @cached_property
    def _last_ends(self) -> Mapping[str, Fact[Disconnected]]:
        """Dashboard to the end of its last connection, where that has ended."""
        last: dict[str, Fact[Connected]] = {}
        for fact in self.facts(Connected):
            label = label_of(self.sids.get(fact.body.sid, ""))
            if label and (label not in last or position(fact) > position(last[label])):
                last[label] = fact
        return {label: self.gone[fact.body.sid] for label, fact in last.items() if fact.body.sid in self.gone}

    def hung_up(self, dashboard: str) -> Fact[Disconnected] | None:
        """The end of a dashboard's last connection where the page itself brought it about, and stayed."""
        last = self.loads_of(dashboard)[-1:]
        closed = {f.body.sid for f in self.facts(PageClosed) if f.observer in last and f.body.reason == BY_PAGE}
        end = self._last_end(dashboard)
        return end if end is not None and end.body.reason == BY_CLIENT and end.body.sid in closed else None

    def lost_connection(self, dashboard: str) -> Fact[Disconnected] | None:
        """The end of a dashboard's last connection that neither side says to have wanted; no fault explains it."""
        end, parties = self._last_end(dashboard), {SERVER, f"dashboard:{dashboard}"}
        if end is None or self.thrown_out(dashboard) or self.hung_up(dashboard) or self.facts(ServerStopped):
            return None
        if any(f.body.name == LOSE and f.body.dashboard == dashboard for f in self.facts(ActionTaken)):
            return None
        struck = (each for each in self.strikes.each if not each.parties.isdisjoint(parties))
        is_struck = any(each.recovered is None or end.at_ns <= each.recovered.at_ns for each in struck)
        return None if is_struck else end

    @cached_property
    def clock_errors(self) -> Mapping[str, int]:
        """By how much the clock of each load of a page may be wrong at most, in nanoseconds."""
        found: dict[str, int] = {}
        for fact in self.facts(ClockCompared):
            found[fact.observer] = max(found.get(fact.observer, 0), fact.body.error_ns)
        return found

    def script_errors(self, load: str) -> list[Fact[PageError]]:
        """What a page's own scripts failed over: no request that failed, and nothing that the harness waited for."""
        mine = (fact for fact in self.facts(PageError) if fact.observer == load and fact.body.waited_s is None)
        return [fact for fact in mine if not any(each in fact.body.text for each in (REQUEST, WEBSOCKET))]

    def _is_cut_off(self, fence: Fact[Fence], dashboard: str) -> bool:
        """Whether a page has no connection, and no server is there to give it one."""
        if fence.body.why != NO_CONNECTION:
            return False
        has_no_server = any(f.body.running == 0 for f in self.ended_servers)
        return has_no_server or self.thrown_out(dashboard) is not None or self.hung_up(dashboard) is not None

    def why_unfenced(self, dashboard: str) -> Finding | None:
        """Why something may still be on its way to a dashboard, or None when its fence is the last thing it got."""
        fence, loads, party = self.fences.get(dashboard), self.loads.get(dashboard), f"dashboard:{dashboard}"
        if fence is None:
            return Finding(Aspect.NO_FENCE, party=party)
        if not fence.body.back and not self._is_cut_off(fence, dashboard):
            return Finding(Aspect.FENCE_LOST, party=party, text=fence.body.why or None)
        delivered = self.page[Hop.DELIVERED].get(fence.observer, ())
        if (loads and fence.observer != loads[-1]) or (delivered and delivered[-1].n > fence.n):
            return Finding(Aspect.AFTER_FENCE, party=party)
        return None

    def why_restless(self, dashboard: str) -> Finding | None:
        """Why a page may still change, or None when it came to rest."""
        still, party = self.stills.get(dashboard), f"dashboard:{dashboard}"
        if still is None:
            return Finding(Aspect.REST_UNKNOWN, party=party)
        return None if still.body.still else Finding(Aspect.RESTLESS, party=party, text=still.body.why or None)

    def why_blind(self, hop: Hop, dashboard: str | None, cli: str | None = None) -> Finding | None:
        """Why a hop's tap can't be believed, or None when it can.

        `dashboard` narrows the page's hops to one page, `cli` the CLI's own hops to one CLI.
        """
        if not self.has_tap(hop, dashboard):
            return Finding(Aspect.NO_TAP, hop=hop)
        if hop in PAGE_SIDE:
            mine = [f"dashboard:{dashboard}"] if dashboard is not None else self._parties(hop)
        else:
            mine = [cli] if cli and hop in (Hop.EMITTED, Hop.SENT) else self._parties(hop)
        if not mine:
            return Finding(Aspect.NO_OBSERVER, hop=hop)
        for party in mine:
            if (trouble := self._taps.trouble(hop, party) or self._taps.why_one_sided(hop, party)) is not None:
                return trouble
        return None

    def is_one_sided(self, hop: Hop) -> bool:
        """Whether sightings at the hop prove that an event was there, and nothing is proven by their absence."""
        return any(self._taps.why_one_sided(hop, party) is not None for party in self._taps.parties(hop))

    def blamed(self, hop: Hop, dashboard: str | None, key: str | None = None) -> tuple[Hop | None, tuple[Hop, ...]]:
        """Where something went wrong that was first seen at a hop: there, or at one of the blind hops right before it.

        The hop alone where the one before it can be believed; else None and the range.
        """
        event = self.events.get(key or "")
        cli = self.producer.get(event.session or "") if event is not None else None
        first = hop
        while first > Hop.EMITTED and self.why_blind(Hop(first - 1), dashboard, cli) is not None:
            first = Hop(first - 1)
        if first is hop:
            return hop, (hop,)
        return None, tuple(each for each in Hop if first <= each <= hop)

    def why_unfinished(self, hop: Hop, dashboard: str | None) -> Finding | None:
        """Why something may still be on its way to a hop, or None when nothing is."""
        if hop >= Hop.RECEIVED and (why := self.why_in_flight()) is not None:
            return why
        if hop in PAGE_SIDE and dashboard is not None and (why := self.why_unfenced(dashboard)) is not None:
            return why
        return self.why_restless(dashboard) if hop > Hop.DELIVERED and dashboard is not None else None

    def why_panels_unproven(self, dashboard: str) -> Finding | None:
        """Why what a page's panels show can't be believed, where nothing else of the page is observed."""
        trouble = self._taps.trouble(Hop.RENDERED, f"dashboard:{dashboard}")
        return trouble or self.why_unfinished(Hop.RENDERED, dashboard)

    def why_unproven(self, hop: Hop, dashboard: str | None) -> Finding | None:
        """Why "not seen at this hop" can't be believed, or None when it can."""
        return self.why_blind(hop, dashboard) or self.why_unfinished(hop, dashboard)
