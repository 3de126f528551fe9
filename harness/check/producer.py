"""What the keys of a producer found in a recorded task: how it ended, and what its lines report. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.check.finding import SHOWN, Finding, counted
from harness.diagnosis._parties import last_words
from harness.model import Hop
from harness.model.facts import CliMessage, CliSession
from harness.record.evidence import Evidence
from harness.target.spec import Target


def of_producer(target: Target, evidence: Evidence, printed: Sequence[str]) -> Iterator[Finding]:
    """How it ended, and what it reported. `printed` are its lines."""
    yield _ended(target, evidence, printed)
    if target.output.silent:
        begins = evidence.first_hop
        lost = "" if begins is Hop.SENT else "; what is lost before that is not observed"
        text = f"nothing says what it reports: hop emitted is blind, and {begins.label} stands for it{lost}"
        yield Finding(("cli",), None, text)
        return
    emitted = [event for each in evidence.once[Hop.EMITTED].values() for event in [each[0].event]]
    key = ("cli", "output", "event" if target.output.event is not None else "json")
    if not emitted:
        shown = "; ".join(repr(line[:100]) for line in printed[:SHOWN]) or "nothing"
        yield Finding(key, False, f"no line reports an event; the CLI printed {shown}")
        return
    with_data = sum(event.digest is not None for event in emitted)
    yield Finding(key, True, f"{len(emitted)} events ({with_data} with data): {counted(e.name for e in emitted)}")
    known = {key for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED) for key in evidence.once[hop]}
    if known and known.isdisjoint(event.key for event in emitted):
        text = (
            f"none of them is seen at any other hop, where {len(known)} others are. Where lines and events are not the"
        )
        text += " same, leave [cli.output] out: the first hop that is seen stands for it"
        yield Finding(("cli", "output"), False, text)
    if target.output.session is not None:
        told = [fact.body.session for fact in evidence.facts(CliSession)]
        yield Finding(("cli", "output", "session"), bool(told), f"session {told[0]}" if told else "no line tells it")


def _ended(target: Target, evidence: Evidence, printed: Sequence[str]) -> Finding:
    """How the producer ended; one that failed with its last words, for what it did not do is not the file's mistake."""
    status = next((fact.body.status for fact in evidence.exits.values()), None)
    text = f"ended with status {status} and printed {len(printed)} lines"
    said = [fact.body.text for fact in evidence.facts(CliMessage) if fact.body.text.strip()]
    if status and (said or printed):
        text += f"; its last words: {last_words(said or printed)[:300]}"
    return Finding(("cli", target.cli_said_by), status == 0, text)
