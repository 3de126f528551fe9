"""A run as spans, in the terms of OpenTelemetry: one for the run, one for each event, one for each hop that it passed.

Pure, and without OpenTelemetry: `harness spans` hands them over. A hop's span lasts from where the event was before to
where it is now; at the pages' hops there is one for each dashboard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.model import PAGE_SIDE, Answer, Event, Hop, Sighting
from harness.reporting import sentences
from harness.reporting.escape import visible
from harness.reporting.figures import Figures, failures

CLI, SERVER = "cli", "server"
PARTIES = {Hop.EMITTED: CLI, Hop.SENT: CLI, Hop.RECEIVED: SERVER, Hop.ROUTED: SERVER}
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}", re.ASCII)
"""W3C Trace Context, version 00: the trace and the span of the system's own that an event belongs to."""


@dataclass(frozen=True, slots=True)
class Span:
    """What took place from `begin_ns` to `end_ns` on the harness's clock at a `party`: a CLI, a server, a dashboard.

    `wrong` says what went wrong, and is empty where nothing did; `links` are traces of the system itself, each as trace
    and span in hexadecimal. Texts are harmless.
    """

    name: str
    party: str
    begin_ns: int
    end_ns: int
    attributes: Mapping[str, str | int]
    wrong: str = ""
    links: tuple[tuple[str, str], ...] = ()
    children: tuple[Span, ...] = field(default=())


def run_span(figures: Figures, most: int) -> Span:
    """The run with its events, at most so many: those that went wrong before the others, each group in its order."""
    wrong: dict[str, list[str]] = {}
    for outcome in failures(figures.verdict.outcomes):
        if outcome.key is not None:
            where = f" at {outcome.dashboard}" if outcome.dashboard else ""
            wrong.setdefault(outcome.key, []).append(f"{outcome.kind}{where}: {sentences.outcome(outcome)}")
    events = figures.evidence.events
    chosen = [*(key for key in events if key in wrong), *(key for key in events if key not in wrong)][:most]
    pages = _pages(figures, frozenset(chosen))
    found = [_event(figures, events[key], pages.get(key, {}), wrong.get(key, ())) for key in chosen]
    children = tuple(sorted((span for span in found if span is not None), key=lambda span: span.begin_ns))
    contract, verdict = figures.contract, figures.verdict
    return Span(
        visible(f"{contract.strategy} on {contract.target}"),
        CLI,
        min((span.begin_ns for span in children), default=0),
        max((span.end_ns for span in children), default=0),
        {
            "harness.verdict": verdict.answer.value,
            "harness.cause": visible(", ".join(dict.fromkeys(blame.cause for blame in verdict.blame))),
            "harness.events": len(events),
        },
        visible(sentences.verdict(verdict)) if verdict.answer is Answer.FAILED else "",
        children=children,
    )


def _pages(figures: Figures, wanted: frozenset[str]) -> dict[str, dict[str, dict[Hop, Sighting]]]:
    """Event key to dashboard to its first sighting at each hop of the page."""
    found: dict[str, dict[str, dict[Hop, Sighting]]] = {}
    for label, loads in figures.evidence.loads.items():
        for load in loads:
            for hop in PAGE_SIDE:
                for seen in figures.evidence.on_page(hop, load):
                    if seen.event.key in wanted:
                        found.setdefault(seen.event.key, {}).setdefault(label, {}).setdefault(hop, seen)
    return found


def _event(
    figures: Figures, event: Event, pages: Mapping[str, Mapping[Hop, Sighting]], wrong: Sequence[str]
) -> Span | None:
    """An event's span; None where it was seen nowhere."""
    evidence = figures.evidence
    before = {hop: seen[0] for hop in Hop if hop not in PAGE_SIDE and (seen := evidence.at(hop, event.key))}
    children = [*_hops(before.items(), None)]
    ended = max((span.end_ns for span in children), default=None)
    for label, shown in pages.items():
        children += _hops(sorted(shown.items()), ended, f"dashboard {label}")
    if not children:
        return None
    return Span(
        visible(event.name),
        CLI,
        min(span.begin_ns for span in children),
        max(span.end_ns for span in children),
        {"harness.key": visible(event.key), "harness.session": visible(event.session or "")},
        visible("; ".join(wrong)),
        tuple(_links(None if event.digest is None else evidence.payload(event.digest))),
        tuple(children),
    )


def _hops(seen: Iterable[tuple[Hop, Sighting]], since_ns: int | None, party: str | None = None) -> Iterator[Span]:
    """A span for each hop, from the one before it. What was told late (a line that was read) has no length."""
    for hop, sighting in seen:
        at_ns = sighting.at_ns
        told = {"harness.hop": hop.label, "harness.observer": visible(sighting.observer)}
        told |= {f"harness.{name}": visible(str(sighting.detail[name])) for name in _TOLD if name in sighting.detail}
        begin_ns = at_ns if since_ns is None else min(since_ns, at_ns)
        yield Span(hop.label, party or PARTIES[hop], begin_ns, at_ns, told)
        since_ns = at_ns if since_ns is None else max(since_ns, at_ns)


_TOLD = ("room", "where")
"""What else is told of a sighting: to which room it was emitted, and at which place of the code."""


def _links(data: object) -> Iterator[tuple[str, str]]:
    """The system's own trace, where the event's data carries one as W3C says."""
    told = data.get("traceparent") if isinstance(data, Mapping) else None
    if isinstance(told, str) and (found := TRACEPARENT.fullmatch(told)) is not None:
        yield found[1], found[2]
