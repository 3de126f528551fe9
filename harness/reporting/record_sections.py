"""The report's end: logs, errors on record, and how the verdict came about."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from harness.judge.properties.conduct import ERRORS
from harness.model import Answer, Hop
from harness.model.facts import Acknowledged, ClockCompared, Starved, Unrouted
from harness.record.evidence import Evidence, names
from harness.record.ledger import find
from harness.record.plain import plain
from harness.reporting import sentences
from harness.reporting.compared import uncompared
from harness.reporting.escape import code, fenced, prose, visible
from harness.reporting.excerpt import chosen_lines, excerpt
from harness.reporting.figures import Figures, begun
from harness.reporting.markup import bullets, some
from harness.reporting.profile import PROFILE

MOST_ERRORS = 40
MOST_LOGS = 16
_SPEAKING = ("error", "text", "what", "reason", "event", "name")


def commit(figures: Figures) -> str:
    """The commit of the system that ran, and whether its files were changed; empty where that is not known."""
    began = begun(figures.evidence)
    if began is None or not began.commit:
        return ""
    return f"{visible(began.commit)}{', with changes that are not committed' if began.changed else ''}"


def logs(figures: Figures, run_dir: Path) -> str:
    """Excerpts of the logs in the run folder: the CLI's output, then the server's log around what matters."""
    words = _words(figures)
    folder = run_dir / "logs"
    # Not by glob alone: "cli-main.out" comes first, for the session that the run is about.
    main = figures.evidence.producer.get(figures.contract.session or "", "").partition(":")[2]
    first = [folder / f"cli-{main}.out", folder / f"cli-{main}.err"] if main else []
    found = dict.fromkeys(
        chain((p for p in first if p.is_file()), sorted(folder.glob("server*.log")), sorted(folder.glob("*")))
    )
    listed = [path for path in found if path.is_file() and path.stat().st_size]
    parts = [f"### {code(path.name, 80)}\n\n{fenced(excerpt(path, words))}" for path in listed[:MOST_LOGS]]
    if len(listed) > MOST_LOGS:
        parts.append(f"… and {len(listed) - MOST_LOGS} more logs beside this report.")
    parts += _silent(figures, [path for path in listed if path.name.startswith("server")])
    return "\n\n".join(parts) or "No log was kept, or all are empty."


EMISSION = ("emit", "broadcast", "routed", "sending", "published")
"""How a line begins to speak of something sent; an event's name does too."""


def _silent(figures: Figures, servers: list[Path]) -> list[str]:
    """What is missing in a server's log: where events were lost, that none of its lines speaks of sending one."""
    if figures.verdict.answer is not Answer.FAILED or not figures.keys:
        return []
    words = (*EMISSION, *(name.lower() for name, _ in figures.types))
    return [
        f"**Telling**: no line of {code(path.name, 80)} names an event type, or speaks of an emission."
        for path in servers
        if not any(word in line.lower() for line, _ in chosen_lines(path, 1) for word in words)
    ]


def _words(figures: Figures) -> list[str]:
    """What makes a log line interesting: the run's session, the dashboards' connections, rooms without members."""
    rooms = [f.body.room for f in figures.evidence.facts(Unrouted)[:100]]
    return [str(word) for word in dict.fromkeys([figures.contract.session, *figures.evidence.sids, *rooms]) if word]


def errors(figures: Figures) -> str:
    """Refusals, exceptions and rejections, from every observer and whatever the verdict."""
    told = Counter(_errors(figures.evidence))  # a client that tries again and again says one thing
    lines = bullets((f"{text} ({n} times)" if n > 1 else text for text, n in told.items()), MOST_ERRORS, "None.")
    return f"{lines}\n\nA refusal may be what was promised (a second session where one is allowed); the properties say."


