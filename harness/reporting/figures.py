"""What a report counts: taken from the ledger alone, never from what a party claims. Pure; linear in the sightings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from operator import itemgetter

from harness.judge.rows.own import made_by_page
from harness.judge.strategies import strategies
from harness.model import PAGE_SIDE, Event, Expectation, Fact, Hop, Kind, Level, Outcome, Verdict
from harness.model.facts import ActionTaken, CliStarted, Notice, RunBegun, Screenshot, StepBegun
from harness.record.evidence import Evidence, label_of
from harness.record.evidence.keys import union
from harness.record.evidence.stored_events import by_name, key_set
from harness.record.evidence.times import Times

SOUND = (Kind.DELIVERED, Kind.UNDETERMINED)
"""Kinds of outcome that break no promise."""


MOST_CLIENTS = 4
"""So many connections without a page are told of by name."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one dashboard's event count did. None where nothing in the ledger says."""

    dashboard: str
    before: int | None
    after: int | None
    expected: int | None

    @property
    def increase(self) -> int | None:
        return None if self.before is None or self.after is None else self.after - self.before


class Figures:
    """The numbers of one run, each computed once."""

    def __init__(self, evidence: Evidence, verdict: Verdict) -> None:
        self.evidence, self.verdict = evidence, verdict
        self.contract = evidence.contract

    @property
    def every_dashboard(self) -> list[str]:
        """Labels, those of the contract first."""
        return list(self.evidence.loads)

    @cached_property
    def dashboards(self) -> list[str]:
        """The same, of connections without a page only some at which something went wrong: there may be a thousand."""
        clients = self.evidence.clients
        wrong = (o.dashboard for o in failures(self.verdict.outcomes) if o.dashboard in clients)
        named = {*islice(dict.fromkeys(wrong), MOST_CLIENTS)}
        return [label for label in self.every_dashboard if label not in clients or label in named]

    @property
    def _chosen(self) -> Iterable[Sequence[Event]]:
        sessions, wanted = self.evidence.sessions, self.evidence.main
        return sessions.values() if wanted is None else [sessions.get(wanted, [])]

    @cached_property
    def events(self) -> list[Event]:
        """The events of the run's session, by sequence number; of every session where the contract names none."""
        return [event for events in self._chosen for event in events]

    @cached_property
    def keys(self) -> Set[str]:
        """The keys of the same."""
        return union(map(key_set, self._chosen))

    @cached_property
    def expectations(self) -> list[Expectation] | None:
        """What the strategy promises for each event and dashboard; None where the strategy is not known."""
        strategy = strategies().get(self.contract.strategy)
        return None if strategy is None else list(strategy.expectations(self.evidence))

    @cached_property
    def owed(self) -> Mapping[str, Set[str]] | None:
        """Dashboard to the keys of the events that it must receive; None where the strategy is not known."""
        if self.expectations is None:
            return None
        found: dict[str, list[Set[str]]] = {label: [] for label in self.dashboards}
        alone: dict[str, set[str]] = defaultdict(set)
        for expectation in self.expectations:
            if expectation.level is Level.MUST:
                keys = expectation.keys
                mine = found.setdefault(expectation.dashboard, [])
                if isinstance(keys, Set):
                    mine.append(keys)
                else:
                    alone[expectation.dashboard].update(keys)
        return {label: union([*sets, alone[label]]) for label, sets in found.items()}

    @cached_property
    def at(self) -> Mapping[Hop, Mapping[str, Set[str]]]:
        """Page hop to dashboard to the keys seen there in any of its loads."""
        return {hop: self._at(hop) for hop in PAGE_SIDE}

    def _at(self, hop: Hop) -> dict[str, Set[str]]:
        found: dict[str, list[Set[str]]] = {label: [] for label in self.dashboards}
        for load, stream in self.evidence.shown[hop].items():
            found.setdefault(label_of(load), []).append(stream.keys)
        return {label: union(sets) for label, sets in found.items()}

    @cached_property
    def types(self) -> list[tuple[str, Set[str]]]:
        """The declared event types and those that were seen, with the keys of their events, in order of appearance."""
        found: dict[str, Set[str]] = {}
        for events in self._chosen:
            for name, keys in by_name(events).items():
                found[name] = union([found.get(name, frozenset()), keys])
        for name in self.contract.declared:
            found.setdefault(name, frozenset())
        return list(found.items())

    @property
    def last_page_hop(self) -> Hop:
        """The hop closest to the person that the run has a tap for."""
        return max((hop for hop in PAGE_SIDE if self.evidence.has_tap(hop)), default=Hop.RENDERED)

    def emitted(self, keys: Iterable[str]) -> int:
        """How many of the events the CLI reported."""
        once = self.evidence.once[self.evidence.first_hop].keys()
        return len(keys & once if isinstance(keys, Set) else [key for key in keys if key in once])

    def own_events(self, load: str) -> int:
        """How many events of its own a page load's connections were sent before the first event of a session."""
        delivered = self.evidence.page[Hop.DELIVERED].get(load)
        end = delivered[0].n if delivered else None
        notices = (f for f in self.evidence.facts(Notice) if f.observer == load)
        names = self.evidence.contract_at(load).own_events
        return sum(1 for f in notices if f.body.name in names and (end is None or f.n < end))

    def own_counted(self, label: str) -> int | None:
        """How many events of its own a dashboard's last load was sent before those of a session; None before a load."""
        loads = self.evidence.loads.get(label, ())
        return self.own_events(loads[-1]) if loads else None

    def changes(self) -> list[Change]:
        """The event count of each dashboard before and after, in the page load that is there at the end."""
        changes = []
        for label, loads in self.evidence.loads.items():
            view = self.evidence.view(label)
            after = view.body.counter if view is not None else None
            before = self.own_counted(label)
            if view is not None and before is not None:
                before += len(made_by_page(self.evidence, view.body, loads[-1]))
            expected = None if self.owed is None else len(self.owed.get(label, ()))
            changes.append(Change(label, before, after, expected))
        return changes

    def counted(self) -> list[str]:
        """What the events say happened, in the words of the page's panels: `skills: 3 started, 3 completed`."""
        first = self.evidence.said[self.evidence.first_hop].keys
        names = {name: len(keys & first) for name, keys in self.types}
        lines = []
        for panel in self.contract.every_panel:
            values = [
                f"{sum(n for name, n in names.items() if name in kinds or '*' in kinds)} {value}"
                for value, kinds in panel.values.items()
            ]
            if values:
                lines.append(f"{panel.name}: {', '.join(values)}")
        return lines

    def duration_ms(self, observer: str) -> float | None:
        """How long a CLI ran, on the harness's clock."""
        started = self.evidence.facts(CliStarted, observer)
        end = self.evidence.exits.get(observer)
        return (end.at_ns - started[0].at_ns) / 1e6 if started and end is not None else None

    def work_ms(self) -> float | None:
        """From the first to the last event that the CLI reported of the run's session, on the harness's clock."""
        if not self.keys:
            return None
        _, times, _ = self.evidence.first_times(Hop.EMITTED).beside(Times.of_keys(self.keys))
        return (int(times.max()) - int(times.min())) / 1e6 if len(times) else None

    def shots(self, caption: str | None = None) -> list[Fact[Screenshot]]:
        """Screenshots on record, by caption where one is given."""
        facts = self.evidence.facts(Screenshot)
        return [f for f in facts if caption is None or f.body.caption == caption]


