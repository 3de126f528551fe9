"""The report's first half: what was set up, what was run, and what each party had afterwards."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from harness.diagnosis._processes import Part, parts
from harness.judge.recovery import Recovery, recoveries
from harness.model import Fact, Hop, Outcome
from harness.model.facts import (
    ClientConnected,
    CliStarted,
    Connected,
    Faulted,
    PageConnected,
    PageLoaded,
    PageRefused,
    PanelPart,
    ServerStarted,
    StatusShown,
)
from harness.record.evidence import family, label_of
from harness.record.evidence.observers import SERVER
from harness.record.evidence.stored_events import key_set
from harness.reporting.escape import cell, clip, code, fenced
from harness.reporting.figures import Figures, steps
from harness.reporting.markup import bullets, image, number, some, table

MOST_EVENTS = 60
MOST_SESSIONS = 12
_SECRET = re.compile(r"--?[\w-]*(token|secret|password)[\w-]*(?<!-file)(=|$)", re.IGNORECASE)


def set_up(figures: Figures) -> str:
    """Server, dashboards and connections."""
    evidence = figures.evidence
    reached = {f.body.url for f in evidence.facts(ServerStarted)} | {
        f.body.url for f in evidence.facts(ClientConnected)
    }
    servers = {url or "an unknown address" for url in reached}
    where = f"reached at {', '.join(map(code, sorted(servers)))}" if servers else "no CLI reached it"
    accepted = some(len(evidence.facts(Connected)), "connection")
    lines = [f"**Server**: {where}; it accepted {accepted}"]
    lines += [f"**Process {code(name)}**: {_part(part)}" for name, part in parts(evidence).items()]
    for label, loads in evidence.loads.items():
        urls = [f.body.url for f in evidence.facts(PageLoaded, f"dashboard:{label}")]
        page = f"loaded {some(len(loads), 'time')}, last from {code(urls[-1])}" if urls else "never loaded"
        lines.append(f"**Dashboard {code(label)}**: {page}")
        lines.append(f"**Connection of {code(label)}**: {_connection(figures, label)}")
    return bullets(lines, 40)


def _part(part: Part) -> str:
    held = ", ".join(map(code, part.held))
    told = [
        f"emitted {some(part.emitted, 'time')} to its own clients" if part.emitted else "",
        f"put {some(part.published, 'event')} into the message queue" if part.published else "",
        f"held the connection of {held}" if held else "held no dashboard's connection",
        "another client was connected to it" if part.has_cli else "",
    ]
    return ", ".join(filter(None, told))


def _connection(figures: Figures, label: str) -> str:
    evidence = figures.evidence
    opened = evidence.facts(PageConnected, f"dashboard:{label}")
    if not opened:
        refused = evidence.facts(PageRefused, f"dashboard:{label}")
        return f"refused: {code(refused[-1].body.text)}" if refused else "never established"
    last = opened[-1].body
    which = f"{some(len(opened), 'connection')}, last id {code(last.sid)}"
    return f"established over {code(last.transport)}, {which}"


def initial(figures: Figures) -> str:
    """What each dashboard showed before the first event, with its screenshot."""
    lines = []
    for change in figures.changes():
        loads = figures.evidence.loads[change.dashboard]
        status = _first_status(figures, loads[0]) if loads else None
        own = (
            "event count unknown"
            if change.before is None
            else f"{some(change.before, 'event')} of the connection's own"
        )
        lines.append(f"Dashboard {code(change.dashboard)}: {own}, status {code(status) if status else 'unknown'}")
    shots = {f.body.dashboard: f for f in figures.shots("before")}
    if not shots:
        return bullets(lines)
    pictures = [image(shot.body.path, f"Dashboard {label} before") for label, shot in shots.items()]
    return f"{bullets(lines)}\n\n{table([code(label) for label in shots], [pictures])}"


def _first_status(figures: Figures, load: str) -> str | None:
    """The last status that a page showed before it was delivered an event of a session."""
    delivered = figures.evidence.page[Hop.DELIVERED].get(load)
    shown = [f for f in figures.evidence.facts(StatusShown) if f.observer == load]
    before = [f for f in shown if not delivered or f.n < delivered[0].n] or shown[:1]
    return before[-1].body.text if before else None


def execution(figures: Figures) -> str:
    """The steps of the run in a tester's words, and the commands."""
    started = figures.evidence.facts(CliStarted)
    parts = [bullets(map(code, steps(figures.evidence)), 30, "No step is on record.")]
    parts += [_command(fact.observer, fact.body) for fact in started[:MOST_SESSIONS]]
    if len(started) > MOST_SESSIONS:
        parts.append(f"… and {len(started) - MOST_SESSIONS} more commands.")
    return "\n\n".join(parts)