def _errors(evidence: Evidence) -> Iterator[str]:
    for kind in ERRORS:
        for fact in evidence.facts(kind):
            body = plain(fact.body)
            told = [f"{name} {_plain(body[name])}" for name in (*_SPEAKING, "where") if body.get(name)]
            yield f"{fact.kind} at {code(fact.observer)}: {code('; '.join(told) or body)}"
    for fact in evidence.facts(Acknowledged) if len(evidence.confirmed) < len(evidence.acknowledged) else ():
        if not fact.body.ok:
            which = f"{code(fact.body.key)}, {code(fact.body.error)}"
            yield f"not acknowledged, {code(fact.observer)}: {which}"
    for exchange in evidence.exchanges:
        if exchange.is_refused:
            yield f"request refused: {code(exchange.name)} for session {code(exchange.session)}: {code(exchange.code)}"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _machine(evidence: Evidence) -> str:
    """Whether it kept the run waiting."""
    starved = evidence.facts(Starved)
    if not starved:
        return "nothing waited for a processor, as far as that was measured"
    waited_ms, loads = sum(f.body.waited_ms for f in starved), [f.body.load for f in starved if f.body.load is not None]
    load = f", at a load of {max(loads):g}" if loads else ""
    return f"had no processor for the run in {waited_ms:.0f} ms of it{load}"


def judged(figures: Figures, run_dir: Path) -> str:
    """What the verdict rests on, and where the time went."""
    evidence, verdict = figures.evidence, figures.verdict
    means = {"fence": "absence proven by fences", "quiet": "absence concluded from quiet: a fence could not be had"}
    clocks = {f.observer: f.body.error_ns for f in evidence.facts(ClockCompared)}
    clock = (
        f"within {max(clocks.values()) / 1e6:.3f} ms, {some(len(clocks), 'page load')}"
        if clocks
        else "no page's clock was compared"
    )
    fences = [f"{label} {'back' if f.body.back else 'not back'}" for label, f in evidence.fences.items()]
    flight = evidence.in_flight()
    running = "unknown" if flight is None else flight
    lines = [
        f"**Identity** of events: {prose(verdict.identity)}",
        f"**Confidence**: {prose(means.get(verdict.confidence, verdict.confidence))}",
        f"**Fences**: {prose(', '.join(fences)) or 'none'}; handlers still running at the end: {running}",
        f"**Clock error**: {clock}",
        f"**Machine**: {_machine(evidence)}",
        f"**Record**: {some(len(evidence.ledger.sightings), 'sighting')}, {some(len(evidence.ledger.facts), 'fact')}"
        + f", {evidence.ledger.ending}{f', checksum {evidence.ledger.checksum}' if evidence.ledger.checksum else ''}",
        f"**Blind hops**: {', '.join(hop.label for hop in Hop if not evidence.has_tap(hop)) or 'none'}",
        f"**Unknowns**: {len(verdict.unknowns) or 'none'}",
        *(
            f"**No events of this run**: {prose(names(sorted({name for _, name in evidence.elsewhere})))}, emitted in "
            f"namespace {prose(names(sorted({space for space, _ in evidence.elsewhere})))}, where no party of it was"
            for _ in [*evidence.elsewhere][:1]
        ),
    ]
    parts = [bullets(lines)]
    if remarks := sentences.remarks(verdict):
        parts.append(bullets(map(prose, remarks), 30))
    if missing := [*uncompared(evidence)]:
        parts.append(f"Not compared:\n\n{bullets(missing, 20)}")
    if verdict.unknowns:
        parts.append(f"Not known:\n\n{bullets(map(prose, sentences.unknowns(verdict)), 30)}")
    troubles = [*map(sentences.finding, evidence.tap_troubles())]
    if troubles:
        parts.append(f"Taps in doubt:\n\n{bullets(map(prose, troubles), 20)}")
    if (run_dir / PROFILE).exists():
        parts.append(f"![Where the time went]({PROFILE})")
    return "\n\n".join(parts)


def recorded_at(figures: Figures, run_dir: Path) -> str:
    """When the run was, with its zone. Older records don't say: then as its session id does, else the ledger's file."""
    import re
    from datetime import UTC, datetime

    if (began := begun(figures.evidence)) is not None:
        day, _, time = began.at.partition("T")
        return visible(f"{day} {re.sub(r'[.][0-9]+', '', time).replace('+00:00', ' UTC')}")
    found = re.search(r"(?<!\d)(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)(?!\d)", figures.contract.session or "")
    if found is not None:
        year, month, day, hour, minute, second = found.groups()
        return f"{year}-{month}-{day} {hour}:{minute}:{second}, as its session id says (the zone of its machine)"
    ledger = find(run_dir)
    if ledger.is_file():
        return visible(datetime.fromtimestamp(ledger.stat().st_mtime, UTC).strftime("%Y-%m-%d %H:%M:%S UTC"))
    return "not on record"
