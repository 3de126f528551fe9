"""One ledger, indexed once: what strategies, properties, the judge and the rules ask it. Pure; linear in its records.

Order in the server is the order of the server's own record (`server`, then `server.2` after a restart), never a
comparison of times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from harness.ledger import Ledger
from harness.model import PAGE_SIDE, SERVER_SIDE, Contract, Event, Fact, FactKind, Hop, Record, Sighting

Position: TypeAlias = tuple[int, int]
"""A place in the server's record: incarnation of the server, and the record's number there."""

START: Position = (0, 0)
END: Position = (1 << 60, 0)


OPEN = "session:open"
"""The request by which a producer opens a session, where the system has one."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. `answered` is None, and `ok` too, when no answer was seen."""

    name: str
    sid: str
    session: str | None
    asked: Position
    answered: Position | None
    body: Mapping[str, Any]
    result: Mapping[str, Any]

    @property
    def ok(self) -> bool | None:
        return None if self.answered is None else self.result.get("ok") is True

    @property
    def code(self) -> str:
        """The machine-readable code of a refusal."""
        error = self.result.get("error")
        return str(error.get("code")) if isinstance(error, Mapping) else "refused"


class Evidence:
    """The questions that a verdict asks of a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.contract: Contract = ledger.contract
        self.events: dict[str, Event] = {}
        self.once: dict[Hop, dict[str, list[Sighting]]] = {hop: defaultdict(list) for hop in SERVER_SIDE}
        self.page: dict[Hop, dict[str, list[Sighting]]] = {hop: defaultdict(list) for hop in PAGE_SIDE}
        for sighting in sorted(ledger.sightings, key=_by_observer):
            known = self.events.get(sighting.event.key)
            if known is None or (known.digest is None and sighting.hop < Hop.DELIVERED):
                self.events[sighting.event.key] = sighting.event
            if sighting.hop in SERVER_SIDE:
                self.once[sighting.hop][sighting.event.key].append(sighting)
            else:
                self.page[sighting.hop][sighting.observer].append(sighting)
        self._facts: dict[FactKind, list[Fact]] = defaultdict(list)
        for fact in sorted(ledger.facts, key=_by_observer):
            self._facts[fact.kind].append(fact)

    def facts(self, kind: FactKind, observer: str | None = None) -> list[Fact]:
        """All facts of a kind, in each observer's order; `observer` narrows to one family (`dashboard:A`, `server`)."""
        return [f for f in self._facts.get(kind, ()) if observer is None or family(f.observer) == observer]

    # Sessions and producers

    @cached_property
    def sessions(self) -> dict[str, list[Event]]:
        """The events of each session that a producer had a part in (not phantoms), by sequence number."""
        found: dict[str, dict[str, Event]] = defaultdict(dict)
        for hop in (Hop.EMITTED, Hop.SENT, Hop.RECEIVED, Hop.ROUTED):
            for key in self.once[hop]:
                event = self.events[key]
                if event.session is not None:
                    found[event.session][key] = event
        return {session: sorted(events.values(), key=_by_seq) for session, events in found.items()}

    @cached_property
    def producer(self) -> dict[str, str]:
        """Session to the CLI that ran it."""
        found = {str(f.data["session"]): f.observer for f in self.facts(FactKind.CLI_SESSION)}
        for key, sightings in self.once[Hop.EMITTED].items():
            session = self.events[key].session
            if session is not None:
                found.setdefault(session, sightings[0].observer)
        return found

    @cached_property
    def exits(self) -> dict[str, Fact]:
        """CLI to its exit."""
        return {f.observer: f for f in self.facts(FactKind.CLI_EXITED)}

    @cached_property
    def acknowledged(self) -> dict[str, bool]:
        """Event key to whether its acknowledgement said yes."""
        found: dict[str, bool] = {}
        for fact in self.facts(FactKind.ACKNOWLEDGED):
            key = str(fact.data["key"])
            found[key] = found.get(key, False) or bool(fact.data["ok"])
        return found

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """What clients asked the server for that is no event, with the answers, in the server's order."""
        answers = {
            (f.observer, f.data.get("sid"), f.data.get("id")): f
            for f in self.facts(FactKind.ANSWER, "server")
            if f.data.get("id") is not None
        }
        found = []
        for asked in self.facts(FactKind.REQUEST, "server"):
            answer = answers.get((asked.observer, asked.data.get("sid"), asked.data.get("id")))
            body, result = _first(asked.data.get("args")), _first(answer.data.get("args")) if answer else {}
            sid, name = str(asked.data.get("sid")), str(asked.data.get("name"))
            answered = position(answer) if answer else None
            found.append(Exchange(name, sid, body.get("session"), position(asked), answered, body, result))
        return sorted(found, key=lambda exchange: exchange.asked)

    @cached_property
    def rejected(self) -> dict[str, str]:
        """Sessions that the server never accepted, with the code of its answer."""
        found: dict[str, str] = {}
        accepted = {e.session for e in self.exchanges if e.name == OPEN and e.ok}
        for exchange in self.exchanges:
            if exchange.name == OPEN and exchange.ok is False and exchange.session not in accepted:
                found[str(exchange.session)] = exchange.code
        return found

    def is_claimed(self, event: Event) -> bool:
        """Whether the producer may say that the event is with the server: acknowledged, or a CLI that ended well."""
        if event.key in self.acknowledged:
            return self.acknowledged[event.key]
        end = self.exits.get(self.producer.get(event.session or "", ""))
        return end is not None and end.data.get("status") == 0

    # Dashboards

    @cached_property
    def loads(self) -> dict[str, list[str]]:
        """Dashboard label to its page loads, in order: `{"A": ["dashboard:A.1", "dashboard:A.2"]}`."""
        found: dict[str, list[str]] = {label: [] for label in self.contract.dashboards}
        for fact in self.facts(FactKind.PAGE_LOADED):
            loads = found.setdefault(label_of(fact.observer), [])
            if fact.observer not in loads:
                loads.append(fact.observer)
        return {label: sorted(loads, key=_incarnation) for label, loads in found.items()}

    @cached_property
    def sids(self) -> dict[str, str]:
        """Socket.IO id to the page load that holds it."""
        return {str(f.data["sid"]): f.observer for f in self.facts(FactKind.PAGE_CONNECTED) if f.data.get("sid")}

    @cached_property
    def seen(self) -> dict[Hop, dict[str, dict[str, int]]]:
        """Hop to page load to event key to how often."""
        counted: dict[Hop, dict[str, dict[str, int]]] = {}
        for hop in PAGE_SIDE:
            counted[hop] = {}
            for observer, sightings in self.page[hop].items():
                counts: dict[str, int] = defaultdict(int)
                for sighting in sightings:
                    counts[sighting.event.key] += 1
                counted[hop][observer] = dict(counts)
        return counted

    @cached_property
    def recipients(self) -> dict[str, set[str]]:
        """Event key to every Socket.IO id that the server resolved for it, replays included."""
        found: dict[str, set[str]] = defaultdict(set)
        for key, sightings in self.once[Hop.ROUTED].items():
            for sighting in sightings:
                found[key].update(sighting.recipients or ())
        return found

    # The server's order

    def routed_at(self, key: str) -> Position | None:
        """Where in the server's record the event was first routed, or else received."""
        for hop in (Hop.ROUTED, Hop.RECEIVED):
            if key in self.once[hop]:
                return position(self.once[hop][key][0])
        return None

    # What is known to be absent

    def has_tap(self, hop: Hop) -> bool:
        """Whether the run has a tap for the hop at all; without one the hop is blind."""
        return hop in self.contract.taps

    def tap_troubles(self) -> list[str]:
        """Taps that did not prove themselves alive before and after, in words."""
        proven: dict[tuple[str, str], set[str]] = defaultdict(set)
        troubles: list[str] = []
        for fact in self.facts(FactKind.TAP):
            tap = (family(fact.observer), str(fact.data["tap"]))
            if fact.data["alive"]:
                proven[tap].add(str(fact.data["phase"]))
            else:
                troubles.append(
                    f"tap {tap[1]} of {tap[0]} was dead {fact.data['phase']} the run: {fact.data.get('why')}"
                )
        for (observer, tap_name), phases in sorted(proven.items()):
            missing = sorted({"before", "after"} - phases)
            if missing and not any(f"tap {tap_name} of {observer}" in trouble for trouble in troubles):
                troubles.append(f"tap {tap_name} of {observer} was not proven alive {' and '.join(missing)} the run")
        return troubles

    @cached_property
    def alive(self) -> dict[Hop, bool]:
        """Hop to whether every tap of it proved itself alive before and after."""
        phases: dict[tuple[Hop, str, str], list[bool]] = defaultdict(list)
        for fact in self.facts(FactKind.TAP):
            for hop in fact.data["hops"]:
                phases[(Hop(hop), family(fact.observer), str(fact.data["phase"]))].append(bool(fact.data["alive"]))
        result: dict[Hop, bool] = {}
        for hop in Hop:
            observers = {observer for (h, observer, _) in phases if h == hop}
            result[hop] = self.has_tap(hop) and bool(observers)
            for observer in observers:
                for phase in ("before", "after"):
                    if not all(phases.get((hop, observer, phase), [False])):
                        result[hop] = False
        return result

    def in_flight(self) -> int | None:
        """Handlers that still ran in the server at the end; None when nobody said."""
        facts = self.facts(FactKind.IN_FLIGHT)
        return None if not facts else int(facts[-1].data["count"])

    @cached_property
    def fences(self) -> dict[str, Fact]:
        """Dashboard to its last fence."""
        return {label_of(f.observer): f for f in self.facts(FactKind.FENCE)}

    @cached_property
    def stills(self) -> dict[str, Fact]:
        """Dashboard to whether its page came to rest."""
        return {label_of(f.observer): f for f in self.facts(FactKind.STILL)}

    def why_unproven(self, hop: Hop, dashboard: str | None) -> str | None:
        """Why "not seen at this hop" can't be believed, or None when it can."""
        if not self.alive[hop]:
            return f"the tap of hop {hop.label} was not proven alive"
        if hop in (Hop.RECEIVED, Hop.ROUTED, *PAGE_SIDE):
            in_flight = self.in_flight()
            if in_flight is None:
                return "nobody said whether handlers still run in the server"
            if in_flight > 0:
                return f"{in_flight} handlers still ran in the server"
        if hop in PAGE_SIDE and dashboard is not None:
            fence = self.fences.get(dashboard)
            if fence is None or not fence.data["back"]:
                return f"no fence came back from dashboard {dashboard}"
            still = self.stills.get(dashboard)
            if hop is not Hop.DELIVERED and (still is None or not still.data["still"]):
                return f"the page of dashboard {dashboard} did not come to rest"
        return None

    def view(self, dashboard: str) -> Fact | None:
        """What the page showed at quiescence."""
        facts = self.facts(FactKind.VIEW, f"dashboard:{dashboard}")
        return facts[-1] if facts else None


