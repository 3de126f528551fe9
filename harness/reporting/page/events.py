"""Every event of a run as compact rows for the page's script: its way, what was promised of it, what became of it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import filterfalse, islice
from typing import Any, TypeAlias

from harness.model import PAGE_SIDE, SERVER_SIDE, Event, Expectation, Finding, Hop, Kind, Level, Outcome
from harness.record.evidence import Evidence
from harness.record.evidence.keys import those_in
from harness.record.evidence.times import Times
from harness.reporting import sentences
from harness.reporting.escape import clip, visible
from harness.reporting.figures import Figures
from harness.reporting.passages import in_order, producer_of, rooms_of, wrongs

MOST_EVENTS = 10_000
MOST_CELLS = 100_000
"""Of so many dashboards for so many events the page holds what became of them; with 1,000 dashboards, of 100 events."""

MOST_WORDS = 2_000
LEVELS = ("", *(level.value for level in Level))
_LEVEL_NUMBERS = {level: number for number, level in enumerate(Level, 1)}
KINDS = tuple(kind.value for kind in Kind)

Row: TypeAlias = list[Any]


class Words:
    """Texts by number, each once. From a bound on, new ones are left out and their number is None."""

    def __init__(self, limit: int = MOST_WORDS) -> None:
        self._numbers: dict[str, int] = {}
        self._known: dict[tuple[object, int], int] = {}
        self._limit = limit

    def number(self, text: object, length: int = 300) -> int | None:
        """The number of a text, which is made harmless first."""
        number = self._known.get((text, length))
        if number is None:
            shown = visible(clip(text, length))
            if shown not in self._numbers and len(self._numbers) >= self._limit:
                return None
            number = self._known[text, length] = self._numbers.setdefault(shown, len(self._numbers))
        return number

    def listed(self) -> list[str]:
        """All texts, by number."""
        return list(self._numbers)


@dataclass(frozen=True, slots=True)
class _Tables:
    """What rows refer to by number."""

    names: Words
    sessions: Words
    producers: Words
    rooms: Words
    words: Words
    reasons: dict[int, int | None]

    def finding(self, told: Finding) -> int | None:
        """The number of the words of a finding; one and the same is said once, of however many events."""
        try:
            return self.reasons[id(told)]
        except KeyError:
            number = self.reasons[id(told)] = self.words.number(sentences.finding(told))
            return number


def event_data(figures: Figures) -> dict[str, Any]:
    """What the page's script draws. A row of `events` is

    `[seq, name, session, producer, server hops, first seen in ms, rooms, pages, outcome]` where hops are bits,
    `rooms` are `[room, has members]`, `pages` has for each dashboard `[level, page hops, why, outcome]`, and an
    outcome is `[kind, first hop, last hop, property, detail]` or null. Texts are numbers in their list.
    """
    evidence = figures.evidence
    wrong, every = wrongs(figures.verdict), in_order(evidence)
    keys = _chosen(every, wrong, min(MOST_EVENTS, max(1, MOST_CELLS // max(1, len(figures.dashboards)))))
    promised = _promised(figures.expectations or (), {*keys})
    tables = _Tables(Words(), Words(), Words(), Words(), Words(), {})
    began_ms = _began_ms(evidence, keys)
    seen = _hops(keys, {1 << hop: evidence.said[hop].keys for hop in SERVER_SIDE})
    shown = {
        label: _hops(keys, {1 << place: figures.at[hop][label] for place, hop in enumerate(PAGE_SIDE)})
        for label in figures.dashboards
    }
    rows = [
        [
            *_told(tables, evidence, event, seen[event.key], began_ms.get(event.key)),
            [_page(tables, event.key, label, bits[event.key], wrong, promised) for label, bits in shown.items()],
            _outcome(tables, wrong.get(event.key, {}).get(None)),
        ]
        for event in evidence.events.of(keys)
    ]
    return {
        "events": rows,
        "total": len(every),
        "wrong": sum(1 for key in every if key in wrong),
        "hops": [hop.label for hop in Hop],
        "blind": [int(hop) for hop in Hop if not evidence.has_tap(hop)],
        "levels": LEVELS,
        "kinds": KINDS,
        "dashboards": [visible(label) for label in figures.dashboards],
        "names": tables.names.listed(),
        "sessions": tables.sessions.listed(),
        "producers": tables.producers.listed(),
        "rooms": tables.rooms.listed(),
        "words": tables.words.listed(),
    }


def _chosen(keys: Sequence[str], wrong: Mapping[str, object], most: int) -> Sequence[str]:
    """All, or so many as the page can hold: the first ones, and those that went wrong before all others."""
    if len(keys) <= most:
        return keys
    bad = {*islice(filter(wrong.__contains__, keys), most // 2)}
    good = {*islice(filterfalse(bad.__contains__, keys), most - len(bad))}
    return [key for key in keys if key in bad or key in good]


def _promised(expectations: Iterable[Expectation], keys: Container[str]) -> dict[tuple[str, str], Expectation]:
    """Event key and dashboard to what was promised, the strictest where several loads of a page are owed it."""
    found: dict[tuple[str, str], Expectation] = {}
    for each in expectations:
        for key in filter(keys.__contains__, each.keys):
            known = found.get((key, each.dashboard))
            if known is None or (known.level is not Level.MUST and each.level is Level.MUST):
                found[key, each.dashboard] = each
    return found


def _began_ms(evidence: Evidence, keys: Sequence[str]) -> dict[str, float]:
    """When each event was seen first on the server's side, from the first of all on."""
    start_ns = min((int(evidence.flow[hop].at_ns.min()) for hop in SERVER_SIDE if evidence.flow[hop]), default=0)
    found: dict[str, float] = {}
    for hop in reversed(SERVER_SIDE):
        known, at_ns, _ = evidence.first_times(hop).beside(Times.of_keys(keys))
        found.update((key, round(ns / 1e6, 1)) for key, ns in zip(known, (at_ns - start_ns).tolist(), strict=True))
    return found


def _hops(keys: Iterable[str], seen: Mapping[int, Set[str]]) -> dict[str, int]:
    """Event key to the sum of the bits that have it among theirs."""
    found = dict.fromkeys(keys, 0)
    for bit, mine in seen.items():
        for key in those_in(found, mine):
            found[key] += bit
    return found


def _told(tables: _Tables, evidence: Evidence, event: Event, hops: int, began_ms: float | None) -> Row:
    return [
        event.seq,
        tables.names.number(event.name, 80),
        tables.sessions.number(event.session or "–", 80),
        tables.producers.number(producer_of(evidence, event), 60),
        hops,
        began_ms,
        [[tables.rooms.number(room, 80), int(has)] for room, has in rooms_of(evidence, event)],
    ]


def _page(
    tables: _Tables,
    key: str,
    label: str,
    hops: int,
    wrongs: Mapping[str, Mapping[str | None, Outcome]],
    promised: Mapping[tuple[str, str], Expectation],
) -> Row:
    promise, became = promised.get((key, label)), _outcome(tables, wrongs.get(key, {}).get(label))
    if promise is None:
        return [0, hops, None, became]
    return [_LEVEL_NUMBERS[promise.level], hops, tables.finding(promise.why), became]


def _outcome(tables: _Tables, outcome: Outcome | None) -> Row | None:
    if outcome is None:
        return None
    hops = outcome.hops or ((outcome.hop,) if outcome.hop is not None else ())
    ends = [int(hops[0]), int(hops[-1])] if hops else [None, None]
    return [KINDS.index(outcome.kind.value), *ends, outcome.prop, tables.words.number(sentences.outcome(outcome))]