def faults(figures: Figures) -> str:
    """The faults that struck in the middle: where on the record each began and ended, and what became of it."""
    return "\n\n".join(_fault(found) for found in recoveries(figures.evidence, figures.verdict))


def _fault(found: Recovery) -> str:
    strike = found.strike
    whom = ", ".join(code(party) for party in sorted(strike.parties))
    took = "it did not come back" if found.seconds is None else f"traffic passed again {found.seconds:.2f} s after"
    lines = [
        f"{code(strike.fault)} struck {whom}: {strike.does}",
        f"**Began**: {_place(strike.began)}",
        f"**Ended**: {_place(strike.healed)}; {took}" + (f", {_place(strike.recovered)}" if strike.recovered else ""),
        f"**Did**: {code(strike.effect) if strike.effect else 'nothing on record'}; "
        f"{some(len(strike.keys), 'event')} were on their way meanwhile",
        f"**Safety**, while it was on: {_wrong(found.unsafe)}",
        f"**Recovery**, after it: {_wrong(found.unrecovered)}",
    ]
    return bullets(lines)


def _place(fact: Fact[Faulted] | None) -> str:
    """A place in the record, in the numbering of those who saw the system's middle."""
    if fact is None:
        return "not on record"
    known = {observer: n for observer, n in fact.body.after.items() if family(observer) == SERVER and n < 1 << 60}
    known = known or {observer: n for observer, n in fact.body.after.items() if n < 1 << 60}
    return "after record " + ", ".join(f"{n} of {code(observer)}" for observer, n in known.items())


def _wrong(outcomes: Sequence[Outcome]) -> str:
    kinds = Counter(str(each.kind) for each in outcomes)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items()) or "nothing wrong"


def _command(observer: str, started: CliStarted) -> str:
    text = f"cd {shlex.quote(started.cwd)}\n{shlex.join(without_secrets(started.argv))}"
    return f"CLI {code(label_of(observer) or observer)}:\n\n" + fenced(clip(text, 2000), "bash")


def without_secrets(argv: Sequence[str]) -> Iterator[str]:
    """Arguments without the values of options that name a secret; the name of a file that holds one is not secret."""
    hide_next = False
    for argument in argv:
        found = _SECRET.match(argument)
        if hide_next:
            yield "(redacted)"
        else:
            yield f"{argument[: found.end()]}(redacted)" if found and found[2] else argument
        hide_next = found is not None and not found[2] and not hide_next


def session(figures: Figures) -> str:
    """The run's session and what its events say was done."""
    evidence, name = figures.evidence, figures.contract.session
    clis = {fact.observer for fact in evidence.facts(CliStarted)} | evidence.exits.keys()
    producer = evidence.producer.get(name or "") or (min(clis) if len(clis) == 1 else None)
    end = evidence.exits.get(producer or "")
    status = "not on record" if end is None else f"{end.body.status}{' (killed by the run)' if end.body.killed else ''}"
    lines = [
        f"**Session**: {code(name) if name else 'all sessions of the run'}",
        f"**CLI**: {code(producer) if producer else 'none reported this session'}"
        + ("" if not producer or name in evidence.producer or name is None else ", which reported no event of it")
        + (f", exit status {status}" if producer else ""),
        f"**Duration**: {durations(figures, producer)}",
        *(f"**Counted** {line}" for line in map(code, figures.counted())),
    ]
    return bullets(lines)