def _first(args: Any) -> Mapping[str, Any]:
    first = args[0] if isinstance(args, list | tuple) and args else None
    return first if isinstance(first, Mapping) else {}


def family(observer: str) -> str:
    """An observer without its incarnation: `dashboard:A.2` is `dashboard:A`, `server.2` is `server`."""
    head, dot, tail = observer.rpartition(".")
    return head if dot and tail.isdigit() else observer


def label_of(observer: str) -> str:
    """The label in an observer's name: `dashboard:A.2` is `A`."""
    return family(observer).partition(":")[2]


def position(record: Record) -> Position:
    """Where a record of the server is in the server's own order."""
    return (_incarnation(record.observer), record.n)


def between(start: Position, at: Position, end: Position) -> bool:
    """Whether a place in the server's record lies in a span of it."""
    return start <= at <= end


def names(keys: Iterable[str], limit: int = 3) -> str:
    """Some keys for a sentence: the first ones, and how many more."""
    listed = list(keys)
    more = f" and {len(listed) - limit} more" if len(listed) > limit else ""
    return ", ".join(listed[:limit]) + more


def _incarnation(observer: str) -> int:
    tail = observer.rpartition(".")[2]
    return int(tail) if tail.isdigit() else 1


def _by_observer(record: Record) -> tuple[str, int, int]:
    return (family(record.observer), _incarnation(record.observer), record.n)


def _by_seq(event: Event) -> tuple[int, str]:
    return (event.seq if event.seq is not None else 0, event.key)