def broken(verdict: Verdict) -> tuple[Hop, ...]:
    """The hops that the first blame names, or else those of the earliest broken promise; often just one."""
    if verdict.blame and verdict.blame[0].hops:
        return verdict.blame[0].hops
    bad = [o.hops or ((o.hop,) if o.hop is not None else ()) for o in failures(verdict.outcomes)]
    return min(filter(None, bad), default=())


def failures(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes that break a promise."""
    return [outcome for outcome in outcomes if outcome.kind not in SOUND]


def hop_names(hops: Sequence[Hop]) -> str:
    """Hops for a sentence: `routed`, or `delivered to rendered` where a range is to blame."""
    ends = dict.fromkeys(hop.label for hop in (*hops[:1], *hops[-1:]))
    return " to ".join(ends) or "no hop"


def steps(evidence: Evidence) -> list[str]:
    """What the run did, in a tester's words and in the order of time; hostile text."""
    found: list[tuple[int, tuple[str | None, ...]]] = [(f.at_ns, (f.body.name,)) for f in evidence.facts(StepBegun)]
    actions = ((fact.at_ns, fact.body) for fact in evidence.facts(ActionTaken))
    found += [(at_ns, (done.name, done.dashboard, done.detail)) for at_ns, done in actions]
    return [" ".join(filter(None, words)) for _, words in sorted(found, key=itemgetter(0))]


def begun(evidence: Evidence) -> RunBegun | None:
    """When the run began and of which commit; None in records of before that was noted."""
    return next((fact.body for fact in evidence.facts(RunBegun)), None)