def durations(figures: Figures, producer: str | None) -> str:
    """How long the work took, as its events tell it, and how long the CLI lived for that."""
    work, life = figures.work_ms(), figures.duration_ms(producer) if producer else None
    told = None if work is None else f"{work / 1000:.2f} s from its first to its last event"
    lived = None if life is None else f"its process ran for {life / 1000:.2f} s"
    return "; ".join(filter(None, (told, lived))) or "unknown"


def emitted(figures: Figures) -> str:
    """The event lines of the CLI, counted."""
    first, count = figures.evidence.said[figures.evidence.first_hop].keys, figures.emitted(figures.keys)
    reported = islice((key for key in figures.keys if key in first), MOST_EVENTS)
    lines = [f"Event: {clip(figures.evidence.events[key].name, 100)}" for key in reported]
    if count > MOST_EVENTS:
        lines.append(f"… and {count - MOST_EVENTS} more")
    listed = fenced("\n".join(lines)) + "\n\n" if lines else ""
    return f"{listed}**Counted: {some(count, 'event')}**"


def afterwards(figures: Figures) -> str:
    """What each dashboard showed when nothing moved any more."""
    return "\n\n".join(_afterwards(figures, label) for label in figures.dashboards) or "The run has no dashboard."


def _afterwards(figures: Figures, label: str) -> str:
    view = figures.evidence.view(label)
    if view is None:
        return f"**Dashboard {code(label)}**: it was not looked at in the end."
    shown = view.body
    lines = [
        f"event count {number(shown.counter) if shown.counter is not None else code(shown.counter_text)}",
        f"status {code(shown.status.text) if shown.status is not None else 'unknown'}",
    ]
    if shown.rows is not None:
        part = f", and it says so: {code(shown.window.text)}" if shown.window is not None else ""
        lines.append(f"{some(len(shown.rows), 'row')} in the event list{part}")
    for name, panel in (shown.panels or {}).items():
        lines.append(f"panel {code(name, 60)}: {_panel(panel)}")
    return f"**Dashboard {code(label)}**\n\n{bullets(lines)}"


def _panel(panel: PanelPart) -> str:
    """Its values by name; its text where it has none."""
    if not panel.values:
        return code(" ".join(panel.text.split()), 160)
    return ", ".join(f"{code(name, 40)} {code(text, 60)}" for name, text in panel.values.items())


def count_table(figures: Figures) -> str:
    """Event counts before and after, counted from what was delivered and what the page showed."""
    rows = []
    for change in figures.changes():
        known = None not in (change.increase, change.expected)
        mark = ("✅" if change.increase == change.expected else "❌") if known else "❔"
        numbers = [number(n) for n in (change.before, change.after, change.increase, change.expected)]
        rows.append([cell(change.dashboard), *numbers[:2], f"**{numbers[2]}** {mark}", numbers[3]])
    note = (
        "Before: the connection's own events, in the page load that is there at the end. Expected: what is owed to it."
    )
    return f"{table(['Dashboard', 'Before', 'After', 'Increase', 'Expected'], rows)}\n\n{note}"


def sessions(figures: Figures) -> str:
    """Every session, with what each dashboard was owed and has."""
    evidence, owed = figures.evidence, figures.owed or {}
    names = list(dict.fromkeys([*evidence.sessions, *evidence.producer, *evidence.rejected]))
    hop = figures.last_page_hop
    rows = []
    for name in names[:MOST_SESSIONS]:
        events = evidence.events_of(name)
        producer, mine = evidence.producer.get(name), key_set(events)
        row = [cell(name, 60), cell(producer) if producer else "–", number(figures.emitted(mine))]
        for label in figures.dashboards:
            wanted = mine & owed.get(label, frozenset())
            got = len(wanted & figures.at[hop].get(label, frozenset()))
            row.append(f"{got:,} of {len(wanted):,}" if wanted else "nothing owed")
        rows.append(row)
    head = [
        "Session",
        "CLI",
        "Emitted",
        *(f"{hop.label} at {cell(label, 30)}, of those owed" for label in figures.dashboards),
    ]
    more = f"\n\n… and {len(names) - MOST_SESSIONS} more sessions." if len(names) > MOST_SESSIONS else ""
    return table(head, rows) + more
