"""Whether rows say beside their text what their events say: titles and labels, classes and data attributes. Pure.

What of an event a page shows there is learned from the rows themselves, by whole words: of a field the rows show their
own events' words, or else another event's. Words that are the same for all events tell nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from harness.judge.rows.row import Looked, Row
from harness.judge.values.texts import data_of, leaves, numbers, words
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence

MOST_RIGHT = 0.6
"""The share of the rows with words of a field that have their own, from which on the others are wrong."""

MOST_RIGHT_OF_NUMBERS = 0.8
"""The same of numbers, which stand for other things, too."""

ENOUGH = 3
"""Rows of which each shows another event's words, from which on all are wrong."""

FIRST = 12
"""So many words at most are compared: pages shorten what is long."""

BEGINNING = 3
"""So many words of a text are enough to know it by."""

CHANNELS = {"label": "title or label", "marks": "class or data attribute"}
"""Where a row says something beside its text, and what people call that."""

DIVIDERS = {"label": " · ", "marks": " "}
"""What divides one label, or one mark, from the next one."""

PARTS = re.compile(r"[:./]")
"""What divides the name of an event."""


def compare(looked: Looked, evidence: Evidence, pairs: Sequence[tuple[Event, Row]]) -> None:
    """The rows that show another event's words in their labels or marks."""
    for channel, called in CHANNELS.items():
        said = [(event, getattr(row, channel)) for event, row in pairs]
        if any(text for _, text in said):
            rows = [(event, _told(evidence, event), _apart(text, DIVIDERS[channel])) for event, text in said]
            _compare(looked, rows, called)
    _repeated(looked, [(event, row) for event, row in pairs if row.label and row.text], CHANNELS["label"])


def _repeated(looked: Looked, rows: Sequence[tuple[Event, Row]], called: str) -> None:
    """Labels that repeat what a row says, as of a text that is cut to fit: those that repeat what another one says."""
    texts = {event.key: f" {' '.join(words(row.text or ''))} " for event, row in rows}
    right, strange = list[str](), dict[str, tuple[str, str]]()
    for event, row in rows:
        own = texts[event.key]
        labels = (" ".join(words(part)) for part in row.label.split(DIVIDERS["label"]))
        for label in filter(_is_several, labels):
            if f" {label} " in own:
                right.append(label)
            elif sum(f" {label} " in text for text in texts.values()) == 1:
                strange[event.key] = (own.strip(), label)
    looked.checks += len(right) + len(strange)
    known = {key for _, key, _ in looked.wrong}
    if len({*right}) > 1 and len(right) >= MOST_RIGHT * (len(right) + len(strange)):
        is_wrong = True
    else:
        is_wrong = len({other for _, other in strange.values()}) >= max(ENOUGH, MOST_RIGHT * len(rows))
    for key, (own, other) in strange.items() if is_wrong else ():
        if key not in known:
            why = Finding(Aspect.ROW_BESIDE, field="its text", expected=own[:80], found=other[:80], other=called)
            looked.wrong.append((Kind.MISRENDERED, key, why))


def _is_several(label: str) -> bool:
    """Whether a label has words enough to stand in one row alone."""
    return len(label.split()) >= BEGINNING


def _apart(text: str, divider: str) -> str:
    """The words of several labels or marks: what two of them say together none says."""
    return f" {' | '.join(' '.join(words(part)) for part in text.split(divider))} "


def _compare(looked: Looked, rows: Sequence[tuple[Event, Mapping[str, str], str]], called: str) -> None:
    by_path: dict[str, list[tuple[Event, str, str, Mapping[str, str]]]] = defaultdict(list)
    for event, told, shown in rows:
        for path, own in told.items():
            by_path[path].append((event, own, shown, told))
    wrong = dict[str, Finding]()
    for path, mine in by_path.items():
        known = {own for _, own, _, _ in mine}
        first = {own.partition(" ")[0] for own in known}
        if len(known) < 2:
            continue
        others = [each for each in mine if not _begins_in(each[1], each[2])]
        right = [own for _, own, shown, _ in mine if _begins_in(own, shown)]
        strange = {
            event.key: (own, other)
            for event, own, shown, told in others
            if (other := _other(shown, known, first, told) or (_other_end(path, own, shown) if right else None))
        }
        looked.checks += len(right) + len(strange)
        if _are_wrong(right, strange, len(mine), is_number=path.startswith("#")):
            for key, (own, other) in strange.items():
                found = Finding(Aspect.ROW_BESIDE, field=path.lstrip("#"), expected=own, found=other, other=called)
                wrong.setdefault(key, found)
    looked.wrong += [(Kind.MISRENDERED, key, why) for key, why in wrong.items()]


def _are_wrong(right: Sequence[str], strange: Mapping[str, tuple[str, str]], rows: int, *, is_number: bool) -> bool:
    """Whether rows with another event's words are wrong, and not those of something else, or words that all have."""
    least = MOST_RIGHT_OF_NUMBERS if is_number else MOST_RIGHT
    if right:
        return len({*right}) > 1 and len(right) >= least * (len(right) + len(strange))
    is_most = len(strange) >= max(ENOUGH, MOST_RIGHT * rows)
    return is_most and not is_number and len({other for _, other in strange.values()}) > 1


def _begins_in(own: str, shown: str) -> bool:
    return f" {' '.join(own.split()[:BEGINNING])} " in shown


def _other(shown: str, known: set[str], first: set[str], told: Mapping[str, str]) -> str | None:
    """The words of another event that a row shows, and that its own event does not say anywhere."""
    said = [f" {own} " for own in told.values()]
    places = shown.split()
    for begin in (place for place, word in enumerate(places) if word in first):
        for size in range(min(FIRST, len(places) - begin), 0, -1):
            found = " ".join(places[begin : begin + size])
            if found in known and not any(f" {found} " in own for own in said):
                return found
    return None


def _other_end(path: str, own: str, shown: str) -> str | None:
    """A name that begins as that of the row's event and ends otherwise: no event of the run has to be called so."""
    begins = own.rpartition(" ")[0]
    if path != "name" or not begins or f" {begins} " not in shown:
        return None
    after = shown.partition(f" {begins} ")[2].split()[:1]
    return f"{begins} {after[0]}" if after and after[0] != "|" else None


def _told(evidence: Evidence, event: Event) -> dict[str, str]:
    """What an event says, as words, by its path; paths of numbers begin with #."""
    data = data_of(evidence, event)
    parts = PARTS.split(event.name)
    ends = {"end of the name": parts[-1], "beginning of the name": parts[0]} if len(parts) > 1 else {}
    whole = {f"#{path}": number for path, number in numbers(data).items() if number.isdigit()}
    seq = {} if event.seq is None else {"#seq": str(event.seq)}
    found = {"name": event.name, **ends, "session": event.session or "", **leaves(data), **seq, **whole}
    return {path: said for path, text in found.items() if (said := _words(text))}


def _words(text: str) -> str:
    return " ".join(words(text)[:FIRST])
