"""The logs of a run side by side in time.

Logs have clocks of their own or none, so a line is placed by what it names that the ledger saw: an event that the CLI
reported, a connection that came or went. Other lines stay after the line before them, without a time. What the ledger
knows and no log says (an emit without recipients, a page's error) stands between them, marked as the harness's own.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.model import AnyFact, Body, Hop, Outcome
from harness.model.facts import (
    BackgroundError,
    ClientDisconnected,
    ClientRefused,
    CliExited,
    CliStarted,
    Connected,
    Disconnected,
    HandlerError,
    Joined,
    Left,
    NeverAwaited,
    NoHandler,
    PageClosed,
    PageConnected,
    PageError,
    PageIntrusion,
    PageRefused,
    PostDropped,
    Refused,
    Unrouted,
    UnservedEmit,
)
from harness.record.evidence import Evidence, family
from harness.record.plain import plain
from harness.reporting.escape import clip
from harness.reporting.excerpt import chosen_lines, complains
from harness.reporting.figures import Figures, hop_names
from harness.reporting.passages import wrongs

MOST_LINES = 300
"""Of one log."""
MOST_FACTS = 200
LINE = 300
PARTIES = ("cli", "server", "dashboard")
_COMING: Mapping[type[Connected | Joined | Left | Disconnected], tuple[str, ...]] = {
    Connected: ("connect",),
    Joined: ("join", "enter"),
    Left: ("left", "leav"),
    Disconnected: ("disconnect", "closed"),
}
_TOLD: Mapping[type[Body], tuple[str, bool]] = {
    Unrouted: ("server", True),
    HandlerError: ("server", True),
    BackgroundError: ("server", True),
    NeverAwaited: ("server", True),
    NoHandler: ("server", True),
    PostDropped: ("server", True),
    Refused: ("server", True),
    UnservedEmit: ("cli", True),
    ClientRefused: ("cli", True),
    ClientDisconnected: ("cli", False),
    CliExited: ("cli", False),
    PageConnected: ("dashboard", False),
    PageClosed: ("dashboard", False),
    PageRefused: ("dashboard", True),
    PageError: ("dashboard", True),
    PageIntrusion: ("dashboard", True),
}
"""Kinds of facts that stand between the log lines: whose column, and whether they are marked."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `at_ms` counts from the first record of the run, and is where the line stands; None where its log was
    not placed. `is_measured`: something was seen then that the line tells of; else it is that of the line before it.

    `mark` is `event` (went wrong), `loud` (complains) or empty; `note` says what became of the event it reports.
    """

    party: str
    source: str
    at_ms: float | None
    text: str
    mark: str = ""
    note: str = ""
    is_fact: bool = False
    is_measured: bool = True


@dataclass(frozen=True, slots=True)
class Anchor:
    """Something the ledger saw that a log may tell of: a line about it holds all of `words` and one of `any_of`."""

    at_ns: int
    words: tuple[str, ...]
    any_of: tuple[str, ...] = ()
    key: str | None = None

    def fits(self, text: str, low: str) -> bool:
        """Whether a line tells of it; `low` is the line in small letters."""
        return all(word in text for word in self.words) and (
            not self.any_of or any(word in low for word in self.any_of)
        )


def timeline(figures: Figures, run_dir: Path) -> list[Line]:
    """Every chosen line of every log, and the facts in between, in the order of time."""
    evidence = figures.evidence
    start_ns = evidence.told.began_ns()
    wrong = wrongs(figures.verdict)
    logs = [p for p in sorted((run_dir / "logs").glob("*")) if p.is_file() and p.stat().st_size]
    placed = [list(_placed(path, evidence, wrong, start_ns)) for path in logs]
    placed.append(list(_facts(evidence, start_ns)))
    return list(heapq.merge(*placed, key=lambda line: line.at_ms or 0.0))


def party_of(log: str) -> str:
    """Whose log a file is, by its name: `cli-main.out` is the CLI's."""
    return next((party for party in PARTIES if log.startswith(party)), "other")


