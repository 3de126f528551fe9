"""The report's second half: where events were lost, why, what was proven, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.judge.properties import TITLES
from harness.lib.amounts import amount
from harness.model import Answer, Blame, Hop, Kind, PropertyResult, Standing
from harness.model.facts import CliStarted, Connected
from harness.reporting import sentences
from harness.reporting.compared import COMPARED
from harness.reporting.escape import cell, clip, code, fenced, prose
from harness.reporting.explanation import MEANING
from harness.reporting.figures import Figures, broken, hop_names
from harness.reporting.markup import bullets, number, paragraph, table

STANDING = {
    Standing.PROVEN: "✅ proven",
    Standing.VIOLATED: "❌ violated",
    Standing.UNPROVEN: "❔ unproven",
    Standing.NOT_EXERCISED: "– not exercised",
}


def hops(figures: Figures) -> str:
    """The hop table."""
    verdict, rows = figures.verdict, []
    bad = broken(verdict) if verdict.answer is Answer.FAILED else ()
    for hop in Hop:
        alive = (
            "yes"
            if figures.evidence.alive[hop]
            else "**not proven alive**"
            if figures.evidence.has_tap(hop)
            else "blind"
        )
        name = f"**{hop.label}** ❌" if hop in bad else hop.label
        rows.append([int(hop), name, MEANING[hop], number(verdict.hops.get(hop)), alive])
    told = table(["#", "Hop", "An event counts here when", "Events", "Tap"], rows)
    counted = sentences.counted(verdict)
    return f"{told}\n\n{prose(_capital(counted))}." if counted else told


def why(figures: Figures) -> list[str]:
    """Cause and remedy of the first causes, two points each, for those who read no further."""
    named: dict[tuple[str, str], dict[str, None]] = {}
    for blame in figures.verdict.blame:
        named.setdefault((blame.cause, blame.remedy), {})[hop_names(blame.hops)] = None
    lines = []
    for (cause, remedy), where in named.items():
        lines += [f"**Cause**: {prose(cause)}, at {', '.join(where)}", f"**What to do**: {paragraph(remedy)}"]
    failed = [(cli, end.body) for cli, end in figures.evidence.exits.items() if end.body.status and not end.body.killed]
    ends = [
        f"**CLI**: {code(cli)} ended with " + (f"signal {-end.status}" if end.status < 0 else f"status {end.status}")
        for cli, end in failed
    ]
    told = [f"**CLI**: {prose(clip(text, 300))}" for text in sentences.complained(figures.evidence)]
    return [*lines[:6], *ends[:3], *told[:3]]


def root_cause(figures: Figures) -> str:
    """Every cause with its evidence, its place and its remedy, the one that explains most first."""
    verdict = figures.verdict
    if verdict.answer is Answer.PASSED:
        return "None: every promise held."
    if verdict.answer is Answer.UNKNOWN:
        return f"Not known, because evidence is missing:\n\n{bullets(map(prose, sentences.unknowns(verdict)))}"
    return "\n\n".join(_cause(each) for each in verdict.blame) or "No cause was looked for."


def _cause(blame: Blame) -> str:
    lost = {outcome.key for outcome in blame.explains if outcome.key}
    facts = [
        f"**Hop**: {hop_names(blame.hops)}" + ("" if len(blame.hops) < 2 else " (a range: no tap looks in between)"),
        f"**Explains**: {amount(len(lost), 'event')}, {amount(len(blame.explains), 'broken promise')}",
        f"**Place**: {', '.join(map(code, blame.places)) if blame.places else 'not on record'}",
    ]
    lines = sentences.evidence(blame)[:40]
    evidence = fenced("\n".join(clip(" ".join(line.splitlines()), 400) for line in lines) or "(none)")
    remedy = f"**Remedy**: {paragraph(blame.remedy)}"
    return "\n\n".join(
        [
            f"### {prose(blame.cause)}",
            f"**{_capital(paragraph(sentences.line(blame.sentence)))}**",
            bullets(facts),
            "Evidence:",
            evidence,
            remedy,
        ]
    )


def properties(figures: Figures) -> str:
    """Where each property stands."""
    rows = [
        [
            result.prop,
            TITLES.get(result.prop, cell(result.prop)),
            STANDING[result.standing],
            number(result.checks),
            _note(result),
        ]
        for result in figures.verdict.properties
    ]
    return table(["Property", "Title", "Standing", "Checks", "Note"], rows)


def _note(result: PropertyResult) -> str:
    found = [outcome for outcome in result.outcomes if outcome.kind is not Kind.DELIVERED]
    if not found:
        with_what = COMPARED.get(result.prop, "") if result.checks else ""
        return "; ".join(filter(None, (with_what, prose(result.note, 160).replace("\\|", "¦") if result.note else "")))
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    who = " ".join(filter(None, (found[0].key, found[0].dashboard and f"at {found[0].dashboard}")))
    return f"{found[0].kind}: {cell(': '.join(filter(None, (who, sentences.outcome(found[0])))), 200)}{more}"


def checklist(figures: Figures) -> str:
    """What was verified, step by step."""
    lines = []
    for done, text in _checks(figures):
        after = "" if done else " (**failed**)" if done is False else " (unknown)"
        lines.append(f"- [{'x' if done else ' '}] {text}{after}")
    return "\n".join(lines)


def _checks(figures: Figures) -> Iterator[tuple[bool | None, str]]:
    """Whether each step was seen to succeed; None where nothing in the ledger says."""
    evidence, name = figures.evidence, figures.contract.session
    yield bool(evidence.facts(Connected)) or None, "Server accepted connections"
    connected = {load.partition(":")[2].rpartition(".")[0] for load in evidence.sids.values()}
    for label, loads in evidence.loads.items():
        yield bool(loads), f"Dashboard {code(label)} loaded"
        yield label in connected, f"Dashboard {code(label)} connected"
    for change in figures.changes():
        yield (
            change.before is not None or None,
            f"Dashboard {code(change.dashboard)}: event count before is {number(change.before)}",
        )
    producer = evidence.producer.get(name or "")
    yield bool(evidence.facts(CliStarted) or evidence.exits) or None, "CLI executed"
    yield producer is not None, f"Session id reported: {code(name) if name else 'none'}"
    total = figures.emitted(figures.keys)
    yield bool(total) or None, f"Events emitted: {total:,}"
    for hop in tuple(Hop)[1:]:
        count = figures.verdict.hops.get(hop)
        yield None if count is None else count >= total, f"Events {hop.label}: {number(count)} of {total:,}"
    for change in figures.changes():
        known = None not in (change.increase, change.expected)
        rose = f"event count rose by {number(change.increase)}, expected {number(change.expected)}"
        yield change.increase == change.expected if known else None, f"Dashboard {code(change.dashboard)}: {rose}"
    standing = {result.prop: result.standing for result in figures.verdict.properties}
    for prop, text in (
        ("P9", "Dashboards show what they hold"),
        ("P12", "Nothing is on its way any more, proven"),
        ("P16", "Every tap alive and every declared event type seen"),
    ):
        yield {Standing.PROVEN: True, Standing.VIOLATED: False}.get(standing.get(prop, Standing.UNPROVEN)), text


def event_types(figures: Figures) -> str:
    """Each event type of the run's session: how many were emitted, and delivered to and rendered by each dashboard."""
    labels = figures.dashboards
    head = [
        "Event type",
        "Emitted",
        *(f"{cell(each, 30)} delivered" for each in labels),
        *(f"{cell(each, 30)} rendered" for each in labels),
    ]
    rows = []
    for name, keys in figures.types[:40]:
        counts = [len(keys & figures.at[hop][label]) for hop in (Hop.DELIVERED, Hop.RENDERED) for label in labels]
        mark = "" if keys else " (declared, never seen)"
        rows.append([f"{cell(name, 60)}{mark}", number(figures.emitted(keys)), *map(number, counts)])
    more = f"\n\n… and {len(figures.types) - 40} more types." if len(figures.types) > 40 else ""
    return table(head, rows) + more


