"""Rows that show a sentence of another event in place of their own, whatever else they show of their own. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.judge.rows.row import Looked, Row
from harness.judge.values.texts import BEGINNING, data_of, is_in, leaves, plain
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence

SENTENCE = 3
"""Words that make a text one which a page shows as it is: what is shorter may be a code that it has own words for."""


def compare(looked: Looked, evidence: Evidence, pairs: Sequence[tuple[Event, Row]]) -> None:
    """Each row that has another event's sentence, whole, and neither its own nor how that begins.

    A row that shows its own may quote another one.
    """
    said = [(event, row, _sentences(evidence, event)) for event, row in pairs if row.text]
    every = {plain(text): text for _, _, texts in said for text in texts.values()}
    told = {key for _, key, _ in looked.wrong}
    for event, row, own in said:
        shown = plain(row.text or "")
        looked.checks += bool(own)
        if not own or event.key in told or any(is_in(text, shown) for text in own.values()):
            continue
        path, expected = next(iter(own.items()))
        strange = next((text for whole, text in every.items() if whole in shown), None)
        if strange is not None:
            why = Finding(Aspect.ROW_TEXT, field=path, expected=expected[:80], found=strange[:80])
            looked.wrong.append((Kind.MISRENDERED, event.key, why))


def _sentences(evidence: Evidence, event: Event) -> dict[str, str]:
    """The sentences in an event's data by their paths; of a text of several parts the parts."""
    found = leaves(data_of(evidence, event))
    parts = {path.rpartition(".")[0] for path in found}
    return {
        path: text
        for path, text in found.items()
        if path not in parts and len(text.split()) >= SENTENCE and len(plain(text)) >= BEGINNING
    }