def _anchors(evidence: Evidence, log: str) -> list[Anchor]:
    """What a log may tell of, in the order of time."""
    party = party_of(log)
    if party == "cli" and log.endswith(".out"):
        observer = f"cli:{log.removeprefix('cli-').removesuffix('.out')}"
        mine = (sighting for sighting in evidence.flow[Hop.EMITTED] if family(sighting.observer) == observer)
        return [Anchor(each.at_ns, (each.event.name,), (), each.event.key) for each in mine]
    if party != "server":
        return []
    facts = [
        Anchor(fact.at_ns, (fact.body.sid,), words) for kind, words in _COMING.items() for fact in evidence.facts(kind)
    ]
    return sorted(facts, key=lambda anchor: anchor.at_ns)[:MOST_FACTS]


def _started_ms(evidence: Evidence, log: str, start_ns: int) -> float | None:
    """When the CLI of a log was started; None for the logs of what was there before the run."""
    started = evidence.facts(CliStarted, f"cli:{log.removeprefix('cli-').rpartition('.')[0]}")
    return (started[0].at_ns - start_ns) / 1e6 if started else None


def _placed(
    path: Path, evidence: Evidence, wrong: Mapping[str, Mapping[str | None, Outcome]], start_ns: int
) -> Iterator[Line]:
    """The chosen lines of one log at their times, which never go back. Empty lines are left out."""
    party, at_ms, ahead = party_of(path.name), _started_ms(evidence, path.name, start_ns), _anchors(evidence, path.name)
    in_order = party == "cli"  # a CLI reports its events in the order in which they were seen
    for text, is_shown in chosen_lines(path, MOST_LINES):
        low, found = text.lower(), None
        for index, anchor in enumerate(ahead[:1] if in_order else ahead):
            if anchor.fits(text, low):
                found = ahead.pop(index)
                at_ms = max((found.at_ns - start_ns) / 1e6, at_ms or 0.0)
                break
        if is_shown and text.strip():
            bad = wrong.get(found.key or "") if found is not None else None
            mark = "event" if bad else "loud" if complains(text) else ""
            note, is_measured = _became(bad) if bad else "", found is not None
            yield Line(party, path.name, at_ms, clip(text, LINE), mark, note, is_measured=is_measured)


def _became(outcomes: Mapping[str | None, Outcome]) -> str:
    first = next(iter(outcomes.values()))
    where = f" at {hop_names(first.hops)}" if first.hops else ""
    return f"{first.kind}{where}"


def _facts(evidence: Evidence, start_ns: int) -> list[Line]:
    """What the ledger knows and no log need say. A line for each, up to a bound for each kind."""
    lines = []
    for kind, (party, is_marked) in _TOLD.items():
        facts = evidence.facts(kind)
        lines += [_fact_line(fact, party, is_marked, start_ns) for fact in facts[:MOST_FACTS]]
        if len(facts) > MOST_FACTS:
            more = f"… and {len(facts) - MOST_FACTS:,} more facts: {kind.kind}"
            lines.append(replace(lines[-1], text=more, mark=""))
    return sorted(lines, key=lambda line: line.at_ms or 0.0)


def _fact_line(fact: AnyFact, party: str, is_marked: bool, start_ns: int) -> Line:
    told = ", ".join(
        f"{name} {_brief(value)}" for name, value in plain(fact.body).items() if value not in (None, "", [], {})
    )
    words = fact.kind.replace("-", " ")
    text = (
        f"emitted to no recipient: {told}" if isinstance(fact.body, Unrouted) else f"{words}: {told}" if told else words
    )
    mark = "loud" if is_marked else ""
    return Line(party, fact.observer, (fact.at_ns - start_ns) / 1e6, clip(text, LINE), mark, is_fact=True)


def _brief(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_brief(each)}" for name, each in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return " ".join(map(str, value))
    return str(value)
