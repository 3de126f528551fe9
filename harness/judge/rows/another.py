"""Rows that show what was said of something else: another card's title in place of that of the event's own. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from harness.judge.rows.related import About
from harness.judge.rows.row import Looked, Row
from harness.judge.values.texts import data_of, leaves, plain
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence

ENOUGH = 3
"""Rows of a name that all show another one's, from which on none does so by chance."""


def compare(looked: Looked, evidence: Evidence, pairs: Sequence[tuple[Event, Row]], about: About) -> None:
    """The rows of a name, nearly all of which show another key's text of a field that tells all keys apart."""
    known = _known(evidence, pairs) if about else {}
    by_field: dict[tuple[str, str], list[tuple[Event, Row, str]]] = defaultdict(list)
    for event, row in pairs if known else ():
        for path, text in leaves(about.get(event.key, {})).items():
            if path in known and row.text is not None:
                by_field[event.name, path].append((event, row, text))
    told = {key for _, key, _ in looked.wrong}
    for (_, path), rows in by_field.items():
        found = [(event, own, _other(evidence, event, row, own, known[path])) for event, row, own in rows]
        strange = [(event, own, other) for event, own, other in found if other is not None]
        rows_without = sum(plain(own) not in plain(row.text or "") for _, row, own in rows)
        if len(strange) >= ENOUGH and len(strange) == rows_without:
            looked.checks += len(rows)
            for event, own, other in strange:
                if event.key not in told:
                    told.add(event.key)
                    why = Finding(Aspect.ROW_TEXT, field=path, expected=own[:80], found=str(other)[:80])
                    looked.wrong.append((Kind.MISRENDERED, event.key, why))


def _known(evidence: Evidence, pairs: Sequence[tuple[Event, Row]]) -> dict[str, set[str]]:
    """What events say of what they are about, by field and name as in `About`: where each event says another text."""
    values: dict[str, list[str]] = defaultdict(list)
    for event, _ in pairs:
        for path, text in leaves(data_of(evidence, event)).items():
            values[f"{path} of {event.name}"].append(text)
    return {path: {*texts} for path, texts in values.items() if 1 < len({*texts}) == len(texts)}


def _other(evidence: Evidence, event: Event, row: Row, own: str, texts: set[str]) -> str | None:
    """Another one's text that a row shows, and neither its own nor what its event says anyway."""
    shown = plain(row.text or "")
    if plain(own) in shown:
        return None
    said = [plain(event.name), *(plain(text) for text in leaves(data_of(evidence, event)).values())]
    others = ((text, plain(text)) for text in sorted(texts) if text != own)
    return next((text for text, each in others if each in shown and not any(each in mine for mine in said)), None)