def works(figures: Figures) -> str:
    """What was proven, and what is broken or unproven."""
    verdict = figures.verdict
    total = verdict.hops.get(figures.evidence.first_hop) or 0
    good = [
        f"{total:,} of {total:,} events {hop.label}: {MEANING[hop]}"
        for hop in Hop
        if total and (verdict.hops.get(hop) or 0) >= total
    ]
    good += [_title(each) for each in verdict.properties if each.standing is Standing.PROVEN]
    bad = [
        f"{(verdict.hops.get(hop) or 0):,} of {total:,} events {hop.label}"
        for hop in Hop
        if verdict.hops.get(hop) is not None and (verdict.hops[hop] or 0) < total
    ]
    bad += [f"{_title(each)}: {_note(each)}" for each in verdict.properties if each.standing is Standing.VIOLATED]
    unsure = [*map(prose, sentences.unknowns(verdict))]
    parts = [f"### What works\n\n{bullets((f'✅ {line}' for line in good), 40, 'Nothing was proven.')}"]
    parts.append(
        f"### What doesn't work\n\n{bullets((f'❌ {line}' for line in bad), 40, 'Nothing that was looked at.')}"
    )
    if unsure:
        parts.append(f"### What is not known\n\n{bullets((f'❔ {line}' for line in unsure), 40)}")
    return "\n\n".join(parts)


def _title(result: PropertyResult) -> str:
    return f"{result.prop}, {TITLES.get(result.prop, 'a property of the strategy')}"


def next_steps(figures: Figures, run_dir: Path) -> str:
    """What to do now."""
    verdict = figures.verdict
    steps = [paragraph(each.remedy) for each in verdict.blame if each.remedy]
    if verdict.answer is Answer.UNKNOWN:
        steps = [f"Supply what is missing: {prose(text)}" for text in sentences.unknowns(verdict)]
    if verdict.answer is Answer.PASSED:
        steps = ["Nothing to mend. Keep the run folder as the evidence."]
    else:
        steps.append("Run the same again, and compare the hop tables")
    steps.append(
        f"Judge this very record again, without a browser: {code(f'harness judge {run_dir.name}')} beside its folder"
    )
    return "\n".join(f"{number}. {step}" for number, step in enumerate(dict.fromkeys(steps), start=1))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
